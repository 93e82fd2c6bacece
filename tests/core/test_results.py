"""Of steps that are carried out by their result, a process remembers that alone, and goes on as if it knew the rest."""

from __future__ import annotations

from collections.abc import Generator
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from sim.core import Become, Cell, Domain, Machine, Read, Request, Running, Stage, Write, by_result
from sim.core.machine import resumed
from sim.core.request import Result
from tests.core.audit import Audited

HERE = Domain("here")
CELLS = [HERE.cell(f"cell {number}") for number in range(3)]
Steps = Generator[Request, Any, Any]
Program = list[Any]
"""Of each entry: the number of a cell that is read, or a program that is carried out by its result."""


def carried_out(program: Program) -> Steps:
    """The sum of all that it reads."""
    total = 0
    for entry in program:
        total += (yield from by_result(carried_out(entry))) if isinstance(entry, list) else (yield Read(CELLS[entry]))
    return total


def stage(program: Program) -> Stage:
    total = yield from carried_out(program)
    yield Write(CELLS[0], total)
    yield from by_result(carried_out(program))
    return None


def started(function: object, *args: object, machine: Machine | None = None) -> tuple[Machine, Running]:
    machine = machine or Machine()
    for number, cell in enumerate(CELLS):
        machine.put(cell, 10**number)
    machine.start(HERE, "it", lambda *_: function(*args))  # type: ignore[operator]
    process = machine.process("here", "it")
    assert process is not None
    return machine, process


PROGRAMS = st.recursive(st.integers(0, 2), lambda inner: st.lists(inner, max_size=4), max_leaves=12).map(
    lambda drawn: drawn if isinstance(drawn, list) else [drawn]
)


@settings(max_examples=300, deadline=None)
@given(PROGRAMS)
def test_a_process_made_again_stands_where_it_stood(program: Program) -> None:
    """Blocks within blocks, several that begin at one place, and empty ones."""
    machine, process = started(stage, program)
    while process.alive:
        made = resumed(process.continuation())
        assert made.request == process.request
        assert made.continuation() == process.continuation()
        machine.step(process)


@settings(max_examples=100, deadline=None)
@given(PROGRAMS)
def test_what_is_carried_out_by_its_result_comes_to_the_same(program: Program) -> None:
    machine, process = started(stage, program)
    plain, other = started(stage, _flat(program))
    for each, its in ((machine, process), (plain, other)):
        while its.alive:
            each.step(its)
    assert machine.get(CELLS[0]) == plain.get(CELLS[0])


def _flat(program: Program) -> Program:
    return [cell for entry in program for cell in (_flat(entry) if isinstance(entry, list) else [entry])]


def test_two_ways_to_one_result_stand_at_one_place() -> None:
    """What was read on the way is forgotten; without a block it is not."""
    stands = []
    for first in (1, 2):
        machine, process = started(stage, [[1, 2], 0])
        machine.put(CELLS[1], first)
        machine.put(CELLS[2], 3 - first)
        machine.step(process)
        assert process.responses == [first]
        machine.step(process)
        stands.append(process.responses)
    assert stands[0] == stands[1] == [Result((0, 0), 3)]


def test_a_stage_may_end_with_such_steps() -> None:
    """What was remembered belongs to the stage: the next one knows nothing of it."""

    def goes_on() -> Stage:
        yield from by_result(carried_out([[1], 2]))
        return Become(goes_on, ())

    machine, process = started(goes_on)
    machine.step(process)
    assert process.responses == [Result((0, 1), 10)]
    machine.step(process)
    assert process.responses == []


def keeps_aside(cell: Cell) -> Stage:
    """Breaks the rule: what happens in the steps goes out by another way than their result."""
    aside: list[Any] = []

    def reads() -> Steps:
        aside.append((yield Read(cell)))

    yield from by_result(reads())
    yield Read(CELLS[1])
    yield Write(CELLS[2], tuple(aside))
    return None


def test_steps_that_tell_something_beside_their_result_are_caught_by_the_audit() -> None:
    audited = Audited()
    machine, process = started(keeps_aside, CELLS[0], machine=audited)
    while process.alive:
        machine.step(process)
    assert audited.impure == {"it forgets what it goes by"}
