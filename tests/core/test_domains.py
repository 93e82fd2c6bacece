"""Domains live, freeze and die together; memory goes with them, storage stays."""

from __future__ import annotations

import pytest

from sim.core import Channel, Domain, Machine, Observer, Running, Stage, Take, Value, Write, reset
from sim.core.cell import Cell
from tests.core.toys import Add, Fate, Send, Stop, walk

POD, DISK, OTHER = Domain("pod"), Domain("disk", volatile=False), Domain("other")
MEMORY, STORED, ELSEWHERE = POD.cell("memory"), DISK.cell("stored"), OTHER.cell("elsewhere")


class Heard(Observer):
    """Writes down what the machine tells."""

    def __init__(self) -> None:
        self.said: list[str] = []

    def started(self, process: Running) -> None:
        self.said.append(f"started {process}")

    def stopped(self, process: Running) -> None:
        self.said.append(f"stopped {process}")

    def wiped(self, domain: Domain) -> None:
        self.said.append(f"wiped {domain.name}")

    def froze(self, domain: Domain) -> None:
        self.said.append(f"froze {domain.name}")

    def thawed(self, domain: Domain) -> None:
        self.said.append(f"thawed {domain.name}")

    def changed(self, cell: Cell) -> None:
        self.said.append(f"changed {cell.name}")


def count(cell: Cell) -> Stage:
    while True:
        yield Add(cell)


def machine() -> tuple[Machine, Heard]:
    heard = Heard()
    made = Machine(heard)
    for cell in (MEMORY, STORED, ELSEWHERE):
        made.put(cell, 1)
    made.start(POD, "one", count, MEMORY)
    made.start(POD, "two", count, ELSEWHERE)
    made.start(OTHER, "three", count, ELSEWHERE)
    heard.said.clear()
    return made, heard


def test_killing_ends_the_processes_and_wipes_the_memory_of_one_domain_only() -> None:
    """What runs in other domains goes on, and what was written elsewhere stays."""
    made, heard = machine()
    made.kill(POD)
    assert made.get(MEMORY) is None
    assert made.get(ELSEWHERE) == 1
    assert [str(process) for process in made.running()] == ["other:three"]
    assert heard.said == ["stopped pod:one", "stopped pod:two", "wiped pod"]


def test_killing_a_domain_that_is_not_volatile_keeps_its_cells() -> None:
    """Storage survives the process that served it."""
    made, _ = machine()
    made.start(DISK, "server", count, STORED)
    made.kill(DISK)
    assert made.get(STORED) == 1
    assert not made.is_running(DISK, "server")


def test_wiped_cells_are_heard_of_in_the_order_of_their_names() -> None:
    """Only the watched ones, and no matter in which order they were made."""
    made, heard = machine()
    names = ("c", "a", "b", "unwatched")
    for name in names:
        made.put(POD.cell(name), 1)
    made.watched.update((POD.cell(name), []) for name in names[:3])
    heard.said.clear()
    made.kill(POD)
    assert [line for line in heard.said if "changed" in line] == ["changed pod/a", "changed pod/b", "changed pod/c"]


def test_a_frozen_domain_takes_no_step_and_keeps_everything() -> None:
    """Freezing is not a change of cells; thawing goes on where it stood."""
    made, heard = machine()
    before = [process.continuation() for process in made.running()]
    made.freeze(POD)
    assert [str(process) for process, _ in made.enabled()] == ["other:three"]
    assert made.get(MEMORY) == 1
    made.thaw(POD)
    assert [process.continuation() for process in made.running()] == before
    assert len(made.enabled()) == 3
    assert heard.said == ["froze pod", "thawed pod"]


def test_freezing_twice_is_freezing_once() -> None:
    """As with a control group's freezer, the first thaw ends it."""
    made, heard = machine()
    for verb in (made.freeze, made.freeze, made.thaw, made.thaw):
        verb(POD)
    assert len(made.enabled()) == 3
    assert heard.said == ["froze pod", "thawed pod"]


def test_killing_ends_a_freeze() -> None:
    """What starts afterwards in the domain runs, and a thaw that comes late does nothing."""
    made, heard = machine()
    made.freeze(POD)
    made.kill(POD)
    made.start(POD, "anew", count, MEMORY)
    assert [str(process) for process, _ in made.enabled()] == ["other:three", "pod:anew"]
    heard.said.clear()
    made.thaw(POD)
    assert heard.said == []


def test_what_starts_in_a_frozen_domain_waits() -> None:
    """Freezing holds for the domain, not for the processes that it found there."""
    made, _ = machine()
    made.freeze(POD)
    made.start(POD, "late", count, MEMORY)
    assert [str(process) for process, _ in made.enabled()] == ["other:three"]


def test_a_process_that_kills_its_own_domain_takes_no_further_step() -> None:
    """The step that kills is the last; its response reaches nobody."""

    def suicide() -> Stage:
        yield Fate("kill", POD)
        yield Write(ELSEWHERE, "never")
        return None

    made, _ = machine()
    made.start(POD, "suicide", suicide)
    process = made.process("pod", "suicide")
    assert process is not None
    made.step(process)
    assert not process.alive
    assert [str(running) for running in made.running()] == ["other:three"]
    assert made.get(ELSEWHERE) == 1


def test_stopping_ends_one_process_and_no_other() -> None:
    """Its memory stays, and stopping what does not run does nothing."""
    made, heard = machine()
    made.start(OTHER, "stopper", _stop_twice)
    walk(made, [0, 0])
    assert heard.said == ["started other:stopper", "stopped pod:one"]
    assert made.get(MEMORY) == 1


def _stop_twice() -> Stage:
    yield Stop(POD, "one")
    yield Stop(POD, "one")
    return None


@pytest.mark.parametrize("keyed", [True, False])
def test_channels_are_taken_by_key_or_in_order(keyed: bool) -> None:
    """A keyed channel holds an item once and offers each; another keeps every item and offers the first."""
    domain = Domain("d")
    channel = Channel("c", domain, "wait", keyed=keyed)
    made = Machine()
    made.start(domain, "fill", _fill, channel, "aba")
    walk(made, [0, 0, 0])
    assert made.get(channel) == (("a", "b") if keyed else ("a", "b", "a"))
    made.start(domain, "take", _take, channel)
    choices: list[Value] = [choice for _, choice in made.enabled()]
    assert choices == (["a", "b"] if keyed else [None])
    process = made.process("d", "take")
    assert process is not None
    assert made.step(process, choices[-1]) == ("b" if keyed else "a")
    reset(made, channel, is_open=False)
    assert made.get(channel) is None


def _fill(channel: Channel, items: str) -> Stage:
    for item in items:
        yield Send(channel, item)
    return None


def _take(channel: Channel) -> Stage:
    while True:
        yield Take(channel)
