"""I8: the broker has EndpointSlices of exporting clusters only. Judged only where a scenario asks for it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from models.kube.objects import ENDPOINT_SLICES, LIGHTHOUSE_SLICES
from models.properties.exported_is_named import is_exported
from models.properties.never_lost import never_lost
from models.submariner.names import BROKER_NAMESPACE
from sim.core.property import Property, When

if TYPE_CHECKING:
    from models.topology import Topology
    from sim.core import Cell, Get


def broker_slices_cell(topology: Topology) -> Cell:
    """The names of the EndpointSlices on the broker."""
    return topology.broker_api.names(LIGHTHOUSE_SLICES, BROKER_NAMESPACE)


def broker_slices(topology: Topology, get: Get) -> list[Any]:
    """The EndpointSlices on the broker."""
    names: Any = get(broker_slices_cell(topology)) or ()
    return [get(topology.broker_api.object(ENDPOINT_SLICES, BROKER_NAMESPACE, name)) for name in names]


def no_slices_left(topology: Topology) -> Property:
    """For each EndpointSlice on the broker there is an export."""
    exports = {(e.cluster, e.service_key): e for e in topology.exports}

    def holds(get: Get) -> bool:
        return all(
            is_exported(topology, get, exports[each.source_cluster, each.service])
            for each in broker_slices(topology, get)
        )

    cells = (broker_slices_cell(topology), *never_lost(topology).cells)
    return Property("I8", "the broker has EndpointSlices of exporting clusters only", When.AT_REST, cells, holds)
