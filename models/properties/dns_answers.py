"""D3: a DNS query answers with an exporter exactly if an aggregate names one; reachability is left to D1."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sim.core.property import Property, When

if TYPE_CHECKING:
    from models.topology import Topology
    from sim.core import Get


def dns_answers(topology: Topology) -> Property:
    """What a client heard last fits the aggregate: a name for a named exporter, none for a lost one."""
    looks = [(cluster, key) for cluster in topology.clusters for key in cluster.client.services]

    def holds(get: Get) -> bool:
        for cluster, key in looks:
            seen: Any = get(cluster.client.seen(key))
            aggregate: Any = get(topology.aggregate_cell(key))
            if seen is not None and seen.has_answer is not bool(aggregate and aggregate.clusters):
                return False
        return True

    cells = [cell for cluster, key in looks for cell in (cluster.client.seen(key), topology.aggregate_cell(key))]
    sentence = "DNS answers exactly where an aggregate names an exporter"
    return Property("D3", sentence, When.AT_REST, tuple(dict.fromkeys(cells)), holds)
