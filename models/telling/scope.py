"""What a model is of and what it leaves out, in words; DESIGN.md says the latter at more length."""

from __future__ import annotations

from typing import TYPE_CHECKING

from models.faults.watches import informers_of
from sim.core.model import Scope

if TYPE_CHECKING:
    from models.exports import Export
    from models.topology import Topology

NAMESPACES = "deletion of namespaces"
CLUSTERSET_IPS = "clusterset IPs"
GLOBALNET = "globalnet"
TWO_AGENTS = "two agents of one cluster at a time"
LAG = "a lagging API server cache"
NAMED_MAX = 10
"""Services of a cluster that are told by name."""
HEADLESS_DNS = "DNS of headless services"
NOT_MODELLED = ["relist of a watch whose version is too old"]
"""What no scenario has, of what bears on exports."""
CONFLICTS = "the check for conflicts between exporters of a service (they agree, so it changes nothing)"
COPIES = "copies of aggregates (of S6 there is only what R-c tells it)"
CONTENTS = (
    "what copies of aggregates and imported EndpointSlices say before the end (of them there is only whether they are "
    "there; S4 and S6 copy an item in one step, and S6 lists as soon as it starts; at rest a copy says what its "
    "aggregate says if that names a cluster, and an imported EndpointSlice what that on the broker says)"
)
DATA_PLANE = "gateways, route agents, kernel tables, CoreDNS and clients"


def scope(
    scenario: str, algorithm: str, topology: Topology, before: list[str], script: list[str], smaller: list[str]
) -> Scope:
    """The clusters, the broker, exports, the algorithm, what was before, a monitor, script; and what is left out."""
    clusters = ", ".join(cluster.name for cluster in topology.clusters)
    exported = _exports(topology)
    monitor = "; a monitor unexports and exports again what its aggregate does not name" if topology.monitored else ""
    about = (
        f"Scenario {scenario} under {algorithm}: clusters {clusters}, broker on {topology.broker_api.name}, exported "
        f"{', '.join(exported)}{''.join(f'; before: {words}' for words in before)}{monitor}"
    )
    return Scope(about, exported, script, _left_out(topology), NOT_MODELLED, smaller)


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


def _left_out(topology: Topology) -> list[str]:
    """What other scenarios have, and this one has not."""
    agent = topology.clusters[0].agent
    there = {
        GLOBALNET: agent.global_ips,
        CLUSTERSET_IPS: agent.ips,
        HEADLESS_DNS: topology.dns_alone,
        NAMESPACES: topology.namespaces_change,
        TWO_AGENTS: any(c.next_agent for c in topology.clusters),
        LAG: any(informer.past for c in topology.clusters for informer in informers_of(c.agent)),
        DATA_PLANE: topology.data_plane,
        CONFLICTS: topology.checks_conflicts,
        COPIES: topology.has_copies,
        CONTENTS: topology.has_contents or not topology.has_copies,
    }
    return [what for what, is_there in there.items() if not is_there]
