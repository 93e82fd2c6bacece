"""What a syncer remembers of namespaces that its objects cannot be copied into.

Source: admiral ``resource_syncer.go:handleMissingNamespace``, ``handleNamespaceAdded``, ``handleNamespaceDeleted`` at
bb36a19: a namespace is *seen* after a first sync into it; one that goes has every cached object for it recorded; one
that comes has a create operation queued for what is recorded and still in the store. The informer tells of both by
keys of their own in the syncer's queue.

Where no script deletes namespaces nothing of this exists.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

from models.kube.api_server import ADDED, DELETED
from models.kube.pending import CREATE, Operation
from models.kube.syncer import Syncer
from sim.core import Cell, Get, Request, Transaction, Value

if TYPE_CHECKING:
    from models.kube.informer import Informer

HAS_COME, HAS_GONE = "$namespace-added$/", "$namespace-deleted$/"


class MissingNamespaces:
    """The record of one syncer. ``namespace_of`` tells into which namespace an object is copied."""

    def __init__(self, syncer: Syncer, namespace_of: Callable[[Any], str]) -> None:
        self.syncer = syncer
        self.namespace_of = namespace_of
        syncer.namespaces = self

    def __repr__(self) -> str:
        return f"missing namespaces of {self.syncer}"

    def recorded(self, namespace: str) -> Cell:
        """The recorded keys of a namespace; absent if it was never seen."""
        return self.syncer.domain.cell(f"{self.syncer.name}/missing-namespaces/{namespace}")

    def turn(self, key: str) -> Turn | None:
        """What a key of the queue that is about a namespace asks for."""
        for prefix in (HAS_COME, HAS_GONE):
            if key.startswith(prefix):
                return Turn(self, key, key.removeprefix(prefix), prefix == HAS_COME)
        return None

    def record(self, namespace: str, key: str = "") -> Record:
        """Note that a namespace was seen, or that an object found none."""
        return Record(self, namespace, key)


class Record(Request, frozen=True):
    """Note that a namespace was seen; with a key, that the object of that key found none."""

    missing: MissingNamespaces
    namespace: str
    key: str

    def cells(self, get: Get, choice: Value) -> Iterable[Cell]:
        return (self.missing.recorded(self.namespace),)

    def carry_out(self, tx: Transaction, choice: Value) -> None:
        cell = self.missing.recorded(self.namespace)
        before = tx.get(cell)
        after = tuple(sorted({*(before or ()), *((self.key,) if self.key else ())}))
        if after != before:
            tx.put(cell, after)

    def words(self, choice: Value, response: Any) -> str:
        syncer = self.missing.syncer
        return f"{syncer.domain.name} drops {self.key}: namespace {self.namespace} is missing" if self.key else ""


class Turn(Request, frozen=True):
    """A namespace has come, or gone: what is recorded is queued again, or what is cached is recorded."""

    missing: MissingNamespaces
    key: str
    namespace: str
    has_come: bool

    def cells(self, get: Get, choice: Value) -> Iterable[Cell]:
        syncer, recorded = self.missing.syncer, self.missing.recorded(self.namespace)
        out = [recorded, syncer.queue]
        if not self.has_come:
            return [*out, *syncer.informer.cached_cells(get)]
        for key in get(recorded) or ():
            out += [syncer.informer.entry(key), syncer.operations(key)]
        return out

    def carry_out(self, tx: Transaction, choice: Value) -> None:
        syncer, recorded = self.missing.syncer, self.missing.recorded(self.namespace)
        keys = tx.get(recorded)
        tx.forget(syncer.queue, self.key)
        if keys is None:
            return
        if self.has_come:
            tx.put(recorded, None)
            for stored in filter(None, [tx.get(syncer.informer.entry(key)) for key in keys]):
                syncer.append(tx, Operation(CREATE, syncer.part(stored)))
            return
        cached = [obj for obj in syncer.informer.cached(tx.get) if syncer.wants(obj)]
        mine = [obj.key for obj in cached if self.missing.namespace_of(obj) == self.namespace]
        tx.put(recorded, tuple(sorted({*keys, *mine})))


class NamespaceHandler:
    """Tells syncers of namespaces that come and go; one that was replaced in a gap looks like an update (FACTS R4)."""

    def __init__(self, informer: Informer, syncers: tuple[Syncer, ...]) -> None:
        self.syncers = syncers
        informer.handler = self

    def on_event(self, tx: Transaction, type_: str, old: Any, new: Any) -> None:
        if type_ not in (ADDED, DELETED):
            return
        for syncer in self.syncers:
            tx.append(syncer.queue, f"{HAS_COME}{new.name}" if type_ is ADDED else f"{HAS_GONE}{old.name}")

    def event_cells(self, get: Get, obj: Any) -> Iterable[Cell]:
        return [syncer.queue for syncer in self.syncers]
