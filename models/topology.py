"""The world of a scenario: clusters on hosts, a broker, users; and where in it the facts of an export stand."""

from __future__ import annotations

from collections.abc import Generator, Iterable, Mapping, Sequence
from typing import Any

from msgspec.structs import replace

from models.cluster import Cluster
from models.exports import NAMESPACE, Export, ServiceSpec
from models.kube.api_server import UP, ApiServer
from models.kube.client import Client as ApiClient
from models.kube.objects import (
    ENDPOINT_SLICES,
    GATEWAYS,
    SERVICE_EXPORTS,
    SERVICE_IMPORTS,
    SERVICES,
    Namespace,
    ServiceExport,
    ServiceImport,
)
from models.monitor import watch
from models.more import PLAIN, More
from models.node.host import Host
from models.node.kubelet import begin
from models.releases.fleet import Fleet, release_of
from models.releases.release import Release
from models.submariner.agent.base import Ways
from models.submariner.names import BROKER_NAMESPACE, OPERATOR_NAMESPACE, aggregate_name, second_aggregate_name
from sim.core import Cell, Domain, Get, Link, Request, Sleep, SleepUntil, Stage, Start, Write, unknown

SETTLED_MS = 3_600_000.0
"""Time enough for everything to settle between the steps of a preparation."""


def _check_clusters(release: Release | Fleet, names: Sequence[str]) -> None:
    """Check that the clusters with a release of their own are there.

    Raises:
        BadInput: one is not.
    """
    for cluster in release.own if isinstance(release, Fleet) else ():
        if cluster not in names:
            raise unknown(f"cluster (in {release.name})", cluster, names)


