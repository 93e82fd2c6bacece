"""Building blocks of the tests of the language: requests over counters, and three processes that race."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from sim.core import Become, Cell, Channel, Domain, Get, Machine, Read, Request, Stage, Transaction, Value, Write


class Add(Request, frozen=True):
    """Add to a counter; returns what it held."""

    cell: Cell
    by: int = 1

    def cells(self, get: Get, choice: Value) -> Iterable[Cell]:
        return (self.cell,)

    def carry_out(self, tx: Transaction, choice: Value) -> int:
        before: int = tx.get(self.cell) or 0
        tx.put(self.cell, before + self.by)
        return before


class Pick(Request, frozen=True):
    """Take any one item of a cell that holds a tuple: one choice for each."""

    cell: Cell

    def cells(self, get: Get, choice: Value) -> Iterable[Cell]:
        return (self.cell,)

    def ready(self, get: Get) -> bool:
        return bool(get(self.cell))

    def choices(self, get: Get) -> Sequence[Value]:
        items: tuple[Value, ...] = get(self.cell)
        return items

    def carry_out(self, tx: Transaction, choice: Value) -> Value:
        tx.put(self.cell, tuple(item for item in tx.get(self.cell) if item != choice))
        return choice


class Send(Request, frozen=True):
    """Put an item into a channel."""

    channel: Channel
    item: Any

    def cells(self, get: Get, choice: Value) -> Iterable[Cell]:
        return (self.channel,)

    def carry_out(self, tx: Transaction, choice: Value) -> None:
        tx.append(self.channel, self.item)


class Fate(Request, frozen=True):
    """Kill, freeze or thaw a domain."""

    verb: str
    domain: Domain

    def cells(self, get: Get, choice: Value) -> Iterable[Cell]:
        return self.domain.cells

    def carry_out(self, tx: Transaction, choice: Value) -> None:
        getattr(tx, self.verb)(self.domain)


class Stop(Request, frozen=True):
    """Stop one process of a domain."""

    domain: Domain
    name: str

    def carry_out(self, tx: Transaction, choice: Value) -> None:
        tx.stop(self.domain, self.name)


class Race:
    """Three processes that read, change and pick from the same cells, for a few rounds."""

    def __init__(self) -> None:
        self.memory = Domain("memory")
        self.total = self.memory.cell("total")
        self.bag = self.memory.cell("bag")
        self.racers = [Domain(name) for name in ("ann", "bob", "cid")]

    def __repr__(self) -> str:
        return "race"

    def machine(self) -> Machine:
        """The beginning: a full bag, and all three racers at their start."""
        machine = Machine()
        machine.put(self.bag, ("x", "y", "z"))
        for domain in self.racers:
            machine.start(domain, "race", race, self, domain.cell("lap"), 0)
        return machine


def race(toy: Race, lap: Cell, laps: int) -> Stage:
    """A lap: what was read first is written later, so that the order of the racers matters."""
    total = yield Read(toy.total)
    yield Add(lap)
    item = yield Pick(toy.bag)
    yield Write(toy.total, (total or 0) + ord(item))
    yield Write(toy.bag, ("x", "y", "z")[: laps % 3 + 1])
    return Become(race, (toy, lap, laps + 1)) if laps < 3 else None


def walk(machine: Machine, choices: Iterable[int]) -> list[tuple[str, str, Value]]:
    """Take the steps that the numbers choose among those that can be taken; returns the schedule."""
    taken = []
    for number in choices:
        able = machine.enabled()
        if not able:
            break
        process, choice = able[number % len(able)]
        taken.append((process.domain.name, process.name, choice))
        machine.step(process, choice)
    return taken
