"""The world of a log: what it was like when the log began, and what others than agents did in it."""

from __future__ import annotations

from collections.abc import Generator, Iterable
from typing import Any

from msgspec.structs import replace

from models.faults.namespace import DeleteNamespace, topics_with
from models.kube.api_server import UP, ApiServer
from models.kube.client import Client
from models.kube.objects import (
    ENDPOINT_SLICES,
    LIGHTHOUSE_SLICES,
    NAMESPACES,
    SERVICE_EXPORTS,
    SERVICE_IMPORTS,
    SERVICES,
    Namespace,
    ServiceExport,
    ServiceImport,
    k8s_slices,
)
from models.logs.beginning import Beginning, cluster_of, keys_of, spec_of
from models.logs.entry import Entry, Facts, LogFile
from models.node.container import ExitContainer, StartContainer
from models.releases.fleet import Fleet
from models.releases.release import Release
from models.submariner.agent.agent import LighthouseAgent, Ways
from models.submariner.names import BROKER_NAMESPACE
from models.topology import SETTLED_MS, Export, Topology
from sim.core import Cell, Get, Link, Request, SleepUntil, Stage, Transaction, Value, Write

Steps = Generator[Request, Any, None]


class LogWorld:
    """Clusters, broker and agents as the log names them."""

    def __init__(
        self, log: LogFile, begin: Beginning, release: Release | Fleet, *, touched: tuple[str, ...] | None
    ) -> None:
        self.log = log
        self.begin = begin
        self.touched = touched
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
            services_change=len(exporters | {u for u in users if u}) > 1, namespaces_change=bool(self.changing),
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
            if not cluster or entry.agent.startswith("user"):
                continue
            first = self.topology.cluster(cluster).agent
            if entry.verb == "START":
                slots[entry.agent] = self._second_of(cluster) if running[cluster] else first
            elif entry.agent not in slots:
                taken = any(slots[name] is first for name in running[cluster] if name in slots)
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
        for down in self.begin.down:
            yield ExitContainer(self.topology.cluster(down).agent.container, "it does not run when the log begins")
        yield from self._as_found()
        if self.touched is None:
            yield from self._as_updated()
        return None

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
        """Make and delete what the first mentions say, and what lists of EndpointSlices did not show."""
        for (server, kind, namespace, name), mention in self.begin.mentions.items():
            if kind != SERVICE_IMPORTS:
                continue
            client = self.client(server)
            found = yield client.get(kind, namespace, name)
            if found and not mention.there:
                yield client.delete(kind, namespace, name)
            elif not found and mention.there:
                yield client.create(ServiceImport(namespace=namespace, name=name))
            elif found and mention.facts is not None:
                yield from self._patch(client, found, mention.facts)
        for server, namespace in self.begin.empty:
            for space in [namespace] if namespace else self.client(server).api.namespaces:
                yield self.client(server).delete_collection(ENDPOINT_SLICES, LIGHTHOUSE_SLICES, space, {})

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

    # -- what others do --------------------------------------------------------------------------------------------

    def outside(self, entry: Entry) -> Steps:
        """What a line of somebody else does."""
        if entry.verb in ("KILL", "START"):
            container = self.agents[entry.agent].container
            yield ExitContainer(container, "killed") if entry.verb == "KILL" else StartContainer(container)
        elif entry.verb in ("DELETED", "EMPTIED"):
            everything = entry.verb == "EMPTIED" or "EPS" in entry.note
            yield Empty(self.topology.broker_api, slices_too=everything)
        elif entry.verb in ("API_DOWN", "API_UP"):
            yield from self._server(entry)
        elif entry.verb in ("CUT_OFF", "BROKER_CUT", "BACK", "BROKER_BACK"):
            yield from self._cut(entry)
        elif entry.verb in ("create", "update", "delete"):
            yield from self._user(entry)

    def _server(self, entry: Entry) -> Steps:
        from models.faults.broker_down import StartApi, StopApi

        api = self.topology.cluster(self.log.clusters[entry.note]).api
        yield StopApi(api) if entry.verb == "API_DOWN" else StartApi(api)

    def _cut(self, entry: Entry) -> Steps:
        agents = [cluster.agent for cluster in self.topology.clusters]
        if entry.note in self.agents:
            agents = [self.agents[entry.note]]
        elif entry.note:
            agents = [self.topology.cluster(cluster_of(self.log, entry.note)).agent]
        for agent in agents:
            local = entry.verb in ("CUT_OFF", "BACK")
            link = agent.local.link if local else agent.broker.link
            yield Write(link.cut, "cut" if entry.verb in ("CUT_OFF", "BROKER_CUT") else None)

    def _user(self, entry: Entry) -> Steps:
        server = "broker" if entry.agent == "user@broker" else cluster_of(self.log, entry.agent)
        if server == "broker" and self.log.broker in self.log.clusters.values():
            server = self.log.broker
        client = self.client(server)
        if entry.kind == NAMESPACES:
            yield self._namespace(client, entry)
            return
        export = Export(server, f"{entry.namespace}/{entry.name}")
        if entry.verb == "delete":
            made = entry.kind == ENDPOINT_SLICES and "-k8s" not in entry.name
            service = entry.name.rsplit("-k8s", 1)[0]
            topic = LIGHTHOUSE_SLICES if made else k8s_slices(service) if entry.kind == ENDPOINT_SLICES else entry.kind
            yield DeleteNamed(client.api, entry.kind, entry.namespace, entry.name, topic, made)
        elif entry.verb == "create" and entry.kind == SERVICE_EXPORTS:
            yield client.create(ServiceExport(namespace=entry.namespace, name=entry.name, created=1000 + entry.number))
        elif entry.verb == "create" and entry.kind == SERVICES:
            yield client.create(spec_of(self.log, export, entry.number).service(entry.namespace, entry.name))
        elif entry.verb == "create" and entry.kind == ENDPOINT_SLICES:
            yield from self._create_slice(client, entry, server)
        elif entry.verb == "update" and entry.kind == ENDPOINT_SLICES:
            found = yield client.get(entry.kind, entry.namespace, entry.name)
            if found:
                yield client.update(self._changed(found, entry, server), found)
        elif entry.verb == "update" and entry.kind == SERVICES:
            found = yield client.get(entry.kind, entry.namespace, entry.name)
            if found:
                spec = spec_of(self.log, export, entry.number)
                yield client.update(replace(found, type=spec.type, ports=spec.ports), found)

    def _namespace(self, client: Client, entry: Entry) -> Request:
        if entry.verb != "delete":
            return client.create(Namespace(name=entry.name))
        services = [key.split("/")[1] for key in keys_of(self.log) if key.startswith(f"{entry.name}/")]
        return DeleteNamespace(client.link, client.api, entry.name, topics_with(services))

    def _changed(self, found: Any, entry: Entry, server: str) -> Any:
        """An EndpointSlice of Kubernetes as what the agent makes of it later tells."""
        stem = entry.name.rsplit("-k8s", 1)[0]
        for later in self.log.entries:
            if later.number < entry.number or later.kind != ENDPOINT_SLICES or later.sent is None:
                continue
            mine = cluster_of(self.log, later.agent) == server and later.sent.cluster in (None, server)
            if mine and later.name.rsplit("-", 1)[0] == stem:
                return replace(found, ready=later.sent.ready[0] if later.sent.ready else found.ready)
        return replace(found, ready=not found.ready)

    def _create_slice(self, client: Client, entry: Entry, server: str) -> Steps:
        service = entry.name.rsplit("-k8s", 1)[0]
        spec = spec_of(self.log, Export(server, f"{entry.namespace}/{service}"), entry.number)
        made = spec.endpoint_slices(entry.namespace, service)[0]
        yield client.create(replace(made, name=entry.name))


