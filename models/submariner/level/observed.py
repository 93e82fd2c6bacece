"""What a reconcile reads of a service, each by one call of the API; no cache is asked."""

from __future__ import annotations

from collections.abc import Generator, Iterable
from typing import TYPE_CHECKING, Any

import msgspec
from msgspec.structs import replace

from models.kube.calls import NOT_FOUND, UNREACHABLE, Versioned
from models.kube.objects import (
    CLUSTER_IP,
    ENDPOINT_SLICES,
    HEADLESS,
    LIGHTHOUSE_SLICES,
    SERVICE_EXPORTS,
    SERVICE_IMPORTS,
    SERVICES,
    EndpointSlice,
    K8sEndpointSlice,
    Only,
    Service,
    ServiceImport,
    k8s_slices,
)
from models.submariner.agent.clusterset_ip import YES, ip_of
from models.submariner.agent.conditions import CONFLICT_TYPE, SYNCED
from models.submariner.agent.parts.sharing import Stamps, oldest
from models.submariner.names import BROKER_NAMESPACE, aggregate_name, second_aggregate_name
from sim.core import Request, by_result

if TYPE_CHECKING:
    from models.submariner.level.agent import LevelAgent

CONDITIONS = Only((CONFLICT_TYPE, "Ready", SYNCED, "Valid"))
"""The part of a ServiceExport that the agent writes."""


class Observed(msgspec.Struct, frozen=True):
    """A service as it was read: ``sources`` are Kubernetes' EndpointSlices, ``local`` lighthouse's in the namespace of
    the service, ``remote`` those on the broker; ``taken`` are the clusterset IPs of all aggregates, read
    where one may be given. ``aggregate`` is that of the first name, if that is of this service, else of the second;
    ``spare`` is the other of the two, which no cluster is to be in. ``is_name_taken`` says that the first name is
    another service's (FACTS R8).
    """

    key: str
    export: Versioned | None
    service: Service | None
    sources: tuple[K8sEndpointSlice, ...]
    local: tuple[EndpointSlice, ...]
    copy: ServiceImport | None
    aggregate: ServiceImport | None
    remote: tuple[EndpointSlice, ...]
    spare: ServiceImport | None = None
    taken: tuple[str, ...] = ()
    is_name_taken: bool = False

    @property
    def is_offered(self) -> bool:
        """Whether it is exported, with a Service of a type that can be."""
        return bool(self.export and self.service and self.service.type in (CLUSTER_IP, HEADLESS))


def stamped(agent: LevelAgent, seen: Observed, stamps: Stamps) -> Stamps:
    """Timestamps of an aggregate with that of the own export."""
    assert seen.export is not None
    mine = (agent.cluster, seen.export.object.created)
    return tuple(sorted((*(stamp for stamp in stamps if stamp[0] != agent.cluster), mine)))


def deciding(stamps: Stamps, clusters: Iterable[str]) -> str:
    """The oldest of the exporters that an aggregate names. One whose time alone is there counts for nothing: agents of
    upstream's leave it behind where a removal is half applied (FACTS R9).
    """
    named = {*clusters}
    return oldest(tuple(stamp for stamp in stamps if stamp[0] in named))


def gives_ip(agent: LevelAgent, seen: Observed) -> bool:
    """Whether the cluster is to give the service a clusterset IP: as its oldest exporter, who wants one."""
    found, ips = seen.aggregate, agent.ips
    if ips is None or not seen.is_offered or (found is not None and found.ip):
        return False
    assert seen.export is not None
    assert seen.service is not None
    if seen.service.type != CLUSTER_IP:
        return False
    stamps, clusters = ((), ()) if found is None else (found.timestamps, found.clusters)
    decides = deciding(stamped(agent, seen, stamps), (*clusters, agent.cluster))
    return decides == agent.cluster and ips.wanted(seen.export.object) == YES


def observe(agent: LevelAgent, key: str) -> Generator[Request, Any, Observed | None]:
    """Read all that there is of a service; None if a call failed."""
    return (yield from by_result(_observe(agent, key)))


def _observe(agent: LevelAgent, key: str) -> Generator[Request, Any, Observed | None]:
    namespace, name = key.split("/")
    local, broker, of_it = agent.local, agent.broker, {"service": key}
    answers: list[Any] = []
    for request in (
        local.get_part(SERVICE_EXPORTS, namespace, name, CONDITIONS),
        local.get(SERVICES, namespace, name),
        local.list(ENDPOINT_SLICES, k8s_slices(name), namespace),
        local.list(ENDPOINT_SLICES, LIGHTHOUSE_SLICES, namespace, of_it),
        local.get(SERVICE_IMPORTS, namespace, name),
        broker.get(SERVICE_IMPORTS, BROKER_NAMESPACE, aggregate_name(key)),
        broker.get(SERVICE_IMPORTS, BROKER_NAMESPACE, second_aggregate_name(key)),
        broker.list(ENDPOINT_SLICES, LIGHTHOUSE_SLICES, BROKER_NAMESPACE, of_it),
    ):
        answer = yield request
        if answer is UNREACHABLE:
            return None
        answers.append(None if answer is NOT_FOUND else answer)
    export, service, sources, here, copy, first, second, there = answers
    is_others = first is not None and first.annotation != key
    own = None if is_others else first
    seen = Observed(
        key, export, service, sources.items, here.items, copy, own or second, there.items,
        spare=second if own else None, is_name_taken=is_others,
    )  # fmt: skip
    if not gives_ip(agent, seen):
        return seen
    listed = yield broker.list(SERVICE_IMPORTS, SERVICE_IMPORTS, BROKER_NAMESPACE, part=ip_of)
    return replace(seen, taken=tuple(each.ip for each in listed.items if each.ip)) if listed else None
