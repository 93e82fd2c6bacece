"""What an aggregate is to be: the own share in it, and what follows from all shares."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec.structs import replace

from models.kube.objects import (
    CLUSTER_SET_IP,
    EndpointSlice,
    ServiceExport,
    ServiceImport,
    import_type,
)
from models.submariner.agent.clusterset_ip import NO, YES
from models.submariner.agent.parts.sharing import oldest
from models.submariner.level.observed import Observed, stamped
from models.submariner.names import BROKER_NAMESPACE, aggregate_name, second_aggregate_name

if TYPE_CHECKING:
    from models.submariner.level.agent import LevelAgent


def name_of(seen: Observed) -> str:
    """What the aggregate is called, or is to be. The first name is upstream's, which agents of upstream's know; the
    second is there for who came later of two services that would share it (FACTS R8).
    """
    if seen.aggregate is not None:
        return seen.aggregate.name
    return second_aggregate_name(seen.key) if seen.is_name_taken else aggregate_name(seen.key)


def clashes(agent: LevelAgent, seen: Observed) -> bool:
    """Whether the aggregate is not for this export: of another type, by others."""
    found = seen.aggregate
    if found is None:
        return False
    assert seen.service is not None
    return found.type != import_type(seen.service) and bool(_others(agent, found))


def _others(agent: LevelAgent, found: ServiceImport) -> set[str]:
    """The clusters beside the own one that have a share in it, be it only the time of their export so far."""
    return {*found.clusters, *(cluster for cluster, _ in found.timestamps)} - {agent.cluster}


def shared(agent: LevelAgent, seen: Observed, slices: tuple[EndpointSlice, ...]) -> ServiceImport:
    """The aggregate of a service that is exported, given the EndpointSlices that the broker is to have."""
    export, service = seen.export, seen.service
    assert export is not None
    assert service is not None
    me, type_ = agent.cluster, import_type(service)
    found = seen.aggregate
    if found is None or found.type != type_:
        found = ServiceImport(
            namespace=BROKER_NAMESPACE, name=name_of(seen), type=type_, annotation=seen.key,
            clusters=() if found is None else found.clusters,
        )  # fmt: skip
    timestamps = stamped(agent, seen, found.timestamps)
    found = replace(found, timestamps=timestamps, clusters=tuple(sorted({*found.clusters, me})), unmarked=False)
    if oldest(found.timestamps) == me:
        found = replace(found, affinity=service.affinity, affinity_config=service.affinity_config)
    return _with_ip(agent, seen, _with_ports(agent, found, slices), export.object)


def _with_ports(agent: LevelAgent, found: ServiceImport, slices: tuple[EndpointSlice, ...]) -> ServiceImport:
    """Of a headless service they are not imported."""
    if found.type != CLUSTER_SET_IP:
        return found
    return replace(found, ports=agent.release.ports.of_slices(found.timestamps, slices))


def _with_ip(agent: LevelAgent, seen: Observed, found: ServiceImport, export: ServiceExport) -> ServiceImport:
    """The oldest exporter decides whether there is a clusterset IP, and gives one that no aggregate has."""
    ips = agent.ips
    if ips is None or found.type != CLUSTER_SET_IP:
        return found
    if oldest(found.timestamps) != agent.cluster:
        return replace(found, use_ip=found.use_ip or NO)
    if ips.wanted(export) == NO:
        return replace(found, use_ip=NO, ip="", allocated_by="")
    if found.ip:
        return replace(found, use_ip=YES)
    free = [ip for ip in ips.range() if ip not in seen.taken]
    return replace(found, use_ip=YES, ip=free[0] if free else "", allocated_by=agent.cluster if free else "")


def without_share(
    agent: LevelAgent, found: ServiceImport | None, slices: tuple[EndpointSlice, ...]
) -> ServiceImport | None:
    """The aggregate without the own share, given the EndpointSlices that remain; None if it is then of nobody."""
    me = agent.cluster
    if found is None or (me not in found.clusters and all(cluster != me for cluster, _ in found.timestamps)):
        return found
    if not _others(agent, found):
        return None
    left = replace(
        found,
        timestamps=tuple(stamp for stamp in found.timestamps if stamp[0] != me),
        clusters=tuple(cluster for cluster in found.clusters if cluster != me),
    )
    return _with_ports(agent, left, slices)
