"""What a depth-first search cannot know of worlds that lie on cycles, made good once the search has ended.

A step that leads back to a world on the way finds nothing known of that world. So worlds with such steps are looked at
again, and those before them, until nothing changes; each look may let more processes join. And on a cycle a process
could be put off for ever: one that can step everywhere on it must be explored from at least one of its worlds.
"""

from __future__ import annotations

import heapq
from collections.abc import Iterable, Iterator

import networkx as nx

from sim.explore.frame import Edge, Frame, Known
from sim.explore.reduced import Reduced

LOOKED_AT = 500
"""So many worlds are looked at again before whoever closes cycles may look at bounds."""


def close_cycles(search: Reduced) -> Iterator[bool]:
    """Go on until the search is complete on its cycles; yields True where it may have something more to run.

    Where it stands is kept in ``search.closing``, so that a search which is taken elsewhere is gone on with there.
    """
    if search.cycles:
        assert search.twins is None, "worlds on cycles are looked at again one by one"
        search.closing = search.closing or Closing(search)
        while search.closing.more():
            yield True


class Closing:
    """Where the closing of the cycles of a search stands.

    ``work`` are the worlds to be looked at again, None before the first of them are known; ``entered`` is one that is
    being explored further; ``put_off`` are worlds of cycles that are still to be explored by every process.
    """

    def __init__(self, search: Reduced, before: Before | None = None) -> None:
        self.search = search
        self.before = before or Before(search)
        self.work: Work | None = None
        self.entered: int | None = None
        self.put_off: list[int] = []

    def more(self) -> bool:
        """Go on until the search has something to run, or enough was looked at; False if nothing is left to do."""
        self._take_in()
        while True:
            if self.put_off:
                world = self.put_off.pop(0)
                if world in self.search.worlds:
                    _enter_again(self.search, world)
                    return True
                continue
            if self.work is None:
                self.work = Work(self.before, self.search.back_edges)
                for world in list(self.search.back_edges):  # one that was entered again is up to date, not those before
                    self.work.add(self.before.of(world))
                self.search.back_edges.clear()
            if self._spread(self.work):
                return True
            self.work = None
            self.put_off = _put_off(self.search, self.before)
            if not self.put_off:
                return False

    def _take_in(self) -> None:
        """Note what has come of the world that was entered."""
        self.before.update()
        if self.entered is not None:
            assert self.work is not None
            self.work.add(self.search.back_edges)
            self.search.back_edges.clear()
            self.work.add(self.before.of(self.entered))
            self.entered = None

    def _spread(self, work: Work) -> bool:
        """Look again at every world that stands before one of which more is known now; False when that is done.

        Those that were left first come first: what is known of a world rests on worlds that were left before it, but
        for the steps that lead back.
        """
        search = self.search
        for _ in range(LOOKED_AT):
            if not work:
                return False
            world = work.next()
            frame = again(search, world)
            old, new = search.worlds[world], search.known(frame)
            if search.widen(frame):
                _reenter(search, frame)
                self.entered = world
                return True
            if not same(old, new):
                search.worlds[world] = new
                search.guess.note(world, new)
                work.add(self.before.of(world))
        return True


def again(search: Reduced, world: int) -> Frame:
    """An explored world as it was left."""
    frame = search.frame(world)
    known = search.worlds[world]
    frame.chosen = known.chosen
    for index in frame.able:
        entry = frame.entries[index]
        if entry is not None and known.chosen >> index & 1:
            for outcome in entry.outcomes:
                search.take(frame, outcome)
    return frame


def successors(search: Reduced, world: int) -> list[Edge]:
    """The steps that were explored from a world."""
    return again(search, world).edges


def same(one: Known, other: Known) -> bool:
    """Whether the same is known of what may come after."""
    return (one.future, one.steps, one.targets) == (other.future, other.steps, other.targets)


class Before:
    """For each world, those from which an explored step leads to it, and those to which it leads; and in which order
    worlds were left.
    """

    def __init__(self, search: Reduced, order: dict[int, int] | None = None) -> None:
        self.order: dict[int, int] = order or {}
        self.after: dict[int, list[int]] = {}
        self._search = search
        self._before: dict[int, dict[int, None]] = {}
        if order is None:
            search.left = list(search.worlds)
            self.update()

    def update(self) -> None:
        """Take in the worlds that were left since."""
        search = self._search
        for world in search.left or ():
            self.order[world] = len(self.order)
            self.note(world, [edge.after for edge in successors(search, world)])
        search.left = []

    def note(self, world: int, afters: list[int]) -> None:
        """A world leads to these."""
        self.after[world] = afters
        for after in afters:
            self._before.setdefault(after, {})[world] = None

    def of(self, world: int) -> Iterable[int]:
        """The worlds before a world."""
        return self._before.get(world, ())


class Work:
    """Worlds to be looked at again, each once, the first left first."""

    def __init__(self, before: Before, worlds: Iterable[int]) -> None:
        self._before = before
        self.heap: list[tuple[int, int]] = []
        self._waiting: set[int] = set()
        self.add(worlds)

    def restore(self, heap: list[tuple[int, int]]) -> None:
        """Have the worlds that waited elsewhere, as they were ordered there."""
        self.heap = heap
        self._waiting = {world for _, world in heap}

    def __bool__(self) -> bool:
        return bool(self.heap)

    def add(self, worlds: Iterable[int]) -> None:
        """Note worlds; those that wait already are not noted again."""
        for world in worlds:
            if world not in self._waiting:
                self._waiting.add(world)
                heapq.heappush(self.heap, (self._before.order[world], world))

    def next(self) -> int:
        """The world that is looked at next."""
        world = heapq.heappop(self.heap)[1]
        self._waiting.remove(world)
        return world


def _reenter(search: Reduced, frame: Frame) -> None:
    frame.was = search.worlds.pop(frame.world)
    search.resume(frame)


def _enter_again(search: Reduced, world: int) -> None:
    """Explore every process from a world."""
    frame = again(search, world)
    for index in frame.able:
        if not frame.chosen >> index & 1:
            frame.choose(index)
    _reenter(search, frame)
    search.back_edges[world] = None


def _put_off(search: Reduced, before: Before) -> list[int]:
    """A world of each cycle on which some process could always step and never does."""
    graph: nx.DiGraph[int] = nx.DiGraph((world, after) for world, listed in before.after.items() for after in listed)
    out = []
    for component in nx.strongly_connected_components(graph):
        worlds = sorted(component, key=before.order.__getitem__)
        if len(worlds) == 1 and not graph.has_edge(worlds[0], worlds[0]):
            continue
        always, ever = -1, 0
        for world in worlds:
            frame = search.frame(world)
            always &= sum(1 << index for index in frame.able)
            ever |= search.worlds[world].chosen
        if always & ~ever:
            out.append(worlds[0])
    return sorted(out, key=before.order.__getitem__)
