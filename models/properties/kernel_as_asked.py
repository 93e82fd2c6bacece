"""D2: after healing, the kernel tables are what the API state asks for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from models.node.kernel import XFRM
from sim.core.property import Property, When

if TYPE_CHECKING:
    from models.topology import Topology
    from sim.core import Get


def kernel_as_asked(topology: Topology) -> Property:
    """Every table that a route agent or a gateway installs is there."""
    cells = [agent.kernel.table(t) for c in topology.clusters for agent in c.route_agents for t in agent.tables]
    cells += [cluster.gateway_kernel.table(XFRM) for cluster in topology.clusters]

    def holds(get: Get) -> bool:
        return all(get(cell) for cell in cells)

    return Property("D2", "every kernel table that Submariner installs is there", When.AT_REST, tuple(cells), holds)
