"""C1: no agent panics. Judged only where a scenario asks for it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sim.core.property import Property, When

if TYPE_CHECKING:
    from models.topology import Topology


def never_panics(topology: Topology) -> Property:
    """No node remembers that its agent panicked (docs/FACTS.md M6 and C30 have reasons to)."""
    cells = tuple(cluster.agent.container.panicked for cluster in topology.clusters)
    return Property(
        "C1", "no agent has panicked", When.AT_REST, cells, lambda get: not any(get(cell) for cell in cells)
    )
