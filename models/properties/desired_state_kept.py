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
    """From some world on, I1, I4 and I5 all hold, and I2 where there are copies. The name is that of Sun et al., OSDI
    2024 (Anvil).
    """
    families = (exported_is_named, copies_follow, ready_is_exported, aggregate_matches)
    parts = [family(topology) for family in families if family is not copies_follow or topology.has_copies]
    return Property(
        "E1",
        f"the desired state ({', '.join(part.name for part in parts)}) is reached and kept",
        When.EVENTUALLY,
        tuple(dict.fromkeys(cell for part in parts for cell in part.cells)),
        lambda get: all(part.holds(get) for part in parts),
    )
