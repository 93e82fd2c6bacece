"""A handler or request that fails is told as the model's error: which process, after which request, and why."""

from __future__ import annotations

import signal
from collections.abc import Callable
from typing import Any

import pytest

from sim.core import Become, Cell, Domain, Machine, Read, Request, Stage, Transaction, Value, Write
from sim.core.rules import BrokenRule
from sim.core.timing import Timing
from sim.explore.plain import Plain
from sim.explore.tables import Tables
from sim.explore.watchdog import watched
from sim.timed.driver import TimedDriver
from sim.timed.run import settle

MEMORY = Domain("memory")
CELL = MEMORY.cell("cell")
READ = r"Read\(memory/cell"


class Fails(Request, frozen=True):
    """Cannot be carried out."""

    cell: Cell

    def carry_out(self, tx: Transaction, choice: Value) -> None:
        raise KeyError("gone")


class Spins(Request, frozen=True):
    """Is never carried out to its end."""

    cell: Cell

    def carry_out(self, tx: Transaction, choice: Value) -> None:
        while True:
            pass


class PicksFromSet(Request, frozen=True):
    """Has its choices in no order."""

    cell: Cell

    def choices(self, get: Any) -> Any:
        return {"a", "b"}

    def carry_out(self, tx: Transaction, choice: Value) -> None:
        tx.put(self.cell, choice)


def raises() -> Stage:
    yield Read(CELL)
    raise ValueError("boom")


def is_no_generator() -> Any:
    return None


def yields_text() -> Any:
    yield Read(CELL)
    yield "hello"


def yields_nothing() -> Any:
    yield Read(CELL)
    yield


def becomes_text() -> Any:
    yield Read(CELL)
    return "next"


def becomes_no_generator() -> Any:
    yield Read(CELL)
    return Become(is_no_generator)


def asks(request: Request) -> Callable[[], Stage]:
    def stage() -> Stage:
        yield request
        return None

    return stage


def spins() -> Stage:
    yield Read(CELL)
    while True:
        pass


def searched(stage: Callable[..., Any]) -> None:
    """All that the process can do, by a plain search."""
    machine = Machine()
    machine.put(CELL, 1)
    machine.start(Domain("d"), "it", stage)
    tables = Tables()
    search = Plain(tables)
    search.begin(tables.packing.load(machine))
    search.run()


def driven(stage: Callable[..., Any]) -> None:
    """The process in simulated time."""
    driver = TimedDriver(Timing({}), 0)
    driver.machine.start(Domain("d"), "it", stage)
    driver.run(1000.0)


BROKEN = [
    (raises, rf"after {READ}.*: raises raises ValueError: boom \(in raises, test_broken_handlers.py:\d+\)"),
    (is_no_generator, "before its first request: is_no_generator is no generator"),
    (yields_text, rf"after {READ}.*: yields_text yields 'hello', which is no request"),
    (yields_nothing, rf"after {READ}.*: yields_nothing yields None, which is no request"),
    (becomes_text, rf"after {READ}.*: becomes_text returns 'next'"),
    (becomes_no_generator, rf"after {READ}.*: is_no_generator is no generator"),
    (asks(Fails(CELL)), r"Fails\(memory/cell\): it raises KeyError: 'gone' \(in Fails.carry_out"),
]


@pytest.mark.parametrize(("stage", "told"), BROKEN)
@pytest.mark.parametrize("by", [searched, driven])
def test_what_fails_is_told_with_process_and_request(
    by: Callable[[Any], None], stage: Callable[..., Any], told: str
) -> None:
    with pytest.raises(BrokenRule, match=told) as caught:
        by(stage)
    assert "process d:it" in caught.value.problem
    assert caught.value.accepted


@pytest.mark.parametrize(
    ("request_", "told"),
    [
        (Write(CELL, [1]), r"Write\(memory/cell, \[1\]\): memory/cell is to hold \[1\], which cannot be hashed"),
        (Write(CELL, frozenset("a")), r"Write\(memory/cell, .*whose order differs"),
        (Write(CELL, object()), r"Write\(memory/cell, .*told from others by where it lies in memory"),
        (Write(CELL, float("nan")), r"Write\(memory/cell, nan\): .*does not equal itself"),
        (PicksFromSet(CELL), r"PicksFromSet\(memory/cell\): its choices are a set"),
    ],
)
def test_a_value_that_cannot_be_in_a_world_is_told_with_process_and_request(request_: Request, told: str) -> None:
    with pytest.raises(BrokenRule, match=f"process d:it: {told}") as caught:
        searched(asks(request_))
    assert caught.value.accepted


@pytest.mark.parametrize(
    ("stage", "told"),
    [
        (spins, rf"process d:it, after {READ}.* has not come to its next request .*\(in spins, .*never yields"),
        (asks(Spins(CELL)), r"process d:it: Spins\(memory/cell\): it has not been carried out .*\(in Spins.carry_out"),
    ],
)
def test_what_never_ends_is_told_with_process_and_request(
    stage: Callable[..., Any], told: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sim.explore.exact.watched", lambda who: watched(who, 0.1))
    with pytest.raises(BrokenRule, match=told):
        searched(stage)


@pytest.mark.skipif(not hasattr(signal, "SIGALRM"), reason="no alarms here")
def test_what_never_ends_is_told_before_a_search_begins() -> None:
    """Alarms between which a step was taken are none."""
    taken: list[int] = []
    with watched("d:it", 20.0, lambda: len(taken)):
        for number in range(4):
            taken.append(number)
            signal.raise_signal(signal.SIGALRM)
    told = "d:it has not come to its next request"
    with pytest.raises(BrokenRule, match=told), watched("d:it", 20.0, lambda: len(taken)):
        for _ in range(3):
            signal.raise_signal(signal.SIGALRM)


def test_a_preparation_that_never_ends_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sim.timed.run.watched", lambda who, taken: watched(who, 0.1, taken))
    with pytest.raises(BrokenRule, match=rf"process d:prepare, after {READ}.* has not come to its next request"):
        settle(Endless())


class Endless:
    """A model whose preparation never comes to its second request."""

    scenario = "endless"
    prepare_timing = Timing({})
    users = Domain("d")
    prepare = staticmethod(spins)
