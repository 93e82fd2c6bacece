"""S1: an import is never gone while its export lives and says Ready, be it that it went or that Ready came too early;
judged in every world of a run.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from models.properties.exported_is_named import is_exported
from sim.core.property import Property, When

if TYPE_CHECKING:
    from models.topology import Topology
    from sim.core import Get


def never_lost(topology: Topology) -> Property:
    """While a ServiceExport that reached Ready=True lives and says so, the aggregate names its cluster."""

    def holds(get: Get) -> bool:
        for export in topology.exports:
            stored: Any = get(topology.export_cell(export))
            if is_exported(topology, get, export) and stored.is_true("Ready") and not topology.is_named(get, export):
                return False
        return True

    cells = [
        cell
        for e in topology.exports
        for cell in (topology.export_cell(e), topology.service_cell(e), *topology.aggregate_cells(e.service_key))
    ]
    sentence = "an export that lives and says Ready is named by the aggregate"
    return Property("S1", sentence, When.ALWAYS, tuple(dict.fromkeys(cells)), holds)
