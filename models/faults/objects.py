"""What somebody does to objects behind the agents' backs: deletes them (docs/FACTS.md R5, R21), changes readiness."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, ClassVar, Literal

from msgspec.structs import replace

from models.faults.fault import Operation, Steps, cluster_of
from models.faults.service import ServiceOperation, update_slices
from models.faults.user import chosen, named
from models.kube.calls import Listed
from models.kube.objects import ENDPOINT_SLICES, LIGHTHOUSE_SLICES, SERVICE_IMPORTS, EndpointSlice
from models.submariner.names import BROKER_NAMESPACE, OPERATOR_NAMESPACE, aggregate_name, local_import_name
from sim.core import BadInput, unknown

if TYPE_CHECKING:
    from models.topology import Topology

What = Literal[
    "aggregate", "copy", "imported-slice", "own-slice", "broker-slice", "everything-on-broker", "local-import"
]
ON_BROKER = ("aggregate", "everything-on-broker")


class ChangeReadiness(ServiceOperation, frozen=True, kw_only=True, tag="change-readiness", tag_field="do"):
    """The endpoints of a service become ready, or not ready: each of Kubernetes' EndpointSlices is updated."""

    ready: bool
    name: ClassVar[str] = "change-readiness"
    changes_services: ClassVar[bool] = False

    def words(self) -> str:
        return f"the endpoints of {named(self.service)} in {self.cluster} become {'' if self.ready else 'not '}ready"

    def steps(self, topology: Topology) -> Steps:
        user = topology.cluster(self.cluster).user
        for export in chosen(topology, self.cluster, self.service, self.name):
            yield from update_slices(user, export.service_key, partial(replace, ready=self.ready))


class DeleteObject(Operation, frozen=True, kw_only=True, tag="delete-object", tag_field="do"):
    """Somebody deletes what belongs to the agents.

    ``cluster`` is whose copy, local import, slices imported from others, own slices or slices on the broker; the
    aggregate, and all that is on the broker, are nobody's. ``service`` may be ``*`` for all.
    """

    what: What
    cluster: str = ""
    service: str = "*"
    name: ClassVar[str] = "delete-object"

    def check(self, topology: Topology) -> None:
        if self.what in ON_BROKER:
            if self.cluster:
                raise BadInput(f"{self.name}: {self.what} of cluster {self.cluster}", f"no cluster with {self.what}")
        else:
            cluster_of(topology, self.cluster, self.name)
        names = sorted({export.service_key.split("/")[1] for export in topology.named_exports})
        if self.service not in ("*", *names):
            raise unknown(f"service (in {self.name})", self.service, [*names, "*"])

    def words(self) -> str:
        whose = f" of {self.cluster}" if self.cluster else ""
        which = "" if self.service == "*" else f" of {self.service}"
        return f"somebody deletes {self.what.replace('-', ' ')}{which}{whose}"

    def steps(self, topology: Topology) -> Steps:
        broker = topology.broker_user
        if self.what == "everything-on-broker" and self.service == "*":
            yield broker.delete_collection(SERVICE_IMPORTS, SERVICE_IMPORTS, BROKER_NAMESPACE, {})
            yield broker.delete_collection(ENDPOINT_SLICES, LIGHTHOUSE_SLICES, BROKER_NAMESPACE, {})
            return
        for key in topology.service_keys():
            if self.service in ("*", key.split("/")[1]):
                yield from self._delete(topology, key)

    def _delete(self, topology: Topology, key: str) -> Steps:
        broker = topology.broker_user
        namespace, name = key.split("/")
        if self.what in ON_BROKER:
            yield broker.delete(SERVICE_IMPORTS, BROKER_NAMESPACE, aggregate_name(key))
        if self.what == "everything-on-broker":
            yield broker.delete_collection(ENDPOINT_SLICES, LIGHTHOUSE_SLICES, BROKER_NAMESPACE, {"service": key})
        if self.what == "copy":
            yield topology.cluster(self.cluster).user.delete(SERVICE_IMPORTS, namespace, name)
        if self.what == "local-import":
            local = local_import_name(key, self.cluster)
            yield topology.cluster(self.cluster).user.delete(SERVICE_IMPORTS, OPERATOR_NAMESPACE, local)
        if self.what.endswith("-slice"):
            yield from self._delete_slices(topology, key)

    def _delete_slices(self, topology: Topology, key: str) -> Steps:
        on_broker = self.what == "broker-slice"
        user = topology.broker_user if on_broker else topology.cluster(self.cluster).user
        namespace = BROKER_NAMESPACE if on_broker else key.split("/", maxsplit=1)[0]
        listed = yield user.list(ENDPOINT_SLICES, LIGHTHOUSE_SLICES, namespace, {"service": key})
        for slice_ in listed.items if isinstance(listed, Listed) else ():
            if self._fits(slice_):
                yield user.delete(ENDPOINT_SLICES, namespace, slice_.name, LIGHTHOUSE_SLICES)

    def _fits(self, slice_: EndpointSlice) -> bool:
        mine = slice_.source_cluster == self.cluster
        return not mine if self.what == "imported-slice" else mine
