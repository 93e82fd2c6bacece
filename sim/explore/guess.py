"""What the processes of a world will touch, as far as it can be guessed before anything was explored from there.

A guess decides with which process a search begins, never what it finds. What a process was seen to do from where all
processes of its domain and their memory stand is remembered, whatever else was so in those worlds; where it was never
seen so, what it was seen to do from where it stands itself; and for one that was seen to stand there in no world, what
it was seen to do at all. What was seen is united, so that the order in which worlds were left does not matter.
"""

from __future__ import annotations

from sim.core.cell import Domain
from sim.explore.frame import Future, Known
from sim.explore.packing import Packing, Slot

Seen = tuple[int, int, int]
"""What one process may do, whom it may set off, and its round, as in :class:`Known`."""
UNSEEN: Seen = (0, 0, 0)
NOTHING: dict[int, Seen] = {}


class Guess:
    """Remembers what was seen."""

    def __init__(self, packing: Packing) -> None:
        self._packing = packing
        self._ever: dict[int, Seen] = {}  # by slot, wherever it stood
        self._alone: list[dict[int, Seen]] = []  # by slot, and by where it stands
        self._places: dict[Domain, _Place] = {}
        self._place_of: list[_Place] = []  # by slot
        self._last: Future = ([], [], [])
        self._width = -1
        self._world = 0  # of which the last future was

    def note(self, world: int, known: Known) -> None:
        """Remember what is known of a world that was left."""
        if self._width != self._packing.width:
            self._look_again()
        left = known.chosen
        while left:
            bit = left & -left
            left ^= bit
            index = bit.bit_length() - 1
            seen = (known.own[index], known.sets_off[index], known.rounds[index])
            place, slot = self._place_of[index], self._packing.slots[index]
            if _grows(self._ever, index, seen) | _grows(self._alone[index], world & slot.mask, seen):
                place.made.clear()  # whoever was seen there in no such world is guessed at by these
                place.last = None
            state = world & place.mask
            if _grows(place.together.setdefault(state, {}), index, seen):
                place.made.pop(state, None)
                place.last = None

    def _look_again(self) -> None:
        """Fields are new or wider. Worlds so far have none of the new bits set, so what was remembered stays."""
        packing = self._packing
        self._width = packing.width
        for slot in packing.slots[len(self._alone) :]:
            self._alone.append({})
            self._ever[slot.index] = (0, 0, 0)
            place = self._places.setdefault(slot.domain, _Place())
            place.members.append(slot)
            place.indexes.append(slot.index)
            self._place_of.append(place)
        for domain, place in self._places.items():
            place.mask = packing.wiped(domain)
            place.last = None
            place.made.clear()
        count = len(self._alone)
        self._last = ([0] * count, [0] * count, [0] * count)

    def future(self, world: int) -> Future:
        """What the processes of a world may do."""
        if self._width != self._packing.width:
            self._look_again()
        own, sets_off, rounds = self._last
        moved, self._world = world ^ self._world, world
        changed = False
        for place in self._places.values():
            if not moved & place.mask and place.last is not None:
                continue
            guessed = place.made.get(world & place.mask)
            if guessed is None:
                guessed = place.made[world & place.mask] = self._made(place, world)
            if guessed is place.last:
                continue
            if not changed:
                changed, own, sets_off, rounds = True, own[:], sets_off[:], rounds[:]
            place.last = guessed
            for index, seen in zip(place.indexes, guessed, strict=True):
                own[index], sets_off[index], rounds[index] = seen
        self._last = own, sets_off, rounds
        return self._last

    def _made(self, place: _Place, world: int) -> list[Seen]:
        """What the processes of a domain may do."""
        together = place.together.get(world & place.mask, NOTHING)
        return [
            together.get(slot.index) or self._alone[slot.index].get(world & slot.mask) or self._ever[slot.index]
            for slot in place.members
        ]


class _Place:
    """What is remembered of a domain: of its processes by where all of it stands, and what was made of that; a list is
    made again once it would differ.
    """

    __slots__ = ("indexes", "last", "made", "mask", "members", "together")

    def __init__(self) -> None:
        self.mask = 0
        self.members: list[Slot] = []
        self.indexes: list[int] = []
        self.together: dict[int, dict[int, Seen]] = {}
        self.made: dict[int, list[Seen]] = {}
        self.last: list[Seen] | None = None


def _grows(where: dict[int, Seen], key: int, seen: Seen) -> bool:
    """Add what was seen to what is remembered; True if there is more now."""
    before = where.get(key)
    if before == seen:
        return False
    if before is not None:
        seen = (seen[0] | before[0], seen[1] | before[1], seen[2] | before[2])
    where[key] = seen
    return seen != before
