"""Kernel state that Submariner keeps in a node's network namespace. It survives pods and is lost with a reboot.

Source: docs/FACTS.md D5, D6 and D10. Every table is a cell that is true while the table is as its owner made it.
"""

from __future__ import annotations

from collections.abc import Iterable

from sim.core import Cell, Domain, Get, Request, Transaction, Value

RULE_150, TABLE_150 = "rule-150", "table-150"
VX_LINK, VX_ROUTES = "vx-submariner", "vx-routes"
NAT_CHAINS, XFRM = "nat-chains", "xfrm"
TABLES = (RULE_150, TABLE_150, VX_LINK, VX_ROUTES, NAT_CHAINS, XFRM)
RULES_AND_ROUTES = (RULE_150, TABLE_150, VX_ROUTES)
"""What systemd-networkd removes from a living node when it takes foreign rules and routes away (FACTS D4)."""


class Kernel:
    """The tables of one node."""

    def __init__(self, node: str) -> None:
        self.node = node
        self.domain = Domain(f"{node}/kernel")

    def __repr__(self) -> str:
        return f"kernel of {self.node}"

    def table(self, name: str) -> Cell:
        """The cell of one table."""
        assert name in TABLES
        return self.domain.cell(name)


class Install(Request, frozen=True):
    """Install one table; idempotent."""

    kernel: Kernel
    table: str

    def writes(self, get: Get, choice: Value) -> Iterable[Cell]:
        return (self.kernel.table(self.table),)

    def carry_out(self, tx: Transaction, choice: Value) -> None:
        tx.put(self.kernel.table(self.table), True)

    def words(self, choice: Value, response: object) -> str:
        return f"{self.table} is installed on {self.kernel.node}"
