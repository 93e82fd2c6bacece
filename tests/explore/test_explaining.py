"""What is said of a schedule that violates: its slice, its point of no return, and a smaller one; each on small models
in which the answer can be found by trying everything.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from models.catalogue import CATALOGUE
from sim.core import Cell, Domain, Get, Machine, Request, Stage, Transaction, Value
from sim.core.model import Renaming
from sim.core.property import Property, When
from sim.explore.check import Plan, check, fails
from sim.explore.deciding import Flip, deciding
from sim.explore.doom import Doom, going_first, point_of_no_return
from sim.explore.exhaust import Bounds
from sim.explore.shrink import Begun, Shrunk, completed, shrink
from sim.explore.slice import mattering
from sim.explore.subject import Moves, Subject
from sim.explore.walks import uniform, walk
from sim.explore.words import in_words
from sim.timed.run import settle
from tests.explore.fair_toys import Toy, follow, put
from tests.explore.programs import Lab
from tests.explore.test_check import subject as losing
from tests.explore.test_sizes import killing, quiet, starting, working

KINDS = [quiet, starting, killing, working]
SEEDS = range(25)


class LabModel:
    """A small model as a search sees one; the environment is the first of its domains."""

    def __init__(self, lab: Lab) -> None:
        self.lab = lab
        self.users: Domain = lab.domains[0]
        self.observed: Sequence[Cell] = ()

    def begin_search(self, machine: Machine, *, may_stop: bool) -> None:
        """There is no script."""

    def late(self, domain: Domain, process: str) -> int:
        return 0

    def unspent(self, get: Get) -> list[str]:
        return []

    def checked(self) -> tuple[Property, ...]:
        return ()

    def renamings(self) -> tuple[Renaming, ...]:
        return ()


def subject(lab: Lab) -> Subject:
    model: Any = LabModel(lab)
    return Subject(model, lab.machine().world(), (), may_stop=False)


def told(made: Subject, lab: Lab, world: int) -> str:
    """The values that are looked at: of all cells."""
    return repr([made.tables.packing.cell(cell).value(world) for cell in lab.cells])


def some(make: Callable[[random.Random], Lab], seed: int) -> tuple[Lab, Subject, Moves, list[int]]:
    """A model, and a schedule of it to a world at rest."""
    lab = make(random.Random(seed))
    made = subject(lab)
    walked = walk(made, uniform(seed))
    assert walked.at_rest
    return lab, made, walked.moves, walked.worlds


# -- the slice ---------------------------------------------------------------------------------------------------------


def of(cells: Sequence[Cell]) -> Property:
    def holds(get: Get) -> bool:
        return False

    return Property("P", "never holds", When.AT_REST, tuple(cells), holds)


@pytest.mark.parametrize("make", KINDS)
def test_the_steps_of_a_slice_alone_come_to_the_same_values(make: Callable[[random.Random], Lab]) -> None:
    fewer = 0
    for seed in range(150):
        lab, made, moves, worlds = some(make, seed)
        for cell in lab.cells:
            inside = mattering(made, moves, worlds, of([cell]))
            assert inside <= {*range(len(moves))}
            alone = made.follow(tuple(move for place, move in enumerate(moves) if place in inside))
            field = made.tables.packing.cell(cell)
            assert field.value(alone[-1]) == field.value(worlds[-1])
            fewer += len(inside) < len(moves)
        assert mattering(made, moves, worlds, of(lab.cells)) >= inside
    assert fewer


def test_the_slice_of_a_loss_is_a_loss() -> None:
    """Carried out alone, it comes to the same values; less than half of the steps of the real model are in it."""
    made = losing("0.19.0")
    out = check(made.model, made.world, made.judged, Plan(may_stop=False, walks=20))
    assert out.shown is not None and out.violated is not None
    moves, worlds, tables = out.shown.moves, out.shown.worlds, out.subject.tables
    inside = mattering(out.subject, moves, worlds, out.violated)
    assert len(inside) < len(moves) / 2
    alone = out.subject.follow(tuple(move for place, move in enumerate(moves) if place in inside))[-1]
    for cell in out.violated.cells:
        assert tables.packing.cell(cell).value(alone) == tables.packing.cell(cell).value(worlds[-1])
    assert not out.subject.holds(out.violated, alone)


def test_what_was_added_to_a_list_matters_to_who_removes_the_one_ahead_of_it() -> None:
    """R-c queues the deletion of a copy behind what the informer has queued (R19): without it the copy would stay."""
    model = CATALOGUE.search("results/hunt/r19-copies-differ.yaml", {}, "0.19.1")
    judged = tuple(prop for prop in model.checked() if prop.name == "I2")
    out = check(model, settle(model), judged, Plan(may_stop=False, walks=0))
    assert out.shown is not None
    moves, worlds = out.shown.moves, out.shown.worlds
    inside = mattering(out.subject, moves, worlds, judged[0])
    shown = out.subject.told(moves).steps
    queued = [place for place, step in enumerate(shown) if step.process == "reconcile-c" and "queues" in in_words(step)]
    assert queued and set(queued) <= inside
    alone = out.subject.follow(tuple(move for place, move in enumerate(moves) if place in inside))[-1]
    assert not out.subject.holds(judged[0], alone)


def test_the_slice_has_what_was_read_and_no_more() -> None:
    """The writer of what was read, the reader, and what it wrote then; not who read it as well, nor who came later."""
    lab = Lab(
        ((("write", 0, 1),), (("read", 0), ("write", 1, 0)), (("read", 0), ("bump", 2)), (("read", 1),)), ((), ())
    )
    made = subject(lab)
    slots = {slot.process: slot.index for slot in made.tables.packing.slots}
    order = ["p0", "p2", "p1", "p1", "p2", "p3"]
    moves = tuple((slots[name], None) for name in order)
    worlds = made.follow(moves)
    assert mattering(made, moves, worlds, of([lab.cells[1]])) == {0, 2, 3}
    assert mattering(made, moves, worlds, of([lab.cells[2]])) == {1, 4} | {0}
    assert mattering(made, moves, worlds, of([lab.cells[0]])) == {0}
    assert mattering(made, moves[:2], worlds[:3], of([lab.cells[1]])) == set()


class Copy(Request, frozen=True):
    """Writes what one of some cells holds; the choice says which."""

    target: Cell
    sources: tuple[Cell, ...]

    def choices(self, get: Get) -> Sequence[Value]:
        return range(len(self.sources))

    def cells(self, get: Get, choice: Any) -> Iterable[Cell]:
        return (self.target, *(self.sources if choice is None else [self.sources[choice]]))

    def carry_out(self, tx: Transaction, choice: Any) -> None:
        tx.put(self.target, tx.get(self.sources[choice]))


def copy(target: Cell, *sources: Cell) -> Stage:
    yield Copy(target, sources)
    return None


def test_of_a_step_with_choices_the_one_that_was_taken_counts() -> None:
    toy = Toy()
    third = toy.store.cell("third")
    for name, cell in (("first", toy.other), ("second", third)):
        toy.start(name, put, cell, 1)
    toy.start("copier", copy, toy.flag, toy.other, third)
    toy.search()
    for choice, inside in ((0, {0, 2}), (1, {1, 2})):
        moves = ((toy.slots["first"], None), (toy.slots["second"], None), (toy.slots["copier"], choice))
        worlds = follow(toy.tables, toy.begin, moves)
        assert mattering(cast("Subject", SimpleNamespace(tables=toy.tables)), moves, worlds, of([toy.flag])) == inside


# -- the point of no return --------------------------------------------------------------------------------------------


def ends(made: Subject, world: int) -> set[int]:
    """All worlds at rest that can be reached."""
    met, todo, out = {world}, [world], set()
    for at in todo:
        moves = made.moves(at)
        if not moves:
            out.add(at)
        for _, outcome in moves:
            after = made.tables.after(at, outcome)
            if after not in met:
                met.add(after)
                todo.append(after)
    return out


@pytest.mark.parametrize("make", KINDS)
def test_the_point_of_no_return_is_the_first_world_from_which_all_ends_are_bad(
    make: Callable[[random.Random], Lab],
) -> None:
    late = found_of = all_of = decided = 0
    for seed in SEEDS:
        lab, made, moves, worlds = some(make, seed)
        bad = told(made, lab, worlds[-1])

        def fails(world: int, made: Subject = made, lab: Lab = lab, bad: str = bad) -> bool:
            return told(made, lab, world) == bad

        doomed = [all(map(fails, ends(made, world))) for world in worlds]
        found = point_of_no_return(made, moves, worlds, fails, Bounds())
        assert (found.step, found.is_exact) == (doomed.index(True), True)
        cut = point_of_no_return(made, moves, worlds, fails, Bounds(worlds=1), Bounds(worlds=10**6))
        assert (cut.step, cut.is_exact) == (found.step, True)
        first = going_first(made, moves, worlds, fails, found.step)
        flips = deciding(made, moves, worlds, fails, found.step)
        if found.step:
            late += 1
            before = worlds[found.step - 1]
            saving = [
                (slot, outcome.choice)
                for slot, outcome in made.moves(before)
                if not all(map(fails, ends(made, made.tables.after(before, outcome))))
            ]
            assert first == [move for move in saving if move in first]  # what no walk shows is not said
            found_of, all_of = found_of + len(first), all_of + len(saving)
            decided += all(decides(made, flip, moves[found.step - 1], fails) for flip in flips) and bool(flips)
        else:
            assert not first and not flips
    assert late
    assert found_of > 0.7 * all_of
    assert decided > 0.9 * late


def decides(made: Subject, flip: Flip, fatal: tuple[int, Any], fails: Callable[[int], bool]) -> bool:
    """Whether the fatal step dooms what comes before a step, and not what comes after it, if it can still be taken."""

    def is_fatal(world: int) -> bool | None:
        after = [made.tables.after(world, o) for slot, o in made.moves(world) if (slot, o.choice) == fatal]
        return all(map(fails, ends(made, after[0]))) if after else None

    afters = [made.tables.after(flip.world, o) for slot, o in made.moves(flip.world) if slot == flip.slot]
    return is_fatal(flip.world) is not False and any(is_fatal(after) is not True for after in afters)


def test_a_step_that_is_independent_of_the_fatal_one_decides_nothing() -> None:
    """The one that writes last wins. The first step of the other writer, and the third process, may go first as well,
    from there some schedules end well; but what decides is who writes.
    """
    lab = Lab(((("write", 1, 1), ("write", 0, 1)), (("write", 0, 2),), (("write", 2, 1),)), ((), ()))
    made = subject(lab)
    slots = {slot.process: slot.index for slot in made.tables.packing.slots}
    moves = tuple((slots[name], None) for name in ("p1", "p0", "p2", "p0"))
    worlds = made.follow(moves)
    won = made.tables.packing.cell(lab.cells[0]).value(worlds[-1])

    def fails(world: int) -> bool:
        return bool(made.tables.packing.cell(lab.cells[0]).value(world) == won)

    assert point_of_no_return(made, moves, worlds, fails, Bounds()) == Doom(1, True)
    assert {slot for slot, _ in going_first(made, moves, worlds, fails, 1)} == {slots["p0"], slots["p2"]}
    (flip,) = deciding(made, moves, worlds, fails, 1)
    assert flip.slot == slots["p0"] and "p0 sets" in flip.words
    assert made.tables.packing.cell(lab.cells[1]).value(flip.world) == 1  # it is the second step of the process


# -- smaller schedules -------------------------------------------------------------------------------------------------


def first_come(made: Subject, wanted: Moves) -> tuple[Moves, list[int]]:
    """The steps that are wanted and can be taken, then the first of those that can be, the environment's last."""
    moves, worlds, left = [], [made.begin], list(wanted)
    while able := {(slot, o.choice): o for slot, o in made.moves(worlds[-1])}:
        while left and left[0] not in able:
            left.pop(0)
        first = min(able, key=lambda move: (made.rank(move[0]), move[0]))
        chosen = left.pop(0) if left else next(move for move in able if move[0] == first[0])
        moves.append(chosen)
        worlds.append(made.tables.after(worlds[-1], able[chosen]))
    return tuple(moves), worlds


