"""I1: exported with a Service, and named by the aggregate, are the same."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from models.kube.objects import CLUSTER_IP, HEADLESS
from sim.core.property import Property, When

if TYPE_CHECKING:
    from models.exports import Export
    from models.topology import Topology
    from sim.core import Get


def is_exported(topology: Topology, get: Get, export: Export) -> bool:
    """Whether the ServiceExport and its Service are there, of a type that can be exported."""
    service: Any = get(topology.service_cell(export))
    return bool(get(topology.export_cell(export)) and service and service.type in (CLUSTER_IP, HEADLESS))


def exported_is_named(topology: Topology) -> Property:
    """The aggregate names exactly the clusters that export."""

    def holds(get: Get) -> bool:
        return all(topology.is_named(get, e) is is_exported(topology, get, e) for e in topology.exports)

    cells = [
        cell
        for e in topology.exports
        for cell in (topology.export_cell(e), topology.service_cell(e), *topology.aggregate_cells(e.service_key))
    ]
    sentence = "an aggregate names exactly the clusters that export the service"
    return Property("I1", sentence, When.AT_REST, tuple(dict.fromkeys(cells)), holds)
