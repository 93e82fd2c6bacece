"""CoreDNS with the lighthouse plugin: what it answers from memory (docs/FACTS.md C17).

The 50 ms of the watchers' work queues are left out; the requeue of an EndpointSlice that comes before its ServiceImport
(back-off up to 30 s) is not.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, ClassVar

from models.kube.api_server import DELETED, ApiServer
from models.kube.client import Client
from models.kube.informer import Informer, reflect
from models.kube.objects import (
    ENDPOINT_SLICES,
    GATEWAYS,
    LIGHTHOUSE_SLICES,
    SERVICE_IMPORTS,
    EndpointSlice,
    ServiceImport,
)
from models.node.container import Container
from models.submariner.gateway import CONNECTED
from models.submariner.names import OPERATOR_NAMESPACE
from sim.core import (
    Become,
    Cell,
    Domain,
    Get,
    Link,
    Pace,
    Request,
    Sleep,
    Stage,
    Start,
    Transaction,
    Value,
)  # fmt: skip

RETRIES, RETRY_CAP_MS = 10, 30_000.0
NXDOMAIN, EMPTY = "NXDOMAIN", "no address"


class CoreDns:
    """One cluster's DNS server (one replica). An entry is (exported, clusters with a healthy EndpointSlice)."""

    everywhere: ClassVar[bool] = False
    """Whether it watches all namespaces, as upstream's does, or just that of the services."""

    def __init__(self, cluster: str, api: ApiServer, node: Domain, namespace: str) -> None:
        self.cluster = cluster
        self.domain = Domain(f"{cluster}/coredns")
        self.container = Container(self.domain, node, main, (self,))
        client = Client(Link(f"{cluster}/coredns on {api.name}", self.domain, "call", "call"), api)
        namespace = "" if self.everywhere else namespace
        self.imports = Informer(self.domain, "imports", client, SERVICE_IMPORTS, SERVICE_IMPORTS, namespace)
        self.slices = Informer(self.domain, "slices", client, ENDPOINT_SLICES, LIGHTHOUSE_SLICES, namespace)
        self.gateways = Informer(self.domain, "gateways", client, GATEWAYS, GATEWAYS, OPERATOR_NAMESPACE)
        self.imports.handler, self.slices.handler = self.handlers()
        self.gateways.handler = GatewayHandler(self)
        self.connected = self.domain.cell("connected")
        self._entries: dict[str, Cell] = {}

    def __repr__(self) -> str:
        return f"coredns {self.cluster}"

    def handlers(self) -> tuple[ImportHandler, SliceHandler]:
        """What takes events of imports and of EndpointSlices."""
        return ImportHandler(self), SliceHandler(self)

    def retrying(self, slice_key: str) -> Cell:
        """Whether an EndpointSlice is queued again because its service has no entry."""
        return self.domain.cell(f"retrying/{slice_key}")

    def entry(self, service_key: str) -> Cell:
        """The resolver's entry of one service."""
        found = self._entries.get(service_key)
        if found is None:
            found = self._entries[service_key] = self.domain.cell(f"resolver/{service_key}")
        return found

    def answer(self, get: Get, service_key: str) -> str:
        """The cluster that a query is directed to, or NXDOMAIN, or no address (``resolver.go:GetDNSRecords``)."""
        entry = get(self.entry(service_key))
        if entry is None:
            return NXDOMAIN
        for cluster in (self.cluster, *(get(self.connected) or ())):
            if cluster in entry[1]:
                return str(cluster)
        return EMPTY

    def none_of(self, *, exists: bool) -> str:
        """The answer without an address."""
        return EMPTY if exists else NXDOMAIN

    def looked_through(self, get: Get) -> Iterable[Cell]:
        """The cells beside the entry that taking records over reads."""
        return ()

    def take_over(self, tx: Transaction, slice_: EndpointSlice) -> None:
        """Take the records of a slice over, whose service has come."""
        entry = tx.get(self.entry(slice_.service))
        clusters = {*entry[1], slice_.source_cluster} if slice_.ready else set(entry[1])
        tx.put(self.entry(slice_.service), (entry[0], tuple(sorted(clusters))))


class ImportHandler:
    """ServiceImports: an entry appears with the first; after a delete it goes on answering while it has records."""

    def __init__(self, dns: CoreDns) -> None:
        self.dns = dns

    def event_cells(self, get: Get, obj: ServiceImport) -> Iterable[Cell]:
        return (self.dns.entry(obj.key),)

    def on_event(self, tx: Transaction, type_: str, old: ServiceImport | None, new: ServiceImport | None) -> None:
        obj: Any = new or old
        cell = self.dns.entry(obj.key)
        entry = tx.get(cell)
        if type_ is not DELETED:
            tx.put(cell, (True, entry[1] if entry else ()))
        elif entry:
            tx.put(cell, (False, entry[1]) if entry[1] else None)


