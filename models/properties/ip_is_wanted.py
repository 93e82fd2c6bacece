"""I11: a service has a clusterset IP exactly if its oldest exporter wants one. Judged only where a scenario asks."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from models.kube.objects import CLUSTER_SET_IP
from models.properties.never_lost import never_lost
from models.submariner.agent.parts.sharing import oldest
from sim.core.property import Property, When

if TYPE_CHECKING:
    from models.topology import Topology
    from sim.core import Get


def ip_is_wanted(topology: Topology) -> Property:
    """R24; where the aggregate says who is the oldest."""
    exports = {(e.cluster, e.service_key): e for e in topology.exports}

    def holds(get: Get) -> bool:
        for key in topology.service_keys():
            found: Any = topology.aggregate(get, key)
            if not found or not found.timestamps or not found.use_ip or found.type != CLUSTER_SET_IP:
                continue
            first = exports[oldest(found.timestamps), key]
            stored: Any = get(topology.export_cell(first))
            ips = topology.cluster(first.cluster).agent.ips
            if stored and ips and ips.wanted(stored) != found.use_ip:
                return False
        return True

    cells = (*never_lost(topology).cells, *topology.all_aggregate_cells())
    sentence = "a service has a clusterset IP exactly if its oldest exporter wants one"
    return Property("I11", sentence, When.AT_REST, cells, holds)
