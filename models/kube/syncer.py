"""Resource syncers: an informer, operations per key, a rate-limited work queue and one worker.

Source: admiral ``pkg/syncer/resource_syncer.go`` and ``pkg/workqueue/queue.go`` at bb36a19
(docs/FACTS.md C5, C6).
"""

from __future__ import annotations

from collections.abc import Generator, Iterable
from typing import TYPE_CHECKING, Any

from models.kube.api_server import ADDED, DELETED, MODIFIED, ApiServer
from models.kube.calls import NAMESPACE_NOT_FOUND, NOT_FOUND, UNREACHABLE, Failure
from models.kube.informer import Informer
from models.kube.pending import CREATE, CURRENT, DELETE, DELETE_IF_GONE, LOOK, Operation, Queueing
from models.kube.resync import resync
from sim.core import Become, Cell, Channel, Get, Part, Request, Stage, Take, Transaction, Value, is_present

if TYPE_CHECKING:
    from models.kube.missing_namespaces import MissingNamespaces

Handling = Generator[Request, Any, bool]
"""A handler of one item: yields requests, returns whether the item is to be queued again."""


def whole(obj: Any) -> Any:
    """The object as it is."""
    return obj


class Syncer:
    """One row of docs/FACTS.md C1. Subclasses say what to do with an object that exists and with one that is gone.

    ``part`` is what they need of an object that exists, ``gone`` of one that is gone (unless given, the same).
    ``looks_in_store`` says whether a reconcile leaves alone what the store holds, ``confirms_reconciles`` whether what
    it queues is looked up in the API once more; ``queueing`` is the version's.
    ``retries_without_namespace``: a missing namespace is an error as any other (before admiral #913).
    ``resync_ms`` is the period of its resync, 0 for none; then ``targets`` is the server that it writes to.
    ``told_by`` is the process that looks at a start for what only this one is to delete.
    """

    resync_ms: float = 0.0
    told_by = ""
    targets: ApiServer

    def __init__(
        self, informer: Informer, part: Part = whole, gone: Part | None = None, queueing: Queueing = CURRENT
    ) -> None:
        self.informer = informer
        self.part = part
        self.gone = gone or part
        self.looks_in_store = True
        self.confirms_reconciles = False
        self.namespaces: MissingNamespaces | None = None
        self.retries_without_namespace = False
        self.domain = informer.domain
        self.name = informer.name
        self.pending = queueing.pending
        self.queue = Channel(f"{self.name}/queue", self.domain, queueing.back_off, keyed=True)
        self._operations: dict[str, Cell] = {}
        informer.handler = self

    def __repr__(self) -> str:
        return f"syncer {self.domain.name}/{self.name}"

    def operations(self, key: str) -> Cell:
        """The cell of what is kept for one key."""
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

    def only_copies(self, key: str) -> bool:
        """Whether the items of a key do nothing but copy an object, or delete its copy; asked where copies are made at
        once.
        """
        return False

    def made_of(self, obj: Any) -> Iterable[Cell]:
        """The cells that making or deleting the copy of an object may touch; asked where copies are made at once."""
        raise AssertionError

    def target(self, obj: Any) -> Cell:
        """The cell of what is made of an object; asked only where there is a resync."""
        raise AssertionError

    def is_astray(self, obj: Any, made: Any) -> bool:
        """Whether what is made of an object, or None, is not what it would be made; asked only for a resync."""
        raise AssertionError

    def not_made(self, result: Failure, key: str, namespace: str) -> Handling:
        """What becomes of an item whose copy could not be made: it is tried again, unless the namespace is missing and
        the version knows of that.
        """
        if result is not NAMESPACE_NOT_FOUND or self.retries_without_namespace:
            return True
        if self.namespaces is not None:
            yield self.namespaces.record(namespace, key)
        return False

    def made(self, namespace: str) -> Handling:
        """What is noted when a copy was made: that its namespace was seen."""
        if self.namespaces is not None:
            yield self.namespaces.record(namespace)
        return False

    # -- the informer's side ---------------------------------------------------------------------------------------

    def on_event(self, tx: Transaction, type_: str, old: Any, new: Any) -> None:
        if not self.wants(old if new is None else new):
            return
        if self.resync_ms:
            self._keep_resync(tx, type_, old if new is None else new)
        if type_ is MODIFIED:
            if self.wants_update(old, new):
                tx.append(self.queue, new.key)
            return
        assert type_ in (ADDED, DELETED)
        self.append(tx, Operation(CREATE, self.part(new)) if type_ is ADDED else Operation(DELETE, self.gone(old)))

    def _keep_resync(self, tx: Transaction, type_: str, obj: Any) -> None:
        """An object of the store is resynced, one that is gone is not."""
        name = f"{self.name}/resync/{obj.key}"
        if type_ is ADDED:
            tx.start(self.domain, name, resync, self, obj.key, self.target(obj))
        elif type_ is DELETED:
            tx.stop(self.domain, name)

    def event_cells(self, get: Get, obj: Any) -> Iterable[Cell]:
        return self.item_cells(obj.key)

    def item_cells(self, key: str) -> Iterable[Cell]:
        """The cells that queueing or finishing an item touches."""
        return (self.operations(key), self.queue)

    def requeue(self, tx: Transaction, key: str) -> None:
        """Queue a key again at the end of its item."""
        tx.append(self.queue, key)

    def append(self, tx: Transaction, operation: Operation) -> None:
        """Keep an operation for its key and queue the key."""
        key = operation.object.key
        if operation.type != LOOK:
            self.pending.keep(tx, self.operations(key), operation)
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


def work(syncer: Syncer) -> Stage:
    """The worker: the next key that is due, then its item."""
    key = yield Take(syncer.queue)
    turn = syncer.namespaces.turn(key) if syncer.namespaces is not None else None
    if turn is not None:
        yield turn
    else:
        yield from handle(syncer, key)
    return Become(work, (syncer,))


def handle(syncer: Syncer, key: str, **more: Any) -> Generator[Request, Any, None]:
    """One item (``runCreateOrUpdate``, ``handleCreatedOrUpdated``, ``handleDeleted``); ``more`` is for its handlers."""
    operation, stored = yield syncer.pending.begin(syncer, key)
    again = False
    if operation is not None and operation.type == DELETE_IF_GONE:
        again = yield from _delete_if_gone(syncer, operation.object, stored)
    elif operation is not None and operation.type == DELETE:
        again = yield from syncer.deleted(operation.object, **more)
    elif stored is not None:
        again = yield from syncer.changed(stored, is_create=operation is not None, **more)
    elif operation is not None:
        again = yield from syncer.changed(operation.object, is_create=True, **more)
    yield syncer.pending.finish(syncer, key, operation, again=again)


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
