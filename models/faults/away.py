"""An agent is away: its Deployment is scaled to none, and back to one; or Submariner is uninstalled."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from models.faults.fault import Operation, Steps, agent_of
from models.node.container import RemoveContainer, StartContainer

if TYPE_CHECKING:
    from models.topology import Topology


class StopAgent(Operation, frozen=True, kw_only=True, tag="stop-agent", tag_field="do"):
    """The agent of a cluster goes, and nobody restarts it."""

    cluster: str
    name: ClassVar[str] = "stop-agent"
    restarts_agents: ClassVar[bool] = True

    def check(self, topology: Topology) -> None:
        agent_of(topology, self.cluster, self.name)

    def words(self) -> str:
        return f"a user stops the agent of {self.cluster}"

    def steps(self, topology: Topology) -> Steps:
        yield RemoveContainer(agent_of(topology, self.cluster, self.name).container)


class StartAgent(Operation, frozen=True, kw_only=True, tag="start-agent", tag_field="do"):
    """The agent of a cluster, which was stopped, starts."""

    cluster: str
    name: ClassVar[str] = "start-agent"
    restarts_agents: ClassVar[bool] = True

    def check(self, topology: Topology) -> None:
        agent_of(topology, self.cluster, self.name)

    def words(self) -> str:
        return f"a user starts the agent of {self.cluster}"

    def steps(self, topology: Topology) -> Steps:
        yield StartContainer(agent_of(topology, self.cluster, self.name).container)


class Uninstall(Operation, frozen=True, kw_only=True, tag="uninstall", tag_field="do"):
    """Submariner is uninstalled from a cluster: its agent goes for good, and what it has made is cleaned up."""

    cluster: str
    name: ClassVar[str] = "uninstall"

    def check(self, topology: Topology) -> None:
        agent_of(topology, self.cluster, self.name)

    def words(self) -> str:
        return f"a user uninstalls Submariner from {self.cluster}"

    def steps(self, topology: Topology) -> Steps:
        from models.submariner.agent.cleanup import clean_up

        agent = agent_of(topology, self.cluster, self.name)
        yield RemoveContainer(agent.container)
        yield from clean_up(agent)
