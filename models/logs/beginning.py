"""What the world was like when a log began, as far as its lines tell: the first mention of each object says so."""

from __future__ import annotations

import re
from collections.abc import Iterator

import msgspec

from models.kube.objects import ENDPOINT_SLICES, NAMESPACES, SERVICE_EXPORTS, SERVICE_IMPORTS, SERVICES
from models.logs.entry import OK, Entry, Facts, LogFile
from models.submariner.names import BROKER_NAMESPACE, OPERATOR_NAMESPACE, aggregate_name, local_import_name
from models.topology import Export, ServiceSpec

ABSENT = "NotFound"
Place = tuple[str, str, str, str]
"""Server (a cluster's ID, or ``broker``), kind, namespace, name."""


class Mention(msgspec.Struct, frozen=True):
    """What the first line that names an object tells: whether it was there, and like what."""

    there: bool
    facts: Facts | None = None


class Beginning(msgspec.Struct, frozen=True):
    """The world when a log began.

    ``services`` are the Services that were there, by exporter; ``exported`` those of them with a ServiceExport.
    ``down`` are the clusters whose agent did not run. ``mentions`` are the first mentions of all objects.
    ``updated`` are the EndpointSlices that the log shows an update of: (server, namespace, service, whose it is).
    """

    services: tuple[Export, ...]
    exported: tuple[Export, ...]
    down: tuple[str, ...]
    mentions: dict[Place, Mention]
    empty: tuple[tuple[str, str], ...]
    updated: frozenset[tuple[str, str, str, str]]
    specs: dict[Export, ServiceSpec]


def cluster_of(log: LogFile, agent: str) -> str:
    """The ID of the cluster of an agent or user; empty if it is of none."""
    letter = re.sub(r"^user@", "", agent).split("#")[0]
    if letter in log.clusters:
        return log.clusters[letter]
    return log.clusters.get(letter.rstrip("0123456789"), "")


def server_of(log: LogFile, entry: Entry) -> str:
    """The server that a line is about: a cluster's ID, or ``broker`` where that has a server of its own."""
    on_broker = entry.api == "broker" or entry.namespace == BROKER_NAMESPACE or entry.agent == "user@broker"
    if on_broker:
        return log.broker if log.broker in log.clusters.values() else "broker"
    return cluster_of(log, entry.agent)


def keys_of(log: LogFile) -> tuple[str, ...]:
    """The services that the log is about, as ``<namespace>/<name>``."""
    spaces = ("", BROKER_NAMESPACE, OPERATOR_NAMESPACE)
    found = {
        f"{entry.namespace}/{entry.name}"
        for entry in log.entries
        if entry.kind in (SERVICE_EXPORTS, SERVICES) and entry.namespace not in spaces and entry.name
    }
    found |= {
        f"{entry.namespace}/{entry.name}"
        for entry in log.entries
        if entry.kind == SERVICE_IMPORTS and entry.namespace not in spaces and entry.name
    }
    return tuple(sorted(found))


def beginning(log: LogFile) -> Beginning:
    """What the world was like when the log began."""
    mentions, empty = _mentions(log)
    keys = keys_of(log)
    services, exported = [], []
    for cluster in log.clusters.values():
        for key in keys:
            export = Export(cluster, key)
            if _was_exported(log, mentions, export):
                exported.append(export)
            if export in exported or _had_service(log, export):
                services.append(export)
    specs = {Export(c, key): spec_of(log, Export(c, key)) for c in log.clusters.values() for key in keys}
    return Beginning(tuple(services), tuple(exported), _down(log), mentions, empty, _updated(log), specs)


def _mentions(log: LogFile) -> tuple[dict[Place, Mention], tuple[tuple[str, str], ...]]:
    """First mentions, and (server, namespace) of which a list showed no EndpointSlice before any was made there."""
    out: dict[Place, Mention] = {}
    empty: list[tuple[str, str]] = []
    made: set[tuple[str, str]] = set()
    emptied: set[tuple[str, str]] = set()
    for entry in log.entries:
        server = server_of(log, entry)
        if entry.kind == NAMESPACES and entry.verb == "delete":
            emptied.add((server, entry.name))
        if (server, entry.namespace) in emptied:
            continue  # what is there now says nothing of what was there when the log began
        if entry.kind == ENDPOINT_SLICES and not entry.of_service:
            where = (server, entry.namespace)
            if entry.verb == "list" and entry.count == 0 and where not in made and where not in empty:
                empty.append(where)
            made.add(where)
        if not entry.name or not entry.kind or entry.verb == "list":
            continue
        place = (server, entry.kind, entry.namespace, entry.name)
        if place in out:
            continue
        there = (
            entry.verb != "create" and (entry.result in (OK, "Conflict")) if entry.result != "AlreadyExists" else True
        )
        if entry.verb == "event":
            there = entry.note != "ADDED"
        if entry.result != "Unreachable":
            out[place] = Mention(there, entry.got if entry.verb == "get" else None)
    return out, tuple(empty)


