"""What users do to Services: change, delete and create them; Kubernetes' EndpointSlices follow."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, ClassVar, Literal

from msgspec.structs import replace

from models.faults.fault import Operation, Steps
from models.faults.user import chosen, named
from models.kube.calls import Listed
from models.kube.client import Client
from models.kube.objects import ENDPOINT_SLICES, SERVICES, K8sEndpointSlice, k8s_slices

if TYPE_CHECKING:
    from models.exports import ServiceSpec
    from models.topology import Topology


class ServiceOperation(Operation, frozen=True, kw_only=True):
    """An operation on the Services of a cluster; ``service`` may be ``*`` for all."""

    cluster: str
    service: str = "*"
    changes_services: ClassVar[bool] = True

    def check(self, topology: Topology) -> None:
        chosen(topology, self.cluster, self.service, self.name)


def each(service: str) -> str:
    """The Service in words."""
    return "every Service" if service == "*" else f"Service {service}"


def update_slices(user: Client, service_key: str, change: Callable[[K8sEndpointSlice], K8sEndpointSlice]) -> Steps:
    """Update those of Kubernetes' EndpointSlices of a Service that the change makes different."""
    namespace, name = service_key.split("/")
    listed = yield user.list(ENDPOINT_SLICES, k8s_slices(name), namespace)
    for slice_ in listed.items if isinstance(listed, Listed) else ():
        changed = change(slice_)
        if changed != slice_:
            yield user.update(changed, slice_)


class ChangeService(ServiceOperation, frozen=True, kw_only=True, tag="change-service", tag_field="do"):
    """Set the type, ports or session affinity that are given; the EndpointSlices get the ports."""

    type: Literal["ClusterIP", "Headless", "NodePort", ""] = ""
    ports: tuple[str, ...] = ()
    affinity: Literal["None", "ClientIP", ""] = ""
    affinity_config: str | None = None
    name: ClassVar[str] = "change-service"

    def words(self) -> str:
        return f"a user changes {named(self.service)} in {self.cluster}"

    def steps(self, topology: Topology) -> Steps:
        for export in chosen(topology, self.cluster, self.service, self.name):
            user = topology.cluster(self.cluster).user
            namespace, name = export.service_key.split("/")
            old = yield user.get(SERVICES, namespace, name)
            if not old:
                continue
            config = old.affinity_config if self.affinity_config is None else self.affinity_config
            new = replace(
                old, type=self.type or old.type, ports=self.ports or old.ports, affinity=self.affinity or old.affinity,
                affinity_config=config,
            )  # fmt: skip
            if (yield user.update(new, old)):
                yield from update_slices(user, export.service_key, partial(replace, ports=new.ports))


class DeleteService(ServiceOperation, frozen=True, kw_only=True, tag="delete-service", tag_field="do"):
    """Delete the Service; Kubernetes deletes its EndpointSlices."""

    name: ClassVar[str] = "delete-service"

    def words(self) -> str:
        return f"a user deletes {each(self.service)} in {self.cluster}"

    def steps(self, topology: Topology) -> Steps:
        for export in chosen(topology, self.cluster, self.service, self.name):
            user = topology.cluster(self.cluster).user
            namespace, name = export.service_key.split("/")
            if (yield user.delete(SERVICES, namespace, name)):
                yield user.delete_collection(ENDPOINT_SLICES, k8s_slices(name), namespace, {})


class CreateService(ServiceOperation, frozen=True, kw_only=True, tag="create-service", tag_field="do"):
    """Create the Service as it was at the beginning, with its EndpointSlices; or with another type."""

    type: Literal["ClusterIP", "Headless", "NodePort", ""] = ""
    name: ClassVar[str] = "create-service"

    def words(self) -> str:
        return f"a user creates {each(self.service)} in {self.cluster}"

    def spec(self, topology: Topology) -> ServiceSpec:
        """What it is like."""
        before = topology.spec(self.cluster)
        return replace(before, type=self.type) if self.type else before

    def steps(self, topology: Topology) -> Steps:
        for export in chosen(topology, self.cluster, self.service, self.name):
            user, spec = topology.cluster(self.cluster).user, self.spec(topology)
            namespace, name = export.service_key.split("/")
            made = yield user.create(spec.service(namespace, name))
            for slice_ in spec.endpoint_slices(namespace, name) if made else ():
                yield user.create(slice_)
