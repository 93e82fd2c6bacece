"""The world of a log: what it was like when the log began, and what others than agents did in it."""

from __future__ import annotations

from collections.abc import Generator, Iterable
from typing import Any

from msgspec.structs import replace

from models.exports import Export
from models.kube.api_server import UP
from models.kube.client import Client
from models.kube.objects import (
    ENDPOINT_SLICES,
    LIGHTHOUSE_SLICES,
    NAMESPACES,
    SERVICE_EXPORTS,
    SERVICE_IMPORTS,
    SERVICES,
    Condition,
    EndpointSlice,
    Namespace,
    ServiceExport,
    ServiceImport,
)
from models.logs.beginning import Beginning
from models.logs.behind import install, lose
from models.logs.entry import Facts, LogFile
from models.logs.late import fall_behind, hold
from models.logs.long_waits import gives_up
from models.logs.requests import Put, TextDiffers
from models.logs.specs import spec_of
from models.logs.watching import wait_for_links
from models.logs.who import broker_of, cluster_of
from models.node.container import ExitContainer, StartContainer
from models.releases.fleet import Fleet
from models.releases.release import Release
from models.submariner.agent.agent import LighthouseAgent
from models.submariner.agent.base import Ways
from models.submariner.agents import upstream
from models.submariner.names import BROKER_NAMESPACE, aggregate_name
from models.topology import SETTLED_MS, Topology
from sim.core import Link, Request, SleepUntil, Stage, Write

Steps = Generator[Request, Any, None]


