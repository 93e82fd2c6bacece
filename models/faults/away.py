"""An agent is away: its Deployment is scaled to none, and back to one; or Submariner is uninstalled; or all is gone."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, ClassVar

from models.faults.fault import ClusterOperation, Steps
from models.node.container import RemoveContainer
from models.node.kubelet import IsKept, begin
from sim.core import BadInput, Cell, Get, Request, Transaction, Value

if TYPE_CHECKING:
    from models.kube.api_server import ApiServer
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


class Gone(Request, frozen=True):
    """A cluster is gone with all that it stored; nothing answers there."""

    api: ApiServer
    gone: Cell

    def cells(self, get: Get, choice: Value) -> Iterable[Cell]:
        return (self.gone, self.api.up, *self.api.storage.cells)

    def carry_out(self, tx: Transaction, choice: Value) -> None:
        tx.put(self.gone, True)
        tx.put(self.api.up, None)
        for cell in self.api.storage.cells:
            tx.put(cell, None)

    def words(self, choice: Value, response: Any) -> str:
        return f"cluster {self.api.name} is gone for good; what it made on the broker stays"


class RemoveCluster(ClusterOperation, frozen=True, kw_only=True, tag="remove-cluster", tag_field="do"):
    """A cluster is gone for good without any clean-up: its machines, and all that they stored (FACTS R26, R27)."""

    name: ClassVar[str] = "remove-cluster"

    def check(self, topology: Topology) -> None:
        super().check(topology)
        if topology.cluster(self.cluster).api is topology.broker_api:
            raise BadInput(f"{self.name}: the broker is on {self.cluster}", "a cluster without the broker")
        if topology.data_plane or topology.dns_alone:
            raise BadInput(f"{self.name}: there is a data plane", "data_plane: off, as its parts are not told")

    def install(self, topology: Topology) -> None:
        cluster = topology.cluster(self.cluster)
        cluster.gone = topology.users.cell(f"cluster {self.cluster} is gone")

    def words(self) -> str:
        return f"cluster {self.cluster} is gone for good"

    def steps(self, topology: Topology) -> Steps:
        cluster = topology.cluster(self.cluster)
        assert cluster.gone is not None
        yield RemoveContainer(cluster.agent.container)
        yield Gone(cluster.api, cluster.gone)


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
