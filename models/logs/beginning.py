"""What the world was like when a log began, as far as its lines tell: the first mention of each object says so."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import msgspec

from models.exports import Export, ServiceSpec
from models.kube.objects import ENDPOINT_SLICES, NAMESPACES, SERVICE_EXPORTS, SERVICE_IMPORTS, SERVICES
from models.logs.behind import Behind
from models.logs.entry import OK, UNREACHABLE, Entry, Facts, LogFile
from models.logs.late import Late
from models.logs.selecting import Blank, selected
from models.logs.specs import spec_of
from models.logs.who import broker_of, cluster_of, keys_of, server_of
from models.submariner.names import BROKER_NAMESPACE, OPERATOR_NAMESPACE, aggregate_name, local_import_name

NEVER = float("inf")
Place = tuple[str, str, str, str]
"""Server (a cluster's ID, or ``broker``), kind, namespace, name."""
Space = tuple[str, str, str]
"""Server, kind, namespace (empty: all)."""


class Mention(msgspec.Struct, frozen=True):
    """What the first line that names an object tells: whether it was there, and like what."""

    there: bool
    facts: Facts | None = None


class Beginning(msgspec.Struct, frozen=True):
    """The world when a log began.

    ``services`` are the Services that were there, by exporter; ``exported`` those of them with a ServiceExport, which
    the ``withdrawn`` ones had lost again since the agents in ``down`` had stopped.
    ``down`` are the clusters whose agent did not run. ``mentions`` are the first mentions of all objects.
    ``empty`` is where a list showed nothing. ``updated`` are the EndpointSlices that the log shows an update of:
    (server, namespace, service, whose it is). ``rewritten`` are the services whose aggregate an agent writes though
    what is told of it does not change. ``stale`` are EndpointSlices on the broker that a user deletes and that are more
    than the agents have made. ``migrates`` are (agent, service) of what an agent that ran does once per process, and
    does in the log, so that it had not been done (FACTS H12). ``behind`` are agents whose watches had broken,
    ``late`` watches that had fallen behind.
    """

    services: tuple[Export, ...]
    exported: tuple[Export, ...]
    withdrawn: tuple[Export, ...]
    down: tuple[str, ...]
    mentions: dict[Place, Mention]
    empty: tuple[Blank, ...]
    updated: frozenset[tuple[str, str, str, str]]
    specs: dict[Export, ServiceSpec]
    rewritten: tuple[str, ...]
    stale: tuple[tuple[Export, str], ...]
    migrates: tuple[tuple[str, str], ...]
    behind: tuple[Behind, ...] = ()
    late: tuple[Late, ...] = ()


def beginning(log: LogFile) -> Beginning:
    """What the world was like when the log began."""
    mentions, empty = _Mentions(log).read()
    keys, down = keys_of(log), _down(log)
    services, exported, withdrawn = [], [], []
    for cluster in log.clusters.values():
        for key in keys:
            export = Export(cluster, key)
            if told_exported(log, mentions, export):
                exported.append(export)
                if cluster in down and _lost_its_export(log, mentions, export):
                    withdrawn.append(export)
            if export in exported or _had_service(log, export):
                services.append(export)
    for export in _leftovers(log, mentions, down, exported):
        services.append(export)
        exported.append(export)
        withdrawn.append(export)
    specs = {Export(c, key): spec_of(log, Export(c, key)) for c in log.clusters.values() for key in keys}
    rewritten = tuple(key for key in keys if _is_rewritten(log, key))
    return Beginning(
        tuple(services), tuple(exported), tuple(withdrawn), down, mentions, empty, _updated(log), specs, rewritten,
        tuple(stale_slices(log, mentions, exported)), tuple(_migrates(log, keys)),
    )  # fmt: skip


class _Mentions:
    """First mentions, and where a list showed no EndpointSlice or ServiceImport before any was made there."""

    def __init__(self, log: LogFile) -> None:
        self.log = log
        self.mentions: dict[Place, Mention] = {}
        self.empty: list[Blank] = []
        self._seen: set[Space] = set()
        self._emptied: set[tuple[str, str]] = set()
        self._gone: set[Place] = set()  # what is first told of to be deleted
        emptied = [entry for entry in log.entries if entry.verb in ("DELETED", "EMPTIED")]
        self._deleted_ms = {
            SERVICE_IMPORTS: min((e.at_ms for e in emptied), default=NEVER),
            ENDPOINT_SLICES: min((e.at_ms for e in emptied if e.empties_slices), default=NEVER),
        }

    def read(self) -> tuple[dict[Place, Mention], tuple[Blank, ...]]:
        for entry in sorted(self.log.entries, key=_tells_ms):
            server = server_of(self.log, entry)
            if entry.kind == NAMESPACES and entry.verb == "delete":
                self._emptied.add((server, entry.name))
            if not self._is_of_later(entry, server):
                self._list(entry, server)
                self._mention(entry, server)
        return self.mentions, tuple(self.empty)

    def _is_of_later(self, entry: Entry, server: str) -> bool:
        """Whether what is there now says nothing of what was there when the log began."""
        on_broker = entry.namespace == BROKER_NAMESPACE
        after = on_broker and entry.at_ms + max(0.0, entry.lasts_ms) >= self._deleted_ms.get(entry.kind, NEVER)
        return after or (server, entry.namespace) in self._emptied

    def _list(self, entry: Entry, server: str) -> None:
        if entry.kind not in (ENDPOINT_SLICES, SERVICE_IMPORTS) or entry.of_service:
            return
        where = (server, entry.kind, entry.namespace)
        before = where in self._seen
        if not entry.namespace:
            emptied = any(place[0] == server for place in self._emptied)
            before = emptied or any(space[:2] == where[:2] for space in self._seen)
        ran = entry.kind == ENDPOINT_SLICES or entry.namespace == OPERATOR_NAMESPACE
        if entry.verb == "list" and entry.result == OK and entry.count == 0 and ran and not before:
            only = selected(self.log, entry)
            if only is not None:
                self.empty.append(Blank(*where, only))
        self._seen.add(where)

    def _mention(self, entry: Entry, server: str) -> None:
        place = (server, entry.kind, entry.namespace, entry.name)
        if not entry.name or not entry.kind or entry.verb == "list":
            return
        if place in self.mentions:
            if place in self._gone and entry.note == "DELETED" and entry.got is not None:  # it tells how it was last
                self.mentions[place] = Mention(there=True, facts=entry.got)
            self._gone.discard(place)
            return
        if entry.verb == "delete" and entry.result == OK:
            self._gone.add(place)
        there = entry.verb != "create" and entry.result in (OK, "Conflict")
        if entry.verb == "event":
            there = entry.note != "ADDED"
        if entry.result != UNREACHABLE:
            facts = entry.got if entry.verb == "get" else None
            self.mentions[place] = Mention(there or entry.result == "AlreadyExists", facts)


def _tells_ms(entry: Entry) -> float:
    """From when on a line tells something: what was not found may have been deleted by what began later."""
    return entry.at_ms + (max(0.0, entry.lasts_ms) if entry.result == "NotFound" else 0.0)


def _updated(log: LogFile) -> frozenset[tuple[str, str, str, str]]:
    return frozenset(
        (server_of(log, entry), entry.namespace, entry.name.rsplit("-", 1)[0], entry.sent.cluster or "")
        for entry in log.entries
        if entry.kind == ENDPOINT_SLICES and entry.verb == "update" and entry.sent is not None
    )


def told_exported(log: LogFile, mentions: dict[Place, Mention], export: Export) -> bool | None:
    """Whether a Service had a ServiceExport when the log began; None if no line tells."""
    namespace, name = export.service_key.split("/")
    mine = mentions.get((export.cluster, SERVICE_EXPORTS, namespace, name))
    if mine is not None:
        return mine.there
    aggregate = mentions.get((broker_of(log), SERVICE_IMPORTS, BROKER_NAMESPACE, aggregate_name(export.service_key)))
    if aggregate is not None and aggregate.facts is not None:
        return export.cluster in (aggregate.facts.clusters or ())
    for cluster in log.clusters.values():
        copy = mentions.get((cluster, SERVICE_IMPORTS, namespace, name))
        if copy is not None and copy.facts is not None:
            return export.cluster in (copy.facts.clusters or ())
    local = local_import_name(export.service_key, export.cluster)
    found = mentions.get((export.cluster, SERVICE_IMPORTS, OPERATOR_NAMESPACE, local))
    return found.there if found is not None else _has_slice(log, export) or None


def _lost_its_export(log: LogFile, mentions: dict[Place, Mention], export: Export) -> bool:
    """Whether its agent has looked at all ServiceExports when it lists local imports, and never at this one."""
    if (export.cluster, SERVICE_EXPORTS, *export.service_key.split("/")) in mentions:
        return False
    return any(
        entry.informer and (entry.kind, entry.namespace) == (SERVICE_IMPORTS, OPERATOR_NAMESPACE)
        for entry in log.entries
        if cluster_of(log, entry.agent) == export.cluster
    )


def _leftovers(
    log: LogFile, mentions: dict[Place, Mention], down: tuple[str, ...], exported: list[Export]
) -> list[Export]:
    """Exports that are over, of which an agent that was down still has EndpointSlices that it imported."""
    out: list[Export] = []
    for (server, kind, namespace, name), mention in mentions.items():
        export_key = f"{namespace}/{name.rsplit('-', 1)[0]}"
        of_other = [cluster for cluster in log.clusters.values() if cluster != server]
        if kind != ENDPOINT_SLICES or not mention.there or server not in down or namespace == BROKER_NAMESPACE:
            continue
        if of_other and not any(export.service_key == export_key for export in (*exported, *out)):
            out.append(Export(of_other[0], export_key))
    return out


def _is_rewritten(log: LogFile, key: str) -> bool:
    """Whether an agent updates the aggregate, or a copy of it, to what it had got: something that is not told changes.

    Whole agents send copies again and again (FACTS M5).
    """
    places = [(BROKER_NAMESPACE, aggregate_name(key))]
    if not log.whole_binary:
        namespace, _, name = key.partition("/")
        places.append((namespace, name))
    read: dict[tuple[str, str], Facts | None] = {}
    for entry in log.entries:
        if entry.kind != SERVICE_IMPORTS or (entry.namespace, entry.name) not in places:
            continue
        if entry.verb == "get":
            read[entry.agent, entry.namespace] = entry.got
        elif entry.verb == "update" and entry.sent and read.get((entry.agent, entry.namespace)) == entry.sent:
            return True
    return False


def _migrates(log: LogFile, keys: tuple[str, ...]) -> Iterator[tuple[str, str]]:
    started = {entry.agent for entry in log.entries if entry.verb == "START"}
    for entry in log.entries:
        if entry.is_outside or entry.verb != "delete" or entry.agent in started:
            continue
        for key in keys:
            legacy = local_import_name(key, cluster_of(log, entry.agent))
            if (entry.kind, entry.namespace, entry.name) == (SERVICE_IMPORTS, BROKER_NAMESPACE, legacy):
                yield entry.agent, key


def stale_slices(
    log: LogFile, mentions: dict[Place, Mention], exported: Sequence[Export]
) -> Iterator[tuple[Export, str]]:
    """EndpointSlices on the broker that a user deletes and that are more than the agents have made."""
    on_broker = [
        name
        for (server, kind, namespace, name), mention in mentions.items()
        if mention.there and (server, kind, namespace) == (broker_of(log), ENDPOINT_SLICES, BROKER_NAMESPACE)
    ]
    for entry in log.entries:
        if not entry.is_outside or entry.verb != "delete" or entry.name not in on_broker:
            continue
        stem = entry.name.rsplit("-", 1)[0]
        mine = [export for export in exported if export.service_key.split("/")[1] == stem]
        if mine and sum(name.rsplit("-", 1)[0] == stem for name in on_broker) > len(mine):
            yield mine[0], entry.name


def _has_slice(log: LogFile, export: Export) -> bool:
    """Whether lines show an EndpointSlice of the export that its own cluster does not make in the log."""
    namespace, name = export.service_key.split("/")
    alike = [key for key in keys_of(log) if key.split("/")[1] == name]
    spaces = (namespace, BROKER_NAMESPACE) if len(alike) == 1 else (namespace,)  # on the broker none tells which it is
    seen = False
    for entry in log.entries:
        facts = entry.sent or entry.got
        if entry.kind != ENDPOINT_SLICES or facts is None or facts.cluster != export.cluster:
            continue
        if entry.namespace not in spaces:
            continue
        if entry.name.rsplit("-", 1)[0] == name:
            seen = True
            own = cluster_of(log, entry.agent) == export.cluster and entry.namespace == namespace
            if own and entry.verb == "create":
                return False
    return seen


def _had_service(log: LogFile, export: Export) -> bool:
    """Whether the Service was there: a user exports it, nobody made it before and no agent was told that it came."""
    namespace, name = export.service_key.split("/")
    for entry in log.entries:
        mine = cluster_of(log, entry.agent) == export.cluster and (entry.namespace, entry.name) == (namespace, name)
        if mine and entry.kind == SERVICES and entry.verb == "event":
            return entry.note != "ADDED"
        if mine and entry.is_outside and entry.kind == SERVICES:
            return entry.verb != "create"
        if mine and entry.is_outside and entry.kind == SERVICE_EXPORTS:
            return True
    return False


def _down(log: LogFile) -> tuple[str, ...]:
    """Clusters whose agent did not run: the first thing that is heard of it is its start."""
    out = []
    for cluster in log.clusters.values():
        mine = [e for e in log.entries if cluster_of(log, e.agent) == cluster and e.shows_running]
        mine = [e for e in mine if not e.agent.startswith("user")]
        first = {entry.agent: entry for entry in reversed(mine)}
        ran = any(entry.verb != "START" for entry in first.values())
        if first and not ran:
            out.append(cluster)
    return tuple(out)
