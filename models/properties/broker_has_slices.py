"""I7: the broker has an EndpointSlice of every export that is named. Judged only where a scenario asks for it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from models.kube.objects import k8s_slices
from models.properties.exported_is_named import is_exported
from models.properties.never_lost import never_lost
from models.properties.no_slices_left import broker_slices, broker_slices_cell
from sim.core.property import Property, When

if TYPE_CHECKING:
    from models.topology import Export, Topology
    from sim.core import Cell, Get


def broker_has_slices(topology: Topology) -> Property:
    """Where Kubernetes has an EndpointSlice of the service."""

    def sources(export: Export) -> Cell:
        namespace, name = export.service_key.split("/")
        return topology.cluster(export.cluster).api.names(k8s_slices(name), namespace)

    def holds(get: Get) -> bool:
        has = {(each.source_cluster, each.service) for each in broker_slices(topology, get)}
        return all(
            (e.cluster, e.service_key) in has or not get(sources(e))
            for e in topology.exports
            if is_exported(topology, get, e) and topology.is_named(get, e)
        )

    cells = (broker_slices_cell(topology), *never_lost(topology).cells, *map(sources, topology.exports))
    return Property("I7", "every export that is named has an EndpointSlice on the broker", When.AT_REST, cells, holds)
