"""Where explanations of a log stand, and which to follow next."""

from __future__ import annotations

from bisect import insort
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

    __slots__ = ("at", "dues", "followed", "spent", "turned")

    def __init__(self, at: At, spent: int, dues: Dues, turned: Domain | None) -> None:
        self.at = at
        self.spent = spent
        self.dues = dues
        self.turned = turned
        self.followed = False


class Ways:
    """The ways that are left, and which to follow next.

    Most picks are the most promising by rank; where the explanation is stuck at a call of one domain, every other of
    these only those count that last turned from the best guess in that domain: what others do without a line rarely
    helps, but there may be much of it. One pick of ``every`` goes by lines explained: once the most, once each of
    the two most, of the three most, and so on until more are explained. However much can be done without a line where
    nothing leads on, the wrong guess some lines before is found in a number of picks that is quadratic in their number.
    """

    def __init__(self, begin: At, every: int) -> None:
        self._every = every
        self._heaps: dict[Domain | None, list[tuple[int, int, Way]]] = {}
        self._levels: dict[int, list[tuple[int, int, Way]]] = {}
        self._order: list[int] = []  # the levels, in ascending order
        self._pushed = self._taken = self._picked = 0
        self._back = self._round = 0  # how many levels back the next pick by level is, and the round goes
        self.add(Way(begin, 0, {}, None), 0)

    def add(self, way: Way, rank: int) -> None:
        """Keep a way, with its rank (the lower, the sooner)."""
        self._pushed += 1
        heappush(self._heaps.setdefault(way.turned, []), (rank, -self._pushed, way))
        level = way.at.done + way.at.beyond.bit_count()
        if level not in self._levels:
            if not self._order or level > self._order[-1]:
                self._back = self._round = 0
            self._levels[level] = []
            insort(self._order, level)
        heappush(self._levels[level], (way.spent, -self._pushed, way))

    def next(self, stuck: Domain | None) -> Way | None:
        """The next way to follow; None if there is none left."""
        self._taken += 1
        way = self._by_rank(stuck) if self._taken % self._every else self._by_level()
        if way is not None:
            way.followed = True
        return way

    def _by_rank(self, stuck: Domain | None) -> Way | None:
        self._picked += 1
        for each in self._heaps.values():
            _drop_followed(each)
        mine = [heap for domain in (None, stuck) if (heap := self._heaps.get(domain))]
        heaps = mine if mine and self._picked % 2 else [heap for heap in self._heaps.values() if heap]
        return heappop(min(heaps, key=lambda heap: heap[0][:2]))[2] if heaps else None

    def _by_level(self) -> Way | None:
        while self._order:
            if self._back > self._round:
                self._back, self._round = 0, self._round + 1
            index = len(self._order) - 1 - self._back
            if index < 0:
                self._back = self._round = 0
                continue
            heap = self._levels[self._order[index]]
            _drop_followed(heap)
            if heap:
                self._back += 1
                return heappop(heap)[2]
            del self._levels[self._order.pop(index)]
        return None


def _drop_followed(heap: list[tuple[int, int, Way]]) -> None:
    while heap and heap[0][2].followed:
        heappop(heap)