def _updated(log: LogFile) -> frozenset[tuple[str, str, str, str]]:
    return frozenset(
        (server_of(log, entry), entry.namespace, entry.name.rsplit("-", 1)[0], entry.sent.cluster or "")
        for entry in log.entries
        if entry.kind == ENDPOINT_SLICES and entry.verb == "update" and entry.sent is not None
    )


def _was_exported(log: LogFile, mentions: dict[Place, Mention], export: Export) -> bool:
    namespace, name = export.service_key.split("/")
    mine = mentions.get((export.cluster, SERVICE_EXPORTS, namespace, name))
    if mine is not None:
        return mine.there
    server = log.broker if log.broker in log.clusters.values() else "broker"
    aggregate = mentions.get((server, SERVICE_IMPORTS, BROKER_NAMESPACE, aggregate_name(export.service_key)))
    if aggregate is not None and aggregate.facts is not None:
        return export.cluster in (aggregate.facts.clusters or ())
    for cluster in log.clusters.values():
        copy = mentions.get((cluster, SERVICE_IMPORTS, namespace, name))
        if copy is not None and copy.facts is not None:
            return export.cluster in (copy.facts.clusters or ())
    local = local_import_name(export.service_key, export.cluster)
    found = mentions.get((export.cluster, SERVICE_IMPORTS, OPERATOR_NAMESPACE, local))
    return found.there if found is not None else _has_slice(log, export)


def _has_slice(log: LogFile, export: Export) -> bool:
    """Whether lines show an EndpointSlice of the export that its own cluster does not make in the log."""
    namespace, name = export.service_key.split("/")
    seen = False
    for entry in log.entries:
        facts = entry.sent or entry.got
        if entry.kind != ENDPOINT_SLICES or facts is None or facts.cluster != export.cluster:
            continue
        if entry.name.rsplit("-", 1)[0] == name:
            seen = True
            own = cluster_of(log, entry.agent) == export.cluster and entry.namespace == namespace
            if own and entry.verb == "create":
                return False
    return seen


def _had_service(log: LogFile, export: Export) -> bool:
    """Whether the Service was there: a user exports it and nobody made it before."""
    namespace, name = export.service_key.split("/")
    for entry in log.entries:
        mine = cluster_of(log, entry.agent) == export.cluster and (entry.namespace, entry.name) == (namespace, name)
        if mine and entry.is_outside and entry.kind == SERVICES:
            return entry.verb != "create"
        if mine and entry.is_outside and entry.kind == SERVICE_EXPORTS:
            return True
    return False


def _down(log: LogFile) -> tuple[str, ...]:
    """Clusters whose agent did not run: the first thing that is heard of it is its start."""
    out = []
    for cluster in log.clusters.values():
        mine = [e for e in log.entries if cluster_of(log, e.agent) == cluster and not e.agent.startswith("user")]
        first = {entry.agent: entry for entry in reversed(mine)}
        ran = any(entry.verb != "START" for entry in first.values())
        if first and not ran:
            out.append(cluster)
    return tuple(out)


def facts_of_import(log: LogFile, export: Export, after: int = 0) -> Iterator[Facts]:
    """What lines tell of the local ServiceImport of an export, from a line on."""
    local = local_import_name(export.service_key, export.cluster)
    for entry in log.entries:
        if entry.number > after and entry.kind == SERVICE_IMPORTS and entry.name == local:
            facts = entry.sent or entry.got
            if facts is not None:
                yield facts


def spec_of(log: LogFile, export: Export, after: int = 0) -> ServiceSpec:
    """What a Service is like from a line on: as the next local ServiceImport says, and what else is known."""
    facts = next(facts_of_import(log, export, after), None)
    letter = next(letter for letter, cluster in log.clusters.items() if cluster == export.cluster)
    headless = (facts is not None and facts.type == "Headless") or f"{letter} exports headless" in log.script
    if facts is None and re.search(r"\bheadless\b", log.script) and "exports headless" not in log.script:
        headless = True
    ports = ServiceSpec().ports
    if facts is not None and isinstance(facts.ports, tuple) and facts.ports:
        ports = facts.ports
    elif facts is not None and isinstance(facts.ports, int):
        ports = (*ports, *(f"port-{number}:{8000 + number}" for number in range(2, 10)))[: facts.ports]
    namespace = export.service_key.split("/")[0]
    slices = [
        entry.count
        for entry in log.entries
        if (entry.kind, entry.verb, entry.namespace) == (ENDPOINT_SLICES, "list", namespace)
        and (entry.of_service or (headless and not entry.informer))
        and entry.count is not None
        and cluster_of(log, entry.agent) == export.cluster
    ]
    return ServiceSpec("Headless" if headless else "ClusterIP", ports, slices=max([1, *slices]))
