"""I6: a clusterset IP is of one service only; and whether two services ever had one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sim.core.property import Property, When

if TYPE_CHECKING:
    from models.topology import Topology
    from sim.core import Cell, Get


def unique_ips(topology: Topology) -> Property:
    """No two aggregates have the same clusterset IP (docs/FACTS.md C21)."""
    cells = _aggregates(topology)

    def holds(get: Get) -> bool:
        ips = [found.ip for cell in cells if (found := get(cell)) and found.ip]
        return len(ips) == len({*ips})

    return Property("I6", "no clusterset IP is of two services", When.AT_REST, cells, holds)


def two_ips(topology: Topology) -> Property:
    """The premise of I6."""
    cells = _aggregates(topology)
    return Property(
        "P6",
        "two services have clusterset IPs",
        When.SOMETIMES,
        cells,
        lambda get: sum(bool((found := get(cell)) and found.ip) for cell in cells) > 1,
    )


def _aggregates(topology: Topology) -> tuple[Cell, ...]:
    return topology.all_aggregate_cells()
