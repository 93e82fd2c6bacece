"""Small models with a property of one cell, and what a counterexample must be."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sim.core import Await, Become, Cell, Domain, Machine, Read, Stage, Write
from sim.explore.eventually import (
    Eventually,
    Result,
    eventually,
    needed_fairness,
)
from sim.explore.subject import Moves
from sim.explore.tables import Tables
from tests.core.toys import Add, Pick

WORLDS_MAX = 2_000


class Toy:
    """Processes in domains of their own, some cells in storage, and a property of one of them."""

    def __init__(self, good: Callable[[Any], bool] = bool) -> None:
        self.store = Domain("store", volatile=False)
        self.flag = self.store.cell("flag")
        self.other = self.store.cell("other")
        self.machine = Machine(versioned=False)
        self.good = good

    def start(self, name: str, function: Callable[..., Stage], *args: Any) -> Domain:
        domain = Domain(name)
        self.machine.start(domain, "p", function, *args)
        return domain

    def search(self) -> None:
        self.tables = Tables()
        self.begin = self.tables.packing.load(self.machine)
        self.slots = {slot.domain.name: slot.index for slot in self.tables.packing.slots}

    def holds(self, world: int) -> bool:
        return self.good(self.tables.packing.cell(self.flag).value(world))

    def asked(self, *fair: str, worlds_max: int = WORLDS_MAX) -> Eventually:
        self.search()
        asked = {self.slots[name] for name in fair}
        found = eventually(
            self.tables, self.begin, self.holds, fair=lambda slot: slot in asked, worlds_max=worlds_max
        )  # fmt: skip
        check(self, found, asked)
        return found

    def asked_all(self, worlds_max: int = WORLDS_MAX) -> Eventually:
        self.search()
        found = eventually(self.tables, self.begin, self.holds, worlds_max=worlds_max)
        check(self, found, set(self.slots.values()))
        return found

    def needed(self) -> list[str] | None:
        self.search()
        found = needed_fairness(self.tables, self.begin, self.holds, worlds_max=WORLDS_MAX)
        names = {index: name for name, index in self.slots.items()}
        return None if found is None else [names[slot] for slot in found]


def follow(tables: Tables, world: int, moves: Moves) -> list[int]:
    """The worlds of a schedule, from the first on."""
    worlds = [world]
    for slot, choice in moves:
        entry = tables.entry(slot, worlds[-1])
        assert entry is not None
        (outcome,) = [outcome for outcome in entry.outcomes if outcome.choice == choice]
        worlds.append(tables.after(worlds[-1], outcome))
    return worlds


def able(tables: Tables, world: int) -> set[int]:
    entries = {slot.index: tables.entry(slot.index, world) for slot in tables.packing.slots}
    return {index for index, entry in entries.items() if entry is not None and entry.outcomes}


def check(toy: Toy, found: Eventually, fair: set[int]) -> None:
    """A counterexample is one: it can be carried out, is fair, and the property fails at its end or for ever."""
    if found.result is not Result.VIOLATED:
        assert not found.stem and not found.cycle
        return
    first = follow(toy.tables, toy.begin, found.stem)[-1]
    assert not toy.holds(first)
    if not found.cycle:
        assert not able(toy.tables, first)
        return
    worlds = follow(toy.tables, first, found.cycle)
    assert worlds[-1] == first
    stepped = {slot for slot, _ in found.cycle}
    for slot in fair - stepped:
        assert any(slot not in able(toy.tables, world) for world in worlds), f"{slot} is put off for ever"


def put(cell: Cell, *values: Any) -> Stage:
    for value in values:
        yield Write(cell, value)
    return None


def spin(cell: Cell) -> Stage:
    yield Read(cell)
    return Become(spin, (cell,))


def put_again(cell: Cell, *values: Any) -> Stage:
    for value in values:
        yield Write(cell, value)
    return Become(put_again, (cell, *values))


def retry(until: Cell, done: Cell) -> Stage:
    if (yield Read(until)) is None:
        return Become(retry, (until, done))
    yield Write(done, 1)
    return None


def wait(until: Cell, done: Cell) -> Stage:
    yield Await(until)
    yield Write(done, 1)
    return None


def count(cell: Cell, to: int) -> Stage:
    before = yield Add(cell)
    return Become(count, (cell, to)) if before < to else None


def branch(bag: Cell, flag: Cell, item: str) -> Stage:
    """One branch keeps the property for a moment; then both come to the same world and to a loop."""
    picked = yield Pick(bag)
    yield Write(bag, None)
    yield Write(flag, 1 if picked == item else 2)
    yield Write(flag, 2)
    return Become(put_again, (bag, 1, None))
