"""Where the closing of cycles pauses does not matter to what it finds."""

from __future__ import annotations

from types import SimpleNamespace
from typing import cast

import pytest

from sim.core import Machine
from sim.explore import cycles
from sim.explore.cycles import Before, Closing, Work, again
from sim.explore.reduced import Reduced
from sim.explore.tables import Tables
from tests.explore.programs import Lab, run
from tests.explore.test_reduced import LABS, compare, reduced

LOOPS = [name for name, (programs, spare) in LABS.items() if '"again"' in repr((programs, spare)).replace("'", '"')]


@pytest.mark.parametrize("looked_at", [1, 2])
@pytest.mark.parametrize("name", LOOPS)
def test_known_traps_with_loops_looked_at_few_worlds_at_a_time(
    name: str, looked_at: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cycles, "LOOKED_AT", looked_at)
    compare(Lab(*LABS[name]))


def test_steps_back_that_were_found_while_a_world_was_explored_again_are_looked_at() -> None:
    """And all worlds before that world."""
    tables = Tables()
    lab = Lab(((("again", 0),), (("bump", 1),), (("again", 2),)), ((), ()))
    search = reduced(tables, tables.packing.load(lab.machine()))
    closing = Closing(search)
    entered, *others = search.worlds
    before = set(closing.before.of(entered))
    back = next(world for world in others if world not in before)
    closing.work, closing.entered = Work(closing.before, ()), entered
    search.back_edges = {back: None}
    closing._take_in()
    looked_at = []
    while closing.work:
        looked_at.append(closing.work.next())
    assert set(looked_at) == before | {back} and len(looked_at) == len(before) + 1
    assert looked_at == sorted(looked_at, key=closing.before.order.__getitem__)
    assert not search.back_edges and closing.entered is None


def test_a_world_waits_once_and_again_after_it_was_looked_at() -> None:
    before = Before(cast("Reduced", SimpleNamespace(worlds={}, left=None)), {30: 0, 10: 1, 20: 2})
    work = Work(before, (20, 30))
    work.add((30, 10))
    assert [work.next(), work.next()] == [30, 10]
    work.add((30, 20))
    assert [work.next(), work.next()] == [30, 20]
    assert not work


def test_an_explored_world_is_looked_at_again_with_all_steps_of_whom_was_chosen() -> None:
    tables = Tables()
    lab = Lab(((("queue", 0), ("queue", 1), ("again", 0)), (("take",), ("bump", 1))), ((), ()))
    search = reduced(tables, tables.packing.load(lab.machine()))
    several = 0
    for world, known in search.worlds.items():
        frame = again(search, world)
        chosen = [entry for n, entry in enumerate(frame.entries) if entry is not None and known.chosen >> n & 1]
        steps = [outcome for entry in chosen for outcome in entry.outcomes]
        assert {id(edge.outcome) for edge in frame.edges} == set(map(id, steps)) and len(frame.edges) == len(steps)
        assert [edge.after for edge in frame.edges] == [tables.after(world, edge.outcome) for edge in frame.edges]
        assert frame.chosen == known.chosen
        several += any(len(entry.outcomes) > 1 for entry in chosen)
    assert several


def test_a_step_that_changes_nothing_puts_nobody_off() -> None:
    """The first step leads back to where the search begins, and nobody interferes with it so far."""
    lab = Lab((), ((), ()))
    machine = Machine(versioned=False)
    for name, program in (("p0", (("again", 0),)), ("p1", (("bump", 1), ("write", 0, 1)))):
        machine.start(lab.domains[0], name, run, lab, program, 0, 0)
    tables = Tables()
    search = reduced(tables, tables.packing.load(machine), lambda index: index)
    assert len(search.at_rest) == 1