@pytest.mark.parametrize("make", KINDS)
def test_what_was_shrunk_fails_and_no_step_of_it_can_be_left_out(make: Callable[[random.Random], Lab]) -> None:
    shorter = 0
    for seed in SEEDS:
        lab, made, moves, worlds = some(make, seed)
        bad = told(made, lab, worlds[-1])

        def fails(world: int, made: Subject = made, lab: Lab = lab, bad: str = bad) -> bool:
            return told(made, lab, world) == bad

        def cost(moves: Moves, made: Subject = made) -> tuple[int, int]:
            return sum(made.rank(slot) for slot, _ in moves), len(moves)

        best = shrink(made, moves, fails)
        assert made.follow(best.moves) == best.worlds
        assert fails(best.worlds[-1]) and not made.moves(best.worlds[-1])
        assert best.cost == cost(best.moves) <= cost(moves)
        shorter += best.cost < cost(moves)
        for place in range(len(best.moves)):
            tried, tried_worlds = first_come(made, best.moves[:place] + best.moves[place + 1 :])
            assert not fails(tried_worlds[-1]) or cost(tried) >= best.cost
    assert shorter


@pytest.mark.parametrize("tries", [0, 1, 3])
def test_shrinking_gives_up_after_so_many_tries(tries: int, monkeypatch: pytest.MonkeyPatch) -> None:
    _, made, moves, worlds = some(starting, 3)
    tried: list[Moves] = []

    def counted(
        subject: Subject, wanted: Moves, fails: Callable[[int], bool], steps_max: int, begun: Begun | None = None,
        *, anywhere: bool,
    ) -> Shrunk | None:  # fmt: skip
        tried.append(wanted)
        return completed(subject, wanted, fails, steps_max, begun, anywhere=anywhere)

    monkeypatch.setattr("sim.explore.shrink.completed", counted)
    best = shrink(made, moves, lambda world: world == worlds[-1], tries_max=tries)
    assert len(tried) == tries + 1  # and one before the first
    assert tries or best.moves == moves


