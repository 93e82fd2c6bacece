"""``kubectl delete pod`` of any pod but the agent's: a gateway, a route agent, CoreDNS, a client. It starts anew (FACTS
D11).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from models.faults.fault import Operation, Steps, container_of
from models.node.container import ExitContainer
from sim.core import BadInput

if TYPE_CHECKING:
    from models.topology import Topology

AGENT = "lighthouse-agent"


class UserRestartsContainer(Operation, frozen=True, kw_only=True, tag="restart-container", tag_field="do"):
    """``container`` as in ``gateway``, ``coredns``, ``gateway-node/route-agent``, ``worker-node/route-agent``,
    ``client``.
    """

    cluster: str
    container: str
    name: ClassVar[str] = "restart-container"

    def check(self, topology: Topology) -> None:
        if self.container == AGENT:
            raise BadInput(f"{self.name}: container is {AGENT}", "do: restart-agent for the agent; any other container")
        container_of(topology, self.cluster, self.container, self.name, but=AGENT)

    def steps(self, topology: Topology) -> Steps:
        yield ExitContainer(container_of(topology, self.cluster, self.container, self.name), "deleted by a user")

    def words(self) -> str:
        return f"a user restarts {self.container} of {self.cluster}"
