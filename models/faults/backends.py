"""The first backends of a Service come up: Kubernetes makes its EndpointSlices."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from msgspec.structs import replace

from models.faults.fault import Steps
from models.faults.service import ServiceOperation
from models.faults.user import chosen, named

if TYPE_CHECKING:
    from models.topology import Topology


class StartBackends(ServiceOperation, frozen=True, kw_only=True, tag="start-backends", tag_field="do"):
    """For services that have no EndpointSlice at the beginning (``slices: 0``); they get one."""

    name: ClassVar[str] = "start-backends"
    changes_services: ClassVar[bool] = False

    def words(self) -> str:
        return f"backends of {named(self.service)} in {self.cluster} come up"

    def steps(self, topology: Topology) -> Steps:
        for export in chosen(topology, self.cluster, self.service, self.name):
            spec = replace(topology.spec(self.cluster), slices=1)
            for slice_ in spec.endpoint_slices(*export.service_key.split("/")):
                yield topology.cluster(self.cluster).user.create(slice_)
