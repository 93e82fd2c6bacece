"""A model that breaks the rules is told so, with the process, the request and the likely cause."""

from __future__ import annotations

import signal
from collections.abc import Callable
from itertools import count
from typing import Any

import pytest

from sim.core import Cell, Domain, Machine, Read, Request, Stage, Transaction, Value, Write
from sim.explore.errors import BrokenRule
from sim.explore.tables import Tables
from sim.explore.watchdog import watched

NUMBERS = count()
MEMORY = Domain("memory")
CELL = MEMORY.cell("cell")


class Counts(Request, frozen=True):
    """Answers something else each time."""

    cell: Cell

    def carry_out(self, tx: Transaction, choice: Value) -> int:
        return next(NUMBERS)


class Lists(Request, frozen=True):
    """Answers with a list, which cannot be part of a world."""

    cell: Cell

    def carry_out(self, tx: Transaction, choice: Value) -> list[int]:
        return [1]


class Differs(Request, frozen=True):
    """Writes, starts or kills something else each time."""

    verb: str

    def carry_out(self, tx: Transaction, choice: Value) -> None:
        number = next(NUMBERS)
        if self.verb == "writes":
            tx.put(CELL, number)
        elif self.verb == "starts":
            tx.start(MEMORY, "child", counts_to, number)
        elif number % 2:
            tx.kill(MEMORY)


def counts_to(_number: int) -> Stage:
    yield Read(CELL)
    return None


def differs(verb: str) -> Callable[[], Stage]:
    def stage() -> Stage:
        yield Differs(verb)
        return None

    return stage


def counts() -> Stage:
    yield Counts(CELL)
    return None


def lists() -> Stage:
    yield Lists(CELL)
    return None


def looks() -> Stage:
    """Looks at a counter that is not in the world."""
    yield Write(CELL, next(NUMBERS) + 1)
    return None


def writes(value: Any) -> Callable[[], Stage]:
    def stage() -> Stage:
        yield Read(CELL)
        yield Write(CELL, value)
        return None

    return stage


def learned(stage: Callable[..., Stage], *values: Any) -> Tables:
    """Everything that the process can do."""
    machine = Machine()
    for value in values:
        machine.put(CELL, value)
    machine.start(Domain("d"), "it", stage)
    tables = Tables()
    worlds = [tables.packing.load(machine)]
    while worlds:
        world = worlds.pop()
        entry = tables.entry(0, world)
        worlds += [tables.after(world, outcome) for outcome in entry.outcomes] if entry is not None else []
    return tables


@pytest.mark.parametrize(
    ("stage", "cause"),
    [
        (counts, "depends on something besides the world"),
        (differs("writes"), "depends on something besides the world"),
        (differs("starts"), "depends on something besides the world"),
        (differs("kills"), "depends on something besides the world"),
        (lists, "cannot be hashed"),
        (looks, "looks at something that it did not request"),
        (writes([1, 2]), "cannot be hashed"),
        (writes(frozenset({"a", "b"})), "whose order differs from process to process"),
        (writes(("x", frozenset({"a"}))), "whose order differs from process to process"),
    ],
)
def test_a_broken_rule_is_told_with_its_cause(stage: Callable[..., Stage], cause: str) -> None:
    with pytest.raises(BrokenRule, match=cause) as caught:
        learned(stage)
    assert "d:it" in str(caught.value) or "memory/cell" in str(caught.value)
    assert caught.value.accepted


def test_values_that_are_equal_but_not_the_same_are_told() -> None:
    with pytest.raises(BrokenRule, match="equal but not the same"):
        learned(writes(True), 1)


def test_a_handler_that_never_yields_is_told() -> None:
    with pytest.raises(BrokenRule, match="never yields"), watched("d:it", 0.05):
        while True:
            pass


@pytest.mark.skipif(not hasattr(signal, "SIGALRM"), reason="no alarms here")
def test_a_search_that_was_stopped_for_a_while_goes_on() -> None:
    """As it goes on there is one alarm, however long it stood still."""
    with watched("d:it", 20.0):
        signal.raise_signal(signal.SIGALRM)
    with pytest.raises(BrokenRule, match="never yields"), watched("d:it", 20.0):
        signal.raise_signal(signal.SIGALRM)
        signal.raise_signal(signal.SIGALRM)


def test_a_model_that_keeps_the_rules_is_learned() -> None:
    assert learned(writes(("a", 1))).learner.learned == 2
