"""What a syncer remembers of namespaces that its objects cannot be copied into.

Source: admiral ``resource_syncer.go:handleMissingNamespace``, ``handleNamespaceAdded``, ``handleNamespaceDeleted`` at
bb36a19: a namespace is *seen* after a first sync into it; one that goes has every cached object for it recorded; one
that comes has a create operation queued for what is recorded and still in the store. The informer tells of both by
keys of their own in the syncer's queue. Before #981 only what failed for want of a namespace is recorded (#913), before
that it is tried again and again and no informer tells of namespaces (docs/FACTS.md C30).

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
IS_NEW = "$namespace-new$/"
"""Of a proposal: a namespace is there that was not, or is another than before; all that is cached for it is queued."""
TURNS = (HAS_COME, HAS_GONE, IS_NEW)


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
        for prefix in TURNS:
            if key.startswith(prefix):
                return Turn(self, key, key.removeprefix(prefix), prefix)
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
    """A namespace has come, or gone: what is recorded is queued again, or what is cached is recorded; or all that is
    recorded or cached is queued (a proposal's).
    """

    missing: MissingNamespaces
    key: str
    namespace: str
    prefix: str

    def cells(self, get: Get, choice: Value) -> Iterable[Cell]:
        syncer, recorded = self.missing.syncer, self.missing.recorded(self.namespace)
        out = [recorded, syncer.queue]
        keys = list(get(recorded) or ())
        if self.prefix != HAS_COME:
            out += syncer.informer.cached_cells(get)
            keys += get(syncer.informer.keys) or ()
        if self.prefix != HAS_GONE:
            out += [cell for key in keys for cell in (syncer.informer.entry(key), syncer.operations(key))]
        return out

    def carry_out(self, tx: Transaction, choice: Value) -> None:
        syncer, recorded = self.missing.syncer, self.missing.recorded(self.namespace)
        keys = tx.get(recorded)
        tx.forget(syncer.queue, self.key)
        if keys is None:
            return
        if self.prefix != HAS_COME:
            keys = tuple(sorted({*keys, *self._mine(tx)}))
        if self.prefix == HAS_GONE:
            tx.put(recorded, keys)
            return
        tx.put(recorded, None)
        for stored in filter(None, [tx.get(syncer.informer.entry(key)) for key in keys]):
            syncer.append(tx, Operation(CREATE, syncer.part(stored)))

    def _mine(self, tx: Transaction) -> list[str]:
        """The keys of all that is cached for the namespace."""
        syncer = self.missing.syncer
        cached = [obj for obj in syncer.informer.cached(tx.get) if syncer.wants(obj)]
        return [obj.key for obj in cached if self.missing.namespace_of(obj) == self.namespace]


class NamespaceHandler:
    """Tells syncers of namespaces that come and, where it ``tells_of_deletions``, go; one that was replaced in a gap
    looks like an update (FACTS R4), unless it ``sees_replacement`` (a proposal's).
    """

    def __init__(
        self, informer: Informer, syncers: tuple[Syncer, ...], *, tells_of_deletions: bool = True,
        sees_replacement: bool = False,
    ) -> None:  # fmt: skip
        self.syncers = syncers
        self.sees_replacement = sees_replacement
        self.told = (ADDED, DELETED) if tells_of_deletions else (ADDED,)
        informer.handler = self

    def on_event(self, tx: Transaction, type_: str, old: Any, new: Any) -> None:
        key = self._key_of_a_new_one(old, new) if self.sees_replacement else self._key(type_, old, new)
        for syncer in self.syncers if key else ():
            tx.append(syncer.queue, key)

    def _key(self, type_: str, old: Any, new: Any) -> str:
        if type_ not in self.told:
            return ""
        return f"{HAS_COME}{new.name}" if type_ is ADDED else f"{HAS_GONE}{old.name}"

    def _key_of_a_new_one(self, old: Any, new: Any) -> str:
        """One key for all, so that nothing depends on the order of keys, and what went need not be recorded."""
        return f"{IS_NEW}{new.name}" if new is not None and (old is None or old.created != new.created) else ""

    def event_cells(self, get: Get, obj: Any) -> Iterable[Cell]:
        return [syncer.queue for syncer in self.syncers]
