"""What the processes of a world will touch, as far as it can be guessed before anything was explored from there.

A guess decides with which process a search begins, never what it finds. What a process was seen to do from where all
processes of its domain and their memory stand is remembered, whatever else was so in those worlds; where it was never
seen so, what it was seen to do from where it stands itself; and for one that was seen to stand there in no world, what
it was seen to do at all. What was seen is united, so that the order in which worlds were left does not matter.
"""

from __future__ import annotations

from sim.core.cell import Domain
from sim.explore.frame import Known
from sim.explore.futures import Future, Futures
from sim.explore.packing import Packing, Slot

Seen = tuple[int, int, int]
"""What one process may do, whom it may set off, and its round, as in :class:`Known`."""
UNSEEN: Seen = (0, 0, 0)
NOTHING: dict[int, Seen] = {}


class Guess:
    """Remembers what was seen."""

    def __init__(self, packing: Packing, futures: Futures) -> None:
        self._packing = packing
        self._futures = futures
        self._ever: dict[int, Seen] = {}  # by slot, wherever it stood
        self._alone: list[dict[int, Seen]] = []  # by slot, and by where it stands
        self._places: dict[Domain, _Place] = {}
        self._place_of: list[_Place] = []  # by slot
        self._masks: list[int] = []  # by slot
        self._made: dict[tuple[Guessed | None, ...], Future] = {}  # by what was guessed of each domain
        self._width = -1
        self._world = 0  # of which the last future was

    def note(self, world: int, known: Known) -> None:
        """Remember what is known of a world that was left."""
        if self._width != self._packing.width:
            self._look_again()
        own, sets_off, rounds = known.future.own, known.future.sets_off, known.future.rounds
        left = known.chosen
        while left:
            bit = left & -left
            left ^= bit
            index = bit.bit_length() - 1
            seen = (own[index], sets_off[index], rounds[index])
            place = self._place_of[index]
            state = world & place.mask
            if not _grows(place.together.setdefault(state, {}), index, seen):
                continue  # so it was seen to do all that by itself as well
            place.made.pop(state, None)
            place.last = None
            if _grows(self._ever, index, seen) | _grows(self._alone[index], world & self._masks[index], seen):
                place.made.clear()  # whoever was seen there in no such world is guessed at by these

    def _look_again(self) -> None:
        """Fields are new or wider. Worlds so far have none of the new bits set, so what was remembered stays."""
        packing = self._packing
        self._width = packing.width
        for slot in packing.slots[len(self._alone) :]:
            self._alone.append({})
            self._ever[slot.index] = (0, 0, 0)
            place = self._places.setdefault(slot.domain, _Place())
            place.members.append(slot)
            self._place_of.append(place)
        for domain, place in self._places.items():
            place.mask = packing.wiped(domain)
            place.last = None
            place.made.clear()
        self._masks = [slot.mask for slot in packing.slots]
        self._made.clear()

    def future(self, world: int) -> Future:
        """What the processes of a world may do."""
        if self._width != self._packing.width:
            self._look_again()
        moved, self._world = world ^ self._world, world
        for place in self._places.values():
            if moved & place.mask or place.last is None:
                state = world & place.mask
                guessed = place.made.get(state)
                if guessed is None:
                    guessed = place.made[state] = self._guessed(place, world)
                place.last = guessed
        key = tuple([place.last for place in self._places.values()])
        found = self._made.get(key)
        if found is None:
            found = self._made[key] = self._joined(key)
        return found

    def _guessed(self, place: _Place, world: int) -> Guessed:
        """What the processes of a domain may do."""
        together = place.together.get(world & place.mask, NOTHING)
        guessed = tuple(
            together.get(slot.index) or self._alone[slot.index].get(world & slot.mask) or self._ever[slot.index]
            for slot in place.members
        )
        return place.kept.setdefault(guessed, Guessed(guessed))

    def _joined(self, guessed: tuple[Guessed | None, ...]) -> Future:
        """What the processes of all domains may do."""
        out: list[Seen] = [UNSEEN] * len(self._alone)
        for place, each in zip(self._places.values(), guessed, strict=True):
            assert each is not None
            for slot, seen in zip(place.members, each.seen, strict=True):
                out[slot.index] = seen
        own, sets_off, rounds = zip(*out, strict=True) if out else ((), (), ())
        return self._futures.of(own, sets_off, rounds)


class Guessed:
    """What the processes of a domain may do, each as seen; compared by identity."""

    __slots__ = ("seen",)

    def __init__(self, seen: tuple[Seen, ...]) -> None:
        self.seen = seen


class _Place:
    """What is remembered of a domain: of its processes by where all of it stands, and what was made of that (each
    once); it is made again once it would differ.
    """

    __slots__ = ("kept", "last", "made", "mask", "members", "together")

    def __init__(self) -> None:
        self.mask = 0
        self.members: list[Slot] = []
        self.together: dict[int, dict[int, Seen]] = {}
        self.made: dict[int, Guessed] = {}
        self.kept: dict[tuple[Seen, ...], Guessed] = {}
        self.last: Guessed | None = None


def _grows(where: dict[int, Seen], key: int, seen: Seen) -> bool:
    """Add what was seen to what is remembered; True if there is more now."""
    before = where.get(key)
    if before == seen:
        return False
    if before is not None:
        seen = (seen[0] | before[0], seen[1] | before[1], seen[2] | before[2])
    where[key] = seen
    return seen != before
