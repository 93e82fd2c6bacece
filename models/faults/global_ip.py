"""Globalnet gives a global IP to a Service, or to an endpoint of a headless one; or says why it does not."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from msgspec.structs import replace

from models.faults.fault import Steps
from models.faults.service import ServiceOperation
from models.faults.user import chosen, named
from models.kube.objects import GLOBAL_INGRESS_IPS, GlobalIngressIP
from sim.core import BadInput

if TYPE_CHECKING:
    from models.topology import Topology


class GlobalIp(ServiceOperation, frozen=True, kw_only=True, tag="global-ip", tag_field="do"):
    """A GlobalIngressIP comes or changes: for the Services, or for one ``endpoint``. Without ``ip`` none is allocated
    yet, and ``reason`` is that of its condition.
    """

    endpoint: str = ""
    ip: str = ""
    reason: str = ""
    name: ClassVar[str] = "global-ip"
    changes_services: ClassVar[bool] = False

    def check(self, topology: Topology) -> None:
        super().check(topology)
        if topology.cluster(self.cluster).agent.global_ips is None:
            raise BadInput(f"{self.name}: there is no globalnet", "globalnet: on")

    def words(self) -> str:
        what = self.endpoint or named(self.service)
        return f"global IP of {what} in {self.cluster}: {self.ip or self.reason or 'none'}"

    def steps(self, topology: Topology) -> Steps:
        user = topology.cluster(self.cluster).user
        for export in chosen(topology, self.cluster, self.service, self.name):
            namespace, service = export.service_key.split("/")
            name = self.endpoint or service
            old = yield user.get(GLOBAL_INGRESS_IPS, namespace, name)
            if old:
                yield user.update(replace(old, allocated=self.ip, reason=self.reason), old)
            else:
                yield user.create(
                    GlobalIngressIP(namespace=namespace, name=name, allocated=self.ip, reason=self.reason)
                )
