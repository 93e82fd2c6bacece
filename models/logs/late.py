"""Agents whose watches of the broker had fallen behind before a log began, and are taken up again in it without a list.

A watch that broke is opened again from the version that was seen last; the server then sends what has happened since.
A log that tells of events shows that: an agent that neither starts nor lists hears that something was added which
nobody in the log has made. What it hears in that burst it did not know when the log began, and what it hears
the end of it did.
"""

from __future__ import annotations

from collections.abc import Generator, Iterable, Iterator
from typing import TYPE_CHECKING, Any

import msgspec

from models.exports import ServiceSpec
from models.kube.api_server import ADDED, DELETED, MODIFIED, WatchEvent
from models.kube.informer import Informer, deliver
from models.kube.objects import (
    CLUSTER_SET_IP,
    ENDPOINT_SLICES,
    LIGHTHOUSE_SLICES,
    SERVICE_IMPORTS,
    EndpointSlice,
    ServiceImport,
)
from models.logs.entry import Entry, LogFile
from models.logs.who import keys_of
from models.submariner.names import BROKER_NAMESPACE, aggregate_name
from sim.core import Cell, Get, Request, Start, Transaction, Value

if TYPE_CHECKING:
    from models.logs.world import LogWorld

Steps = Generator[Request, Any, None]
TAKEN_UP = "TAKEN_UP"
"""The mark at which a watch is opened again from where it was."""
BURST_MS = 100.0
TYPES = {type_: type_ for type_ in (ADDED, MODIFIED, DELETED)}
"""The types of events as the model has them, which compares them by identity."""


class Late(msgspec.Struct, frozen=True):
    """An agent, by its letter, that is late with a kind of objects on the broker; ``heard`` is what it then hears."""

    agent: str
    kind: str
    heard: tuple[Entry, ...]

    @property
    def first(self) -> Entry:
        """The first line that tells of it."""
        return self.heard[0]


def late(log: LogFile) -> tuple[Late, ...]:
    """The watches of the broker that had fallen behind when the log began."""
    out = []
    for agent in dict.fromkeys(entry.agent for entry in log.entries if entry.verb == "event"):
        for kind in (ENDPOINT_SLICES, SERVICE_IMPORTS):
            heard = tuple(_first_burst(log, agent, kind))
            if any(entry.note == ADDED and not _is_made(log, entry) for entry in heard):
                out.append(Late(agent, kind, heard))
    return tuple(out)


def _first_burst(log: LogFile, agent: str, kind: str) -> Iterator[Entry]:
    """What an agent that is not told to start, or to list, hears first of a kind on the broker, all at once."""
    began = None
    for entry in log.entries:
        if entry.agent != agent:
            continue
        on_broker = (entry.kind, entry.namespace, entry.api) == (kind, BROKER_NAMESPACE, "broker")
        if entry.verb == "START" or (on_broker and entry.verb == "list" and entry.informer):
            return
        if entry.verb == "event" and on_broker:
            began = entry.at_ms if began is None else began
            if entry.at_ms - began > BURST_MS:
                return
            yield entry


def _is_made(log: LogFile, event: Entry) -> bool:
    """Whether a line before the event makes its object."""
    what = (event.kind, event.namespace, event.name)
    return any(
        entry.verb == "create" and (entry.kind, entry.namespace, entry.name) == what
        for entry in log.entries
        if entry.number < event.number
    )


def last_heard(found: tuple[Late, ...]) -> dict[tuple[str, str], Entry]:
    """What is heard last of each object, by its kind and name: so it was when the log began."""
    return {(each.kind, entry.name): entry for each in found for entry in each.heard}


def gone_before(log: LogFile, found: tuple[Late, ...]) -> set[str]:
    """The services whose aggregate was gone already when the log began."""
    last = [entry for (kind, _), entry in last_heard(found).items() if kind == SERVICE_IMPORTS]
    return {key for entry in last if entry.note == DELETED and (key := _key_of(log, entry)) is not None}


def with_taken_up(entries: list[Entry], found: tuple[Late, ...]) -> list[Entry]:
    """The lines, and before what such an agent hears that its watch is opened again."""
    marks = {each.first.number: each for each in found}
    out: list[Entry] = []
    for entry in entries:
        each = marks.pop(entry.number, None) if entry.verb == "event" else None
        if each is not None:
            note = f"{each.agent} {each.kind}"
            out.append(Entry(entry.number, entry.at_ms, "net", TAKEN_UP, note=note, lasts_ms=-1.0))
        out.append(entry)
    return out


# -- how it came to that -----------------------------------------------------------------------------------------------