@pytest.mark.parametrize("make", KINDS)
def test_a_schedule_is_completed_first_come_first_served(make: Callable[[random.Random], Lab]) -> None:
    for seed in SEEDS:
        _, made, moves, _ = some(make, seed)
        for wanted in ((), moves[::2], moves[1:], moves):
            whole, worlds = first_come(made, wanted)
            found = completed(made, wanted, lambda _world: True, 10**6)
            assert found is not None
            assert (found.moves, found.worlds) == (whole, worlds)
            assert completed(made, wanted, lambda _world: False, 10**6) is None
            assert completed(made, wanted, lambda _world: True, len(whole)) is not None
            assert completed(made, (), lambda _world: True, len(first_come(made, ())[0]) - 1) is None
            for place in (len(whole) // 2, len(whole)):
                begun = Begun(whole[:place], worlds[: place + 1])
                more = completed(made, moves[::2], lambda _world: True, 10**6, begun)
                after, after_worlds = first_come(made, (*whole[:place], *moves[::2]))
                assert more is not None and (more.moves, more.worlds) == (after, after_worlds)


def test_a_shrunk_schedule_has_no_operation_that_it_does_not_need(tmp_path: Path) -> None:
    """The environment may stop before the third operation, and the first two lose the export (R1)."""
    path = tmp_path / "ops.yaml"
    path.write_text(
        """
- {at_ms: 5000, do: unexport, cluster: b}
- {at_ms: 5200, do: export, cluster: b}
- {at_ms: 6000, fault: broker-down, for_ms: 2000}
"""
    )
    model = CATALOGUE.search(str(path), {"exported": "[b]"}, "0.19.1")
    made = Subject(model, settle(model), (model.checked()[0],), may_stop=True)
    kept = []
    for seed in range(40):
        walked = walk(made, uniform(seed))
        if walked.at_rest and made.violations(walked.worlds[-1]):
            best = shrink(made, walked.moves, fails(made, model.checked()[0]))
            named = [slot.process for slot in made.tables.packing.slots]
            kept.append({named[slot] for slot, choice in best.moves if choice == "go"})
    assert kept
    assert all(each == {"operation 001 unexport", "operation 002 export"} for each in kept)
