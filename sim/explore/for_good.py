"""What a check says of a property that must hold eventually, also on schedules that never come to rest."""

from __future__ import annotations

import msgspec

from sim.core.property import Property
from sim.explore.eventually import Result, Undecided, finite, judge, plain_graph, smallest, told
from sim.explore.exhaust import Exhausted
from sim.explore.subject import Moves, Subject


class ForGood(msgspec.Struct, frozen=True):
    """The result, why it is so in words, and, where a cycle violates, the schedule to it and once round."""

    result: Result
    why: str
    stem: Moves = ()
    cycle: Moves = ()


def settles(done: Exhausted) -> bool:
    """Whether a reduced search has shown that every schedule comes to rest."""
    return not done.bound and finite(done.search)


def for_good(subject: Subject, prop: Property, done: Exhausted | None, worlds_max: int) -> ForGood:
    """Judge a property that holds in all worlds at rest that were found.

    Where a reduced search met no cycle, nothing more is to be done. Otherwise the graph of all worlds is built, as a
    reduction may leave out just the cycle that violates.
    """
    if done is not None and settles(done):
        return ForGood(Result.HOLDS, "every schedule comes to rest, so that no process need be fair")
    if done is not None and done.bound:
        return ForGood(Result.UNDETERMINED, f"the search was ended by {done.bound}")
    graph = plain_graph(subject.tables, subject.begin, worlds_max)
    slots = subject.tables.packing.slots

    def holds(world: int) -> bool:
        return subject.holds(prop, world)

    result, stem, cycle = judge(graph, holds, (1 << len(slots)) - 1)
    if result is Result.UNDETERMINED:
        return ForGood(result, f"the graph of all worlds has more than {worlds_max}")
    if result is Result.VIOLATED:
        why = "some schedule goes on for ever and is fair to every process" if cycle else "a world at rest violates it"
        return ForGood(result, why, told(subject.tables, graph, stem), told(subject.tables, graph, cycle))
    try:
        needed = smallest(graph, holds) or []
    except Undecided as error:
        return ForGood(result, f"if every process is fair; which ones need be was not found out: {error}")
    names = ", ".join(slots[index].name for index in needed)
    return ForGood(result, f"if these are fair: {names}" if names else "whoever is fair")
