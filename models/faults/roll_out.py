"""A Deployment rolls out: a second agent of a cluster starts, and the first is ended once that runs (FACTS R6, C13)."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Literal

from models.faults.fault import ClusterOperation, Steps, positive
from models.node.container import RemoveContainer
from models.node.kubelet import begin
from models.releases.named import release
from models.releases.release import Release
from models.submariner.agents import design_of
from sim.core import Await, BadInput, SleepUntil

if TYPE_CHECKING:
    from models.topology import Topology


class RollOut(ClusterOperation, frozen=True, kw_only=True, tag="roll-out", tag_field="fault"):
    """With the default strategy (surge 1, unavailable 0) the old agent is not ended before ``for_ms``, nor before the
    last syncer of the new one has its list; an end before that is a crash as any other. With Recreate it ends first.
    ``release`` is that of the new one, the cluster's own unless given. Later faults are those of the first agent.
    """

    for_ms: float = 500.0
    release: str = ""
    strategy: Literal["RollingUpdate", "Recreate"] = "RollingUpdate"
    name: ClassVar[str] = "roll-out"
    is_fault: ClassVar[bool] = True
    restarts_agents: ClassVar[bool] = True
    lasts: ClassVar[bool] = True

    def check(self, topology: Topology) -> None:
        super().check(topology)
        positive(self.for_ms, "for_ms", self.name)
        if topology.cluster(self.cluster).next_agent is not None:
            raise BadInput(f"{self.name}: a second one of {self.cluster}", "one of each cluster")
        self._release(topology)

    def _release(self, topology: Topology) -> Release:
        found = release(self.release) if self.release else topology.cluster(self.cluster).agent.release
        if not isinstance(found, Release):
            raise BadInput(f"{self.name}: release {self.release} is a fleet", "one release")
        return found

    def install(self, topology: Topology) -> None:
        cluster = topology.cluster(self.cluster)
        if cluster.next_agent is None:
            found = self._release(topology)
            cluster.next_agent = design_of(found)(
                self.cluster, cluster.api, topology.broker_api, cluster.node, found,
                cluster.agent.ways, checks_conflicts=topology.checks_conflicts,
                namespaces_change=topology.namespaces_change, instance="#2",
            )  # fmt: skip
            for export in topology.named_exports:
                if export.cluster == self.cluster:
                    cluster.next_agent.know(export.service_key)

    def steps(self, topology: Topology) -> Steps:
        cluster = topology.cluster(self.cluster)
        assert cluster.next_agent is not None
        old, new = cluster.agent.container, cluster.next_agent.container
        if self.strategy == "Recreate":
            yield RemoveContainer(old)
        yield from begin(cluster.api.up, new)
        if self.strategy == "RollingUpdate":
            yield SleepUntil(self.at_ms + self.for_ms)
            yield Await(cluster.next_agent.last_listed())
            yield RemoveContainer(old)

    def words(self) -> str:
        of = f" of {self.release}" if self.release else ""
        if self.strategy == "Recreate":
            return f"the agent of {self.cluster} ends, then a new one{of} starts"
        return f"a new agent of {self.cluster}{of} starts beside the old one"

    def span_ms(self) -> float | None:
        return self.for_ms if self.strategy == "RollingUpdate" else None
