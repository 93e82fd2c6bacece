"""Groups of processes whose steps are looked up as one: what all of them can do, by the bits that it depends on."""

from __future__ import annotations

from collections.abc import Sequence

from sim.explore.exact import Exact
from sim.explore.learning import Outcome

SAMPLE = 1024
KEYS_MAX = 64
"""So many different keys a group may have among a sample of worlds; more of them cost more than looking up two rows."""


class Group:
    """Processes that are looked up as one; or one process, by where it stands and what it depends on there.

    ``rows`` are the different ways in which the steps change the world, by ``world & masks[world & own]``; ``own`` is
    0 unless it is told apart where the process stands. ``counts`` is how many steps there are, ``kills`` are the
    outcomes that kill, which no single change can stand for (``is_killing`` says whether there are any). ``mask`` is
    all that the steps depend on, ``touches`` all that they change; ``found`` are the worlds of the next depth that they
    have led to first.

    Masks grow as more is learned. Rows that were filled in before stay: a key that is found again by more bits has none
    of the new ones set, nor had the world for which the row was filled in any that mattered.
    """

    __slots__ = (
        "counts", "found", "is_killing", "kills", "mask", "masks", "members", "own", "place", "rows", "touches"
    )  # fmt: skip

    def __init__(self, exact: Exact, members: tuple[int, ...], *, apart: bool = False) -> None:
        self.members = members
        self.own = exact.packing.slots[members[0]].mask if apart else 0
        self.masks = exact.masks[members[0]] if apart else {0: 0}
        self.place = 0
        self.mask = self.touches = 0
        self.is_killing = False
        self.found: list[int] = []
        self.rows: dict[int, tuple[int, ...]] = {}
        self.counts: dict[int, int] = {}
        self.kills: dict[int, tuple[Outcome, ...]] = {}
        self.fit(exact)

    def key(self, world: int) -> int:
        """The bits of a world by which its row is looked up."""
        return world & self.masks[world & self.own]

    def parts(self, worlds: list[int]) -> list[list[int]]:
        """The worlds, apart by the mask by which their rows are looked up."""
        if not self.own:
            return [worlds]
        out: dict[int, list[int]] = {}
        for world in worlds:
            out.setdefault(world & self.own, []).append(world)
        return list(out.values())

    def fit(self, exact: Exact) -> None:
        """Depend on all bits that the processes do."""
        for index in self.members:
            self.mask |= exact.keys[index]
            self.touches |= exact.touches[index]
            self.is_killing |= exact.kills[index]
        if not self.own:
            self.masks[0] = self.mask

    def widen(self, old: int, new: int) -> None:
        """A field has more bits, of which no world so far has any set."""
        if self.own & old:
            self.own |= new

    def forget(self) -> None:
        """Drop all rows."""
        self.rows.clear()
        self.counts.clear()
        self.kills.clear()

    def learn(self, exact: Exact, world: int) -> None:
        """Fill in the row of a world."""
        version = -1
        while version != exact.version:  # what was learned of one process may outdate what was known of another
            version = exact.version
            outcomes: list[Outcome] = []
            for index in self.members:
                entry = exact.entry(index, world)
                if entry is not None:
                    outcomes += entry.outcomes
        self.fit(exact)
        key = self.key(world)
        self.rows[key] = tuple(dict.fromkeys(o.delta for o in outcomes if o.delta and not o.kills))
        self.counts[key] = len(outcomes)
        kills = tuple(outcome for outcome in outcomes if outcome.kills)
        if kills:
            self.kills[key] = kills

    def covers(self, other: Group) -> bool:
        """Whether the other group may be left out in a world to which this one has led (see :mod:`sim.explore.plain`).

        It comes later, none of its steps kills, and no step of either changes what the other can do.
        """
        if other.place <= self.place or other.is_killing:
            return False
        return not (self.touches & other.mask or other.touches & self.mask)


def grouped(exact: Exact, worlds: Sequence[int], before: Sequence[Group]) -> list[Group]:
    """Processes in groups: those are joined that together have the fewest keys in these worlds, while they are few.

    Processes that share cells, or hardly ever run, have few keys together. A group of one may have any number. Groups
    as they were ``before`` are begun with, unless they have too many keys by now.
    """
    sample = worlds[:: max(1, len(worlds) // SAMPLE)]
    costs: dict[int, int] = {}

    def cost(mask: int) -> int:
        found = costs.get(mask)
        if found is None:
            found = costs[mask] = len({world & mask for world in sample})
        return found

    kept = [group.members for group in before if cost(group.mask) <= KEYS_MAX]
    joined = {index for members in kept for index in members}
    groups = sorted(kept + [(index,) for index in range(len(exact.keys)) if index not in joined])
    masks = [_union(exact, members) for members in groups]
    while True:
        few = [place for place, mask in enumerate(masks) if cost(mask) <= KEYS_MAX]
        pairs = [(cost(masks[a] | masks[b]), a, b) for n, a in enumerate(few) for b in few[n + 1 :]]
        least, a, b = min(pairs, default=(KEYS_MAX + 1, 0, 0))
        if least > KEYS_MAX:
            break
        groups[a] += groups.pop(b)
        masks[a] |= masks.pop(b)
    same = {(group.members, bool(group.own)): group for group in before}
    out = []
    for members, mask in zip(groups, masks, strict=True):
        apart = cost(mask) > KEYS_MAX and _keys_apart(exact, members[0], sample) * 2 < cost(mask)
        out.append(same.get((members, apart)) or Group(exact, members, apart=apart))
    return out


def _union(exact: Exact, members: tuple[int, ...]) -> int:
    mask = 0
    for index in members:
        mask |= exact.keys[index]
    return mask


def _keys_apart(exact: Exact, index: int, sample: Sequence[int]) -> int:
    """How many keys a process has if it is looked up by what it depends on where it stands."""
    own, masks = exact.packing.slots[index].mask, exact.masks[index]
    return len({world & masks.get(world & own, own) for world in sample})
