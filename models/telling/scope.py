"""What a model is of and what it leaves out, in words; DESIGN.md says the latter at more length."""

from __future__ import annotations

from typing import TYPE_CHECKING

from models.faults.watches import informers_of

if TYPE_CHECKING:
    from models.topology import Export, Topology

NAMESPACES = "deletion of namespaces"
CLUSTERSET_IPS = "clusterset IPs"
GLOBALNET = "globalnet"
TWO_AGENTS = "two agents of one cluster at a time"
LAG = "a lagging API server cache"
NAMED_MAX = 10
"""Services of a cluster that are told by name."""
NOT_MODELLED = (
    GLOBALNET,
    CLUSTERSET_IPS,
    "DNS of headless services",
    NAMESPACES,
    TWO_AGENTS,
    LAG,
    "relist of a watch whose version is too old",
)
CONFLICTS = "the check for conflicts between exporters (they agree, so it changes nothing)"
DATA_PLANE = "gateways, route agents, kernel tables, CoreDNS and clients (left out of this search)"


def scope(scenario: str, algorithm: str, topology: Topology) -> str:
    """The clusters, the broker, the exports and the algorithm."""
    clusters = ", ".join(cluster.name for cluster in topology.clusters)
    exports = ", ".join(_exports(topology))
    return (
        f"Scenario {scenario} under {algorithm}: clusters {clusters}, broker on {topology.broker_api.name}, exported "
        f"{exports}"
    )


def _exports(topology: Topology) -> list[str]:
    """The exports; those of a cluster that has many as one."""
    of: dict[str, list[Export]] = {}
    for export in topology.exports:
        of.setdefault(export.cluster, []).append(export)
    out = []
    for cluster, exports in of.items():
        from_ = f"from {cluster}{'' if exports[0] in topology.exported_at_start else ' later'}"
        if len(exports) > NAMED_MAX:
            out.append(f"{len(exports)} services such as {exports[0].service_key} {from_}")
        else:
            out += [f"{export.service_key} {from_}" for export in exports]
    return out


def left_out(topology: Topology) -> list[str]:
    """What the model leaves out."""
    agent = topology.clusters[0].agent
    there = {
        NAMESPACES: topology.namespaces_change,
        CLUSTERSET_IPS: agent.ips,
        GLOBALNET: agent.global_ips,
        TWO_AGENTS: any(c.next_agent for c in topology.clusters),
        LAG: any(informer.past for c in topology.clusters for informer in informers_of(c.agent)),
    }
    out = [what for what in NOT_MODELLED if not there.get(what)]
    out = [*out, *(() if topology.data_plane else (DATA_PLANE,))]
    return out if topology.checks_conflicts else [*out, CONFLICTS]
