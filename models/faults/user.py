"""What users do: export, unexport (docs/FACTS.md C19), delete the aggregate out of band (FACTS R5)."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Literal

from msgspec.structs import replace

from models.faults.fault import ClusterOperation, Operation, Steps, cluster_of
from models.kube.objects import SERVICE_EXPORTS, SERVICE_IMPORTS, Condition, ServiceExport
from models.node.container import ExitContainer
from models.submariner.names import BROKER_NAMESPACE, aggregate_name
from sim.core import BadInput, SleepUntil, unknown

if TYPE_CHECKING:
    from models.exports import Export
    from models.topology import Topology


def chosen(topology: Topology, cluster: str, service: str, what: str) -> list[Export]:
    """The exports that an operation names, of those that the scenario has; a service as ``web-1``, ``demo/web-1`` or
    ``*``, which is all of them.

    Raises:
        BadInput: there is no such cluster or service.
    """
    cluster_of(topology, cluster, what)
    mine = [export for export in topology.named_exports if export.cluster == cluster]
    found = [export for export in mine if service == "*" or f"/{export.service_key}".endswith(f"/{service}")]
    if not found and service != "*":
        raise unknown(f"service of {cluster} (in {what})", service, [e.service_key.split("/")[1] for e in mine])
    return [export for export in found if export in topology.exports]


def named(service: str) -> str:
    """The service in words."""
    return "every service" if service == "*" else service


def once(times: int, what: str) -> None:
    """Check how often a user does what is done once.

    Raises:
        BadInput: it is not once.
    """
    if times != 1:
        raise BadInput(f"{what}: times is {times}", "1; several are several operations")


TIMES_APART_MS, TIMES_MAX = 300_000.0, 1000


class UserExport(Operation, frozen=True, kw_only=True, tag="export", tag_field="do"):
    """``subctl export service``: creates the ServiceExport; ``service`` may be ``*`` for all of the cluster.

    ``carrying`` is a condition that it has from elsewhere, as from an older release; ``use_ip`` the annotation
    about a clusterset IP.
    """

    cluster: str
    service: str = "*"
    times: int = 1
    carrying: str = ""
    use_ip: Literal["true", "false", ""] = ""
    name: ClassVar[str] = "export"

    def words(self) -> str:
        return f"a user exports {named(self.service)} in {self.cluster}"

    def check(self, topology: Topology) -> None:
        chosen(topology, self.cluster, self.service, self.name)
        once(self.times, self.name)

    def steps(self, topology: Topology) -> Steps:
        for export in chosen(topology, self.cluster, self.service, self.name):
            namespace, name = export.service_key.split("/")
            created = 1_000_000 + int(self.at_ms)
            user = topology.cluster(self.cluster).user
            made = ServiceExport(namespace=namespace, name=name, created=created, use_ip=self.use_ip)
            stored = yield user.create(made)
            if stored and self.carrying:
                yield user.update_status(replace(stored, conditions=(Condition(self.carrying, "True"),)), stored)


class UserUnexport(Operation, frozen=True, kw_only=True, tag="unexport", tag_field="do"):
    """``subctl unexport service``: deletes the ServiceExport."""

    cluster: str
    service: str = "*"
    times: int = 1
    name: ClassVar[str] = "unexport"

    def words(self) -> str:
        return f"a user unexports {named(self.service)} in {self.cluster}"

    def check(self, topology: Topology) -> None:
        chosen(topology, self.cluster, self.service, self.name)
        once(self.times, self.name)

    def steps(self, topology: Topology) -> Steps:
        for export in chosen(topology, self.cluster, self.service, self.name):
            namespace, name = export.service_key.split("/")
            yield topology.cluster(self.cluster).user.delete(SERVICE_EXPORTS, namespace, name)


class UserRestartsAgent(ClusterOperation, frozen=True, kw_only=True, tag="restart-agent", tag_field="do"):
    """``kubectl delete pod`` of the agent, ``times`` times, five minutes apart."""

    times: int = 1
    name: ClassVar[str] = "restart-agent"
    restarts_agents: ClassVar[bool] = True

    def words(self) -> str:
        return f"a user restarts the agent of {self.cluster}"

    def check(self, topology: Topology) -> None:
        super().check(topology)
        if not 1 <= self.times <= TIMES_MAX:
            raise BadInput(f"{self.name}: times is {self.times}", f"a whole number from 1 to {TIMES_MAX}")

    def steps(self, topology: Topology) -> Steps:
        agent = topology.cluster(self.cluster).agent
        for turn in range(self.times):
            yield SleepUntil(self.at_ms + turn * TIMES_APART_MS)
            yield ExitContainer(agent.container, "deleted by a user")


class UserDeletesAggregates(Operation, frozen=True, kw_only=True, tag="delete-aggregates", tag_field="do"):
    """Somebody deletes the aggregated ServiceImports on the broker."""

    name: ClassVar[str] = "delete-aggregates"

    def words(self) -> str:
        return "somebody deletes the aggregates on the broker"

    def steps(self, topology: Topology) -> Steps:
        for key in topology.service_keys():
            yield topology.broker_user.delete(SERVICE_IMPORTS, BROKER_NAMESPACE, aggregate_name(key))
