"""What a depth-first search cannot know of worlds that lie on cycles, made good once the search has ended.

A step that leads back to a world on the way finds nothing known of that world. So worlds with such steps are looked at
again, and those before them, until nothing changes; each look may let more processes join. And on a cycle a process
could be put off for ever: one that can step everywhere on it must be explored from at least one of its worlds.
"""

from __future__ import annotations

from collections.abc import Iterator

import networkx as nx

from sim.explore.frame import Edge, Frame
from sim.explore.reduced import Reduced


def close_cycles(search: Reduced) -> Iterator[bool]:
    """Go on until the search is complete on its cycles; yields True whenever it has something more to run."""
    while search.cycles:
        yield from _spread(search)
        put_off = _put_off(search)
        if put_off is None:
            return
        _enter_again(search, put_off)
        yield True


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


def _spread(search: Reduced) -> Iterator[bool]:
    """Look again at every world that stands before one of which more is known now."""
    work = dict.fromkeys(search.back_edges)
    search.back_edges.clear()
    before = _before(search)
    for world in list(work):  # one that was entered again is up to date, those before it are not
        work.update(before.get(world, {}))
    while work:
        world = next(iter(work))
        del work[world]
        frame = again(search, world)
        old, new = search.worlds[world], search.known(frame)
        if search.widen(frame):
            _reenter(search, frame)
            yield True
            work.update(search.back_edges)
            search.back_edges.clear()
            before = _before(search)
            work.update(before.get(world, {}))
        elif (old.own, old.sets_off, old.steps, old.targets) != (new.own, new.sets_off, new.steps, new.targets):
            search.worlds[world] = new
            work.update(before.get(world, {}))


def _before(search: Reduced) -> dict[int, dict[int, None]]:
    """For each world, those from which an explored step leads to it."""
    out: dict[int, dict[int, None]] = {}
    for world in search.worlds:
        for edge in successors(search, world):
            out.setdefault(edge.after, {})[world] = None
    return out


def _reenter(search: Reduced, frame: Frame) -> None:
    del search.worlds[frame.world]
    search.resume(frame)


def _enter_again(search: Reduced, world: int) -> None:
    """Explore every process from a world."""
    frame = again(search, world)
    for index in frame.able:
        if not frame.chosen >> index & 1:
            frame.choose(index)
    _reenter(search, frame)
    search.back_edges[world] = None


def _put_off(search: Reduced) -> int | None:
    """A world of a cycle on which some process could always step and never does; None if there is none."""
    graph: nx.DiGraph[int] = nx.DiGraph()
    for world in search.worlds:
        graph.add_edges_from((world, edge.after) for edge in successors(search, world))
    for component in nx.strongly_connected_components(graph):
        worlds = [world for world in search.worlds if world in component] if len(component) > 1 else list(component)
        if len(worlds) == 1 and not graph.has_edge(worlds[0], worlds[0]):
            continue
        always, ever = -1, 0
        for world in worlds:
            frame = search.frame(world)
            always &= sum(1 << index for index in frame.able)
            ever |= search.worlds[world].chosen
        if always & ~ever:
            return worlds[0]
    return None