class Put(Request, frozen=True):
    """Somebody sets an object to a value, its status included."""

    api: ApiServer
    object: Any

    def _cell(self) -> Cell:
        return self.api.object(self.object.kind, self.object.namespace, self.object.name)

    def cells(self, get: Get, choice: Value) -> Iterable[Cell]:
        return self.api.written_cells(self._cell(), self.object.topic, self.object.namespace)

    def carry_out(self, tx: Transaction, choice: Value) -> None:
        self.api.store(tx, self._cell(), self.object)


class DeleteNamed(Request, frozen=True):
    """Somebody deletes an object, of whatever topic it is."""

    api: ApiServer
    kind: str
    namespace: str
    name: str
    topic: str
    made: bool = False
    """Whether a server made the name, so that the model has another one: then that with the same beginning."""

    def _cell(self, get: Get) -> Cell:
        name = self.name
        if self.made:
            stem = name.rsplit("-", 1)[0]
            alike = [n for n in get(self.api.names(self.topic, self.namespace)) or () if n.rsplit("-", 1)[0] == stem]
            name = alike[0] if alike else name
        return self.api.object(self.kind, self.namespace, name)

    def cells(self, get: Get, choice: Value) -> Iterable[Cell]:
        return [self.api.names(self.topic, self.namespace),
                *self.api.written_cells(self._cell(get), self.topic, self.namespace)]  # fmt: skip

    def carry_out(self, tx: Transaction, choice: Value) -> None:
        cell = self._cell(tx.get)
        found = tx.get(cell)
        if found is not None:
            self.api.remove(tx, cell, found)


class Empty(Request, frozen=True):
    """Somebody deletes all ServiceImports on the broker, and maybe the EndpointSlices as well."""

    api: ApiServer
    slices_too: bool

    def _topics(self) -> list[tuple[str, str]]:
        imports = [(SERVICE_IMPORTS, SERVICE_IMPORTS)]
        return [*imports, (ENDPOINT_SLICES, LIGHTHOUSE_SLICES)] if self.slices_too else imports

    def cells(self, get: Get, choice: Value) -> Iterable[Cell]:
        out: list[Cell] = []
        for kind, topic in self._topics():
            out += self.api.selected_cells(get, kind, topic, BROKER_NAMESPACE)
            out += self.api.streams(topic, BROKER_NAMESPACE)
        return out

    def carry_out(self, tx: Transaction, choice: Value) -> None:
        for kind, topic in self._topics():
            for obj in self.api.select(tx.get, kind, topic, BROKER_NAMESPACE):
                self.api.remove(tx, self.api.object(kind, obj.namespace, obj.name), obj)
