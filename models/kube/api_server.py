"""API servers: storage with optimistic concurrency, status subresources and watches; and their clients.

Concurrency is judged by value: a write fails with Conflict when the object is no longer the value that was read.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, ClassVar

import msgspec
from msgspec.structs import replace

from models.kube.objects import KubeObject
from sim.core import Call, Cell, Channel, Domain, Get, Link, Transaction, Value, add

UP, FROZEN = "up", "frozen"


class Failure(msgspec.Struct, frozen=True):
    """An API call that failed; false, so that ``if not answer`` catches it."""

    reason: str

    def __bool__(self) -> bool:
        return False


NOT_FOUND, CONFLICT, ALREADY_EXISTS, UNREACHABLE = map(
    Failure, ("NotFound", "Conflict", "AlreadyExists", "Unreachable")
)
ADDED, MODIFIED, DELETED, CLOSED = "ADDED", "MODIFIED", "DELETED", "CLOSED"


class WatchEvent(msgspec.Struct, frozen=True):
    """What a watch stream carries; CLOSED has no object and is the last."""

    type: str
    object: Any = None


THE_END = WatchEvent(CLOSED)


class ApiServer:
    """The API of one cluster, or of the broker where that has a cluster of its own.

    ``storage`` (etcd) survives a kill; ``server`` does not. ``up`` is absent while the server is down.
    """

    def __init__(self, name: str) -> None:
        self.name = name
        self.storage = Domain(f"{name}/etcd", volatile=False)
        self.server = Domain(f"{name}/kube-apiserver")
        self.up = self.server.cell("up")
        self._objects: dict[tuple[str, str, str], Cell] = {}
        self._names: dict[tuple[str, str], Cell] = {}
        self.namespaces: list[str] = []
        self._watches: dict[str, list[tuple[Channel, str]]] = {}

    def __repr__(self) -> str:
        return f"api {self.name}"

    def object(self, kind: str, namespace: str, name: str) -> Cell:
        """The cell of one object."""
        key = (kind, namespace, name)
        found = self._objects.get(key)
        if found is None:
            found = self._objects[key] = self.storage.cell(f"{kind}/{namespace}/{name}")
        return found

    def names(self, topic: str, namespace: str) -> Cell:
        """The cell that holds the sorted names of the objects of a topic in a namespace."""
        key = (topic, namespace)
        found = self._names.get(key)
        if found is None:
            found = self._names[key] = self.storage.cell(f"{topic}/{namespace}/")
        return found

    def add_watch(self, stream: Channel, topic: str, namespace: str) -> None:
        """Let ``stream``, while it is open, receive the events of a topic; an empty namespace means all."""
        self._watches.setdefault(topic, []).append((stream, namespace))

    def streams(self, topic: str, namespace: str) -> list[Channel]:
        """The streams that an event in the namespace would go to, open or not."""
        return [stream for stream, only in self._watches.get(topic, ()) if not only or only == namespace]

    def all_streams(self) -> list[Channel]:
        """Every stream of this server."""
        return [stream for streams in self._watches.values() for stream, _ in streams]

    # -- the effects of requests; all run inside one step ----------------------------------------------------------

    def notify(self, tx: Transaction, type_: str, obj: KubeObject) -> None:
        """Send an event to every open stream that selects the object."""
        namespace = obj.namespace
        for stream, only in self._watches.get(obj.topic, ()):
            if only and only != namespace:
                continue
            items = tx.get(stream)
            if items is not None and not (items and items[-1] is THE_END):
                add(tx, stream, WatchEvent(type_, obj))

    def store(self, tx: Transaction, cell: Cell, obj: KubeObject) -> KubeObject:
        """Write an object; a write that changes nothing makes no event."""
        old = tx.get(cell)
        if old != obj:
            tx.put(cell, obj)
            if old is None:
                names = self.names(obj.topic, obj.namespace)
                tx.put(names, tuple(sorted((*(tx.get(names) or ()), obj.name))))
            self.notify(tx, MODIFIED if old is not None else ADDED, obj)
        return obj

    def remove(self, tx: Transaction, cell: Cell, old: KubeObject) -> None:
        """Delete an object."""
        names = self.names(old.topic, old.namespace)
        tx.put(cell, None)
        tx.put(names, tuple(name for name in tx.get(names) if name != old.name) or None)
        self.notify(tx, DELETED, old)

    def select(self, get: Get, kind: str, topic: str, namespace: str) -> tuple[Any, ...]:
        """The objects of a topic in a namespace, or in all, by namespace and name."""
        spaces = (namespace,) if namespace else self.namespaces
        return tuple(
            get(self.object(kind, space, name)) for space in spaces for name in get(self.names(topic, space)) or ()
        )

    def selected_cells(self, get: Get, kind: str, topic: str, namespace: str) -> list[Cell]:
        """The cells that :meth:`select` reads."""
        out = []
        for space in (namespace,) if namespace else self.namespaces:
            out.append(self.names(topic, space))
            out += [self.object(kind, space, name) for name in get(self.names(topic, space)) or ()]
        return out

    def written_cells(self, cell: Cell, topic: str, namespace: str) -> list[Cell]:
        """The cells that writing one object may touch."""
        return [cell, self.names(topic, namespace), *self.streams(topic, namespace)]


class ApiCall(Call, frozen=True):
    """A request to an API server. Hangs while the server is frozen, fails while it is down."""

    api: ApiServer
    verb: ClassVar[str] = ""

    def ready(self, get: Get) -> bool:
        return bool(get(self.api.up) != FROZEN)

    def carry_out(self, tx: Transaction, choice: Value) -> Any:
        return self.serve(tx) if tx.get(self.api.up) and not tx.get(self.link.cut) else UNREACHABLE

    def cells(self, get: Get, choice: Value) -> Iterable[Cell]:
        return (self.api.up, self.link.cut, *self.served(get))

    def served(self, get: Get) -> Iterable[Cell]:
        """The cells that :meth:`serve` touches."""
        return ()

    def serve(self, tx: Transaction) -> Any:
        """The effect on a server that is up."""
        return None

    def target(self) -> str:
        """The object in words."""
        return ""

    def matters(self, response: Any) -> bool:
        """A short timeline names writes and failures."""
        return isinstance(self, ObjectWrite | Delete | DeleteCollection) or response is UNREACHABLE

    def words(self, choice: Value, response: Any) -> str:
        result = f": {response.reason}" if isinstance(response, Failure) else ""
        return f"{self.link.name} {self.verb} {self.target()}{result}".rstrip()


class Ping(ApiCall, frozen=True):
    """A call without effect: discovery, or opening a watch."""

    what: str
    limited: ClassVar[bool] = False
    verb: ClassVar[str] = "call"

    def serve(self, tx: Transaction) -> Any:
        return True

    def target(self) -> str:
        return self.what


class GetObject(ApiCall, frozen=True):
    """Get by name: the object or NotFound."""

    kind: str
    namespace: str
    name: str
    verb: ClassVar[str] = "get"

    def served(self, get: Get) -> Iterable[Cell]:
        return (self.api.object(self.kind, self.namespace, self.name),)

    def serve(self, tx: Transaction) -> Any:
        return tx.get(self.api.object(self.kind, self.namespace, self.name)) or NOT_FOUND

    def target(self) -> str:
        return f"{self.kind} {self.namespace}/{self.name}"


class ListObjects(ApiCall, frozen=True):
    """List a topic in a namespace (empty: all), optionally only the objects that ``where`` (field, value) pairs fit."""

    kind: str
    topic: str
    namespace: str
    where: tuple[tuple[str, str], ...] = ()
    verb: ClassVar[str] = "list"

    def served(self, get: Get) -> Iterable[Cell]:
        return self.api.selected_cells(get, self.kind, self.topic, self.namespace)

    def serve(self, tx: Transaction) -> Any:
        found = self.api.select(tx.get, self.kind, self.topic, self.namespace)
        return Listed(tuple(obj for obj in found if fits(obj, self.where)))

    def target(self) -> str:
        return f"{self.kind} in {self.namespace or 'all namespaces'}"


class Listed(msgspec.Struct, frozen=True):
    """The answer to a list; true even when empty."""

    items: tuple[Any, ...]


def fits(obj: KubeObject, where: tuple[tuple[str, str], ...]) -> bool:
    """Whether each named field of the object has the value."""
    return all(getattr(obj, field) == value for field, value in where)


class ObjectWrite(ApiCall, frozen=True):
    """A write of one object."""

    object: KubeObject

    def _cell(self) -> Cell:
        return self.api.object(self.object.kind, self.object.namespace, self.object.name)

    def served(self, get: Get) -> Iterable[Cell]:
        return self.api.written_cells(self._cell(), self.object.topic, self.object.namespace)

    def target(self) -> str:
        return f"{self.object.kind} {self.object.namespace}/{self.object.name}"


class Create(ObjectWrite, frozen=True):
    """Create; the status stays empty (it is a subresource)."""

    verb: ClassVar[str] = "create"

    def serve(self, tx: Transaction) -> Any:
        cell = self._cell()
        if tx.get(cell) is not None:
            return ALREADY_EXISTS
        empty: dict[str, Any] = dict.fromkeys(self.object.status_fields, ())
        return self.api.store(tx, cell, replace(self.object, **empty) if empty else self.object)


class CreateGenerated(ObjectWrite, frozen=True):
    """Create with generateName: the server appends its own name and a number that it never uses again.

    Upstream appends five random characters; a counter gives every incarnation a name of its own just as well.
    """

    verb: ClassVar[str] = "create"

    def _counter(self) -> Cell:
        return self.api.storage.cell(f"generated/{self.object.namespace}/{self.object.name}")

    def _named(self, get: Get) -> KubeObject:
        return replace(self.object, name=f"{self.object.name}{self.api.name}{(get(self._counter()) or 0) + 1}")

    def served(self, get: Get) -> Iterable[Cell]:
        obj = self._named(get)
        cell = self.api.object(obj.kind, obj.namespace, obj.name)
        return [self._counter(), *self.api.written_cells(cell, obj.topic, obj.namespace)]

    def serve(self, tx: Transaction) -> Any:
        obj = self._named(tx.get)
        tx.put(self._counter(), (tx.get(self._counter()) or 0) + 1)
        return self.api.store(tx, self.api.object(obj.kind, obj.namespace, obj.name), obj)


class Update(ObjectWrite, frozen=True):
    """Update everything but the status of the object that was read as ``read``."""

    read: Any
    verb: ClassVar[str] = "update"

    def serve(self, tx: Transaction) -> Any:
        cell = self._cell()
        stored = tx.get(cell)
        if stored is None:
            return NOT_FOUND
        if stored != self.read:
            return CONFLICT
        kept = {field: getattr(stored, field) for field in stored.status_fields}
        return self.api.store(tx, cell, replace(self.object, **kept) if kept else self.object)


class UpdateStatus(ObjectWrite, frozen=True):
    """Update only the status of the object that was read as ``read``."""

    read: Any
    verb: ClassVar[str] = "updateStatus"

    def serve(self, tx: Transaction) -> Any:
        cell = self._cell()
        stored = tx.get(cell)
        if stored is None:
            return NOT_FOUND
        if stored != self.read:
            return CONFLICT
        status = {field: getattr(self.object, field) for field in stored.status_fields}
        return self.api.store(tx, cell, replace(stored, **status))


class Delete(ApiCall, frozen=True):
    """Delete by name; with ``read``, only if the object is still that value (the resourceVersion precondition)."""

    kind: str
    namespace: str
    name: str
    topic: str
    read: Any = None
    verb: ClassVar[str] = "delete"

    def served(self, get: Get) -> Iterable[Cell]:
        cell = self.api.object(self.kind, self.namespace, self.name)
        return self.api.written_cells(cell, self.topic, self.namespace)

    def serve(self, tx: Transaction) -> Any:
        cell = self.api.object(self.kind, self.namespace, self.name)
        stored = tx.get(cell)
        if stored is None:
            return NOT_FOUND
        if self.read is not None and stored != self.read:
            return CONFLICT
        self.api.remove(tx, cell, stored)
        return True

    def target(self) -> str:
        return f"{self.kind} {self.namespace}/{self.name}"


class DeleteCollection(ListObjects, frozen=True):
    """Delete what a list would return."""

    verb: ClassVar[str] = "deletecollection"

    def served(self, get: Get) -> Iterable[Cell]:
        listed = self.api.selected_cells(get, self.kind, self.topic, self.namespace)
        return [*listed, *self.api.streams(self.topic, self.namespace)]

    def serve(self, tx: Transaction) -> Any:
        listed = super().serve(tx)
        for obj in listed.items:
            self.api.remove(tx, self.api.object(obj.kind, obj.namespace, obj.name), obj)
        return listed


class Client:
    """A client of one API server over one link: makes requests."""

    def __init__(self, link: Link, api: ApiServer) -> None:
        self.link = link
        self.api = api

    def __repr__(self) -> str:
        return f"client {self.link.name}"

    def get(self, kind: str, namespace: str, name: str) -> GetObject:
        return GetObject(self.link, self.api, kind, namespace, name)

    def list(self, kind: str, topic: str, namespace: str = "", **where: str) -> ListObjects:
        return ListObjects(self.link, self.api, kind, topic, namespace, tuple(where.items()))

    def create(self, obj: KubeObject) -> Create:
        return Create(self.link, self.api, obj)

    def create_generated(self, obj: KubeObject) -> CreateGenerated:
        return CreateGenerated(self.link, self.api, obj)

    def update(self, obj: KubeObject, read: KubeObject) -> Update:
        return Update(self.link, self.api, obj, read)

    def update_status(self, obj: KubeObject, read: KubeObject) -> UpdateStatus:
        return UpdateStatus(self.link, self.api, obj, read)

    def delete(self, kind: str, namespace: str, name: str, topic: str = "", read: Any = None) -> Delete:
        return Delete(self.link, self.api, kind, namespace, name, topic or kind, read)

    def delete_collection(self, kind: str, topic: str, namespace: str, **where: str) -> DeleteCollection:
        return DeleteCollection(self.link, self.api, kind, topic, namespace, tuple(where.items()))

    def call(self, what: str) -> Ping:
        return Ping(self.link, self.api, what)
