"""I7: the broker has an EndpointSlice of every export that is named. Judged only where a scenario asks for it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from models.kube.objects import k8s_slices
from models.properties.exported_is_named import is_exported
from models.properties.never_lost import never_lost
from models.properties.no_slices_left import broker_slices, broker_slices_cell
from sim.core.property import Property, When

if TYPE_CHECKING:
    from models.exports import Export
    from models.topology import Topology
    from sim.core import Cell, Get


def _sources(topology: Topology, export: Export) -> Cell:
    namespace, name = export.service_key.split("/")
    return topology.cluster(export.cluster).api.names(k8s_slices(name), namespace)


def lacks_slices(topology: Topology, get: Get, export: Export) -> bool:
    """Whether an export that is named has no EndpointSlice on the broker, where Kubernetes has one of the service."""
    named = is_exported(topology, get, export) and topology.is_named(get, export)
    has = {(each.source_cluster, each.service) for each in broker_slices(topology, get)}
    return named and bool(get(_sources(topology, export))) and (export.cluster, export.service_key) not in has


def broker_has_slices(topology: Topology) -> Property:
    """No export lacks them."""

    def holds(get: Get) -> bool:
        return not any(lacks_slices(topology, get, e) for e in topology.exports)

    sources = (_sources(topology, e) for e in topology.exports)
    cells = (broker_slices_cell(topology), *never_lost(topology).cells, *sources)
    return Property("I7", "every export that is named has an EndpointSlice on the broker", When.AT_REST, cells, holds)
