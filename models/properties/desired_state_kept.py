"""E1: eventually stable reconciliation."""

from __future__ import annotations

from typing import TYPE_CHECKING

from models.properties.aggregate_matches import aggregate_matches
from models.properties.copies_follow import copies_follow
from models.properties.exported_is_named import exported_is_named
from models.properties.ready_is_exported import ready_is_exported
from sim.core.property import Property, When

if TYPE_CHECKING:
    from models.topology import Topology


def desired_state_kept(topology: Topology) -> Property:
    """From some world on, I1, I2, I4 and I5 all hold. The name is that of Sun et al., OSDI 2024 (Anvil)."""
    parts = [family(topology) for family in (exported_is_named, copies_follow, ready_is_exported, aggregate_matches)]
    return Property(
        "E1",
        "the desired state (I1, I2, I4, I5) is reached and kept",
        When.EVENTUALLY,
        tuple(dict.fromkeys(cell for part in parts for cell in part.cells)),
        lambda get: all(part.holds(get) for part in parts),
    )