class SliceHandler:
    """EndpointSlices: records of one cluster; without an entry they are queued again."""

    def __init__(self, dns: CoreDns) -> None:
        self.dns = dns

    def event_cells(self, get: Get, obj: EndpointSlice) -> Iterable[Cell]:
        return (self.dns.retrying(obj.key), self.dns.entry(obj.service), *self.dns.slices.cached_cells(get))

    def on_event(self, tx: Transaction, type_: str, old: EndpointSlice | None, new: EndpointSlice | None) -> None:
        if new is not None:
            self.put(tx, new)
            return
        assert old is not None
        if any(_stands_in(tx.get(self.dns.slices.entry(key)), old) for key in tx.get(self.dns.slices.keys) or ()):
            return  # another slice of that cluster is put again, so an old one that goes late does no harm
        cell = self.dns.entry(old.service)
        entry = tx.get(cell)
        if entry:
            clusters = tuple(cluster for cluster in entry[1] if cluster != old.source_cluster)
            tx.put(cell, (entry[0], clusters) if clusters or entry[0] else None)

    def put(self, tx: Transaction, slice_: EndpointSlice) -> None:
        """Take the records over, or queue the slice again."""
        cell = self.dns.entry(slice_.service)
        entry = tx.get(cell)
        if entry is None:
            if not tx.get(self.dns.retrying(slice_.key)):
                tx.put(self.dns.retrying(slice_.key), True)
                tx.start(self.dns.domain, f"retry/{slice_.key}", retry, self.dns, slice_.key, slice_.service, 0)
            return
        clusters = {*entry[1], slice_.source_cluster} if slice_.ready else {*entry[1]} - {slice_.source_cluster}
        tx.put(cell, (entry[0], tuple(sorted(clusters))))


def _stands_in(slice_: EndpointSlice, for_: EndpointSlice) -> bool:
    return (slice_.service, slice_.source_cluster) == (for_.service, for_.source_cluster)


class GatewayHandler:
    """Gateways: "connected" adds a cluster, another status removes it, silence changes nothing."""

    def __init__(self, dns: CoreDns) -> None:
        self.dns = dns

    def event_cells(self, get: Get, obj: Any) -> Iterable[Cell]:
        return (self.dns.connected,)

    def on_event(self, tx: Transaction, type_: str, old: Any, new: Any) -> None:
        if new is None:
            return
        connected = set(tx.get(self.dns.connected) or ())
        for cluster, status in new.connections:
            (connected.add if status == CONNECTED else connected.discard)(cluster)
        tx.put(self.dns.connected, tuple(sorted(connected)) or None)


class Retry(Request, frozen=True):
    """Try a queued EndpointSlice again; once the back-off is at its cap, at the first try that can succeed."""

    dns: CoreDns
    slice_key: str
    service_key: str
    at_cap: bool
    pace: ClassVar[Pace] = Pace.WAIT
    immediate: ClassVar[bool] = False

    @property
    def period_ms(self) -> float:
        """Tries at the cap come one back-off apart; before, the process sleeps between tries."""
        return RETRY_CAP_MS if self.at_cap else 0.0

    def cells(self, get: Get, choice: Value) -> Iterable[Cell]:
        dns = self.dns
        own = (dns.slices.entry(self.slice_key), dns.retrying(self.slice_key), dns.entry(self.service_key))
        return (*own, *dns.looked_through(get))

    def ready(self, get: Get) -> bool:
        return not self.at_cap or self._is_over(get)

    def _is_over(self, get: Get) -> bool:
        return get(self.dns.entry(self.service_key)) is not None or get(self.dns.slices.entry(self.slice_key)) is None

    def carry_out(self, tx: Transaction, choice: Value) -> bool:
        dns = self.dns
        if not self._is_over(tx.get):
            return False
        tx.put(dns.retrying(self.slice_key), None)
        slice_ = tx.get(dns.slices.entry(self.slice_key))
        if slice_ is not None:
            dns.take_over(tx, slice_)
        return True


def main(dns: CoreDns) -> Stage:
    """Start the watchers; the server answers at once, before their caches are filled (lighthouse #1745)."""
    yield Sleep("coredns-start")
    for informer in (dns.imports, dns.slices, dns.gateways):
        yield Start(dns.domain, informer.name, reflect, (informer,))
    return None


def retry(dns: CoreDns, slice_key: str, service_key: str, times: int) -> Stage:
    """The requeue of an EndpointSlice that came before its ServiceImport: 50 ms doubling to 30 s."""
    if times < RETRIES:
        yield Sleep(f"slice-retry-{times}")
    if (yield Retry(dns, slice_key, service_key, times >= RETRIES)):
        return None
    return Become(retry, (dns, slice_key, service_key, times + 1))
