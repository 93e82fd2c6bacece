"""P1: the premise of #3188 is reached: an agent restarts while exports live."""

from __future__ import annotations

from typing import TYPE_CHECKING

from models.node.container import PAUSED, RUNNING
from sim.core.property import Property, When

if TYPE_CHECKING:
    from models.topology import Topology
    from sim.core import Get


def broker_agent_restarts(topology: Topology) -> Property:
    """Some agent is down while some aggregate exists."""
    states = [cluster.agent.container.state for cluster in topology.clusters]
    aggregates = topology.all_aggregate_cells()

    def holds(get: Get) -> bool:
        return any(get(state) not in (RUNNING, PAUSED) for state in states) and any(get(cell) for cell in aggregates)

    return Property("P1", "an agent restarts while an aggregate exists", When.SOMETIMES, (*states, *aggregates), holds)
