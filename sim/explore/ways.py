"""Where explanations of a log stand, and which to follow next."""

from __future__ import annotations

from heapq import heappop, heappush
from typing import Any

import msgspec

from sim.core.cell import Channel, Domain

Dues = dict[tuple[Channel, Any], float]


class At(msgspec.Struct, frozen=True):
    """Where an explanation stands: ``done`` lines from the beginning, ``beyond`` as bits those after them, the world,
    and the names that were paired.
    """

    done: int
    beyond: int
    world: int
    names: Any


class Move(msgspec.Struct, frozen=True):
    """A step of an explanation: what it costs (0 for the best guess), where it leads, and whose it is."""

    costs: int
    at: At
    domain: Domain | None


class Way:
    """A way to be followed: where it stands, what it has cost, and of whom it last did not take the best guess."""

    __slots__ = ("at", "dues", "spent", "turned")

    def __init__(self, at: At, spent: int, dues: Dues, turned: Domain | None) -> None:
        self.at = at
        self.spent = spent
        self.dues = dues
        self.turned = turned


class Ways:
    """The ways that are left, the most promising first.

    Where the explanation is stuck at a call of one domain, every other time only those ways count that last turned from
    the best guess in that domain: what others do without a line rarely helps, but there may be much of it.
    """

    def __init__(self, begin: At) -> None:
        self._heaps: dict[Domain | None, list[tuple[int, int, Way]]] = {}
        self._pushed = self._taken = 0
        self.add(Way(begin, 0, {}, None), 0)

    def add(self, way: Way, rank: int) -> None:
        """Keep a way, with its rank (the lower, the sooner)."""
        self._pushed += 1
        heappush(self._heaps.setdefault(way.turned, []), (rank, -self._pushed, way))

    def next(self, stuck: Domain | None) -> Way | None:
        """The next way to follow; None if there is none left."""
        self._taken += 1
        mine = [heap for domain in (None, stuck) if (heap := self._heaps.get(domain))]
        heaps = mine if mine and self._taken % 2 else [heap for heap in self._heaps.values() if heap]
        if not heaps:
            return None
        return heappop(min(heaps, key=lambda heap: heap[0][:2]))[2]
