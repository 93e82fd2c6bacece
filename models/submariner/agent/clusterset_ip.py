"""Clusterset IPs: a pool of each agent, and what ``Distribute`` and S6 do about the IP of an aggregate (0.19 to 0.21).

Source: lighthouse ``service_import.go:determineUseClusterSetIP``, ``allocateClusterSetIPIfNeeded``,
``reserveAggregatedServiceImportIPs``, ``onSuccessfulSyncFromBroker`` at 9d3c39e; FACTS C21, H5, H13.

An IP is written ``<cluster>/<number>``: each cluster allocates from a range of its own. Nothing of this exists unless a
scenario says how many IPs there are.
"""

from __future__ import annotations

from collections.abc import Generator, Iterable
from typing import TYPE_CHECKING, Any

import msgspec
from msgspec.structs import replace

from models.kube.calls import UNREACHABLE, Failure, Listed
from models.kube.objects import CLUSTER_SET_IP, SERVICE_IMPORTS, ServiceExport, ServiceImport
from models.releases.parts import KEEPS_IPS
from models.submariner.agent.conditions import CONFLICTING_IP_ENABLEMENT
from models.submariner.names import BROKER_NAMESPACE, aggregate_name
from sim.core import Cell, Get, Request, Transaction, Value

if TYPE_CHECKING:
    from models.submariner.agent.base import Agent

YES, NO = "true", "false"
EXHAUSTED = Failure("no clusterset IP is left in the pool")
Steps = Generator[Request, Any, None]


class ClustersetIps:
    """What one agent does about clusterset IPs: its pool holds ``size`` of them, none where there is no pool."""

    def __init__(self, agent: Agent, size: int, *, by_default: bool) -> None:
        self.agent = agent
        self.size = size
        self.by_default = by_default
        self.taken = agent.domain.cell("clusterset-ips")

    def __repr__(self) -> str:
        return f"clusterset IPs of {self.agent.cluster}"

    def is_own(self, ip: str) -> bool:
        """Whether an IP is of this cluster's range."""
        return bool(self.size) and ip.startswith(f"{self.agent.cluster}/")

    def wanted(self, mine: ServiceImport | ServiceExport) -> str:
        """Whether a service is to have one: what its ServiceExport says, or the default; never without a pool."""
        asked = mine.use_ip == YES if mine.use_ip else self.by_default
        return YES if asked and self.size else NO

    def range(self) -> list[str]:
        """The IPs of the own range."""
        return [f"{self.agent.cluster}/{number}" for number in range(self.size)]

    def free(self, get: Get) -> int:
        """How many are left."""
        return self.size - len(get(self.taken) or ())

    def conflict(self, aggregate: ServiceImport, mine: ServiceImport) -> dict[str, bool]:
        """Whether the own setting differs from that of the first exporter."""
        if aggregate.type != CLUSTER_SET_IP:
            return {}
        return {CONFLICTING_IP_ENABLEMENT: aggregate.use_ip != self.wanted(mine)}

    def add(self, aggregate: ServiceImport, mine: ServiceImport, held: list[str]) -> Generator[Request, Any, Any]:
        """The aggregate as it is to be created, with an IP where one is wanted; ``held`` keeps it for another try."""
        if aggregate.type != CLUSTER_SET_IP:
            return aggregate
        wanted = self.wanted(mine)
        if wanted == NO:
            return replace(aggregate, use_ip=NO)
        if not held:
            found = yield TakeIp(self)
            if not found:
                return EXHAUSTED
            held.append(found)
        return replace(aggregate, use_ip=YES, ip=held[0], allocated_by=self.agent.cluster)

    def release(self, ips: Iterable[str]) -> Steps:
        """Put back what is of the own range."""
        for ip in ips:
            if self.is_own(ip):
                yield MarkIp(self, ip, is_taken=False)

    def put_back(self, key: str, held: list[str]) -> Steps:
        """After an error of Distribute, which may have created the aggregate all the same."""
        if self.agent.release.does(KEEPS_IPS):
            found = yield self.agent.broker.get(SERVICE_IMPORTS, BROKER_NAMESPACE, aggregate_name(key), ip_of)
            if found is UNREACHABLE or (found and found.ip in held):
                return
        yield from self.release(held)

    def reserve(self, listed: Listed) -> Steps:
        """At start: the IPs of the aggregates and copies that the own cluster has."""
        for found in listed.items:
            if not found.label and self.is_own(found.ip):
                yield MarkIp(self, found.ip, is_taken=True)


class HasIp(msgspec.Struct, frozen=True):
    """The part of an aggregate that tells whether it has an IP."""

    ip: str


def ip_of(found: ServiceImport | None) -> HasIp | None:
    """The clusterset IP of an aggregate; None if it is absent."""
    return HasIp(found.ip) if found else None


def of_before(aggregate: ServiceImport) -> ServiceImport:
    """An aggregate that exists, with the setting that one of before clusterset IPs gets."""
    return aggregate if aggregate.use_ip else replace(aggregate, use_ip=NO)


class TakeIp(Request, frozen=True):
    """The first IP that is free; empty if none is."""

    ips: ClustersetIps

    def cells(self, get: Get, choice: Value) -> Iterable[Cell]:
        return (self.ips.taken,)

    def carry_out(self, tx: Transaction, choice: Value) -> str:
        ips = self.ips
        taken = tx.get(ips.taken) or ()
        free = [ip for ip in ips.range() if ip not in taken]
        if not free:
            return ""
        tx.put(ips.taken, tuple(sorted((*taken, free[0]))))
        return free[0]


class MarkIp(Request, frozen=True):
    """Mark one IP as taken, or as free."""

    ips: ClustersetIps
    ip: str
    is_taken: bool

    def cells(self, get: Get, choice: Value) -> Iterable[Cell]:
        return (self.ips.taken,)

    def carry_out(self, tx: Transaction, choice: Value) -> None:
        others = {*(tx.get(self.ips.taken) or ())} - {self.ip}
        tx.put(self.ips.taken, tuple(sorted({*others, self.ip} if self.is_taken else others)) or None)
