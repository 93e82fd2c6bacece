"""An agent is away: its Deployment is scaled to none, and back to one; or Submariner is uninstalled."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from models.faults.fault import ClusterOperation, Steps
from models.node.container import RemoveContainer
from models.node.kubelet import IsKept, begin

if TYPE_CHECKING:
    from models.topology import Topology


class StopAgent(ClusterOperation, frozen=True, kw_only=True, tag="stop-agent", tag_field="do"):
    """The agent of a cluster goes, and nobody restarts it."""

    name: ClassVar[str] = "stop-agent"
    restarts_agents: ClassVar[bool] = True

    def words(self) -> str:
        return f"a user stops the agent of {self.cluster}"

    def steps(self, topology: Topology) -> Steps:
        yield RemoveContainer(topology.cluster(self.cluster).agent.container)


class StartAgent(ClusterOperation, frozen=True, kw_only=True, tag="start-agent", tag_field="do"):
    """The agent of a cluster starts, if it was stopped."""

    name: ClassVar[str] = "start-agent"
    restarts_agents: ClassVar[bool] = True

    def words(self) -> str:
        return f"a user starts the agent of {self.cluster}"

    def steps(self, topology: Topology) -> Steps:
        cluster = topology.cluster(self.cluster)
        if not (yield IsKept(cluster.agent.container)):
            yield from begin(cluster.api.up, cluster.agent.container)


class Uninstall(ClusterOperation, frozen=True, kw_only=True, tag="uninstall", tag_field="do"):
    """Submariner is uninstalled from a cluster: its agent goes for good, and what it has made is cleaned up."""

    name: ClassVar[str] = "uninstall"

    def words(self) -> str:
        return f"a user uninstalls Submariner from {self.cluster}"

    def steps(self, topology: Topology) -> Steps:
        from models.submariner.agent.cleanup import clean_up

        agent = topology.cluster(self.cluster).agent
        yield RemoveContainer(agent.container)
        yield from clean_up(agent)
