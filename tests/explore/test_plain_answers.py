"""What the plain search answers: schedules, bounds, worlds at rest, worlds that violate a property."""

from __future__ import annotations

import gc
from collections.abc import Callable

import pytest

from sim.core import (
    Become,
    Cell,
    Domain,
    Get,
    Machine,
    Stage,
    Value,
    World,
    Write,
)
from sim.core.property import Property, When
from sim.explore.always import Always
from sim.explore.errors import BrokenRule
from sim.explore.packing import Packing
from sim.explore.plain import Plain
from sim.explore.tables import Tables
from tests.explore.machines import (
    MODELS,
    kills_last,
    searched,
    text,
    tuned,
)
from tests.explore.two_phase_commit import ABORTED, COMMITTED, TwoPhase

# -- schedules -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("make", MODELS, ids=lambda make: make.__qualname__)
def test_a_path_replays_in_a_machine_to_the_same_world(make: Callable[[], Machine]) -> None:
    search = searched(make)
    packing = search.tables.packing
    for depth, level in enumerate(search.levels):
        for world in level[:: max(1, len(level) // 5)]:
            path = search.path_to(world)
            assert len(path) == depth
            assert text(packing, world) == replayed(make(), packing, path).text()


def replayed(machine: Machine, packing: Packing, path: list[tuple[int, Value]]) -> World:
    for index, choice in path:
        slot = packing.slots[index]
        process = next(
            p for p, c in machine.enabled() if (p.domain.name, p.name, c) == (slot.domain.name, slot.process, choice)
        )
        machine.step(process, choice)
    return machine.world()


def test_there_is_no_path_to_a_world_that_was_not_found() -> None:
    search = searched(TwoPhase(3).machine, depth_max=3)
    with pytest.raises(KeyError):
        search.path_to(-1)


# -- bounds --------------------------------------------------------------------------------------------------------


def test_bounds_are_named_and_the_search_can_be_gone_on_with() -> None:
    whole = searched(TwoPhase(5).machine)
    tables = Tables()
    search = Plain(tables)
    search.begin(tables.packing.load(TwoPhase(5).machine()))
    assert search.run(depth_max=4) == "--depth 4"
    assert (search.depth, search.levels) == (4, whole.levels[:5])
    assert search.frontier == len(whole.levels[4])
    assert search.run(worlds_max=2000) == "--worlds 2000"
    assert 2000 <= search.worlds < whole.worlds
    answers = iter(["", "--seconds 1"])
    with tuned({"CHUNK": 64}):
        assert search.run(stop=lambda: next(answers)) == "--seconds 1"
    assert search.frontier
    assert search.run() == ""
    assert (search.worlds, search.depth, search.frontier) == (whole.worlds, whole.depth, 0)
    assert search.steps() == whole.steps()
    assert list(map(sorted, search.levels)) == list(map(sorted, whole.levels))


def test_the_collector_is_off_in_the_loop_alone() -> None:
    asked = []

    def stop() -> str:
        asked.append(gc.isenabled())
        return ""

    tables = Tables()
    search = Plain(tables)
    search.begin(tables.packing.load(TwoPhase(3).machine()))
    search.run(stop=stop)
    assert set(asked) == {False}
    assert gc.isenabled()


def test_a_search_that_an_exception_ended_cannot_be_gone_on_with() -> None:
    tables = Tables()
    search = Plain(tables)
    search.begin(tables.packing.load(TwoPhase(3).machine()))

    def stop() -> str:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        search.run(stop=stop)
    assert gc.isenabled()
    with pytest.raises(AssertionError, match="ended by an exception"):
        search.run()


# -- worlds at rest, and properties --------------------------------------------------------------------------------


def test_worlds_at_rest_are_found() -> None:
    search = searched(kills_last)
    resting = [world for level in search.levels for world in level if not search.moves(world)]
    assert sorted(search.at_rest) == sorted(resting)
    assert len(resting) > 1


def test_a_world_where_every_step_changes_nothing_is_not_at_rest() -> None:
    machine = Machine()
    machine.start(Domain("one"), "spin", spin, Domain("memory").cell("same"))
    search = searched(lambda: machine)
    assert (search.worlds, search.steps(), len(search.at_rest)) == (1, 1, 0)


def spin(cell: Cell) -> Stage:
    yield Write(cell, None)
    return Become(spin, (cell,))


def test_a_property_is_judged_in_every_world() -> None:
    """TCConsistent, the invariant of the specification, and one that does not hold."""
    toy = TwoPhase(3)

    def is_consistent(get: Get) -> bool:
        return not {COMMITTED, ABORTED} <= {get(cell) for cell in toy.rm_state}

    def nobody_commits(get: Get) -> bool:
        return COMMITTED not in {get(cell) for cell in toy.rm_state}

    for holds, expected in ((is_consistent, 0), (nobody_commits, 7)):
        tables = Tables()
        begin = tables.packing.load(toy.machine())
        prop = Property("p", "it holds", When.ALWAYS, tuple(toy.rm_state), holds)
        search = Plain(tables, Always(tables.packing, prop))
        search.begin(begin)
        search.run()
        violating = [w for level in search.levels for w in level if not holds(tables.packing.get(w))]
        assert (len(search.violations), len(violating)) == (expected, expected)
        assert sorted(search.violations) == sorted(violating)


def test_a_property_is_judged_by_the_cells_that_it_names() -> None:
    toy = TwoPhase(3)
    tables = Tables()
    begin = tables.packing.load(toy.machine())
    prop = Property("p", "it holds", When.ALWAYS, (toy.sent_abort,), lambda get: get(toy.sent_commit) is None)
    with pytest.raises(BrokenRule, match="which it does not name"):
        Plain(tables, Always(tables.packing, prop)).begin(begin)
