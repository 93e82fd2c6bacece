"""Informers: a reflector that lists and watches, a store with one cell per entry, and handlers that run in its
goroutine.

Source: client-go ``tools/cache`` (``Reflector.ListAndWatch``, ``sharedIndexInformer.HandleDeltas``), as described in
docs/FACTS.md C7.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial
from typing import Any, ClassVar, Protocol

from models.kube.api_server import ADDED, CLOSED, DELETED, MODIFIED, Watch, WatchEvent
from models.kube.calls import UNREACHABLE, ApiCall, Listed, view
from models.kube.client import Client
from models.kube.past import Past
from sim.core import (
    Await,
    Become,
    Cell,
    Channel,
    Domain,
    Get,
    Part,
    Request,
    Sleep,
    Stage,
    Take,
    Transaction,
    Value,
    reset,
)

CACHE_POLL_MS = 100.0
"""``WaitForCacheSync`` looks every 100 ms (FACTS C7)."""
RELIST_DELAYS = 7


class Handler(Protocol):
    """What an informer calls, in its own goroutine, after its store has changed."""

    def on_event(self, tx: Transaction, type_: str, old: Any, new: Any) -> None: ...
    def event_cells(self, get: Get, obj: Any) -> Iterable[Cell]: ...


class Informer:
    """A watch on one topic of an API server, with its store. ``wait`` names the delay of its watch stream.

    ``keeps`` is what its handlers read of an object. Upstream's store holds the whole object and its handlers ignore
    updates of the rest; here the rest is not stored, and its updates are not sent.
    """

    def __init__(
        self, domain: Domain, name: str, client: Client, kind: str, topic: str, namespace: str = "",
        wait: str = "watch", keeps: Part | None = None,
    ) -> None:  # fmt: skip
        self.domain, self.name, self.client = domain, name, client
        self.kind, self.topic, self.namespace = kind, topic, namespace
        self.stream = Channel(f"{name}/stream", domain, wait, keyed=False)
        self.synced = domain.cell(f"{name}/synced")
        self.keys = domain.cell(f"{name}/store")
        self._entries: dict[str, Cell] = {}
        self.handler: Handler | None = None
        self.keeps = keeps
        self.past: Past | None = None  # where a script lets the API server lag
        self.barriers: tuple[Cell, ...] = ()  # while one of these cells is true, no list comes through; a script's
        self.lists: type[ListAndOpen] = ListAndOpen
        client.api.add_watch(self.watch())

    def watch(self) -> Watch:
        """What the API server is asked for."""
        return Watch(self.stream, self.topic, self.namespace, self.keeps)

    def __repr__(self) -> str:
        return f"informer {self.domain.name}/{self.name}"

    def keep_only(self, keeps: Part) -> None:
        """Keep less of each object than it was made for."""
        self.keeps = keeps
        self.client.api.keep_only(self.stream, self.topic, keeps)

    def entry(self, key: str) -> Cell:
        """The cell of one store entry."""
        found = self._entries.get(key)
        if found is None:
            found = self._entries[key] = self.domain.cell(f"{self.name}/store/{key}")
        return found

    def wait_for_sync(self) -> Await:
        """Wait until the initial list is in the store."""
        return Await(self.synced, CACHE_POLL_MS)

    def put(self, tx: Transaction, type_: str, obj: Any) -> None:
        """Apply one event to the store and tell the handler."""
        key = obj.key
        cell = self.entry(key)
        old = tx.get(cell)
        if type_ is DELETED:
            if old is None:
                return
            tx.put(cell, None)
            tx.put(self.keys, tuple(k for k in tx.get(self.keys) if k != key) or None)
            obj = None
        else:
            type_ = ADDED if old is None else MODIFIED
            tx.put(cell, obj)
            if old is None:
                tx.put(self.keys, tuple(sorted((*(tx.get(self.keys) or ()), key))))
        if self.handler is not None:
            self.handler.on_event(tx, type_, old, obj)

    def touched(self, get: Get, objects: Iterable[Any]) -> Iterable[Cell]:
        """The cells that events of these objects may touch."""
        out = [self.stream, self.keys, self.synced]
        for obj in objects:
            out.append(self.entry(obj.key))
            if self.handler is not None:
                out += self.handler.event_cells(get, obj)
        return out

    def cached_cells(self, get: Get) -> list[Cell]:
        """The cells that :meth:`cached` reads."""
        return [self.keys, *map(self.entry, get(self.keys) or ())]

    def cached(self, get: Get, get_entry: Get | None = None) -> list[Any]:
        """What the store holds, by key; ``get_entry`` may read parts."""
        read = get_entry or get
        return [read(self.entry(key)) for key in get(self.keys) or ()]


class ListAndOpen(ApiCall, frozen=True):
    """The reflector's list; from its version on the watch stream receives events."""

    informer: Informer
    verb: ClassVar[str] = "list"

    def served(self, get: Get) -> Iterable[Cell]:
        informer = self.informer
        listed = self.api.selected_cells(get, informer.kind, informer.topic, informer.namespace)
        past = () if informer.past is None else informer.past.cells()
        return [*listed, informer.stream, *informer.barriers, *past]

    def answer(self, tx: Transaction) -> Any:
        barred = any(tx.get(barrier) for barrier in self.informer.barriers)
        return UNREACHABLE if barred else super().answer(tx)

    def serve(self, tx: Transaction) -> Any:
        informer = self.informer
        reset(tx, informer.stream, is_open=True)
        if informer.past is not None and (listed := informer.past.answer(tx)) is not None:
            return listed
        get: Get = tx.get if informer.keeps is None else partial(view, tx, informer.keeps)
        return Listed(self.api.select(tx.get, informer.kind, informer.topic, informer.namespace, get))

    def target(self) -> str:
        return f"{self.informer.topic} in {self.informer.namespace or 'all namespaces'} (informer)"


