"""Kernel tables vanish under living processes (docs/FACTS.md D4)."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from models.faults.fault import Operation, Steps, known_tables, needs_data_plane
from models.node.host import FlushTables
from models.node.kernel import RULES_AND_ROUTES
from sim.core import unknown

if TYPE_CHECKING:
    from models.topology import Topology


class KernelFlush(Operation, frozen=True, kw_only=True, tag="kernel-flush", tag_field="fault"):
    """``tables``: any of rule-150, table-150, vx-submariner, vx-routes, nat-chains, xfrm."""

    host: str
    tables: tuple[str, ...] = RULES_AND_ROUTES
    name: ClassVar[str] = "kernel-flush"
    is_fault: ClassVar[bool] = True

    def check(self, topology: Topology) -> None:
        if self.host not in topology.hosts:
            raise unknown("host (in kernel-flush)", self.host, topology.hosts)
        known_tables(self.tables, self.name)
        needs_data_plane(topology, self.name)

    def steps(self, topology: Topology) -> Steps:
        yield FlushTables(topology.hosts[self.host], self.tables)
