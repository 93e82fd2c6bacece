"""CoreDNS with the lighthouse plugin: what it answers from memory (control-plane.md section 7, data-plane.md 2.10).

The 50 ms of the watchers' work queues are left out; the requeue of an EndpointSlice that comes before its ServiceImport
(back-off up to 30 s) is not.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from models.kube.api_server import DELETED, ApiServer, Client
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
    Become, Cell, Channel, Domain, Get, Link, Request, Sleep, Stage, Start, Take, Transaction, Value, add
)  # fmt: skip

NXDOMAIN, EMPTY = "NXDOMAIN", "no address"


class CoreDns:
    """One cluster's DNS server (one replica). An entry is (exported, clusters with a healthy EndpointSlice)."""

    def __init__(self, cluster: str, api: ApiServer, node: Domain, namespace: str) -> None:
        self.cluster = cluster
        self.domain = Domain(f"{cluster}/coredns")
        self.container = Container(self.domain, node, main, (self,))
        client = Client(Link(f"{cluster}/coredns on {api.name}", self.domain, "call", "call"), api)
        self.imports = Informer(self.domain, "imports", client, SERVICE_IMPORTS, SERVICE_IMPORTS, namespace)
        self.slices = Informer(self.domain, "slices", client, ENDPOINT_SLICES, LIGHTHOUSE_SLICES, namespace)
        self.gateways = Informer(self.domain, "gateways", client, GATEWAYS, GATEWAYS, OPERATOR_NAMESPACE)
        self.imports.handler = ImportHandler(self)
        self.slices.handler = SliceHandler(self)
        self.gateways.handler = GatewayHandler(self)
        self.retries = Channel("slices/queue", self.domain, "work-queue", keyed=True)
        self.connected = self.domain.cell("connected")

    def __repr__(self) -> str:
        return f"coredns {self.cluster}"

    def entry(self, service_key: str) -> Cell:
        """The resolver's entry of one service."""
        return self.domain.cell(f"resolver/{service_key}")

    def answer(self, get: Get, service_key: str) -> str:
        """The cluster that a query is directed to, or NXDOMAIN, or no address (``resolver.go:GetDNSRecords``)."""
        entry = get(self.entry(service_key))
        if entry is None:
            return NXDOMAIN
        reachable = (self.cluster, *(get(self.connected) or ()))
        return next((cluster for cluster in reachable if cluster in entry[1]), EMPTY)


class ImportHandler:
    """ServiceImports: an entry appears with the first; after a delete it goes on answering while it has records."""

    def __init__(self, dns: CoreDns) -> None:
        self.dns = dns

    def event_cells(self, obj: ServiceImport) -> Iterable[Cell]:
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

    def event_cells(self, obj: EndpointSlice) -> Iterable[Cell]:
        return (self.dns.retries, self.dns.entry(obj.service))

    def on_event(self, tx: Transaction, type_: str, old: EndpointSlice | None, new: EndpointSlice | None) -> None:
        if new is not None:
            self.put(tx, new)
            return
        assert old is not None
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
            add(tx, self.dns.retries, slice_.key)
            return
        clusters = {*entry[1], slice_.source_cluster} if slice_.ready else {*entry[1]} - {slice_.source_cluster}
        tx.put(cell, (entry[0], tuple(sorted(clusters))))
        tx.forget(self.dns.retries, slice_.key)


class GatewayHandler:
    """Gateways: "connected" adds a cluster, another status removes it, silence changes nothing."""

    def __init__(self, dns: CoreDns) -> None:
        self.dns = dns

    def event_cells(self, obj: Any) -> Iterable[Cell]:
        return (self.dns.connected,)

    def on_event(self, tx: Transaction, type_: str, old: Any, new: Any) -> None:
        if new is None:
            return
        connected = set(tx.get(self.dns.connected) or ())
        for cluster, status in new.connections:
            (connected.add if status == CONNECTED else connected.discard)(cluster)
        tx.put(self.dns.connected, tuple(sorted(connected)) or None)


class Retry(Request, frozen=True):
    """Try a queued EndpointSlice again."""

    dns: CoreDns
    key: str

    def cells(self, get: Get, choice: Value) -> Iterable[Cell]:
        stored = self.dns.slices.entry(self.key)
        slice_ = get(stored)
        return (stored, self.dns.retries, *([self.dns.entry(slice_.service)] if slice_ else []))

    def carry_out(self, tx: Transaction, choice: Value) -> None:
        slice_ = tx.get(self.dns.slices.entry(self.key))
        if slice_ is not None:
            SliceHandler(self.dns).put(tx, slice_)


def main(dns: CoreDns) -> Stage:
    """Start the watchers; the server answers at once, before their caches are filled (lighthouse #1745)."""
    yield Sleep("coredns-start")
    for informer in (dns.imports, dns.slices, dns.gateways):
        yield Start(dns.domain, informer.name, reflect, (informer,))
    yield Start(dns.domain, "retries", retry, (dns,))
    return None


def retry(dns: CoreDns) -> Stage:
    """The worker of the queue."""
    key = yield Take(dns.retries)
    yield Retry(dns, key)
    return Become(retry, (dns,))
