"""Lighthouse agents crash; the kubelet restarts them."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from models.faults.fault import Operation, Steps, agent_of
from models.node.container import ExitContainer

if TYPE_CHECKING:
    from models.topology import Topology


class AgentCrash(Operation, frozen=True, kw_only=True, tag="agent-crash", tag_field="fault"):
    """SIGKILL (the pod's grace period is 0 anyway, FACTS C13)."""

    clusters: tuple[str, ...]
    name: ClassVar[str] = "agent-crash"
    is_fault: ClassVar[bool] = True
    restarts_agents: ClassVar[bool] = True

    def check(self, topology: Topology) -> None:
        for cluster in self.clusters:
            agent_of(topology, cluster, self.name)

    def steps(self, topology: Topology) -> Steps:
        for cluster in self.clusters:
            yield ExitContainer(agent_of(topology, cluster, self.name).container, "killed")

    def words(self) -> str:
        return f"agent {' and '.join(self.clusters)} killed"
