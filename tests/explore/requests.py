"""Requests of the random models that the language itself does not have."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

import msgspec

from sim.core import Call, Cell, Channel, Get, Request, Transaction, Value, list_end, list_start

if TYPE_CHECKING:
    from tests.explore.programs import Lab


END = 2
"""The item after which a stream takes none that is offered."""


class Only(msgspec.Struct, frozen=True):
    """One bit of a small number."""

    bit: int

    def __call__(self, value: Any) -> int:
        return int(value or 0) & self.bit


class SetBit(msgspec.Struct, frozen=True):
    """The number with the bit set or cleared."""

    bit: int
    on: bool

    def __call__(self, value: Any) -> Any:
        number = int(value or 0)
        return (number | self.bit if self.on else number & ~self.bit) or None


class SetPart(Request, frozen=True):
    """Set or clear one bit of a number and leave the others alone."""

    cell: Cell
    bit: int
    on: int

    def cells(self, get: Get, choice: Value) -> Iterable[Cell]:
        return (self.cell,)

    def carry_out(self, tx: Transaction, choice: Value) -> None:
        tx.change(self.cell, Only(self.bit), SetBit(self.bit, bool(self.on)))


class Bump(Request, frozen=True):
    """Count up to two; no write beyond."""

    cell: Cell

    def cells(self, get: Get, choice: Value) -> Iterable[Cell]:
        return (self.cell,)

    def carry_out(self, tx: Transaction, choice: Value) -> int:
        before: int = tx.get(self.cell) or 0
        if before < 2:
            tx.put(self.cell, before + 1)
        return before


class StartProgram(Request, frozen=True):
    """Start a spare program in the second domain, unless it runs."""

    lab: Lab
    number: int

    def cells(self, get: Get, choice: Value) -> Iterable[Cell]:
        return ()

    def carry_out(self, tx: Transaction, choice: Value) -> bool:
        from tests.explore.programs import run

        domain, name = self.lab.domains[1], f"spare{self.number}"
        if tx.is_running(domain, name):
            return False
        tx.start(domain, name, run, self.lab, self.lab.spare[self.number])
        return True


class StopProgram(Request, frozen=True):
    """Stop a spare program if it runs."""

    lab: Lab
    number: int

    def cells(self, get: Get, choice: Value) -> Iterable[Cell]:
        return ()

    def carry_out(self, tx: Transaction, choice: Value) -> None:
        domain, name = self.lab.domains[1], f"spare{self.number}"
        if tx.is_running(domain, name):
            tx.stop(domain, name)


class Post(Request, frozen=True):
    """Write a cell and tell of it in a channel, in one step, as an API server does."""

    cell: Cell
    value: Value
    channel: Channel
    item: Value

    def cells(self, get: Get, choice: Value) -> Iterable[Cell]:
        return (self.cell, self.channel)

    def carry_out(self, tx: Transaction, choice: Value) -> None:
        tx.put(self.cell, self.value)
        tx.append(self.channel, self.item)


def head_of(items: tuple[int, ...] | None) -> int | None:
    """The first item of a list."""
    return items[0] if items else None


class OfList(Request, frozen=True):
    """A request on a list, and on the queue in which a key stands for it."""

    cell: Cell
    queue: Channel
    key: str

    def cells(self, get: Get, choice: Value) -> Iterable[Cell]:
        return (self.cell, self.queue)


class Keep(OfList, frozen=True):
    """Add an item to the end of a list and queue its key, as an informer does."""

    item: int

    def carry_out(self, tx: Transaction, choice: Value) -> None:
        tx.change(self.cell, list_end, lambda items: (*(items or ()), self.item))
        tx.append(self.queue, self.key)


class Drop(OfList, frozen=True):
    """Remove the first item of a list, and queue the key again if items are left, as a worker does."""

    def carry_out(self, tx: Transaction, choice: Value) -> None:
        _, rest = tx.change(self.cell, list_start, lambda items: (items or ())[1:] or None)
        if rest:
            tx.append(self.queue, self.key)


class Offer(Request, frozen=True):
    """Put an item into a stream unless it is shut, or ``END`` has come."""

    channel: Channel
    item: Value

    def cells(self, get: Get, choice: Value) -> Iterable[Cell]:
        return (self.channel,)

    def carry_out(self, tx: Transaction, choice: Value) -> None:
        tx.offer(self.channel, self.item, END)


class Refill(Request, frozen=True):
    """Let a channel hold just these items; None shuts it."""

    channel: Channel
    items: tuple[Value, ...] | None

    def cells(self, get: Get, choice: Value) -> Iterable[Cell]:
        return (self.channel,)

    def carry_out(self, tx: Transaction, choice: Value) -> None:
        tx.put(self.channel, self.items)


class Far(Call, frozen=True):
    """A request over a link."""

    request: Request

    def cells(self, get: Get, choice: Value) -> Iterable[Cell]:
        return self.request.cells(get, choice)

    def carry_out(self, tx: Transaction, choice: Value) -> Any:
        return self.request.carry_out(tx, choice)


class StopOther(Request, frozen=True):
    """Stop a program of the second domain, which may be the one that asks."""

    lab: Lab
    name: str

    def carry_out(self, tx: Transaction, choice: Value) -> None:
        if tx.is_running(self.lab.domains[1], self.name):
            tx.stop(self.lab.domains[1], self.name)


class Many(Request, frozen=True):
    """Some requests in one step; the response of the last."""

    requests: tuple[Request, ...]

    def cells(self, get: Get, choice: Value) -> Iterable[Cell]:
        return [cell for request in self.requests for cell in request.cells(get, choice)]

    def carry_out(self, tx: Transaction, choice: Value) -> Any:
        return [request.carry_out(tx, choice) for request in self.requests][-1]
