"""CoreDNS with all that the resolver keeps: records of each cluster, the import's type, IP and ports (FACTS C17).

Source: lighthouse ``coredns/resolver/resolver.go:GetDNSRecords``, ``service_import.go``, ``endpoint_slice.go`` and
``service_info.go`` at 9d3c39e, with PR #1681 (the import is taken over again when it changes).

Where clients only ask whether and whom DNS names, :mod:`models.submariner.coredns` keeps less. The service IP of a
cluster is written as the name of the cluster. Not modelled: the local addresses of a headless service with globalnet.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, ClassVar

import msgspec
from msgspec.structs import replace

from models.kube.api_server import DELETED
from models.kube.objects import HEADLESS, EndpointSlice, ServiceImport
from models.submariner.coredns import CoreDns, ImportHandler, SliceHandler
from sim.core import Cell, Get, Transaction


class Records(msgspec.Struct, frozen=True, order=True):
    """What one cluster offers of a service; an endpoint is an address, after ``host=`` if it has a host name."""

    cluster: str
    healthy: bool
    ports: tuple[str, ...]
    endpoints: tuple[str, ...]

    def of_host(self, host: str) -> tuple[str, ...]:
        """The addresses of one host, or of all."""
        pairs = [endpoint.rpartition("=") for endpoint in self.endpoints]
        return tuple(address for name, _, address in pairs if host in ("", name))


class ServiceInfo(msgspec.Struct, frozen=True):
    """An entry of the resolver."""

    type: str = ""
    ip: str = ""
    ports: tuple[str, ...] = ()
    exported: bool = True
    clusters: tuple[Records, ...] = ()

    def of(self, cluster: str) -> Records | None:
        """The records of one cluster."""
        return next((records for records in self.clusters if records.cluster == cluster), None)

    def shared_ports(self) -> tuple[str, ...]:
        """``mergePorts``: those that every cluster offers."""
        offers = [records.ports for records in self.clusters]
        return tuple(port for port in offers[0] if all(port in offer for offer in offers)) if offers else ()


class Answer(msgspec.Struct, frozen=True):
    """The answer to a query: whether the name exists; records, or the clusters that are named in turn; their ports."""

    exists: bool
    records: tuple[str, ...] = ()
    ports: tuple[str, ...] = ()


NXDOMAIN = Answer(exists=False)


def resolve(info: ServiceInfo | None, local: str, connected: tuple[str, ...], cluster: str, host: str) -> Answer:
    """``GetDNSRecords``: of a service, or of it in one cluster, or on one host there."""
    if info is None:
        return NXDOMAIN
    if info.type == HEADLESS:
        return _of_headless(info, (local, *connected), cluster, host)
    if cluster:  # it is named even if it is not healthy, or not connected
        named = info.of(cluster)
        return Answer(exists=True, records=(cluster,), ports=named.ports) if named else NXDOMAIN
    if info.ip:
        return Answer(exists=True, records=(info.ip,), ports=info.ports)
    healthy = [records.cluster for records in info.clusters if records.healthy]
    if local in healthy:
        return Answer(exists=True, records=(local,), ports=info.shared_ports())
    turns = tuple(name for name in healthy if name in connected)
    return Answer(exists=True, records=turns, ports=info.shared_ports() if turns else ())


def _of_headless(info: ServiceInfo, connected: tuple[str, ...], cluster: str, host: str) -> Answer:
    if not cluster:
        offers = [records for records in info.clusters if records.cluster in connected]
        return Answer(exists=True, records=tuple(address for each in offers for address in each.of_host("")))
    named = info.of(cluster)
    found = named.of_host(host) if named else ()
    return Answer(exists=True, records=found, ports=named.ports) if named and (found or not host) else NXDOMAIN


class Resolver(CoreDns):
    """One cluster's DNS server; its entries are whole."""

    everywhere: ClassVar[bool] = True

    def handlers(self) -> tuple[ImportHandler, SliceHandler]:
        return WholeImports(self), WholeSlices(self)

    def ask(self, get: Get, service_key: str, cluster: str = "", host: str = "") -> Answer:
        """The answer to a query."""
        connected: tuple[str, ...] = get(self.connected) or ()
        info: Any = get(self.entry(service_key))
        return resolve(info, self.cluster, connected, cluster, host)

    def answer(self, get: Get, service_key: str) -> str:
        found = self.ask(get, service_key)
        return found.records[0] if found.records else self.none_of(exists=found.exists)

    def known(self, get: Get) -> list[str]:
        """The services that have an entry."""
        keys = {each.key for each in self.imports.cached(get)} | {each.service for each in self.slices.cached(get)}
        return sorted(key for key in keys if get(self.entry(key)) is not None)

    def looked_through(self, get: Get) -> Iterable[Cell]:
        return self.slices.cached_cells(get)

    def take_over(self, tx: Transaction, slice_: EndpointSlice) -> None:
        refresh(self, tx, slice_)


class WholeImports(ImportHandler):
    """ServiceImports, but local ones and aggregates: those lie where a broker namespace is on this cluster."""

    def on_event(self, tx: Transaction, type_: str, old: ServiceImport | None, new: ServiceImport | None) -> None:
        obj: Any = new or old
        if obj.label or obj.annotation:
            return
        cell = self.dns.entry(obj.key)
        info: ServiceInfo | None = tx.get(cell)
        if type_ is not DELETED:
            tx.put(cell, replace(info or ServiceInfo(), type=obj.type, ip=obj.ip, ports=obj.ports, exported=True))
        elif info:
            tx.put(cell, replace(info, exported=False) if info.clusters else None)


class WholeSlices(SliceHandler):
    """EndpointSlices, but those in another namespace than their service's: the broker's."""

    def on_event(self, tx: Transaction, type_: str, old: EndpointSlice | None, new: EndpointSlice | None) -> None:
        obj: Any = new or old
        if obj.namespace != obj.service.split("/", maxsplit=1)[0]:
            return
        if tx.get(self.dns.entry(obj.service)) is not None:
            refresh(self.dns, tx, obj)
        elif new is not None:
            self.put(tx, new)  # it is queued again


def refresh(dns: CoreDns, tx: Transaction, changed: EndpointSlice) -> None:
    """The records of the cluster of a slice, from all its slices that the store has."""
    cell = dns.entry(changed.service)
    info: ServiceInfo = tx.get(cell)
    cluster = changed.source_cluster
    stored = [tx.get(dns.slices.entry(key)) for key in tx.get(dns.slices.keys) or ()]
    mine = [s for s in stored if (s.service, s.source_cluster) == (changed.service, cluster) and _is_here(s)]
    others = [records for records in info.clusters if records.cluster != cluster]
    if mine:
        others.append(_records(info, cluster, mine))
    whole = replace(info, clusters=tuple(sorted(others)))
    tx.put(cell, whole if whole.clusters or whole.exported else None)


def _is_here(slice_: EndpointSlice) -> bool:
    return slice_.namespace == slice_.service.split("/", maxsplit=1)[0]


def _records(info: ServiceInfo, cluster: str, slices: list[EndpointSlice]) -> Records:
    last = slices[-1]
    if info.type != HEADLESS:
        return Records(cluster, last.ready, last.ports, ())
    endpoints = [e.removesuffix("!") for s in slices for e in s.endpoints if s.publish_not_ready or not e.endswith("!")]
    return Records(cluster, last.ready, last.ports, tuple(dict.fromkeys(endpoints)))
