"""I5: the ports and timestamps of an aggregate are those of its exporters."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from models.kube.objects import CLUSTER_SET_IP
from sim.core.property import Property, When

if TYPE_CHECKING:
    from models.exports import Export
    from models.topology import Topology
    from sim.core import Get


def is_matched(topology: Topology, get: Get, service_key: str) -> bool:
    """Whether an aggregate that exists has its exporters' ports and, where the release keeps them, timestamps."""
    aggregates: list[Any] = topology.aggregates(get, service_key)
    if not aggregates:
        return True
    if len(aggregates) > 1:  # what clients are told depends on which is copied last
        return False
    aggregate = aggregates[0]
    stamps = topology.release.sharing.stamps
    if stamps and tuple(cluster for cluster, _ in aggregate.timestamps) != aggregate.clusters:
        return False
    return aggregate.type != CLUSTER_SET_IP or set(aggregate.ports) == _ports(topology, get, service_key, aggregate)


def _ports(topology: Topology, get: Get, service_key: str, aggregate: Any) -> set[str]:
    """The ports of its exporters, as the release unites them: the oldest exporter's first (FACTS C2)."""
    exports = [e for e in topology.exports if e.service_key == service_key]
    age = dict(aggregate.timestamps) if topology.release.sharing.stamps else _created(topology, get, exports, aggregate)
    services: list[Any] = [
        get(topology.service_cell(e)) for e in sorted(exports, key=lambda e: (age.get(e.cluster, 0), e.cluster))
        if e.cluster in age
    ]  # fmt: skip
    return set(topology.release.ports.merge(service.ports for service in services if service))


def _created(topology: Topology, get: Get, exports: list[Export], aggregate: Any) -> dict[str, int]:
    """When the exports of the clusters that the aggregate names were made; 0 where one is gone."""
    stored: dict[str, Any] = {
        e.cluster: get(topology.export_cell(e)) for e in exports if e.cluster in aggregate.clusters
    }
    return {cluster: export.created if export else 0 for cluster, export in stored.items()}


def aggregate_matches(topology: Topology) -> Property:
    """Aggregates are what their exporters make them."""
    keys = topology.service_keys()
    stamped = topology.release.sharing.stamps
    exports = () if stamped else tuple(map(topology.export_cell, topology.exports))
    return Property(
        "I5",
        "the ports and timestamps of an aggregate are those of its exporters",
        When.AT_REST,
        (*topology.all_aggregate_cells(), *map(topology.service_cell, topology.exports), *exports),
        lambda get: all(is_matched(topology, get, key) for key in keys),
    )
