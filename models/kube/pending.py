"""What a syncer remembers of a key until its worker has dealt with it: an operation queue, or maps of the last state.

Source: admiral ``pkg/syncer/resource_syncer.go``: operation queues since #953 (docs/FACTS.md C5), before that the maps
``created`` and ``deleted`` (docs/FACTS.md C30).
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, Protocol

import msgspec

from sim.core import Cell, Get, Request, Transaction, Value, list_end, list_start

if TYPE_CHECKING:
    from models.kube.syncer import Syncer

CREATE, DELETE = "create", "delete"
DELETE_IF_GONE, LOOK = "delete if gone", "look"
"""Of a proposal: a deletion that is to be confirmed by a Get, and a key that is queued without an operation."""


class Operation(msgspec.Struct, frozen=True):
    """A create or delete that waits for the worker, with the object that it came with."""

    type: str
    object: Any


Operations = tuple[Operation, ...]


def head_of(operations: Operations | None) -> Operation | None:
    """The first operation of a key."""
    return operations[0] if operations else None


def without_head(operations: Operations) -> Operations | None:
    """The operations that remain after the first."""
    return operations[1:] or None


class Pending(Protocol):
    """How operations of one key are kept, and the requests by which its worker begins and ends an item."""

    def appended(self, held: Operations, operation: Operation) -> Operations:
        """What is kept after one more."""
        ...

    def keep(self, tx: Transaction, cell: Cell, operation: Operation) -> None:
        """Keep one more."""
        ...

    def begin(self, syncer: Syncer, key: str) -> Request:
        """Answers with the operation to be carried out, and the object that the store holds."""
        ...

    def finish(self, syncer: Syncer, key: str, operation: Operation | None, *, again: bool) -> Request:
        """The end of an item: queue it again, or forget the operation and the key's failures."""
        ...


class OperationQueue(msgspec.Struct, frozen=True):
    """Every operation is carried out, in order."""

    def appended(self, held: Operations, operation: Operation) -> Operations:
        return (*held, operation)

    def keep(self, tx: Transaction, cell: Cell, operation: Operation) -> None:
        tx.change(cell, list_end, lambda held: self.appended(held or (), operation))

    def begin(self, syncer: Syncer, key: str) -> Request:
        return Peek(syncer, key)

    def finish(self, syncer: Syncer, key: str, operation: Operation | None, *, again: bool) -> Request:
        return Finish(syncer, key, again, operation is not None)


class LastState(msgspec.Struct, frozen=True):
    """Only what is so when the worker comes to it: there, and perhaps new, or gone.

    A delete that is followed by a create before the worker runs is never carried out (FACTS C30). A create that finds
    the object again makes the kept delete void, as the store then has the object; so it is dropped at once.
    """

    def appended(self, held: Operations, operation: Operation) -> Operations:
        if operation.type == CREATE:
            return (operation,)
        return (*(each for each in held if each.type == CREATE), operation)

    def keep(self, tx: Transaction, cell: Cell, operation: Operation) -> None:
        tx.put(cell, self.appended(tx.get(cell) or (), operation))

    def begin(self, syncer: Syncer, key: str) -> Request:
        return TakeState(syncer, key)

    def finish(self, syncer: Syncer, key: str, operation: Operation | None, *, again: bool) -> Request:
        return FinishState(syncer, key, again, operation)


class Peek(Request, frozen=True):
    """The head operation of a key and the object that the store holds now."""

    syncer: Syncer
    key: str

    def reads(self, get: Get, choice: Value) -> Iterable[Cell]:
        return (self.syncer.operations(self.key), self.syncer.informer.entry(self.key))

    def carry_out(self, tx: Transaction, choice: Value) -> tuple[Operation | None, Any]:
        head = tx.view(self.syncer.operations(self.key), head_of)
        return (head, tx.view(self.syncer.informer.entry(self.key), self.syncer.part))


class Finish(Request, frozen=True):
    """The end of an item: queue it again, or drop its operation, queue what remains, and forget its failures."""

    syncer: Syncer
    key: str
    again: bool
    had_operation: bool

    def cells(self, get: Get, choice: Value) -> Iterable[Cell]:
        return self.syncer.item_cells(self.key)

    def carry_out(self, tx: Transaction, choice: Value) -> None:
        syncer = self.syncer
        if self.again:
            syncer.requeue(tx, self.key)
            return
        if self.had_operation:
            _, rest = tx.change(syncer.operations(self.key), list_start, without_head)
            if rest:  # what came since the key was taken has queued it already
                syncer.requeue(tx, self.key)
        tx.forget(syncer.queue, self.key)


class TakeState(Request, frozen=True):
    """Whether the object is there, and new; or else the delete that is kept, which is taken out of its map."""

    syncer: Syncer
    key: str

    def cells(self, get: Get, choice: Value) -> Iterable[Cell]:
        return (self.syncer.operations(self.key), self.syncer.informer.entry(self.key))

    def writes(self, get: Get, choice: Value) -> Iterable[Cell]:
        return (self.syncer.operations(self.key),)

    def carry_out(self, tx: Transaction, choice: Value) -> tuple[Operation | None, Any]:
        cell = self.syncer.operations(self.key)
        stored = tx.view(self.syncer.informer.entry(self.key), self.syncer.part)
        held = tx.get(cell) or ()
        if stored is not None:
            return (next((each for each in held if each.type == CREATE), None), stored)
        taken = next((each for each in held if each.type == DELETE), None)
        if held:
            tx.put(cell, None)  # that it was new once is of no use without the object
        return (taken, None)


class FinishState(Request, frozen=True):
    """The end of an item: queue it again, with the delete that it took; or it is not new any more."""

    syncer: Syncer
    key: str
    again: bool
    operation: Operation | None

    def cells(self, get: Get, choice: Value) -> Iterable[Cell]:
        return self.syncer.item_cells(self.key)

    def carry_out(self, tx: Transaction, choice: Value) -> None:
        syncer, operation = self.syncer, self.operation
        cell = syncer.operations(self.key)
        held = tx.get(cell) or ()
        if self.again:
            if operation is not None and operation.type == DELETE and not held:
                tx.put(cell, (operation,))
            syncer.requeue(tx, self.key)
            return
        if operation is not None and operation.type == CREATE and held:
            tx.put(cell, tuple(each for each in held if each.type != CREATE) or None)
        tx.forget(syncer.queue, self.key)


class Queueing(msgspec.Struct, frozen=True):
    """What a version of admiral's syncers does with a key: what is kept of it, and the back-off that it waits out."""

    pending: Pending
    back_off: str = "work-queue"


CURRENT = Queueing(OperationQueue())
