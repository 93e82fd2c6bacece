"""A user labels a Service; Kubernetes' EndpointSlices get the label."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from msgspec.structs import replace

from models.faults.fault import Steps
from models.faults.service import ServiceOperation
from models.faults.user import chosen, named
from models.kube.calls import Listed
from models.kube.objects import ENDPOINT_SLICES, k8s_slices

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
            namespace, name = export.service_key.split("/")
            listed = yield user.list(ENDPOINT_SLICES, k8s_slices(name), namespace)
            for slice_ in listed.items if isinstance(listed, Listed) else ():
                yield user.update(replace(slice_, labels=tuple(sorted({*slice_.labels, self.label}))), slice_)
