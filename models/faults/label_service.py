"""A user labels a Service; Kubernetes' EndpointSlices get the label."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from msgspec.structs import replace

from models.faults.fault import Steps
from models.faults.service import ServiceOperation, update_slices
from models.faults.user import chosen, named
from models.kube.objects import K8sEndpointSlice

if TYPE_CHECKING:
    from models.topology import Topology


class LabelService(ServiceOperation, frozen=True, kw_only=True, tag="label-service", tag_field="do"):
    """Add a label to the services; lighthouse copies it to its own slices (docs/FACTS.md C30)."""

    label: str = "tier"
    name: ClassVar[str] = "label-service"
    changes_services: ClassVar[bool] = False

    def words(self) -> str:
        return f"a user labels {named(self.service)} in {self.cluster}"

    def steps(self, topology: Topology) -> Steps:
        for export in chosen(topology, self.cluster, self.service, self.name):
            user = topology.cluster(self.cluster).user
            yield from update_slices(user, export.service_key, self._labelled)

    def _labelled(self, slice_: K8sEndpointSlice) -> K8sEndpointSlice:
        return replace(slice_, labels=tuple(sorted({*slice_.labels, self.label})))
