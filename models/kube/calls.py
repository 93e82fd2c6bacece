"""API calls: what can be asked of an API server, and how it can fail.

Concurrency is judged by value: a write fails with Conflict when the object is no longer the value that was read.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import partial
from typing import Any, ClassVar

import msgspec
from msgspec.structs import replace

from models.kube.api_server import FROZEN, MODIFIED, ApiServer
from models.kube.objects import KubeObject, without_status
from sim.core import Call, Cell, Get, Part, Transaction, Value


def view(tx: Transaction, part: Part, cell: Cell) -> Any:
    """A reader of parts."""
    return tx.view(cell, part)


class Failure(msgspec.Struct, frozen=True):
    """An API call that failed; false, so that ``if not answer`` catches it."""

    reason: str

    def __bool__(self) -> bool:
        return False


NOT_FOUND, CONFLICT, ALREADY_EXISTS, UNREACHABLE, NAMESPACE_NOT_FOUND = map(
    Failure, ("NotFound", "Conflict", "AlreadyExists", "Unreachable", "namespace not found")
)


HANGS = Failure("hangs")
"""The answer to a call that begins to hang: it is still to come."""


class ApiCall(Call, frozen=True):
    """A request to an API server. Hangs while the server is frozen, fails while it is down."""

    api: ApiServer
    verb: ClassVar[str] = ""

    loops: ClassVar[bool] = True

    def ready(self, get: Get) -> bool:
        meter = self.link.meter
        return bool(get(self.api.up) != FROZEN) and (meter is None or not meter.holds(get, self))

    def repeats(self, response: Any) -> bool:
        return response is HANGS

    def carry_out(self, tx: Transaction, choice: Value) -> Any:
        meter = self.link.meter
        return self.answer(tx) if meter is None else meter.carry_out(self, tx)

    def answer(self, tx: Transaction) -> Any:
        """The effect and the response of a call that is sent."""
        return self.serve(tx) if tx.get(self.api.up) and not tx.get(self.link.cut) else UNREACHABLE

    def cells(self, get: Get, choice: Value) -> Iterable[Cell]:
        own = (self.api.up, self.link.cut, *self.served(get))
        return own if self.link.meter is None else (*own, *self.link.meter.cells(get, self))

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
        return is_write(self) or response is UNREACHABLE

    def words(self, choice: Value, response: Any) -> str:
        result = f": {response.reason}" if isinstance(response, Failure) else ""
        return f"{self.link.name} {self.verb} {self.target()}{result}".rstrip()


def is_write(call: ApiCall) -> bool:
    """Whether the call asks the server to change something."""
    return isinstance(call, ObjectWrite | Delete | DeleteCollection)


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
    """Get by name: the object, or the part of it that the caller uses; or NotFound."""

    kind: str
    namespace: str
    name: str
    part: Part | None = None
    verb: ClassVar[str] = "get"

    def served(self, get: Get) -> Iterable[Cell]:
        return (self.api.object(self.kind, self.namespace, self.name),)

    def serve(self, tx: Transaction) -> Any:
        cell = self.api.object(self.kind, self.namespace, self.name)
        return (tx.get(cell) if self.part is None else tx.view(cell, self.part)) or NOT_FOUND

    def target(self) -> str:
        return f"{self.kind} {self.namespace}/{self.name}"


class Versioned(msgspec.Struct, frozen=True):
    """A part of an object with the version that it was read at, which a search leaves out."""

    object: Any
    version: Any


class GetPart(GetObject, frozen=True):
    """Get by name for an update of the part: it and its version, or NotFound."""

    def serve(self, tx: Transaction) -> Any:
        found = super().serve(tx)
        return Versioned(found, tx.version(self.api.object(self.kind, self.namespace, self.name))) if found else found


class ListObjects(ApiCall, frozen=True):
    """List a topic in a namespace (empty: all), optionally only the objects that ``where`` (field, value) pairs fit.

    ``part`` is what the caller uses of each object, which must be enough for ``where``.
    """

    kind: str
    topic: str
    namespace: str
    where: tuple[tuple[str, str], ...] = ()
    part: Part | None = None
    verb: ClassVar[str] = "list"

    def served(self, get: Get) -> Iterable[Cell]:
        return self.api.selected_cells(get, self.kind, self.topic, self.namespace)

    def serve(self, tx: Transaction) -> Any:
        read = tx.get if self.part is None else partial(view, tx, self.part)
        if not self.where:
            return Listed(self.api.select(tx.get, self.kind, self.topic, self.namespace, read))
        chosen = partial(self._chosen, tx, read, Fits(self.where))
        found = self.api.select(tx.get, self.kind, self.topic, self.namespace, chosen)
        return Listed(tuple(obj for obj in found if obj is not None))

    @staticmethod
    def _chosen(tx: Transaction, read: Callable[[Cell], Any], fits: Fits, cell: Cell) -> Any:
        """An object that fits, or None: of one that does not, nothing else is read."""
        return read(cell) if tx.view(cell, fits) else None

    def target(self) -> str:
        return f"{self.kind} in {self.namespace or 'all namespaces'}"


class Listed(msgspec.Struct, frozen=True):
    """The answer to a list; true even when empty."""

    items: tuple[Any, ...]


class Fits(msgspec.Struct, frozen=True):
    """The part of an object that a selector looks at: whether each named field has the value."""

    where: tuple[tuple[str, str], ...]

    def __call__(self, obj: KubeObject | None) -> bool:
        return obj is not None and all(getattr(obj, field) == value for field, value in self.where)


class ObjectWrite(ApiCall, frozen=True):
    """A write of one object."""

    object: KubeObject

    def _cell(self) -> Cell:
        return self.api.object(self.object.kind, self.object.namespace, self.object.name)

    def served(self, get: Get) -> Iterable[Cell]:
        return self.api.written_cells(self._cell(), self.object.topic, self.object.namespace)

    def target(self) -> str:
        return f"{self.object.kind} {self.object.namespace}/{self.object.name}"

    def homes(self) -> tuple[Cell, ...]:
        """The Namespace that it is created in, where namespaces come and go."""
        namespace = self.object.namespace
        return (self.api.namespace(namespace),) if namespace in self.api.changing else ()

    def is_homeless(self, tx: Transaction) -> bool:
        """Whether that Namespace is missing."""
        return not all(tx.get(home) for home in self.homes())


class Create(ObjectWrite, frozen=True):
    """Create; the status stays empty (it is a subresource)."""

    verb: ClassVar[str] = "create"

    def served(self, get: Get) -> Iterable[Cell]:
        return (*self.homes(), *super().served(get))

    def serve(self, tx: Transaction) -> Any:
        if self.is_homeless(tx):
            return NAMESPACE_NOT_FOUND
        cell = self._cell()
        if tx.get(cell) is not None:
            return ALREADY_EXISTS
        return self.api.store(tx, cell, without_status(self.object))


class CreateGenerated(ObjectWrite, frozen=True):
    """Create with generateName: the server appends its own name and a number that it never uses again.

    Upstream appends five random characters; a counter gives every incarnation a name of its own just as well.
    """

    verb: ClassVar[str] = "create"

    def _counter(self) -> Cell:
        return self.api.storage.cell(f"generated/{self.object.name}")

    def _named(self, get: Get) -> KubeObject:
        return replace(self.object, name=f"{self.object.name}{self.api.name}{(get(self._counter()) or 0) + 1}")

    def served(self, get: Get) -> Iterable[Cell]:
        obj = self._named(get)
        cell = self.api.object(obj.kind, obj.namespace, obj.name)
        return [*self.homes(), self._counter(), *self.api.written_cells(cell, obj.topic, obj.namespace)]

    def serve(self, tx: Transaction) -> Any:
        if self.is_homeless(tx):
            return NAMESPACE_NOT_FOUND
        obj = self._named(tx.get)
        tx.put(self._counter(), (tx.get(self._counter()) or 0) + 1)
        return self.api.store(tx, self.api.object(obj.kind, obj.namespace, obj.name), obj)


class ConditionalWrite(ObjectWrite, frozen=True):
    """A write that succeeds only if the object is still what was read as ``read``."""

    read: Any

    def serve(self, tx: Transaction) -> Any:
        cell = self._cell()
        stored = tx.get(cell)
        if stored is None:
            return CONFLICT if self.api.checks_uid else NOT_FOUND
        if stored != self.read:
            return CONFLICT
        return self.api.store(tx, cell, self.merged(stored))

    def merged(self, stored: Any) -> Any:
        """What is to be stored: the part of ``object`` that this kind of write may change, the rest as it is."""
        raise AssertionError


def _status_from(source: Any, target: Any) -> Any:
    fields = {field: getattr(source, field) for field in target.status_fields}
    return replace(target, **fields) if fields else target


class Update(ConditionalWrite, frozen=True):
    """Update everything but the status."""

    verb: ClassVar[str] = "update"

    def merged(self, stored: Any) -> Any:
        return _status_from(stored, self.object)


class UpdateStatus(ConditionalWrite, frozen=True):
    """Update only the status."""

    verb: ClassVar[str] = "updateStatus"

    def merged(self, stored: Any) -> Any:
        return _status_from(self.object, stored)


class UpdatePart(UpdateStatus, frozen=True):
    """Update a part of the status that others leave alone; ``object`` is that part, ``read`` what it was and when.

    The whole status is written, so it fails with Conflict as well where others have changed the rest. A fresh get then
    makes it good, unless that happens five times in a row (FACTS R15); a search leaves such conflicts out.
    """

    part: Part
    merge: Callable[[Any, Any], Any]

    def serve(self, tx: Transaction) -> Any:
        cell = self._cell()
        stored = tx.view(cell, self.part)
        if stored is None:
            return CONFLICT if self.api.checks_uid else NOT_FOUND
        if stored != self.read.object or tx.version(cell) != self.read.version:
            return CONFLICT
        if not self.api.all_watch_parts(self.object.topic, self.object.namespace):
            tx.get(cell)  # what is sent tells the rest as well
        old, new = tx.change(cell, self.part, partial(self.merge, self.object))
        self.api.notify(tx, MODIFIED, old, new)
        return True


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
