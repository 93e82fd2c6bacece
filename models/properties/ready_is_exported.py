"""I4: a ServiceExport that says Ready is named by the aggregate, and one that is named says Ready and Valid."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sim.core.property import Property, When

if TYPE_CHECKING:
    from models.topology import Export, Topology
    from sim.core import Get


def says_ready(topology: Topology, get: Get, export: Export) -> bool:
    """Whether the conditions are Ready=True and Valid=True."""
    stored: Any = get(topology.export_cell(export))
    return stored is not None and stored.is_true("Ready") and stored.is_true("Valid")


def ready_is_exported(topology: Topology) -> Property:
    """What the conditions say is so."""

    def holds(get: Get) -> bool:
        exports = [e for e in topology.exports if get(topology.export_cell(e)) is not None]
        return all(says_ready(topology, get, e) is topology.is_named(get, e) for e in exports)

    cells = [c for e in topology.exports for c in (topology.export_cell(e), topology.aggregate_cell(e.service_key))]
    sentence = "Ready says exactly whether the aggregate names the cluster"
    return Property("I4", sentence, When.AT_REST, tuple(dict.fromkeys(cells)), holds)
