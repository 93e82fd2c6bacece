"""I4: a ServiceExport that says Ready is named by the aggregate, and one that is named says Ready and Valid."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sim.core.property import Property, When

if TYPE_CHECKING:
    from models.exports import Export
    from models.topology import Topology
    from sim.core import Get


def says_ready(topology: Topology, get: Get, export: Export) -> bool:
    """Whether the conditions are Ready=True and Valid=True."""
    stored: Any = get(topology.export_cell(export))
    return stored is not None and stored.is_true("Ready") and stored.is_true("Valid")


def is_truthful(topology: Topology, get: Get, export: Export) -> bool:
    """Whether an export, if there is one, says Ready exactly if it is named."""
    is_there = get(topology.export_cell(export)) is not None
    return not is_there or says_ready(topology, get, export) is topology.is_named(get, export)


def ready_is_exported(topology: Topology) -> Property:
    """What the conditions say is so."""

    def holds(get: Get) -> bool:
        return all(is_truthful(topology, get, e) for e in topology.exports)

    cells = [c for e in topology.exports for c in (topology.export_cell(e), *topology.aggregate_cells(e.service_key))]
    sentence = "Ready says exactly whether the aggregate names the cluster"
    return Property("I4", sentence, When.AT_REST, tuple(dict.fromkeys(cells)), holds)
