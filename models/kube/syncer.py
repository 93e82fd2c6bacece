"""Resource syncers: an informer, operations per key, a rate-limited work queue and one worker.

Source: admiral ``pkg/syncer/resource_syncer.go`` and ``pkg/workqueue/queue.go`` at bb36a19
(docs/FACTS.md C5, C6).
"""

from __future__ import annotations

from collections.abc import Generator, Iterable
from typing import Any

import msgspec

from models.kube.api_server import ADDED, DELETED, MODIFIED
from models.kube.calls import NOT_FOUND, UNREACHABLE
from models.kube.informer import Informer
from sim.core import Become, Cell, Channel, Get, Part, Request, Stage, Take, Transaction, Value, is_present

CREATE, DELETE = "create", "delete"
DELETE_IF_GONE, LOOK = "delete if gone", "look"
"""Of a proposal: a deletion that is to be confirmed by a Get, and a key that is queued without an operation."""
Handling = Generator[Request, Any, bool]
"""A handler of one item: yields requests, returns whether the item is to be queued again."""


class Operation(msgspec.Struct, frozen=True):
    """An entry of a key's operation queue, with the object that it was queued with."""

    type: str
    object: Any


def head_of(operations: tuple[Operation, ...] | None) -> Operation | None:
    """The first operation of a key."""
    return operations[0] if operations else None


def whole(obj: Any) -> Any:
    """The object as it is."""
    return obj


class Syncer:
    """One row of docs/FACTS.md C1. Subclasses say what to do with an object that exists and with one that is gone.

    ``part`` is what they need of an object that exists, ``gone`` of one that is gone (unless given, the same).
    ``looks_in_store`` says whether a reconcile leaves alone what the store holds, ``confirms_reconciles`` whether what
    it queues is looked up in the API once more.
    """

    def __init__(self, informer: Informer, part: Part = whole, gone: Part | None = None) -> None:
        self.informer = informer
        self.part = part
        self.gone = gone or part
        self.looks_in_store = True
        self.confirms_reconciles = False
        self.domain = informer.domain
        self.name = informer.name
        self.queue = Channel(f"{self.name}/queue", self.domain, "work-queue", keyed=True)
        self._operations: dict[str, Cell] = {}
        informer.handler = self

    def __repr__(self) -> str:
        return f"syncer {self.domain.name}/{self.name}"

    def operations(self, key: str) -> Cell:
        """The cell of one key's operation queue."""
        found = self._operations.get(key)
        if found is None:
            found = self._operations[key] = self.domain.cell(f"{self.name}/operations/{key}")
        return found

    # -- what subclasses decide ------------------------------------------------------------------------------------

    def wants(self, obj: Any) -> bool:
        """Whether the object concerns this syncer; admiral asks it of each item (``shouldSync``), to the same end."""
        return True

    def wants_update(self, old: Any, new: Any) -> bool:
        """Whether an update is queued at all."""
        return True

    def changed(self, obj: Any, *, is_create: bool) -> Handling:
        """Handle an object that exists."""
        raise AssertionError
        yield

    def deleted(self, obj: Any) -> Handling:
        """Handle an object that is gone, as it was last seen."""
        raise AssertionError
        yield

    # -- the informer's side ---------------------------------------------------------------------------------------

    def on_event(self, tx: Transaction, type_: str, old: Any, new: Any) -> None:
        if not self.wants(old if new is None else new):
            return
        if type_ is MODIFIED:
            if self.wants_update(old, new):
                tx.append(self.queue, new.key)
            return
        assert type_ in (ADDED, DELETED)
        self.append(tx, Operation(CREATE, self.part(new)) if type_ is ADDED else Operation(DELETE, self.gone(old)))

    def event_cells(self, get: Get, obj: Any) -> Iterable[Cell]:
        return self.item_cells(obj.key)

    def item_cells(self, key: str) -> Iterable[Cell]:
        """The cells that queueing or finishing an item touches."""
        return (self.operations(key), self.queue)

    def append(self, tx: Transaction, operation: Operation) -> None:
        """Append an operation to its key's queue and queue the key."""
        key = operation.object.key
        if operation.type != LOOK:
            cell = self.operations(key)
            tx.put(cell, (*(tx.get(cell) or ()), operation))
        tx.append(self.queue, key)


class Enqueue(Request, frozen=True):
    """Append an operation from outside the informer: another syncer, or a reconcile."""

    syncer: Syncer
    operation: Operation

    def cells(self, get: Get, choice: Value) -> Iterable[Cell]:
        return self.syncer.event_cells(get, self.operation.object)

    def carry_out(self, tx: Transaction, choice: Value) -> None:
        self.syncer.append(tx, self.operation)

    def words(self, choice: Value, response: Any) -> str:
        obj = self.operation.object
        return f"{self.syncer.domain.name} queues {self.operation.type} of {obj.kind} {obj.key} in {self.syncer.name}"


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
            tx.append(syncer.queue, self.key)
            return
        if self.had_operation:
            cell = syncer.operations(self.key)
            rest = (tx.get(cell) or ())[1:]
            tx.put(cell, rest or None)
            if rest:
                tx.append(syncer.queue, self.key)
        tx.forget(syncer.queue, self.key)


def work(syncer: Syncer) -> Stage:
    """The worker: the next key that is due, then its item."""
    key = yield Take(syncer.queue)
    yield from handle(syncer, key)
    return Become(work, (syncer,))


def handle(syncer: Syncer, key: str, **more: Any) -> Generator[Request, Any, None]:
    """One item (``runCreateOrUpdate``, ``handleCreatedOrUpdated``, ``handleDeleted``); ``more`` is for its handlers."""
    operation, stored = yield Peek(syncer, key)
    again = False
    if operation is not None and operation.type == DELETE_IF_GONE:
        again = yield from _delete_if_gone(syncer, operation.object, stored)
    elif operation is not None and operation.type == DELETE:
        again = yield from syncer.deleted(operation.object, **more)
    elif stored is not None:
        again = yield from syncer.changed(stored, is_create=operation is not None, **more)
    elif operation is not None:
        again = yield from syncer.changed(operation.object, is_create=True, **more)
    yield Finish(syncer, key, again, operation is not None)


def _delete_if_gone(syncer: Syncer, obj: Any, stored: Any) -> Handling:
    """A deletion that a reconcile queued, carried out if the API says that the object is gone; if it is not, the item
    may stand for an update as well (a proposal's).
    """
    found = yield syncer.informer.client.get(obj.kind, obj.namespace, obj.name, is_present)
    if found is NOT_FOUND:
        return (yield from syncer.deleted(obj))
    if found is UNREACHABLE or stored is None:
        return found is UNREACHABLE
    return (yield from syncer.changed(stored, is_create=False))
