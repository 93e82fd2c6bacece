"""What an aggregate is to be: the own share in it, and what follows from all shares."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec.structs import replace

from models.kube.objects import (
    CLUSTER_SET_IP,
    EndpointSlice,
    Offer,
    Service,
    ServiceExport,
    ServiceImport,
    import_type,
)
from models.releases.parts import OLDEST_DECIDES, TELLS_ALL
from models.submariner.agent.clusterset_ip import NO, YES
from models.submariner.level.observed import Observed, deciding, stamped
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


def is_refused(agent: LevelAgent, seen: Observed) -> bool:
    """Whether the aggregate is not for this export: of another type, by others. Without the part, as upstream has it
    (FACTS H5); MCS excludes nobody (FACTS C31).
    """
    found = seen.aggregate
    if found is None or agent.release.does(OLDEST_DECIDES):
        return False
    assert seen.service is not None
    return found.type != import_type(seen.service) and bool(_others(agent, found))


def _others(agent: LevelAgent, found: ServiceImport) -> set[str]:
    """The clusters beside the own one that have a share in it, be it only the time of their export so far."""
    return {*found.clusters, *(cluster for cluster, _ in found.timestamps)} - {agent.cluster}


def offer(agent: LevelAgent, service: Service, export: ServiceExport) -> Offer:
    """What the own Service is like."""
    type_ = import_type(service)
    use_ip = agent.ips.wanted(export) if agent.ips and type_ == CLUSTER_SET_IP else ""
    return Offer(agent.cluster, type_, service.affinity, service.affinity_config, use_ip)


def shared(agent: LevelAgent, seen: Observed, slices: tuple[EndpointSlice, ...]) -> ServiceImport:
    """The aggregate of a service that is exported, given the EndpointSlices that the broker is to have. Of what a
    service has but one of, that of the oldest exporter counts, as MCS has it (FACTS C31).
    """
    export, service = seen.export, seen.service
    assert export is not None
    assert service is not None
    me, mine = agent.cluster, offer(agent, service, export.object)
    found = seen.aggregate
    if found is None:
        found = ServiceImport(namespace=BROKER_NAMESPACE, name=name_of(seen), type=mine.type, annotation=seen.key)
    timestamps, clusters = stamped(agent, seen, found.timestamps), tuple(sorted({*found.clusters, me}))
    found = replace(found, timestamps=timestamps, clusters=clusters, unmarked=False)
    if agent.release.does(TELLS_ALL):
        found = replace(found, offers=tuple(sorted((*_offers_of_others(agent, found), mine))))
    if deciding(found.timestamps, clusters) == me:
        found = replace(
            _of_type(found, mine.type), affinity=service.affinity, affinity_config=service.affinity_config
        )  # fmt: skip
    return _with_ip(agent, seen, _with_ports(agent, found, slices), export.object)


def _offers_of_others(agent: LevelAgent, found: ServiceImport) -> tuple[Offer, ...]:
    """What those offer that have a share in it: an agent of upstream's that leaves knows nothing of its own."""
    others = _others(agent, found)
    return tuple(each for each in found.offers if each.cluster in others)


def _of_type(found: ServiceImport, type_: str) -> ServiceImport:
    """Of another type it has neither the ports nor the IP that it had."""
    if found.type == type_:
        return found
    return replace(found, type=type_, ports=(), use_ip="", ip="", allocated_by="")


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
    if deciding(found.timestamps, found.clusters) != agent.cluster:
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
        offers=_offers_of_others(agent, found),
    )
    return _with_ports(agent, left, slices)
