"""D2: after healing, the kernel tables are what the API state asks for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from models.node.kernel import XFRM
from sim.core.property import Property, When

if TYPE_CHECKING:
    from collections.abc import Iterator

    from models.node.kernel import Kernel
    from models.topology import Topology
    from sim.core import Get


def wanted(topology: Topology) -> Iterator[tuple[Kernel, str]]:
    """The tables that route agents and gateways install, and where."""
    for cluster in topology.clusters:
        yield from ((agent.kernel, table) for agent in cluster.route_agents for table in agent.tables)
    for cluster in topology.clusters:
        yield cluster.gateway_kernel, XFRM


def missing(topology: Topology, get: Get) -> Iterator[tuple[Kernel, str]]:
    """Those of them that are not there."""
    return ((kernel, table) for kernel, table in wanted(topology) if not get(kernel.table(table)))


def kernel_as_asked(topology: Topology) -> Property:
    """Every table that a route agent or a gateway installs is there."""
    cells = [kernel.table(table) for kernel, table in wanted(topology)]

    def holds(get: Get) -> bool:
        return not any(missing(topology, get))

    return Property("D2", "every kernel table that Submariner installs is there", When.AT_REST, tuple(cells), holds)
