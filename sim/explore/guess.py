"""What the processes of a world will touch, as far as it can be guessed before anything was explored from there.

A guess decides with which process a search begins, never what it finds. What a process was seen to do from where it
stands is remembered, whatever else was so in those worlds; for a process that was seen to stand there in none, what was
known of the world left last.
"""

from __future__ import annotations

from collections.abc import Sequence

from sim.explore.frame import NO_FUTURE, Future, Known
from sim.explore.packing import Slot


class Guess:
    """Remembers what was seen."""

    def __init__(self, slots: Sequence[Slot]) -> None:
        self.last: Future = NO_FUTURE
        self._slots = slots
        self._seen: list[dict[int, tuple[int, int, int]]] = []

    def note(self, world: int, known: Known) -> None:
        """Remember what is known of a world that was left."""
        own, sets_off, rounds = self.last = (known.own, known.sets_off, known.rounds)
        left = known.chosen
        while left:
            bit = left & -left
            left ^= bit
            index = bit.bit_length() - 1
            while len(self._seen) <= index:
                self._seen.append({})
            seen, stands = self._seen[index], world & self._slots[index].mask
            before = seen.get(stands)
            if before is None:
                seen[stands] = (own[index], sets_off[index], rounds[index])
            else:
                seen[stands] = (before[0] | own[index], before[1] | sets_off[index], before[2] | rounds[index])

    def future(self, world: int) -> Future:
        """What the processes of a world may do."""
        own, sets_off, rounds = self.last
        guessed, guessed_off, guessed_rounds = [*own], [*sets_off], [*rounds]
        for index, (seen, slot) in enumerate(zip(self._seen[: len(own)], self._slots, strict=False)):
            found = seen.get(world & slot.mask)
            if found is not None:
                guessed[index], guessed_off[index], guessed_rounds[index] = found
        return guessed, guessed_off, guessed_rounds
