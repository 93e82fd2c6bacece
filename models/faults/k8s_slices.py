"""What Kubernetes does to the EndpointSlices of a Service as its pods come and go; and slices of somebody else."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, ClassVar

from msgspec.structs import replace

from models.faults.fault import Steps
from models.faults.service import ServiceOperation, update_slices
from models.faults.user import chosen, named
from models.kube.objects import ENDPOINT_SLICES, K8sEndpointSlice, k8s_slices
from sim.core import BadInput

if TYPE_CHECKING:
    from models.topology import Topology

NUMBER_MAX = 100


class SliceOperation(ServiceOperation, frozen=True, kw_only=True):
    """An operation on one of Kubernetes' EndpointSlices of the services; they are numbered from 0 on."""

    number: int = 0
    changes_services: ClassVar[bool] = False

    def check(self, topology: Topology) -> None:
        super().check(topology)
        if not 0 <= self.number <= NUMBER_MAX:
            raise BadInput(f"{self.name}: number is {self.number}", f"a whole number from 0 to {NUMBER_MAX}")


class AddSlice(SliceOperation, frozen=True, kw_only=True, tag="add-slice", tag_field="do"):
    """The services get one more EndpointSlice."""

    ready: bool = True
    name: ClassVar[str] = "add-slice"

    def words(self) -> str:
        return f"{named(self.service)} in {self.cluster} gets EndpointSlice {self.number}"

    def steps(self, topology: Topology) -> Steps:
        for export in chosen(topology, self.cluster, self.service, self.name):
            namespace, name = export.service_key.split("/")
            ports = topology.spec(self.cluster).ports
            yield topology.cluster(self.cluster).user.create(
                K8sEndpointSlice(
                    namespace=namespace, name=f"{name}-k8s{self.number}", service=name, ports=ports, ready=self.ready
                )
            )


class RemoveSlice(SliceOperation, frozen=True, kw_only=True, tag="remove-slice", tag_field="do"):
    """The services lose one EndpointSlice."""

    name: ClassVar[str] = "remove-slice"

    def words(self) -> str:
        return f"{named(self.service)} in {self.cluster} loses EndpointSlice {self.number}"

    def steps(self, topology: Topology) -> Steps:
        for export in chosen(topology, self.cluster, self.service, self.name):
            namespace, name = export.service_key.split("/")
            user = topology.cluster(self.cluster).user
            yield user.delete(ENDPOINT_SLICES, namespace, f"{name}-k8s{self.number}", k8s_slices(name))


class ChangeEndpoints(ServiceOperation, frozen=True, kw_only=True, tag="change-endpoints", tag_field="do"):
    """The pods behind the services change: each of their EndpointSlices has these endpoints."""

    endpoints: tuple[str, ...]
    name: ClassVar[str] = "change-endpoints"
    changes_services: ClassVar[bool] = False

    def words(self) -> str:
        return f"the endpoints of {named(self.service)} in {self.cluster} become {' '.join(self.endpoints)}"

    def steps(self, topology: Topology) -> Steps:
        user = topology.cluster(self.cluster).user
        for export in chosen(topology, self.cluster, self.service, self.name):
            yield from update_slices(user, export.service_key, partial(replace, endpoints=self.endpoints))


class AddForeignSlice(ServiceOperation, frozen=True, kw_only=True, tag="add-foreign-slice", tag_field="do"):
    """Somebody makes an EndpointSlice that neither Kubernetes nor lighthouse manages."""

    name: ClassVar[str] = "add-foreign-slice"
    changes_services: ClassVar[bool] = False

    def words(self) -> str:
        return f"somebody makes an EndpointSlice for {named(self.service)} in {self.cluster}"

    def steps(self, topology: Topology) -> Steps:
        for export in chosen(topology, self.cluster, self.service, self.name):
            namespace, name = export.service_key.split("/")
            yield topology.cluster(self.cluster).user.create(
                K8sEndpointSlice(namespace=namespace, name=f"{name}-foreign", service=f"not {name}", ports=())
            )
