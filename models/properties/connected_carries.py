"""D1: a connection that the Gateway object calls connected carries traffic."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sim.core.property import Property, When

if TYPE_CHECKING:
    from models.topology import Topology
    from sim.core import Get


def connected_carries(topology: Topology) -> Property:
    """Connected means that every kernel table of the path is there."""

    def holds(get: Get) -> bool:
        for cluster in topology.clusters:
            gateway: Any = get(topology.gateway_cell(cluster))
            for remote, status in gateway.connections if gateway else ():
                if status == "connected" and not all(get(cell) for cell in cluster.path_to(remote)):
                    return False
        return True

    cells = [
        cell
        for cluster in topology.clusters
        for other in cluster.others
        for cell in (topology.gateway_cell(cluster), *cluster.path_to(other.name))
    ]
    sentence = "a connection that a Gateway calls connected carries traffic"
    return Property("D1", sentence, When.AT_REST, tuple(dict.fromkeys(cells)), holds)
