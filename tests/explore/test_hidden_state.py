"""What two rehearsals in a row cannot show: the order of a set, and what is remembered beside the world."""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from sim.core import Cell, Domain, Machine, Read, Request, Stage, Transaction, Value, Write
from sim.core.rules import BrokenRule
from sim.explore.again import check_again
from sim.explore.plain import Plain
from sim.explore.tables import Tables

MEMORY = Domain("memory")
CELL, OTHER = MEMORY.cell("cell"), MEMORY.cell("other")
NAMES = {"alpha", "beta", "gamma"}
STATE = {"x": 0}
BOX: list[int] = []
MACHINES: list[Machine] = []
KEPT = {"names": NAMES}


def given(names: Any) -> Iterator[str]:
    """Names whose origin no look at code tells."""
    return iter(names)


def in_loop() -> Stage:
    for name in NAMES:
        yield Write(CELL, name)
    return None


def in_loop_of_unknown() -> Stage:
    for number, name in enumerate(given(KEPT["names"])):
        yield Write(CELL, (number, name))
    return None


def in_zip_of_unknown() -> Stage:
    for pair in zip(given(KEPT["names"]), (1, 2, 3), strict=True):
        yield Write(CELL, pair)
    return None


def by_another_generator() -> Stage:
    yield from (Write(CELL, name) for name in given(KEPT["names"]))
    return None


def picks_first() -> Stage:
    yield Write(CELL, next(iter(frozenset(("a", "b")))))
    return None


def lists() -> Stage:
    names = {"a", "b"} | {"c"}
    yield Write(CELL, tuple(names))
    return None


def comprehends() -> Stage:
    yield Write(CELL, tuple(name.upper() for name in NAMES))
    return None


def unpacks() -> Stage:
    yield Write(CELL, (*NAMES, "z"))
    return None


def helps() -> str:
    return ", ".join(NAMES)


def asks_a_helper() -> Stage:
    yield Write(CELL, helps())
    return None


def by_address() -> Stage:
    yield Write(CELL, id(CELL) % 7)
    return None


class Component:
    """A component that remembers something of its own."""

    def __init__(self) -> None:
        self.seen: list[int] = []
        self.names = frozenset(("a", "b"))
        self.count = 0

    def __repr__(self) -> str:
        return "component"

    def appends(self) -> Stage:
        yield Read(CELL)
        self.seen.append(1)
        return None

    def counts(self) -> Stage:
        yield Read(CELL)
        self.count += 1
        return None

    def goes_through(self) -> Stage:
        for name in self.names:
            yield Write(CELL, name)
        return None


class ToSet(Request, frozen=True):
    """Writes a set in whatever order."""

    cell: Cell

    def carry_out(self, tx: Transaction, choice: Value) -> None:
        tx.put(self.cell, tuple({"a", "b", "c"}))


class Peeks(Request, frozen=True):
    """Answers by a machine that it happens to know."""

    cell: Cell

    def carry_out(self, tx: Transaction, choice: Value) -> Any:
        return MACHINES[0].get(self.cell)


def asks(request: Request) -> Callable[[], Stage]:
    def stage() -> Stage:
        yield request
        return None

    return stage


def peeks() -> Stage:
    yield Read(OTHER)
    yield Write(CELL, MACHINES[0].get(CELL))
    return None


def sets() -> Stage:
    yield Write(OTHER, 1)
    STATE["x"] = 1
    yield Write(OTHER, 2)
    return None


def appends() -> Stage:
    yield Read(OTHER)
    BOX.append(1)
    return None


def counts_globally() -> Stage:
    global COUNT  # noqa: PLW0603
    yield Read(OTHER)
    COUNT = 1
    return None


COUNT = 0


def searched(*stages: Callable[..., Any]) -> Plain:
    """All that the processes can do, by a plain search."""
    machine = Machine()
    machine.put(CELL, 0)
    machine.put(OTHER, 0)
    for number, stage in enumerate(stages):
        machine.start(Domain(f"d{number}"), "it", stage)
    MACHINES[:] = [machine]
    tables = Tables()
    search = Plain(tables)
    search.begin(tables.packing.load(machine))
    search.run()
    return search


