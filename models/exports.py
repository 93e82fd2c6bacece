"""Exports, and what the services are like that are exported."""

from __future__ import annotations

from typing import Literal

import msgspec

from models.kube.objects import K8sEndpointSlice, Service

NAMESPACE = "demo"
PORTS = ("http:80",)


class ServiceSpec(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a Service is like: its type, its ports as ``name:number``, its session affinity, its number of
    EndpointSlices, and whether addresses that are not ready are published.
    """

    type: Literal["ClusterIP", "Headless", "NodePort"] = "ClusterIP"
    ports: tuple[str, ...] = PORTS
    affinity: Literal["None", "ClientIP"] = "None"
    affinity_config: str = ""
    slices: int = 1
    publish_not_ready: bool = False

    def service(self, namespace: str, name: str) -> Service:
        """The Service."""
        return Service(
            namespace=namespace, name=name, ports=self.ports, type=self.type, affinity=self.affinity,
            affinity_config=self.affinity_config, publish_not_ready=self.publish_not_ready,
        )  # fmt: skip

    def endpoint_slices(self, namespace: str, name: str) -> list[K8sEndpointSlice]:
        """The EndpointSlices that Kubernetes makes for it."""
        return [
            K8sEndpointSlice(namespace=namespace, name=f"{name}-k8s{number}", service=name, ports=self.ports)
            for number in range(self.slices)
        ]


class Export(msgspec.Struct, frozen=True, order=True):
    """A service that a cluster exports."""

    cluster: str
    service_key: str
