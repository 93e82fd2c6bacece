"""What a scenario may have beside the usual: clusterset IPs, globalnet, DNS alone. Without it none of that exists. And
what it may leave out: copies of aggregates.
"""

from __future__ import annotations

import msgspec

from models.submariner.agent.base import Agent
from models.submariner.agent.clusterset_ip import ClustersetIps
from models.submariner.agent.global_ips import GlobalIps
from models.submariner.agents import upstream


class More(msgspec.Struct, frozen=True):
    """``clusterset_ips``: how many IPs each cluster has to give, 0 for no pool, None where there is no such thing;
    ``ips_by_default``: whether exports that say nothing get one. ``dns_alone``: of the data plane only DNS servers,
    which keep whole records. ``waits_briefly``: a check of ports waits for its cache no longer, and for no more, than
    upstream does. ``copies``: ``on``; ``at once``, where S4 and S6 know of what they copy only whether it is there, and
    copy it in one step; or ``off``, where S6 only does what R-c tells it.
    """

    clusterset_ips: int | None = None
    ips_by_default: bool = False
    globalnet: bool = False
    dns_alone: bool = False
    waits_briefly: bool = False
    copies: str = "on"

    def install(self, agent: Agent) -> None:
        """Give an agent what it needs for that."""
        agent.waits_briefly = self.waits_briefly
        agent.copies = self.copies != "off"
        if self.copies == "at once":
            agent.copy_at_once()
        if self.globalnet:
            agent.global_ips = GlobalIps(upstream(agent, "globalnet is modelled for"))
        if self.clusterset_ips is not None and agent.release.has_ips:
            agent.ips = ClustersetIps(agent, self.clusterset_ips, by_default=self.ips_by_default)


PLAIN = More()