SET = "goes through a set, whose order differs"
REMEMBERS = "which is no part of the world"


@pytest.mark.parametrize(
    ("stage", "cause"),
    [
        (in_loop, rf"in_loop \(test_hidden_state.py:\d+\) {SET}"),
        (in_loop_of_unknown, rf"in_loop_of_unknown \(.*\) {SET}"),
        (in_zip_of_unknown, rf"in_zip_of_unknown \(.*\) {SET}"),
        (by_another_generator, SET),
        (picks_first, rf"picks_first \(.*\) {SET}"),
        (lists, rf"lists \(.*\) {SET}"),
        (comprehends, rf"comprehends \(.*\) {SET}"),
        (unpacks, rf"unpacks \(.*\) {SET}"),
        (asks_a_helper, rf"helps \(.*\) {SET}"),
        (Component().goes_through, rf"Component.goes_through \(.*\) {SET}"),
        (asks(ToSet(CELL)), rf"ToSet\(memory/cell\): ToSet.carry_out \(.*\) {SET}"),
        (by_address, r"by_address \(.*\) asks for id\(...\), which differs from process to process"),
        (sets, rf"sets \(test_hidden_state.py:\d+\) changes STATE\['x'\], {REMEMBERS}"),
        (appends, rf"appends \(.*\) changes BOX, {REMEMBERS}"),
        (counts_globally, rf"counts_globally \(.*\) changes COUNT, {REMEMBERS}"),
        (Component().appends, rf"Component.appends \(.*\) changes self.seen, {REMEMBERS}"),
        (Component().counts, rf"Component.counts \(.*\) changes self.count, {REMEMBERS}"),
        (peeks, r"peeks \(.*\) looks at a machine by MACHINES"),
        (asks(Peeks(CELL)), r"Peeks\(memory/cell\): Peeks.carry_out \(.*\) looks at a machine by MACHINES"),
    ],
)
def test_what_does_not_show_in_two_rehearsals_is_told(stage: Callable[..., Any], cause: str) -> None:
    with pytest.raises(BrokenRule, match=cause) as caught:
        searched(stage)
    assert "process d0:it" in caught.value.problem
    assert "(memory/" in caught.value.problem
    assert caught.value.accepted


def sorts() -> Stage:
    """Sets whose order does not matter."""
    names = {"b", "a"}
    yield Write(CELL, tuple(sorted(name.upper() for name in NAMES | names)))
    found = yield Read(CELL)
    local: list[str] = []
    local.append(found[0])
    yield Write(CELL, (len(names), "a" in names, max(names), all(name for name in names), *local))
    for name in sorted({*NAMES, *names}):
        yield Write(CELL, name)
    return None


def test_a_set_whose_order_does_not_matter_is_no_fault() -> None:
    assert searched(sorts).worlds == 9


def sets_slyly() -> Stage:
    for number in range(3):
        yield Write(OTHER, number)
    operator.setitem(STATE, "x", 1)
    yield Write(OTHER, 3)
    return None


def gets() -> Stage:
    yield Read(OTHER)
    yield Write(CELL, STATE["x"])
    return None


class Gets(Request, frozen=True):
    """Answers what is no part of the world."""

    def carry_out(self, tx: Transaction, choice: Value) -> int:
        return STATE["x"]


@pytest.mark.parametrize(
    ("reader", "told"),
    [
        (
            gets,
            r"process d0:it asked for Write\(memory/cell, 0\) and asks, .* for Write\(memory/cell, 1\)",
        ),
        (
            asks(Gets()),
            r"process d0:it: Gets\(\), carried out again in one world after other steps",
        ),
    ],
)
def test_what_another_process_changed_is_seen_when_steps_are_learned_again(
    reader: Callable[..., Any], told: str
) -> None:
    """Whoever reads it is learned before it changes, and would have been learned otherwise after."""
    STATE["x"] = 0
    search = searched(reader, sets_slyly)
    assert STATE["x"] == 1
    with pytest.raises(BrokenRule, match=told):
        check_again(search.tables, search.exact)


def test_what_keeps_the_rules_is_learned_again_just_so() -> None:
    search = searched(sorts)
    check_again(search.tables, search.exact)
