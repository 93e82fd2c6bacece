"""What the processes of a world will touch, as far as it can be guessed before anything was explored from there.

A guess decides with which process a search begins, never what it finds. What a process was seen to do from where all
processes of its domain and their memory stand is remembered, whatever else was so in those worlds; where it was never
seen so, what it was seen to do from where it stands itself; and for one that was seen to stand there in no world, what
it was seen to do at all. What was seen is united, so that the order in which worlds were left does not matter.
"""

from __future__ import annotations

from sim.core.cell import Domain
from sim.explore.frame import Future, Known
from sim.explore.packing import Packing

Seen = tuple[int, int, int]
"""What one process may do, whom it may set off, and its round, as in :class:`Known`."""
NOTHING: dict[int, Seen] = {}


class Guess:
    """Remembers what was seen."""

    def __init__(self, packing: Packing) -> None:
        self._packing = packing
        self._ever: Future = ([], [], [])  # by slot, wherever it stood
        self._alone: list[dict[int, Seen]] = []  # by slot, and by where it stands
        self._domains: dict[Domain, dict[int, dict[int, Seen]]] = {}  # by where all of it stands, and by slot
        self._members: dict[Domain, list[tuple[int, int]]] = {}  # slots and their masks
        self._masks: dict[Domain, int] = {}
        self._width = -1

    def note(self, world: int, known: Known) -> None:
        """Remember what is known of a world that was left."""
        if self._width != self._packing.width:
            self._look_again()
        left = known.chosen
        while left:
            bit = left & -left
            left ^= bit
            slot = self._packing.slots[bit.bit_length() - 1]
            index = slot.index
            seen = (known.own[index], known.sets_off[index], known.rounds[index])
            stands, domain = world & slot.mask, self._domains[slot.domain]
            together = domain.setdefault(world & self._masks[slot.domain], {})
            together[index] = _both(seen, together.get(index))
            self._alone[index][stands] = _both(seen, self._alone[index].get(stands))
            for ever, more in zip(self._ever, seen, strict=True):
                ever[index] |= more

    def _look_again(self) -> None:
        """Fields are new or wider. Worlds so far have none of the new bits set, so what was remembered stays."""
        packing = self._packing
        self._width = packing.width
        for slot in packing.slots[len(self._alone) :]:
            self._alone.append({})
            self._domains.setdefault(slot.domain, {})
            for ever in self._ever:
                ever.append(0)
        self._masks = {domain: packing.wiped(domain) for domain in self._domains}
        self._members = {domain: [] for domain in self._domains}
        for slot in packing.slots:
            self._members[slot.domain].append((slot.index, slot.mask))

    def future(self, world: int) -> Future:
        """What the processes of a world may do."""
        if self._width != self._packing.width:
            self._look_again()
        own, sets_off, rounds = (ever[:] for ever in self._ever)
        alone = self._alone
        for domain, members in self._members.items():
            together = self._domains[domain].get(world & self._masks[domain], NOTHING)
            for index, mask in members:
                seen = together.get(index) or alone[index].get(world & mask)
                if seen is not None:
                    own[index], sets_off[index], rounds[index] = seen
        return own, sets_off, rounds


def _both(seen: Seen, before: Seen | None) -> Seen:
    return seen if before is None else (seen[0] | before[0], seen[1] | before[1], seen[2] | before[2])
