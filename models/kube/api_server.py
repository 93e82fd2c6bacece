"""API servers: storage with optimistic concurrency, status subresources and watches; and their clients.

Concurrency is judged by value: a write fails with Conflict when the object is no longer the value that was read.
"""

from __future__ import annotations

from typing import Any

import msgspec
from msgspec.structs import replace

from models.kube.objects import NAMESPACES, KubeObject, Namespace
from sim.core import Cell, Channel, Domain, Get, Part, Transaction

UP, FROZEN = "up", "frozen"


ADDED, MODIFIED, DELETED, CLOSED = "ADDED", "MODIFIED", "DELETED", "CLOSED"


class WatchEvent(msgspec.Struct, frozen=True):
    """What a watch stream carries; CLOSED has no object and is the last."""

    type: str
    object: Any = None


THE_END = WatchEvent(CLOSED)


class Watch(msgspec.Struct, frozen=True):
    """Who receives the events of a topic while its stream is open; an empty namespace means all.

    ``keeps`` is the part of an object that the receiver wants; an update that leaves it as it was is not sent.
    """

    stream: Channel
    topic: str
    namespace: str = ""
    keeps: Part | None = None

    def event(self, type_: str, old: Any, new: Any) -> WatchEvent | None:
        """What is sent, or None."""
        obj = old if new is None else new
        if self.keeps is None:
            return WatchEvent(type_, obj)
        kept = self.keeps(obj)
        if type_ is MODIFIED and kept == self.keeps(old):
            return None
        return WatchEvent(type_, kept)

    def cells(self) -> tuple[Channel, ...]:
        """What sending touches."""
        return (self.stream,)

    def send(self, tx: Transaction, type_: str, old: Any, new: Any) -> None:
        """Put the event into the stream, if it is open."""
        event = self.event(type_, old, new)
        if event is not None:
            tx.offer(self.stream, event, THE_END)


class KeysWatch(Watch, frozen=True, kw_only=True):
    """A watch that only tells of which keys something happened. ``keeps`` makes the keys of an object.

    What is on its way and what waits in the ``queue`` that it fills are one, as the queue holds each key once; the
    stream says only whether the watch is open, and when it breaks.
    """

    queue: Channel

    def cells(self) -> tuple[Channel, ...]:
        return (self.stream, self.queue)

    def send(self, tx: Transaction, type_: str, old: Any, new: Any) -> None:
        assert self.keeps is not None
        keys = self.keeps(old if new is None else new)
        if keys and tx.get(self.stream) == ():
            for key in keys:
                tx.append(self.queue, key)


class ApiServer:
    """The API of one cluster, or of the broker where that has a cluster of its own.

    ``storage`` (etcd) survives a kill; ``server`` does not. ``up`` is absent while the server is down.
    ``checks_uid`` says whether an update of an object that is gone fails with Conflict, as on a real server, which
    compares the UID that was read with that of nothing, and not with NotFound (FACTS M11).
    """

    def __init__(self, name: str, *, checks_uid: bool = False) -> None:
        self.name = name
        self.checks_uid = checks_uid
        self.storage = Domain(f"{name}/etcd", volatile=False)
        self.server = Domain(f"{name}/kube-apiserver")
        self.up = self.server.cell("up")
        self._objects: dict[tuple[str, str, str], Cell] = {}
        self._names: dict[tuple[str, str], Cell] = {}
        self.namespaces: list[str] = []
        self.changing: tuple[str, ...] = ()  # namespaces that a script deletes and creates; others are always there
        self._watches: dict[str, list[Watch]] = {}

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

    def namespace(self, name: str) -> Cell:
        """The cell of one Namespace."""
        return self.object(NAMESPACES, Namespace.SCOPE, name)

    def add_watch(self, watch: Watch) -> None:
        """Let a stream receive the events of a topic."""
        self._watches.setdefault(watch.topic, []).append(watch)

    def keep_only(self, stream: Channel, topic: str, keeps: Part) -> None:
        """Send a stream from now on only a part of each object."""
        watches = self._watches[topic]
        watches[:] = [replace(watch, keeps=keeps) if watch.stream is stream else watch for watch in watches]

    def streams(self, topic: str, namespace: str) -> list[Channel]:
        """The streams that an event in the namespace would go to, open or not, and queues that watches fill."""
        watches = self._watches.get(topic, ())
        return [cell for watch in watches if watch.namespace in ("", namespace) for cell in watch.cells()]

    def all_watch_parts(self, topic: str, namespace: str) -> bool:
        """Whether nobody who watches an object of the topic in the namespace wants the whole of it."""
        watches = self._watches.get(topic, ())
        return all(watch.keeps is not None for watch in watches if watch.namespace in ("", namespace))

    def all_streams(self) -> list[Channel]:
        """Every stream of this server."""
        return [watch.stream for watches in self._watches.values() for watch in watches]

    # -- the effects of requests; all run inside one step ----------------------------------------------------------

    def notify(self, tx: Transaction, type_: str, old: KubeObject | None, new: KubeObject | None) -> None:
        """Send an event to every open stream that selects the object."""
        obj: Any = new or old
        for watch in self._watches.get(obj.topic, ()):
            if watch.namespace and watch.namespace != obj.namespace:
                continue
            watch.send(tx, type_, old, new)

    def store(self, tx: Transaction, cell: Cell, obj: KubeObject) -> KubeObject:
        """Write an object; a write that changes nothing makes no event."""
        old = tx.get(cell)
        if old != obj:
            tx.put(cell, obj)
            if old is None:
                names = self.names(obj.topic, obj.namespace)
                tx.put(names, tuple(sorted((*(tx.get(names) or ()), obj.name))))
            self.notify(tx, MODIFIED if old is not None else ADDED, old, obj)
        return obj

    def remove(self, tx: Transaction, cell: Cell, old: KubeObject) -> None:
        """Delete an object."""
        names = self.names(old.topic, old.namespace)
        tx.put(cell, None)
        tx.put(names, tuple(name for name in tx.get(names) if name != old.name) or None)
        self.notify(tx, DELETED, old, None)

    def select(self, get: Get, kind: str, topic: str, namespace: str, get_object: Get | None = None) -> tuple[Any, ...]:
        """The objects of a topic in a namespace, or in all, by namespace and name; ``get_object`` may read parts."""
        read = get_object or get
        found = []
        for space in (namespace,) if namespace else self.namespaces:
            names = get(self.names(topic, space))
            if names:
                found += [read(self.object(kind, space, name)) for name in names]
        return tuple(found)

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
