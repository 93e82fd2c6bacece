"""I9: clusters have the EndpointSlices of the others. Judged only where a scenario asks for it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from models.kube.objects import ENDPOINT_SLICES, LIGHTHOUSE_SLICES
from models.properties.no_slices_left import broker_slices, broker_slices_cell
from sim.core.property import Property, When

if TYPE_CHECKING:
    from models.topology import Topology
    from sim.core import Get


def slices_are_imported(topology: Topology) -> Property:
    """What S4 keeps: in each cluster that has the namespace, the slices of the other clusters."""
    spaces = sorted({export.service_key.split("/")[0] for export in topology.exports})
    here = {(c.name, s): c.api.names(LIGHTHOUSE_SLICES, s) for c in topology.clusters for s in spaces}

    def holds(get: Get) -> bool:
        stored = broker_slices(topology, get)
        for cluster in topology.clusters:
            for space in spaces:
                if not topology.has_namespace(get, cluster, space):
                    continue
                names: Any = get(here[cluster.name, space]) or ()
                own: list[Any] = [get(cluster.api.object(ENDPOINT_SLICES, space, name)) for name in names]
                there = {
                    s.name for s in stored if s.source_cluster != cluster.name and s.service.startswith(f"{space}/")
                }
                if {s.name for s in own if s.cluster_id} != there:
                    return False
        return True

    cells = (broker_slices_cell(topology), *here.values(), *topology.namespace_cells())
    sentence = "clusters have the EndpointSlices of others that the broker has, and no other"
    return Property("I9", sentence, When.AT_REST, cells, holds)