class Topology:
    """All clusters, the hosts they stand on and the server with the broker namespace."""

    def __init__(
        self,
        hosts: Mapping[str, Sequence[str]],
        broker: str,
        release: Release | Fleet,
        ways: Ways,
        exports: Iterable[Export],
        *,
        monitored: bool = False,
        data_plane: bool = True,
        exported_at_start: bool = True,
        private_certificate: bool = False,
        before: str = "nothing",
        left_out: Iterable[Export] = (),
        specs: Mapping[str, ServiceSpec] | None = None,
        later: Iterable[str] = (),
        services_change: bool = False,
        namespaces_change: bool = False,
        more: More = PLAIN,
    ) -> None:
        names = sorted(name for clusters in hosts.values() for name in clusters)
        self.namespaces_change = namespaces_change
        self.exports = tuple(sorted(exports))
        apis = self._servers(names, broker, ways)
        self.named_exports = tuple(sorted({*self.exports, *left_out}))  # those that a script may name
        self.specs = dict(specs or {})
        self.checks_conflicts = services_change or self._differ() or more.clusterset_ips is not None
        self.clusters = tuple(
            Cluster(
                name, apis[name], self.broker_api, release_of(release, name), ways,
                checks_conflicts=self.checks_conflicts, namespaces_change=namespaces_change,
                keeps_records=more.dns_alone,
            )
            for name in names
        )  # fmt: skip
        _check_clusters(release, names)
        self._by_name = {cluster.name: cluster for cluster in self.clusters}
        self._cells: dict[tuple[str, Export | str], Cell] = {}
        self._aggregates: dict[str, tuple[Cell, ...]] = {}
        self.release = release_of(release, names[0])  # what properties ask of it is the same for all of a fleet
        self.hosts = {name: Host(name, [self.cluster(c) for c in sorted(on)]) for name, on in hosts.items()}
        self.monitored = monitored
        self.data_plane = data_plane
        self.dns_alone = more.dns_alone
        self.has_copies = more.copies != "off"
        self.has_contents = more.copies == "on"  # of copies, and of imported EndpointSlices
        self.exported_at_start = tuple(e for e in self.exports if exported_at_start and e.cluster not in tuple(later))
        self.before = before
        for cluster in self.clusters:
            cluster.agent.needs_certificate = private_certificate
            more.install(cluster.agent)
        self.users = Domain("users")
        on_broker = next((c.user for c in self.clusters if c.api is self.broker_api), None)
        user_of_broker = ApiClient(Link("user on broker", self.users, "user-call", "user-call"), self.broker_api)
        self.broker_user = on_broker or user_of_broker
        self.monitor_period_ms = 30_000.0
        self._monitors: dict[Export, ApiClient] = {}
        self._connect()
        self._watch_slices()

    def _watch_slices(self) -> None:
        """Make the controllers of EndpointSlices now: a watch that an API server has only once an export was seen
        would be something that steps depend on outside the world.
        """
        for export in self.named_exports:
            self.cluster(export.cluster).agent.know(export.service_key)

    def _servers(self, names: Sequence[str], broker: str, ways: Ways) -> dict[str, ApiServer]:
        """The API servers of the clusters, by name; that of the broker is one of them, or one of its own."""
        apis = {name: ApiServer(name, checks_uid=ways.whole_binary) for name in names}
        self.broker_api = apis[broker] if broker in apis else ApiServer("broker", checks_uid=ways.whole_binary)
        self.apis = (*apis.values(), *(() if broker in apis else (self.broker_api,)))
        others = sorted({export.service_key.split("/")[0] for export in self.exports} - {NAMESPACE})
        for api in self.apis:
            api.namespaces += [NAMESPACE, *others, BROKER_NAMESPACE, OPERATOR_NAMESPACE]
        for api in apis.values() if self.namespaces_change else ():
            api.changing = (NAMESPACE,)
        return apis

    def _connect(self) -> None:
        for cluster in self.clusters:
            cluster.others = tuple(other for other in self.clusters if other is not cluster)
            cluster.gateway.remotes = tuple(other.gateway for other in cluster.others)
            own = {export.service_key for export in self.exports if export.cluster == cluster.name}
            cluster.client.services = tuple(key for key in self.service_keys() if key not in own)
            if not self.data_plane:
                dns = (cluster.dns.container,) if self.dns_alone else ()
                cluster.containers = (cluster.agent.container, *dns)

    def __repr__(self) -> str:
        return "topology"

    def spec(self, cluster: str) -> ServiceSpec:
        """What the services of a cluster are like at the beginning."""
        return self.specs.get(cluster, ServiceSpec())

    def shares_ips(self) -> bool:
        """Whether several services may have a clusterset IP."""
        return len(self.service_keys()) > 1 and any(cluster.agent.ips for cluster in self.clusters)

    def _differ(self) -> bool:
        """Whether two exporters of a service offer something else."""
        offered: dict[str, ServiceSpec] = {}
        for export in self.exports:
            mine = replace(self.spec(export.cluster), slices=1)
            if offered.setdefault(export.service_key, mine) != mine:
                return True
        return False

    # -- where things stand ----------------------------------------------------------------------------------------

    def cluster(self, name: str) -> Cluster:
        """The cluster of that name."""
        return self._by_name[name]

    def monitor_client(self, export: Export) -> ApiClient:
        """The client of the monitor of one export: each has delays of its own, so that none disturbs another's."""
        found = self._monitors.get(export)
        if found is None:
            api = self.cluster(export.cluster).api
            link = Link(f"monitor of {export.cluster} {export.service_key}", self.users, "call", "call")
            found = self._monitors[export] = ApiClient(link, api)
        return found

    def service_keys(self) -> tuple[str, ...]:
        """The exported services, each once."""
        return tuple(sorted({export.service_key for export in self.exports}))

    def export_cell(self, export: Export) -> Cell:
        """The ServiceExport."""
        found = self._cells.get((SERVICE_EXPORTS, export))
        if found is None:
            found = self.cluster(export.cluster).api.object(SERVICE_EXPORTS, *export.service_key.split("/"))
            self._cells[SERVICE_EXPORTS, export] = found
        return found

    def aggregate_cell(self, service_key: str) -> Cell:
        """The aggregated ServiceImport on the broker, by the name that upstream gives it."""
        found = self._cells.get((SERVICE_IMPORTS, service_key))
        if found is None:
            found = self.broker_api.object(SERVICE_IMPORTS, BROKER_NAMESPACE, aggregate_name(service_key))
            self._cells[SERVICE_IMPORTS, service_key] = found
        return found

    def aggregate_cells(self, service_key: str) -> tuple[Cell, ...]:
        """All that may be the aggregate of a service, the first that is first: where services would share a name, the
        one of ``level``'s second name as well.
        """
        found = self._aggregates.get(service_key)
        if found is None:
            names = self.aggregate_names(service_key)
            found = tuple(self.broker_api.object(SERVICE_IMPORTS, BROKER_NAMESPACE, name) for name in names)
            self._aggregates[service_key] = found
        return found

    def aggregate_names(self, service_key: str) -> tuple[str, ...]:
        """What they are called."""
        first = aggregate_name(service_key)
        keys = {export.service_key for export in self.named_exports}
        is_shared = sum(aggregate_name(key) == first for key in keys) > 1
        return (first, second_aggregate_name(service_key)) if is_shared else (first,)

    def all_aggregate_cells(self) -> tuple[Cell, ...]:
        """Those of all services, each once."""
        cells = (cell for key in self.service_keys() for cell in self.aggregate_cells(key))
        return tuple(dict.fromkeys(cells))

    def copy_cell(self, cluster: Cluster, service_key: str) -> Cell:
        """A cluster's copy of the aggregate."""
        return cluster.api.object(SERVICE_IMPORTS, *service_key.split("/"))

    def service_cell(self, export: Export) -> Cell:
        """The exported Service."""
        found = self._cells.get((SERVICES, export))
        if found is None:
            found = self.cluster(export.cluster).api.object(SERVICES, *export.service_key.split("/"))
            self._cells[SERVICES, export] = found
        return found

    def gateway_cell(self, cluster: Cluster) -> Cell:
        """The Gateway object of a cluster's gateway node."""
        return cluster.api.object(GATEWAYS, OPERATOR_NAMESPACE, cluster.gateway_kernel.node)

    def namespace_cells(self) -> tuple[Cell, ...]:
        """The Namespaces that may come and go, also with their clusters."""
        spaces = (cluster.api.namespace(name) for cluster in self.clusters for name in cluster.api.changing)
        return (*spaces, *(cluster.gone for cluster in self.clusters if cluster.gone is not None))

    def has_namespace(self, get: Get, cluster: Cluster, namespace: str) -> bool:
        """Whether a cluster is there, and has a namespace."""
        if cluster.gone is not None and get(cluster.gone):
            return False
        return namespace not in cluster.api.changing or bool(get(cluster.api.namespace(namespace)))

    def copy_cells(self, get: Get, service_key: str) -> list[Cell]:
        """The copies of an aggregate that there should be: one in each cluster that has the service's namespace, if
        there are any.
        """
        if not self.has_copies:
            return []
        namespace = service_key.split("/", maxsplit=1)[0]
        return [self.copy_cell(c, service_key) for c in self.clusters if self.has_namespace(get, c, namespace)]

    def is_named(self, get: Get, export: Export) -> bool:
        """Whether the aggregate exists and names the exporting cluster."""
        aggregate = self.aggregate(get, export.service_key)
        return aggregate is not None and export.cluster in aggregate.clusters

    def aggregate(self, get: Get, service_key: str) -> ServiceImport | None:
        """The aggregate of a service; that of another service of the same name is none (FACTS R8)."""
        return next(iter(self.aggregates(get, service_key)), None)

    def aggregates(self, get: Get, service_key: str) -> list[ServiceImport]:
        """All aggregates of a service: one at most, unless ``level`` has made a second meanwhile."""
        found = map(get, self.aggregate_cells(service_key))
        return [each for each in found if each is not None and each.annotation == service_key]

    # -- how it begins ---------------------------------------------------------------------------------------------

    def prepare(self) -> Stage:
        """Start everything, make the services and export them; the world then comes to rest."""
        for api in self.apis:
            yield Write(api.up, UP)
        for cluster in self.clusters if self.namespaces_change else ():
            yield cluster.user.create(Namespace(name=NAMESPACE))
        for cluster in self.clusters:
            for container in cluster.containers:
                yield from begin(cluster.api.up, container)
        yield Sleep("prepare")
        for number, export in enumerate(self.exports, start=1):
            user = self.cluster(export.cluster).user
            namespace, name = export.service_key.split("/")
            spec = self.spec(export.cluster)
            yield user.create(spec.service(namespace, name))
            for slice_ in spec.endpoint_slices(namespace, name):
                yield user.create(slice_)
            if export in self.exported_at_start:
                yield user.create(ServiceExport(namespace=namespace, name=name, created=number))
        if "touched" in self.before:
            yield from self._touch_slices()
        if "lost" in self.before:
            yield from self._lose_imports()
        if self.monitored:
            for export in self.exports:
                name = f"monitor {export.cluster} {export.service_key}"
                yield Start(self.users, name, watch, (self, export))
        return None

    def _touch_slices(self) -> Generator[Request, Any, None]:
        """Let every EndpointSlice be updated once, by a change of readiness there and back (FACTS M4)."""
        for turn, ready in enumerate((False, True), start=1):
            yield SleepUntil(turn * SETTLED_MS)
            for export in self.exports:
                user = self.cluster(export.cluster).user
                for slice_ in self.spec(export.cluster).endpoint_slices(*export.service_key.split("/")):
                    old = yield user.get(ENDPOINT_SLICES, slice_.namespace, slice_.name)
                    yield user.update(replace(old, ready=ready), old)

    def _lose_imports(self) -> Generator[Request, Any, None]:
        """Delete the aggregates, as a loss leaves things: exports say Ready, EndpointSlices are there."""
        yield SleepUntil(3 * SETTLED_MS)
        user = ApiClient(Link("user on broker", self.users, "user-call", "user-call"), self.broker_api)
        for key in self.service_keys():
            yield user.delete(SERVICE_IMPORTS, BROKER_NAMESPACE, aggregate_name(key))
