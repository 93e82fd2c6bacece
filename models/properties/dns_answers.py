"""D3: a DNS query answers with an exporter exactly if an aggregate names one; reachability is left to D1."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sim.core.property import Property, When

if TYPE_CHECKING:
    from collections.abc import Iterator

    from models.cluster import Cluster
    from models.topology import Topology
    from sim.core import Get


def looks(topology: Topology) -> list[tuple[Cluster, str]]:
    """Which services clients ask for, and of which cluster they are."""
    return [(cluster, key) for cluster in topology.clusters for key in cluster.client.services]


def misled(topology: Topology, get: Get) -> Iterator[tuple[Cluster, str]]:
    """The clients, and the services, whose last answer does not fit the aggregate."""
    for cluster, key in looks(topology):
        seen: Any = get(cluster.client.seen(key))
        aggregate: Any = topology.aggregate(get, key)
        if seen is not None and seen.has_answer is not bool(aggregate and aggregate.clusters):
            yield cluster, key


def dns_answers(topology: Topology) -> Property:
    """What a client heard last fits the aggregate: a name for a named exporter, none for a lost one."""

    def holds(get: Get) -> bool:
        return not any(misled(topology, get))

    cells = [
        cell for cluster, key in looks(topology) for cell in (cluster.client.seen(key), *topology.aggregate_cells(key))
    ]
    sentence = "DNS answers exactly where an aggregate names an exporter"
    return Property("D3", sentence, When.AT_REST, tuple(dict.fromkeys(cells)), holds)
