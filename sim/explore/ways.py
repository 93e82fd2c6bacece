"""Where explanations of a log stand, and which to follow next."""

from __future__ import annotations

from bisect import insort
from heapq import heappop, heappush
from typing import Any

import msgspec

from sim.core.cell import Channel, Domain
from sim.core.request import Request
from sim.explore.clocks import Times
from sim.explore.learning import Outcome

PATIENCE = 12
"""How many ways a dive follows without a line more before it is given up."""


class At(msgspec.Struct, frozen=True):
    """Where an explanation stands: ``done`` lines from the beginning, ``beyond`` as bits those after them, the world,
    and the names that were paired.
    """

    done: int
    beyond: int
    world: int
    names: Any


class Move(msgspec.Struct, frozen=True):
    """A step of an explanation: what it costs (0 for the best guess), where it leads, and whose it is.

    ``step`` is what a process did, with its request; ``line`` the line that it explains (-1: none);
    ``merged`` the keys that it queued once more, and that run but once.
    """

    costs: int
    at: At
    domain: Domain | None
    step: tuple[Request, Outcome] | None = None
    line: int = -1
    merged: tuple[tuple[Channel, Any], ...] = ()


class Way:
    """A way to be followed: where it stands, what it has cost, of whom it last did not take the best guess, by which
    move it came there from which way, and (once it is followed) when things happened on it.
    """

    __slots__ = ("at", "before", "followed", "move", "spent", "times", "turned")

    def __init__(
        self, at: At, spent: int, turned: Domain | None, before: Way | None = None, move: Move | None = None
    ) -> None:
        self.at = at
        self.spent = spent
        self.turned = turned
        self.before = before
        self.move = move
        self.times: Times = {}
        self.followed = False


class Ways:
    """The ways that are left, and which to follow next.

    Most picks are the most promising by rank; where the explanation is stuck at a call of one domain, every other of
    these only those count that last turned from the best guess in that domain: what others do without a line rarely
    helps, but there may be much of it. For ``every`` of these one goes by lines explained: once the most, once each of
    the two most, of the three most, and so on until more are explained. However much can be done without a line where
    nothing leads on, the wrong guess some lines before is found in a number of picks that is quadratic in their number.
    What such a pick leads to is followed at once, for as long as it explains more (a *dive*): else the ways that are
    stuck further on, which explain more, would always come first.
    """

    def __init__(self, begin: At, every: float) -> None:
        self._every = every
        self._heaps: dict[Domain | None, list[tuple[int, int, Way]]] = {}
        self._levels: dict[int, list[tuple[int, int, Way]]] = {}
        self._order: list[int] = []  # the levels, in ascending order
        self._pushed = self._taken = self._picked = 0
        self._back = self._round = 0  # how many levels back the next pick by level is, and the round goes
        self._dive: list[tuple[int, int, Way]] | None = None  # what the last pick by level led to
        self._deepest = self._idle = 0  # the most lines of this dive, and how many picks it has explained no more
        self.add(Way(begin, 0, None), 0)

    def add(self, way: Way, rank: int) -> None:
        """Keep a way, with its rank (the lower, the sooner)."""
        self._pushed += 1
        heappush(self._heaps.setdefault(way.turned, []), (rank, -self._pushed, way))
        level = _level(way)
        if level not in self._levels:
            if not self._order or level > self._order[-1]:
                self._back = self._round = 0
            self._levels[level] = []
            insort(self._order, level)
        heappush(self._levels[level], (way.spent, -self._pushed, way))
        if self._dive is not None:
            heappush(self._dive, (rank, -self._pushed, way))

    def next(self, stuck: Domain | None) -> Way | None:
        """The next way to follow; None if there is none left."""
        way = self._of_dive()
        if way is None:
            self._dive = None
            if self._taken * self._every < self._picked:
                way = self._by_level()
                if way is not None:
                    self._dive, self._deepest, self._idle = [], _level(way), 0
            else:
                way = self._by_rank(stuck)
        self._taken += self._dive is not None  # of a dive, its first pick included
        if way is not None:
            way.followed = True
        return way

    def _of_dive(self) -> Way | None:
        """The best way that the last pick by level led to, while that explains more and more."""
        if not self._dive or self._idle > PATIENCE:
            return None
        _drop_followed(self._dive)
        if not self._dive:
            return None
        way = heappop(self._dive)[2]
        self._idle += 1
        if _level(way) > self._deepest:
            self._deepest, self._idle = _level(way), 0
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


def _level(way: Way) -> int:
    """How many lines it explains."""
    return way.at.done + way.at.beyond.bit_count()


def _drop_followed(heap: list[tuple[int, int, Way]]) -> None:
    while heap and heap[0][2].followed:
        heappop(heap)
