"""I12: Conflict is said only where exporters differ. Judged only where a scenario asks for it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from models.properties.exported_is_named import is_exported
from models.properties.never_lost import never_lost
from models.submariner.agent.conditions import reasons_of
from sim.core.property import Property, When

if TYPE_CHECKING:
    from models.exports import Export
    from models.topology import Topology
    from sim.core import Get


def _offer(topology: Topology, get: Get, export: Export) -> Any:
    service: Any = get(topology.service_cell(export))
    stored: Any = get(topology.export_cell(export))
    return (service.type, service.ports, service.affinity, service.affinity_config, stored.use_ip)


def is_unreal(topology: Topology, get: Get, export: Export) -> bool:
    """Whether an export says Conflict though all exporters of its service offer the same."""
    stored: Any = get(topology.export_cell(export))
    if not reasons_of(stored) or not is_exported(topology, get, export):
        return False
    alike = [e for e in topology.exports if e.service_key == export.service_key and is_exported(topology, get, e)]
    return len({_offer(topology, get, e) for e in alike}) == 1


def conflict_is_real(topology: Topology) -> Property:
    """A condition that outlives what it was about (R16)."""

    def holds(get: Get) -> bool:
        return not any(is_unreal(topology, get, export) for export in topology.exports)

    return Property(
        "I12", "Conflict is said only where exporters differ", When.AT_REST, never_lost(topology).cells, holds
    )
