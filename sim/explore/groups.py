"""Groups of processes whose steps are looked up as one: what all of them can do, by the bits that it depends on."""

from __future__ import annotations

from collections.abc import Sequence

from sim.explore.exact import Exact
from sim.explore.learning import Outcome

SAMPLE = 1024
KEYS_MAX = 64
"""So many different keys a group may have among a sample of worlds; more of them cost more than looking up two rows."""


class Group:
    """Processes that are looked up as one.

    ``rows`` are the different ways in which their steps change the world, by the bits of ``mask``; ``counts`` is how
    many steps there are, ``kills`` are the outcomes that kill, which no single change can stand for (``is_killing``
    says whether there are any). ``touches`` is all that their steps change; ``found`` are the worlds of the next depth
    that their steps have led to first.
    """

    __slots__ = ("counts", "found", "is_killing", "kills", "mask", "members", "place", "rows", "touches")

    def __init__(self, members: tuple[int, ...]) -> None:
        self.members = members
        self.place = 0
        self.mask = self.touches = 0
        self.is_killing = False
        self.found: list[int] = []
        self._clear()

    def _clear(self) -> None:
        self.rows: dict[int, tuple[int, ...]] = {}
        self.counts: dict[int, int] = {}
        self.kills: dict[int, tuple[Outcome, ...]] = {}

    def fit(self, exact: Exact, *, anew: bool = False) -> None:
        """Depend on all bits that its processes do; rows that were looked up by fewer are dropped."""
        mask = 0
        for index in self.members:
            mask |= exact.keys[index]
            self.touches |= exact.touches[index]
            self.is_killing |= exact.kills[index]
        if mask != self.mask or anew:
            self.mask = mask
            self._clear()

    def widen(self, old: int, new: int) -> None:
        """A field has more bits, of which no world so far has any set: rows stay what they are."""
        if self.mask & old:
            self.mask |= new

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
        key = world & self.mask
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


def grouped(keys: Sequence[int], worlds: Sequence[int], before: Sequence[tuple[int, ...]]) -> list[tuple[int, ...]]:
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

    def union(members: tuple[int, ...]) -> int:
        mask = 0
        for index in members:
            mask |= keys[index]
        return mask

    kept = [members for members in before if cost(union(members)) <= KEYS_MAX]
    alone = sorted(set(range(len(keys))) - {index for members in kept for index in members})
    groups = sorted(kept + [(index,) for index in alone])
    masks = [union(members) for members in groups]
    while True:
        few = [place for place, mask in enumerate(masks) if cost(mask) <= KEYS_MAX]
        pairs = [(cost(masks[a] | masks[b]), a, b) for n, a in enumerate(few) for b in few[n + 1 :]]
        least, a, b = min(pairs, default=(KEYS_MAX + 1, 0, 0))
        if least > KEYS_MAX:
            return groups
        groups[a] += groups.pop(b)
        masks[a] |= masks.pop(b)
