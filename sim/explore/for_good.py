"""What a check says of a property that must hold eventually, also on schedules that never come to rest."""

from __future__ import annotations

import time
from collections.abc import Callable

import msgspec

from sim.core.property import Property
from sim.explore.eventually import Result, Undecided, finite, judge, plain_graph, smallest, told
from sim.explore.exhaust import Bounds, Exhausted, Interrupted, never
from sim.explore.graph import Graph
from sim.explore.subject import Moves, Subject
from sim.explore.verdict import INTERRUPTED, ended

Say = Callable[[Graph, float, Bounds], None]
"""Told of the graph, the seconds since it was begun, and its bounds."""


class ForGood(msgspec.Struct, frozen=True):
    """The result, why it is so in words, and, where a cycle violates, the schedule to it and once round.

    ``bound`` names what has ended the search for it, where that has left it open.
    """

    result: Result
    why: str
    stem: Moves = ()
    cycle: Moves = ()
    bound: str = ""


def settles(done: Exhausted) -> bool:
    """Whether a reduced search has shown that every schedule comes to rest."""
    return not done.bound and finite(done.search)


def for_good(
    subject: Subject, prop: Property, done: Exhausted | None, bounds: Bounds, depth_max: int = 0,
    say: Say | None = None, interrupted: Interrupted = never,
) -> ForGood:  # fmt: skip
    """Judge a property that holds in all worlds at rest that were found.

    Where a reduced search met no cycle, nothing more is to be done. Otherwise the graph of all worlds is built, as a
    reduction may leave out just the cycle that violates. It keeps to the bounds (``depth_max`` is one more) and to
    interrupts; what is violated by the worlds that were met before is violated all the same.
    """
    if done is not None and settles(done):
        return ForGood(Result.HOLDS, "every schedule comes to rest, so that no process need be fair")
    if done is not None and done.bound:
        return ForGood(Result.UNDETERMINED, f"the search was {ended(done.bound)}", bound=done.bound)
    bound = INTERRUPTED if interrupted() else bounds.hit(0, 0.0)
    if bound:
        return ForGood(Result.UNDETERMINED, f"the search was {ended(bound)} before this was looked at", bound=bound)
    began = time.monotonic()

    def stop(graph: Graph) -> str:
        seconds = time.monotonic() - began
        if say is not None:
            say(graph, seconds, bounds)
        return INTERRUPTED if interrupted() else bounds.hit(len(graph.worlds), seconds)

    graph = plain_graph(subject.tables, subject.begin, bounds.worlds, stop, depth_max)
    return _judged(subject, prop, graph)


def _judged(subject: Subject, prop: Property, graph: Graph) -> ForGood:
    """What the graph says of the property."""
    slots = subject.tables.packing.slots

    def holds(world: int) -> bool:
        return subject.holds(prop, world)

    result, stem, cycle = judge(graph, holds, (1 << len(slots)) - 1)
    if result is Result.UNDETERMINED:
        met = f"{graph.explored} of {len(graph.worlds)} worlds that were met were explored"
        why = f"the search of all worlds, without reduction, was {ended(graph.bound)} ({met})"
        return ForGood(result, why, bound=graph.bound)
    if result is Result.VIOLATED:
        why = "some schedule goes on for ever and is fair to every process" if cycle else "a world at rest violates it"
        return ForGood(result, why, told(subject.tables, graph, stem), told(subject.tables, graph, cycle))
    try:
        needed = smallest(graph, holds) or []
    except Undecided as error:
        return ForGood(result, f"if every process is fair; which ones need be was not found out: {error}")
    names = ", ".join(slots[index].name for index in needed)
    return ForGood(result, f"if these are fair: {names}" if names else "whoever is fair")
