"""I3: one lighthouse slice for each exported ClusterIP service. Judged only where a scenario asks for it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from models.kube.objects import CLUSTER_IP, LIGHTHOUSE_SLICES
from models.properties.exported_is_named import is_exported
from sim.core.property import Property, When

if TYPE_CHECKING:
    from models.exports import Export
    from models.topology import Topology
    from sim.core import Cell, Get


def own_slices(topology: Topology, get: Get, export: Export) -> list[str]:
    """The names of the export's own slices in its cluster, generated, fixed, or fixed with dots (a proposal's)."""
    namespace, service, cluster = map(re.escape, (*export.service_key.split("/"), export.cluster))
    dotted = rf"(?:[a-z0-9-]+\.)?{service}\.{namespace}\.{cluster}"
    own = re.compile(rf"{service}-(?:{cluster}\d+|[a-z0-9-]+-{cluster})|{dotted}")
    names: Any = get(_names(topology, export))
    return [name for name in names or () if own.fullmatch(name)]


def _names(topology: Topology, export: Export) -> Cell:
    return topology.cluster(export.cluster).api.names(LIGHTHOUSE_SLICES, export.service_key.split("/")[0])


def one_slice(topology: Topology) -> Property:
    """Never two slices, and none of a service that is not exported."""

    def holds(get: Get) -> bool:
        for export in topology.exports:
            service: Any = get(topology.service_cell(export))
            most = 1 if is_exported(topology, get, export) else 0
            if (service is None or service.type == CLUSTER_IP) and len(own_slices(topology, get, export)) > most:
                return False
        return True

    cells = [
        cell
        for e in topology.exports
        for cell in (topology.export_cell(e), topology.service_cell(e), _names(topology, e))
    ]
    sentence = "an exported ClusterIP service has at most one lighthouse slice, any other none"
    return Property("I3", sentence, When.AT_REST, tuple(dict.fromkeys(cells)), holds)
