"""Small models of which a search without reduction can get something wrong, and what its tests share."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest

from sim.core import (
    Become,
    Call,
    Cell,
    Domain,
    Get,
    Link,
    Machine,
    Read,
    Stage,
    Start,
    Transaction,
    Value,
    World,
    Write,
)
from sim.explore import groups, plain
from sim.explore.packing import Packing
from sim.explore.plain import Plain
from sim.explore.tables import Tables
from tests.core.toys import Add, Fate
from tests.explore.two_phase_commit import TwoPhase


def both_count() -> Machine:
    """Two counters of one cell, each at another continuation every time: its field gets more bits on the way."""
    machine, memory = Machine(), Domain("memory")
    for name in ("left", "right"):
        machine.start(Domain(name), "count", count, memory.cell("total"), 4)
    return machine


def count(cell: Cell, times: int) -> Stage:
    for _ in range(times):
        yield Add(cell)
    return None


def starts() -> Machine:
    """A process that starts others, which come up during the search, and waits for nothing."""
    machine, memory = Machine(), Domain("memory")
    machine.start(Domain("parent"), "start", start, Domain("child"), memory.cell("total"), 4)
    machine.start(Domain("other"), "count", count, memory.cell("total"), 2)
    return machine


def start(domain: Domain, cell: Cell, more: int) -> Stage:
    yield Start(domain, f"child {more}", count, (cell, 1))
    return Become(start, (domain, cell, more - 1)) if more else None


def kills() -> Machine:
    """A domain that counts in its memory and on a disk, is killed at any moment, and starts again twice."""
    machine, pod, disk = Machine(), Domain("pod"), Domain("disk", volatile=False)
    machine.put(disk.cell("stored"), 1)
    machine.start(pod, "one", forever, pod.cell("memory"))
    machine.start(pod, "two", count, disk.cell("stored"), 2)
    machine.start(Domain("host"), "kill", kill, pod, 2)
    return machine


def forever(cell: Cell) -> Stage:
    """Counts to three and begins again, so that there is always something to do."""
    before = yield Add(cell)
    if before == 2:
        yield Write(cell, None)
    return Become(forever, (cell,))


def kill(pod: Domain, more: int) -> Stage:
    yield Fate("kill", pod)
    yield Start(pod, "one", forever, (pod.cell("memory"),))
    return Become(kill, (pod, more - 1)) if more else None


def freezes() -> Machine:
    """A domain that counts, calls and starts others, and is frozen twice by a process that comes last."""
    machine, pod = Machine(), Domain("pod")
    machine.put(pod.cell("memory"), 0)
    machine.start(pod, "call", calls, Link("a", pod, "there", "back"), pod.cell("memory"), 2)
    machine.start(pod, "start", start, pod, pod.cell("memory"), 1)
    machine.start(Domain("zone"), "freeze", freeze, pod)
    return machine


class Note(Call, frozen=True):
    """Write to a cell over a link."""

    cell: Cell
    value: int

    def cells(self, get: Get, choice: Value) -> tuple[Cell, ...]:
        return (self.cell,)

    def carry_out(self, tx: Transaction, choice: Value) -> None:
        tx.put(self.cell, self.value)


def calls(link: Link, cell: Cell, times: int) -> Stage:
    for number in range(times):
        before = yield Read(cell)
        yield Note(link, cell, (before or 0) + number)
    return None


def freeze(pod: Domain) -> Stage:
    yield Write(pod.cell("warned"), True)
    for verb in ("freeze", "freeze", "thaw", "freeze"):
        yield Fate(verb, pod)
    return None


def kills_last() -> Machine:
    """Processes that write to a disk each, and one that comes last and kills them, having read nothing."""
    machine, pod, disk = Machine(), Domain("pod"), Domain("disk", volatile=False)
    for name in ("one", "two", "three"):
        machine.start(pod, name, count, disk.cell(name), 2)
    machine.start(Domain("zone"), "kill", kill_once, pod)
    return machine


def kill_once(pod: Domain) -> Stage:
    yield Fate("kill", pod)
    return None


def climbs() -> Machine:
    """A process with more places than its field has bits for at first, which looks at another cell in each: it goes on
    if the cell is there in the first round, in the next if it is not, and so on, so that it cannot go on too soon.
    """
    machine, memory = Machine(), Domain("memory")
    rungs = tuple(memory.cell(f"rung {number}") for number in range(RUNGS))
    for rung in rungs:
        machine.start(Domain(f"toggles {rung.name}"), "toggle", toggle, rung, 1)
    machine.start(Domain("climber"), "climb", climb, rungs, 0)
    return machine


def toggle(cell: Cell, value: int | None) -> Stage:
    yield Write(cell, value)
    return Become(toggle, (cell, None if value else 1))


def climb(rungs: tuple[Cell, ...], at: int) -> Stage:
    is_there = (yield Read(rungs[at % len(rungs)])) is not None
    goes_on = is_there == (at // len(rungs) % 2 == 0)
    return Become(climb, (rungs, at + goes_on)) if at < PLACES else None


def reads_before() -> Machine:
    """Processes of which the first reads what the second writes, but not the other way round."""
    machine, memory = Machine(), Domain("memory")
    cell = memory.cell("news")
    machine.start(Domain("a reader"), "read", read_often, cell)
    machine.start(Domain("b writer"), "write", write_often, cell)
    return machine


def read_often(cell: Cell) -> Stage:
    for _ in range(4):
        yield Read(cell)
    return None


def write_often(cell: Cell) -> Stage:
    for value in range(1, 5):
        yield Write(cell, value)
    return None


RUNGS = 5
PLACES = 18
MODELS: list[Callable[[], Machine]] = [both_count, starts, kills, kills_last, climbs, reads_before, TwoPhase(2).machine]


def searched(make: Callable[[], Machine], depth_max: int = 0) -> Plain:
    tables = Tables()
    search = Plain(tables)
    search.begin(tables.packing.load(make()))
    search.run(depth_max)
    return search


TUNABLE = ("KEYS_MAX", "CHUNK", "LOOKS", "GROW")


@contextmanager
def tuned(tuning: dict[str, int]) -> Iterator[None]:
    """Search with other sizes of groups and chunks, and other moments of grouping."""
    with pytest.MonkeyPatch.context() as patch:
        for name, value in tuning.items():
            patch.setattr(groups if name == "KEYS_MAX" else plain, name, value)
        yield


def text(packing: Packing, world: int) -> str:
    """The world in words; which calls of a frozen domain are on their way is a cell of it."""
    cells = [(cell, field.value(world)) for cell, field in packing.cells.items() if field.number(world)]
    processes = [slot.value(world) for slot in packing.slots if slot.number(world)]
    return World(
        tuple(sorted(cells, key=lambda item: item[0].name)),
        tuple(sorted(processes, key=lambda c: (c.domain.name, c.name))),
    ).text()
