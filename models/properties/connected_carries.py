"""D1: a connection that the Gateway object calls connected carries traffic."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sim.core.property import Property, When

if TYPE_CHECKING:
    from collections.abc import Iterator

    from models.topology import Topology
    from sim.core import Get


def carries_nothing(topology: Topology, get: Get) -> Iterator[tuple[str, str]]:
    """The connections, as (cluster, the other cluster), that are called connected and lack a table of their path."""
    for cluster in topology.clusters:
        gateway: Any = get(topology.gateway_cell(cluster))
        for remote, status in gateway.connections if gateway else ():
            if status == "connected" and not all(get(cell) for cell in cluster.path_to(remote)):
                yield cluster.name, remote


def connected_carries(topology: Topology) -> Property:
    """Connected means that every kernel table of the path is there."""

    def holds(get: Get) -> bool:
        return not any(carries_nothing(topology, get))

    cells = [
        cell
        for cluster in topology.clusters
        for other in cluster.others
        for cell in (topology.gateway_cell(cluster), *cluster.path_to(other.name))
    ]
    sentence = "a connection that a Gateway calls connected carries traffic"
    return Property("D1", sentence, When.AT_REST, tuple(dict.fromkeys(cells)), holds)
