"""L1: no export is without its import for ever: the loss of #3188."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from models.properties.exported_is_named import is_exported
from sim.core.property import Property, When

if TYPE_CHECKING:
    from models.exports import Export
    from models.topology import Topology
    from sim.core import Get


def is_imported(topology: Topology, get: Get, export: Export) -> bool:
    """Whether the aggregate, and its copy in every cluster, name the exporting cluster; of copies only whether they are
    there where there is no more of them: at rest they name whom the aggregate names (DESIGN, "Copies made at once").
    """
    copies: list[Any] = [get(cell) for cell in topology.copy_cells(get, export.service_key)]
    named = all(copy and (export.cluster in copy.clusters or not topology.has_contents) for copy in copies)
    return named and topology.is_named(get, export)


def import_is_there(topology: Topology) -> Property:
    """Whoever exports a service is named by its ServiceImports."""

    def holds(get: Get) -> bool:
        return all(not is_exported(topology, get, e) or is_imported(topology, get, e) for e in topology.exports)

    cells = [
        cell
        for e in topology.exports
        for cell in (
            topology.export_cell(e),
            topology.service_cell(e),
            *topology.aggregate_cells(e.service_key),
            *(topology.copy_cell(cluster, e.service_key) for cluster in topology.clusters if topology.has_copies),
        )
    ]
    cells += topology.namespace_cells()
    sentence = "every export is named by its aggregate"
    if topology.has_copies:
        sentence += " and by all copies of it"
    return Property("L1", sentence, When.AT_REST, tuple(dict.fromkeys(cells)), holds)