def fall_behind(world: LogWorld, each: Late) -> Steps:
    """The watch stands still, and what was made of what it has not heard yet was not made."""
    agent = world.agents[each.agent]
    informer = _informer(world, each.agent, each.kind)
    yield StandStill(informer)
    for entry in each.heard:
        key = _key_of(world.log, entry)
        if key is None or entry.note != ADDED:
            continue
        namespace, name = key.split("/")
        own = world.client(agent.cluster)
        if each.kind == SERVICE_IMPORTS:
            yield own.delete(SERVICE_IMPORTS, namespace, name)
        elif entry.got is not None and entry.got.cluster not in (None, agent.cluster):
            where = {"service": key, "cluster_id": str(entry.got.cluster)}
            yield own.delete_collection(ENDPOINT_SLICES, LIGHTHOUSE_SLICES, namespace, where)


def hold(world: LogWorld, each: Late) -> Steps:
    """Its store is as it was before, and the stream holds what it has not heard yet."""
    informer = _informer(world, each.agent, each.kind)
    listed = yield world.client(world.topology.broker_api.name).list(
        each.kind, informer.topic, BROKER_NAMESPACE
    )  # fmt: skip
    there: dict[str, Any] = {_identity(found): found for found in listed.items}
    events: list[WatchEvent] = []
    before: dict[str, Any] = {}
    for entry in each.heard:
        made = _object(world, entry)
        if made is None:
            continue
        obj = there.get(_identity(made), made) if _is_last(each, entry) and entry.note != DELETED else made
        kept = obj if informer.keeps is None else informer.keeps(obj)
        if entry.note != ADDED and all(event.object.key != kept.key for event in events):
            before[kept.key] = kept
        events.append(WatchEvent(TYPES[entry.note], kept))
    yield Overwrite(informer, tuple(before.values()), tuple(events), tuple(event.object.key for event in events))


def taken_up(world: LogWorld, entry: Entry) -> Request:
    """The watch is opened again."""
    agent, kind = entry.note.split()
    informer = _informer(world, agent, kind)
    return Start(informer.domain, f"{informer.name}/informer", deliver, (informer,))


def _informer(world: LogWorld, letter: str, kind: str) -> Informer:
    agent = world.agents[letter]
    return (agent.slices_in if kind == ENDPOINT_SLICES else agent.remote_imports).informer


def _key_of(log: LogFile, entry: Entry) -> str | None:
    """The service that an object on the broker is of, if any call of the log is about it."""
    for key in keys_of(log):
        stem = key.split("/")[1] if entry.kind == ENDPOINT_SLICES else aggregate_name(key)
        if stem == (entry.name.rsplit("-", 1)[0] if entry.kind == ENDPOINT_SLICES else entry.name):
            return key
    return None


def _object(world: LogWorld, entry: Entry) -> Any:
    """The object as the event tells of it; None if nobody asks for it."""
    key, facts = _key_of(world.log, entry), entry.got
    if key is None or facts is None:
        return None
    ports = ServiceSpec().ports if facts.ports else ()
    if entry.kind == ENDPOINT_SLICES:
        source = str(facts.cluster)
        return EndpointSlice(
            namespace=BROKER_NAMESPACE, name=entry.name, service=key, source_cluster=source, ports=ports,
            cluster_id=source, generate_name=False,
        )  # fmt: skip
    return ServiceImport(
        namespace=BROKER_NAMESPACE, name=entry.name, type=CLUSTER_SET_IP, annotation=key, ports=ports,
        clusters=facts.clusters or (), timestamps=tuple((cluster, 1) for cluster in facts.timestamps or ()),
    )  # fmt: skip


def _identity(obj: Any) -> str:
    """What tells an object whose name a server made."""
    return f"{obj.service} of {obj.source_cluster}" if obj.kind == ENDPOINT_SLICES else str(obj.key)


def _is_last(each: Late, entry: Entry) -> bool:
    """Whether nothing more is heard of the object."""
    return not any(other.name == entry.name and other.number > entry.number for other in each.heard)


class StandStill(Request, frozen=True):
    """The goroutine of an informer hears nothing for now."""

    informer: Informer

    def cells(self, get: Get, choice: Value) -> Iterable[Cell]:
        return ()

    def carry_out(self, tx: Transaction, choice: Value) -> None:
        tx.stop(self.informer.domain, f"{self.informer.name}/informer")


class Overwrite(Request, frozen=True):
    """The store of an informer holds some objects besides what it holds of others than the ``keys``, and its stream
    these events.
    """

    informer: Informer
    before: tuple[Any, ...]
    events: tuple[WatchEvent, ...]
    keys: tuple[str, ...]

    def cells(self, get: Get, choice: Value) -> Iterable[Cell]:
        informer = self.informer
        own = {*self.keys, *(get(informer.keys) or ())}
        return [informer.keys, informer.stream, *map(informer.entry, sorted(own))]

    def carry_out(self, tx: Transaction, choice: Value) -> None:
        informer = self.informer
        held: Any = tx.get(informer.keys) or ()
        for key in self.keys:
            tx.put(informer.entry(key), None)
        for obj in self.before:
            tx.put(informer.entry(obj.key), obj)
        kept = {*(key for key in held if key not in self.keys), *(obj.key for obj in self.before)}
        tx.put(informer.keys, tuple(sorted(kept)) or None)
        tx.put(informer.stream, self.events)
