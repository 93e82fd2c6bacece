"""I5: the ports and timestamps of an aggregate are those of its exporters."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sim.core.property import Property, When

if TYPE_CHECKING:
    from models.topology import Topology
    from sim.core import Get


def is_matched(topology: Topology, get: Get, service_key: str) -> bool:
    """Whether an aggregate that exists has its exporters' ports and timestamps."""
    aggregate: Any = get(topology.aggregate_cell(service_key))
    if aggregate is None:
        return True
    exporters = [e for e in topology.exports if e.service_key == service_key and e.cluster in aggregate.clusters]
    services: list[Any] = [get(topology.service_cell(e)) for e in exporters]
    ports = {port for service in services if service for port in service.ports}
    return set(aggregate.ports) == ports and tuple(cluster for cluster, _ in aggregate.timestamps) == aggregate.clusters


def aggregate_matches(topology: Topology) -> Property:
    """Aggregates are what their exporters make them."""
    keys = topology.service_keys()
    return Property(
        "I5",
        "the ports and timestamps of an aggregate are those of its exporters",
        When.AT_REST,
        (*map(topology.aggregate_cell, keys), *map(topology.service_cell, topology.exports)),
        lambda get: all(is_matched(topology, get, key) for key in keys),
    )