class ListAtOnce(ListAndOpen, frozen=True):
    """The same where nobody minds that the list is of the past, as all that came since follows as events."""

    at_once: ClassVar[bool] = True


class Replace(Request, frozen=True):
    """Put a list into the store: known objects are replayed as updates, vanished ones as deletes of the old object."""

    informer: Informer
    listed: Listed

    def cells(self, get: Get, choice: Value) -> Iterable[Cell]:
        return self.informer.touched(get, [*self.informer.cached(get), *self.listed.items])

    def carry_out(self, tx: Transaction, choice: Value) -> None:
        informer = self.informer
        held = informer.cached(tx.get)
        there = {obj.key for obj in self.listed.items} if held else ()
        for old in held:
            if old.key not in there:
                informer.put(tx, DELETED, old)
        for obj in self.listed.items:
            informer.put(tx, ADDED, obj)
        tx.put(informer.synced, True)


class Deliver(Take, frozen=True):
    """The next event of the stream, into the store and to the handler; the last says that the stream was cut."""

    informer: Informer
    loops: ClassVar[bool] = True

    def repeats(self, response: WatchEvent) -> bool:
        return response.type is not CLOSED

    def cells(self, get: Get, choice: Value) -> Iterable[Cell]:
        head = get(self.channel)[0]
        return self.informer.touched(get, () if head.type is CLOSED else (head.object,))

    def carry_out(self, tx: Transaction, choice: Value) -> WatchEvent:
        event: WatchEvent = tx.pop(self.channel, choice)
        if event.type is CLOSED:
            reset(tx, self.channel, is_open=False)
        else:
            self.informer.put(tx, event.type, event.object)
        return event


class SleepWhileDown(Sleep, frozen=True):
    """The back-off after a failed call. Without a clock it ends when trying again could go otherwise."""

    up: Cell
    barriers: tuple[Cell, ...] = ()
    spins: ClassVar[bool] = True

    def reads(self, get: Get, choice: Value) -> Iterable[Cell]:
        return (self.up, *self.barriers)

    def ready(self, get: Get) -> bool:
        return bool(get(self.up)) and not any(get(barrier) for barrier in self.barriers)


def reflect(informer: Informer, failures: int = 0) -> Stage:
    """List, fill the store, open the watch; retried with the reflector's back-off (0.8 s doubling to 30 s)."""
    listed = yield informer.lists(informer.client.link, informer.client.api, informer)
    if listed is UNREACHABLE:
        step = min(failures, RELIST_DELAYS - 1)
        yield SleepWhileDown(f"relist-{step}", informer.client.api.up, informer.barriers)
        return Become(reflect, (informer, step + 1))
    yield Replace(informer, listed)
    yield informer.client.call(f"watch {informer.topic}")
    return Become(deliver, (informer,))


def deliver(informer: Informer) -> Stage:
    """One event after the other; a cut stream is listed again after a back-off."""
    yield Deliver(informer.stream, informer)
    yield Sleep("relist-0")
    return Become(reflect, (informer, 1))
