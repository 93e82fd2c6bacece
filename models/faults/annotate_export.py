"""A user says of a ServiceExport whether its service is to have a clusterset IP."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Literal

from msgspec.structs import replace

from models.faults.fault import Operation, Steps
from models.faults.user import chosen, named
from models.kube.objects import SERVICE_EXPORTS

if TYPE_CHECKING:
    from models.topology import Topology


class AnnotateExport(Operation, frozen=True, kw_only=True, tag="annotate-export", tag_field="do"):
    """``use_ip`` is the annotation ``lighthouse.submariner.io/use-clusterset-ip``; empty: there is none."""

    cluster: str
    service: str = "*"
    use_ip: Literal["true", "false", ""] = "true"
    name: ClassVar[str] = "annotate-export"

    def check(self, topology: Topology) -> None:
        chosen(topology, self.cluster, self.service, self.name)

    def words(self) -> str:
        return f"a user annotates the export of {named(self.service)} in {self.cluster}"

    def steps(self, topology: Topology) -> Steps:
        user = topology.cluster(self.cluster).user
        for export in chosen(topology, self.cluster, self.service, self.name):
            namespace, name = export.service_key.split("/")
            old = yield user.get(SERVICE_EXPORTS, namespace, name)
            if old and old.use_ip != self.use_ip:
                yield user.update(replace(old, use_ip=self.use_ip), old)
