"""A process is where it stands: its stage, the arguments of the stage, and the responses since the stage began."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sim.core import Become, Cell, Domain, Machine, Read, Request, Running, Stage, Start, Transaction, Value, Write
from tests.core.toys import Add, Race, walk

HERE = Domain("here")
A, B = HERE.cell("a"), HERE.cell("b")


def copier(source: Cell, target: Cell) -> Stage:
    value = yield Read(source)
    yield Write(target, value)
    return Become(copier, (target, source))


def started(function: object, *args: object) -> tuple[Machine, Running]:
    machine = Machine()
    machine.put(A, 7)
    machine.start(HERE, "it", function, *args)  # type: ignore[arg-type]
    process = machine.process("here", "it")
    assert process is not None
    return machine, process


def test_a_continuation_is_the_stage_its_arguments_and_the_responses() -> None:
    """Responses add up within a stage, in the order in which they came."""
    machine, process = started(copier, A, B)
    assert process.continuation().responses == ()
    machine.step(process)
    where = process.continuation()
    assert (where.function, where.args, where.responses) == (copier, (A, B), (7,))


def test_become_forgets_what_was_told_before() -> None:
    """After a tail call only the new arguments are left."""
    machine, process = started(copier, A, B)
    machine.step(process)
    machine.step(process)
    where = process.continuation()
    assert (where.function, where.args, where.responses) == (copier, (B, A), ())


def test_stages_with_equal_responses_are_equal_values() -> None:
    """Two processes that were told the same stand at the same place, whatever they lived through before."""
    machine, process = started(copier, A, B)
    for _ in range(4):
        machine.step(process)
    _, fresh = started(copier, A, B)
    assert process.continuation() == fresh.continuation()


def test_a_stage_that_ends_at_once_makes_way_for_the_next() -> None:
    """Stages without a request are passed through; a process without any never runs."""

    def through(times: int) -> Stage:
        if times:
            return Become(through, (times - 1,))
        return (yield Read(A)) and None

    def nothing() -> Stage:
        return None
        yield

    _, process = started(through, 5)
    assert process.continuation().args == (0,)
    machine = Machine()
    machine.start(HERE, "it", nothing)
    assert machine.process("here", "it") is None


def test_a_process_that_has_ended_is_forgotten_and_its_name_is_free() -> None:
    """The name can be started again; while it runs it cannot."""

    def once() -> Stage:
        yield Add(A)
        return None

    machine, process = started(once)
    with pytest.raises(AssertionError, match="running already"):
        machine.start(HERE, "it", once)
    machine.step(process)
    assert not machine.is_running(HERE, "it")
    machine.start(HERE, "it", once)
    assert machine.get(A) == 8


def test_a_started_process_is_at_its_first_request() -> None:
    """Start runs the new process up to its first request, and takes no step of it."""

    def parent() -> Stage:
        yield Start(HERE, "child", copier, (A, B))
        return None

    machine, process = started(parent)
    machine.step(process)
    child = machine.process("here", "child")
    assert child is not None
    assert child.request == Read(A)
    assert machine.get(B) is None


def test_a_request_that_loops_leaves_the_continuation_as_it_was() -> None:
    """A loop around one request makes no new worlds until the response that ends it."""

    class Count(Request, frozen=True):
        loops = True

        def repeats(self, response: int) -> bool:
            return response < 9

        def carry_out(self, tx: Transaction, choice: Value) -> int:
            tx.put(A, tx.get(A) + 1)
            return int(tx.get(A))

    def loop() -> Stage:
        last = yield Count()
        yield Write(B, last)
        return None

    machine, process = started(loop)
    machine.step(process)
    assert process.continuation().responses == ()
    machine.step(process)
    assert process.continuation().responses == (9,)
    assert process.request == Write(B, 9)


@settings(deadline=None)
@given(st.lists(st.integers(0, 8), max_size=30), st.lists(st.integers(0, 8), max_size=30))
def test_a_world_taken_in_the_middle_goes_on_exactly_alike(before: list[int], after: list[int]) -> None:
    """Frozen into a world at any step and loaded elsewhere, a run has the same steps to take and the same end."""
    machine = Race().machine()
    walk(machine, before)
    other = Machine()
    other.load(machine.world())
    assert other.world() == machine.world()
    assert walk(other, after) == walk(machine, after)
    assert other.world() == machine.world()
    assert other.world().digest() == machine.world().digest()


@settings(deadline=None)
@given(st.lists(st.integers(0, 8), max_size=30))
def test_the_steps_that_can_be_taken_depend_on_the_world_alone(choices: list[int]) -> None:
    """Whichever machine asks: same world, same steps, same order."""
    toy = Race()
    machine = toy.machine()
    walk(machine, choices)
    other = Machine()
    other.load(machine.world())
    names = [[(str(process), choice) for process, choice in it.enabled()] for it in (machine, other)]
    assert names[0] == names[1]