class LogWorld:
    """Clusters, broker and agents as the log names them."""

    def __init__(
        self, log: LogFile, begin: Beginning, release: Release | Fleet, *, touched: tuple[str, ...] | None,
        unmarked: bool = False,
    ) -> None:  # fmt: skip
        self.log = log
        self.begin = begin
        self.touched = touched
        self.unmarked = unmarked
        ways = Ways() if log.whole_binary else Ways("", whole_binary=False, api_server_drops_empty_labels=False)
        self.ways = ways
        clusters = sorted(log.clusters.values())
        self.changing = tuple(sorted({entry.name for entry in log.entries if entry.kind == NAMESPACES and entry.name}))
        exporters = {export.cluster for export in begin.services}
        users = {
            cluster_of(log, e.agent) for e in log.entries if e.is_outside and e.kind in (SERVICES, SERVICE_EXPORTS)
        }
        self.topology = Topology(
            {cluster: [cluster] for cluster in clusters}, log.broker, release, ways, begin.services, data_plane=False,
            services_change=len(exporters | {u for u in users if u}) > 1 or self._retypes(),
            namespaces_change=bool(self.changing),
        )  # fmt: skip
        for cluster in self.topology.clusters:
            cluster.api.changing = self.changing
        self.users = self.topology.users
        spaces = {e.namespace for e in log.entries if e.namespace} | {*self.changing}
        for api in self.topology.apis:
            api.namespaces += sorted(spaces - set(api.namespaces))
        self._clients: dict[str, Client] = {}
        self._second: dict[str, LighthouseAgent] = {}
        self.also_running: list[LighthouseAgent] = []  # the second of two agents of one cluster, when the log begins
        self.agents = dict(self._instances())
        for agent in (*(upstream(cluster.agent) for cluster in self.topology.clusters), *self._second.values()):
            wait_for_links(log, agent)
        for each in begin.behind:
            install(self, each)
        for name, agent in self.agents.items():
            agent.rewrites = TextDiffers()
            if gives_up(log, name):
                agent.let_calls_hang()

    def _retypes(self) -> bool:
        """Whether a Service comes again with another type, so that an aggregate may be of another one than it."""
        types: dict[Export, set[str]] = {}
        for entry in self.log.entries:
            cluster = cluster_of(self.log, entry.agent)
            if entry.is_outside and entry.kind == SERVICES and entry.verb in ("create", "update") and cluster:
                export = Export(cluster, f"{entry.namespace}/{entry.name}")
                mine = types.setdefault(export, {self.begin.specs[export].type})
                mine.add(spec_of(self.log, export, entry.number).type)
        return any(len(found) > 1 for found in types.values())

    # -- who is meant ----------------------------------------------------------------------------------------------

    def client(self, server: str) -> Client:
        """A client of a server for what others than agents do."""
        found = self._clients.get(server)
        if found is None:
            api = self.topology.broker_api if server == "broker" else self.topology.cluster(server).api
            found = self._clients[server] = Client(Link(f"outside on {server}", self.users, "call", "call"), api)
        return found

    def _instances(self) -> Iterable[tuple[str, LighthouseAgent]]:
        """The agent that stands for each instance: one that starts while another of its cluster runs has its own."""
        running: dict[str, set[str]] = {
            c: (set() if c in self.begin.down else {"first"}) for c in self.log.clusters.values()
        }
        slots: dict[str, LighthouseAgent] = {}
        for entry in self.log.entries:
            cluster = cluster_of(self.log, entry.agent)
            if not cluster or entry.agent.startswith("user") or not entry.shows_running:
                continue
            if entry.verb == "event" and entry.agent in slots:  # it may have been killed meanwhile
                continue
            first = upstream(self.topology.cluster(cluster).agent)
            taken = any(slots[name] is first for name in running[cluster] if name in slots)
            if entry.verb == "START":
                taken = taken or "first" in running[cluster]
                slots[entry.agent] = self._second_of(cluster) if taken else first
            elif entry.agent not in slots:
                slots[entry.agent] = self._second_of(cluster) if taken else first
                if taken:
                    self.also_running.append(slots[entry.agent])
            running[cluster] = {*running[cluster] - {"first"}, entry.agent}
            if entry.verb == "KILL":
                running[cluster].discard(entry.agent)
        return slots.items()

    def _second_of(self, cluster: str) -> LighthouseAgent:
        found = self._second.get(cluster)
        if found is None:
            first = self.topology.cluster(cluster).agent
            found = self._second[cluster] = LighthouseAgent(
                cluster, first.local.api, first.broker.api, first.container.node, first.release, self.ways,
                checks_conflicts=first.checks_conflicts, instance="-2",
            )  # fmt: skip
        return found

    # -- how it begins ---------------------------------------------------------------------------------------------

    def prepare(self) -> Stage:
        """Start the agents, export what was exported, let everything settle, and make the rest as the log found it."""
        for api in self.topology.apis:
            yield Write(api.up, UP)
        for cluster in self.topology.clusters:
            for name in self.changing:
                yield self.client(cluster.name).create(Namespace(name=name))
        for cluster in self.topology.clusters:
            yield StartContainer(cluster.agent.container)
        for agent in self.also_running:
            yield StartContainer(agent.container)
        yield SleepUntil(SETTLED_MS)
        for number, export in enumerate(self.begin.services, start=1):
            yield from self._make(export, number)
        if self.touched:  # else as the log shows: what it shows no update of had been updated before
            for turn, ready in enumerate((False, True), start=2):
                yield SleepUntil(turn * SETTLED_MS)
                yield from self._touch(ready=ready)
        yield SleepUntil(4 * SETTLED_MS)
        yield from self._fall_behind()
        for down in self.begin.down:
            yield ExitContainer(self.topology.cluster(down).agent.container, "it does not run when the log begins")
        yield from self._withdraw()
        yield from self._as_found()
        if self.touched is None:
            yield from self._as_updated()
        for watch in self.begin.late:
            yield from hold(self, watch)
        return None

    def _fall_behind(self) -> Steps:
        """Watches break, or stand still."""
        for each in self.begin.behind:
            yield from lose(self, each)
        if self.begin.behind:
            yield SleepUntil(5 * SETTLED_MS)
        for watch in self.begin.late:
            yield from fall_behind(self, watch)

    def _withdraw(self) -> Steps:
        """Take back exports that are over, with the agents of some clusters down."""
        for export in self.begin.withdrawn:
            yield self.client(export.cluster).delete(SERVICE_EXPORTS, *export.service_key.split("/"))
        if self.begin.withdrawn:
            yield SleepUntil(5 * SETTLED_MS)

    def _make(self, export: Export, number: int) -> Steps:
        namespace, name = export.service_key.split("/")
        user, spec = self.client(export.cluster), self.begin.specs[export]
        yield user.create(spec.service(namespace, name))
        for slice_ in spec.endpoint_slices(namespace, name):
            yield user.create(slice_)
        if export in self.begin.exported:
            yield user.create(ServiceExport(namespace=namespace, name=name, created=number))

    def _touch(self, *, ready: bool) -> Steps:
        for export in self.begin.services:
            if export.cluster not in (self.touched or ()):
                continue
            user = self.client(export.cluster)
            for slice_ in self.begin.specs[export].endpoint_slices(*export.service_key.split("/")):
                old = yield user.get(ENDPOINT_SLICES, slice_.namespace, slice_.name)
                yield user.update(replace(old, ready=ready), old)

    def _as_found(self) -> Steps:
        """Make and delete what the first mentions say, and what lists did not show."""
        for (server, kind, namespace, name), mention in self.begin.mentions.items():
            client = self.client(server)
            found = yield client.get(kind, namespace, name)
            if kind == SERVICE_EXPORTS and found and mention.facts is not None:
                yield from self._patch_conditions(client, found, mention.facts)
            if kind != SERVICE_IMPORTS:
                continue
            if found and not mention.there:
                yield client.delete(kind, namespace, name)
            elif not found and mention.there:
                yield client.create(ServiceImport(namespace=namespace, name=name))
            elif found and mention.facts is not None:
                yield from self._patch(client, found, mention.facts)
        yield from self._as_listed()
        for letter, key in self.begin.migrates:
            agent = self.agents[letter]
            yield Write(agent.domain.cell(f"migrated/{key}"), None)
        if self.unmarked:
            for key in self.begin.rewritten:
                client = self.client(broker_of(self.log))
                found = yield client.get(SERVICE_IMPORTS, BROKER_NAMESPACE, aggregate_name(key))
                if found:
                    yield Put(client.api, replace(found, unmarked=True))

    def _as_listed(self) -> Steps:
        """Delete what lists did not show, and make what a user deletes besides what there is."""
        for blank in self.begin.empty:
            client, kind = self.client(blank.server), blank.kind
            for space in [blank.namespace] if blank.namespace else client.api.namespaces:
                if kind == ENDPOINT_SLICES:
                    yield client.delete_collection(ENDPOINT_SLICES, LIGHTHOUSE_SLICES, space, dict(blank.where))
                    continue
                listed = yield client.list(kind, kind, space)
                for found in listed.items:
                    yield client.delete(kind, space, found.name)
        for export, name in self.begin.stale:
            yield Put(self.client(broker_of(self.log)).api, EndpointSlice(
                namespace=BROKER_NAMESPACE, name=name, service=export.service_key, source_cluster=export.cluster,
                ports=self.begin.specs[export].ports, cluster_id=export.cluster,
            ))  # fmt: skip

    def _patch_conditions(self, client: Client, found: Any, facts: Facts) -> Steps:
        """Let a ServiceExport have the conditions that are told of it."""
        told = tuple(sorted(facts.conditions or ()))
        if tuple(sorted(condition.words() for condition in found.conditions)) != told:
            yield Put(client.api, replace(found, conditions=tuple(map(condition_of, told))))

    def _as_updated(self) -> Steps:
        """Let those EndpointSlices be as first created that the log shows an update of (FACTS M4)."""
        for api in self.topology.apis:
            client = self.client("broker" if api is self.topology.broker_api and api.name == "broker" else api.name)
            for namespace in api.namespaces:
                listed = yield client.list(ENDPOINT_SLICES, LIGHTHOUSE_SLICES, namespace)
                for found in listed.items:
                    where = (api.name, namespace, found.service.split("/")[1], found.source_cluster)
                    as_created = replace(found, generate_name=where in self.begin.updated)
                    yield Write(api.object(ENDPOINT_SLICES, namespace, found.name), as_created)  # and nobody is told

    def _patch(self, client: Client, found: Any, facts: Facts) -> Steps:
        stamps = dict(found.timestamps)
        told = facts.timestamps if facts.timestamps is not None else tuple(stamps)
        wanted = replace(
            found,
            clusters=facts.clusters if facts.clusters is not None else found.clusters,
            timestamps=tuple((cluster, stamps.get(cluster, 1)) for cluster in told),
            ports=facts.ports if isinstance(facts.ports, tuple) else found.ports if facts.ports else (),
        )
        if wanted != found:
            yield Put(client.api, wanted)


def condition_of(words: str) -> Condition:
    """A condition from its words, as ``Ready=False(ExportFailed)``."""
    type_, _, rest = words.partition("=")
    status, _, reason = rest.partition("(")
    return Condition(type_, status, reason.removesuffix(")"))
