"""Worlds that differ only by a renaming are searched once, and everything comes out as in the plain search."""

from __future__ import annotations

from collections.abc import Callable
from itertools import zip_longest
from types import SimpleNamespace
from typing import cast

from hypothesis import assume, event, given
from hypothesis import strategies as st

from sim.core.property import Property, When
from sim.explore.cycles import close_cycles
from sim.explore.exhaust import Exhausted
from sim.explore.frame import NewPart
from sim.explore.image import NotSymmetric
from sim.explore.reduced import Reduced
from sim.explore.subject import Subject
from sim.explore.symmetry import Symmetry
from sim.explore.tables import Tables
from tests.explore.examples import examples
from tests.explore.sides import Sides, Turned, sides
from tests.explore.test_reduced import afters, is_at_rest, outcomes, plain, said

Seen = Callable[[Tables, int], tuple[str, ...]]


def symmetric(model: Sides, visible: tuple[Property, ...] = ()) -> tuple[Tables, int]:
    """Tables that know of the renaming, and the first world."""
    tables = Tables(visible)
    begin = tables.packing.load(model.machine())
    found = Symmetry(tables.packing, tables.accesses, (Turned(model),), begin)
    assert found.images, "the first world is symmetric"
    tables.symmetry = found
    return tables, begin


def once(tables: Tables, begin: int) -> tuple[set[int], int]:
    """Every world that a plain search finds if of worlds that differ by a renaming it explores the first only, and how
    many it explores.

    Raises:
        NotSymmetric: a step does not respect the renaming.
    """
    symmetry = tables.symmetry
    assert symmetry is not None
    found, todo = {begin}, [begin]
    for world in todo:
        for after in afters(tables, world):
            if after not in found:
                todo.append(after)
                found.update((after, *(other for other, _, _ in symmetry.ways(after))))
    return found, len(todo)


@examples(200)
@given(sides())
def test_renamed_worlds_are_just_the_others(model: Sides) -> None:
    """Nothing is reduced but by renaming: all worlds are found, each once."""
    whole = Tables()
    every = plain(whole, whole.packing.load(model.machine()))
    assume(every is not None and len(every) > 3)
    assert every is not None
    tables, begin = symmetric(model)
    try:
        found, explored = once(tables, begin)
    except NotSymmetric:
        event("not symmetric")
        return
    event("symmetric")
    assert sorted(said(tables, world) for world in found) == sorted(said(whole, world) for world in every)
    assert explored < len(every)


def reduced(tables: Tables, begin: int, seen: Seen | None) -> Reduced:
    """As :func:`sim.explore.exhaust.exhaust` does: without, once something is not symmetric."""
    while True:
        tables.forget()
        search = Reduced(tables, lambda _slot: 0, None if seen is None else lambda world: seen(tables, world))
        try:
            search.begin(begin)
            search.run(10**9)
            for _ in close_cycles(search):
                search.run(10**9)
        except NewPart:
            continue
        except NotSymmetric:
            tables.symmetry = None
            continue
        return search


def check_known(search: Reduced, begin: int) -> None:
    """Nothing is known of a twin that its processes were not seen to touch; at rest, just what they wait for. Schedules
    lead through twins to each world at rest.
    """
    assert search.twins is not None
    done = Exhausted(cast("Subject", SimpleNamespace(begin=begin)), search, "", 0.0)
    tables = search.tables
    for target in search.at_rest:
        moves, world = done.path(target), begin
        for slot, choice in moves:
            entry = tables.entry(slot, world)
            assert entry is not None
            world = tables.after(world, next(o for o in entry.outcomes if o.choice == choice))
        assert (world, len(moves)) == (target, done.distance(begin, target))
    search.twins.find_all()
    for world in search.twins.origins:
        own = search.worlds[world].future.own
        assert all(mine & ~learned == 0 for mine, learned in zip_longest(own, tables._footprints, fillvalue=0))
        if is_at_rest(tables, world):
            afresh = search.known(search.frame(world)).future.own
            assert all(mine == yours for mine, yours in zip_longest(own, afresh, fillvalue=0))


def always(model: Sides, which: str) -> Property | None:
    """What must hold always: nothing, something that does not tell sides apart, or something that does."""
    first, last = model.sides[0].cells, model.sides[-1].cells
    made = {
        "shared": Property("P", "not 2", When.ALWAYS, (first[1],), lambda get: get(first[1]) != 2),
        "each": Property(
            "P", "no side has 1", When.ALWAYS, tuple(side.cells[2] for side in model.sides),
            lambda get: all(get(side.cells[2]) != 1 for side in model.sides),
        ),
        "last": Property("P", "the last side has not 1", When.ALWAYS, (last[2],), lambda get: get(last[2]) != 1),
        "signed": Property("P", "not signed by the last", When.ALWAYS, (last[3],), lambda get: get(last[3]) != "side1"),
    }  # fmt: skip
    return made.get(which)


@examples(200)
@given(sides(), st.sampled_from(["", "shared", "each", "last", "signed"]))
def test_a_reduced_search_finds_what_the_plain_one_finds(model: Sides, which: str) -> None:
    """The same worlds at rest, by ways of the same length, and whether something always holds."""
    whole = Tables()
    depth = plain(whole, whole.packing.load(model.machine()))
    assume(depth is not None)
    assert depth is not None
    prop = always(model, which)

    def seen(tables: Tables, world: int) -> tuple[str, ...]:
        return () if prop is None or prop.holds(tables.packing.get(world)) else ("P",)

    tables, begin = symmetric(model, (prop,) if prop is not None else ())
    search = reduced(tables, begin, seen if prop is not None else None)
    event("not symmetric" if search.twins is None else "twins were met" if search.twins.origins else "no twin was met")
    if search.twins is not None:
        check_known(search, begin)
    at_rest = {said(whole, world): steps for world, steps in depth.items() if is_at_rest(whole, world)}
    assert sorted(said(tables, world) for world in search.at_rest) == sorted(at_rest)
    assert ("P" in search.targets) == any(seen(whole, world) for world in depth)
    if not any(outcome.ends for outcome in outcomes(whole, depth)):
        known = search.worlds[begin]
        lengths = {number: known.steps + more for number, more in known.targets}
        assert all(lengths[search.targets[world]] == at_rest[said(tables, world)] for world in search.at_rest)
