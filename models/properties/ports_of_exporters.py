"""I10: an aggregate has the ports of an exporter that is there. Judged only where a scenario asks for it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from models.kube.objects import CLUSTER_SET_IP
from models.properties.exported_is_named import is_exported
from models.properties.never_lost import never_lost
from sim.core.property import Property, When

if TYPE_CHECKING:
    from models.topology import Topology
    from sim.core import Get


def ports_of_exporters(topology: Topology) -> Property:
    """Only where clusters leave, as else what is wrong with ports shows by itself."""
    gone = [cluster.gone for cluster in topology.clusters if cluster.gone is not None]
    keys = topology.service_keys() if gone else ()

    def is_right(get: Get, key: str) -> bool:
        aggregate: Any = topology.aggregate(get, key)
        there = [e for e in topology.exports if e.service_key == key and is_exported(topology, get, e)]
        if aggregate is None or aggregate.type != CLUSTER_SET_IP or not there:
            return True
        return any(set(get(topology.service_cell(e)).ports) <= set(aggregate.ports) for e in there)

    def holds(get: Get) -> bool:
        return not any(map(get, gone)) or all(is_right(get, key) for key in keys)

    cells = (*never_lost(topology).cells, *map(topology.service_cell, topology.exports), *gone)
    sentence = "an aggregate has the ports of an exporter that is there, if one is"
    return Property("I10", sentence, When.AT_REST, cells, holds)
