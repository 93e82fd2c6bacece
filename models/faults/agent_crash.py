"""Lighthouse agents crash; the kubelet restarts them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, ClassVar

from models.faults.fault import Operation, Steps, agent_of
from models.node.container import Container
from sim.core import BadInput, Cell, Get, Request, Transaction, Value

if TYPE_CHECKING:
    from models.topology import Topology


class KillAgents(Request, frozen=True):
    """The processes of some agents end at the same moment."""

    containers: tuple[Container, ...]

    def cells(self, get: Get, choice: Value) -> Iterable[Cell]:
        return [cell for container in self.containers for cell in container.cells()]

    def carry_out(self, tx: Transaction, choice: Value) -> None:
        for container in self.containers:
            container.exit(tx)

    def words(self, choice: Value, response: Any) -> str:
        names = " and ".join(container.name for container in self.containers)
        return f"{names} {'is' if len(self.containers) == 1 else 'are'} killed"


class AgentCrash(Operation, frozen=True, kw_only=True, tag="agent-crash", tag_field="fault"):
    """SIGKILL (the pod's grace period is 0 anyway, FACTS C13)."""

    clusters: tuple[str, ...]
    name: ClassVar[str] = "agent-crash"
    is_fault: ClassVar[bool] = True
    restarts_agents: ClassVar[bool] = True

    def check(self, topology: Topology) -> None:
        if not self.clusters or len(set(self.clusters)) < len(self.clusters):
            raise BadInput(f"{self.name}: clusters are {list(self.clusters)}", "one or more clusters, each once")
        for cluster in self.clusters:
            agent_of(topology, cluster, self.name)

    def steps(self, topology: Topology) -> Steps:
        yield KillAgents(tuple(agent_of(topology, cluster, self.name).container for cluster in self.clusters))

    def words(self) -> str:
        at_once = " in one step" if len(self.clusters) > 1 else ""
        return f"agent {' and '.join(self.clusters)} killed{at_once}"
