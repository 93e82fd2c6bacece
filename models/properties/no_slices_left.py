"""I8: the broker has EndpointSlices of exporting clusters only. Judged only where a scenario asks for it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from models.kube.objects import ENDPOINT_SLICES, LIGHTHOUSE_SLICES
from models.properties.exported_is_named import is_exported
from models.properties.never_lost import never_lost
from models.submariner.names import BROKER_NAMESPACE
from sim.core.property import Property, When

if TYPE_CHECKING:
    from models.exports import Export
    from models.topology import Topology
    from sim.core import Cell, Get


def broker_slices_cell(topology: Topology) -> Cell:
    """The names of the EndpointSlices on the broker."""
    return topology.broker_api.names(LIGHTHOUSE_SLICES, BROKER_NAMESPACE)


def broker_slices(topology: Topology, get: Get) -> list[Any]:
    """The EndpointSlices on the broker."""
    names: Any = get(broker_slices_cell(topology)) or ()
    return [get(topology.broker_api.object(ENDPOINT_SLICES, BROKER_NAMESPACE, name)) for name in names]


def left_slices(topology: Topology, get: Get) -> Iterator[tuple[Any, Export]]:
    """The EndpointSlices on the broker that no export is of any more, each with the one that it was of."""
    exports = {(e.cluster, e.service_key): e for e in topology.exports}
    for each in broker_slices(topology, get):
        export = exports[each.source_cluster, each.service]
        if not is_exported(topology, get, export):
            yield each, export


def no_slices_left(topology: Topology) -> Property:
    """For each EndpointSlice on the broker there is an export."""

    def holds(get: Get) -> bool:
        return next(left_slices(topology, get), None) is None

    cells = (broker_slices_cell(topology), *never_lost(topology).cells)
    return Property("I8", "the broker has EndpointSlices of exporting clusters only", When.AT_REST, cells, holds)
