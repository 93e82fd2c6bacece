"""I5: the ports and timestamps of an aggregate are those of its exporters."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from models.kube.objects import CLUSTER_SET_IP
from sim.core.property import Property, When

if TYPE_CHECKING:
    from models.topology import Topology
    from sim.core import Get


def is_matched(topology: Topology, get: Get, service_key: str) -> bool:
    """Whether an aggregate that exists has its exporters' ports and timestamps."""
    aggregate: Any = get(topology.aggregate_cell(service_key))
    if aggregate is None:
        return True
    if tuple(cluster for cluster, _ in aggregate.timestamps) != aggregate.clusters:
        return False
    return aggregate.type != CLUSTER_SET_IP or set(aggregate.ports) == _ports(topology, get, service_key, aggregate)


def _ports(topology: Topology, get: Get, service_key: str, aggregate: Any) -> set[str]:
    """The ports of its exporters; of one name, the port of the oldest (FACTS C2)."""
    age = dict(aggregate.timestamps)
    exporters = [e for e in topology.exports if e.service_key == service_key and e.cluster in age]
    by_name: dict[str, str] = {}
    for export in sorted(exporters, key=lambda e: (age[e.cluster], e.cluster)):
        service: Any = get(topology.service_cell(export))
        for port in service.ports if service else ():
            by_name.setdefault(port.split(":")[0], port)
    return set(by_name.values())


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
