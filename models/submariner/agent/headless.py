"""S7 of a headless service: an EndpointSlice of lighthouse for each of Kubernetes'.

Source: lighthouse ``service_endpoint_slices.go`` at 9d3c39e; FACTS H7, R-g.
"""

from __future__ import annotations

from collections.abc import Generator
from typing import Any, ClassVar

from models.kube.calls import Listed
from models.kube.objects import (
    ENDPOINT_SLICES,
    HEADLESS,
    LIGHTHOUSE_SLICES,
    EndpointSlice,
    K8sEndpointSlice,
    origin_of,
)
from models.kube.pending import DELETE, Operation
from models.kube.syncer import Enqueue, Handling
from models.submariner.agent.slice_controller import NOTHING_MORE, Offered, SliceController
from sim.core import Read, Request, Stage, Start, is_present


class HeadlessSliceController(SliceController):
    """Makes an EndpointSlice for each EndpointSlice of one exported headless service."""

    label: ClassVar[str] = "s7-headless"
    type: ClassVar[str] = HEADLESS

    def changed(
        self, obj: K8sEndpointSlice, *, is_create: bool, ports: tuple[str, ...] = (), offered: Offered = NOTHING_MORE
    ) -> Handling:
        namespace, name = self.service_key.split("/")
        endpoints = obj.endpoints
        if self.agent.global_ips is not None:
            found = yield from self.agent.global_ips.of_endpoints(obj)
            if found is None:
                return False
            endpoints = found
        wanted = EndpointSlice(
            namespace=namespace, name=f"{name}-", service=self.service_key, source_cluster=self.agent.cluster,
            ports=obj.ports, ready=obj.ready, headless=True, source=obj.name, labels=obj.labels,
            endpoints=endpoints, publish_not_ready=offered.publish_not_ready, detail=f"{offered.detail}{obj.detail}",
        )  # fmt: skip
        return (yield from self.distribute(wanted, self._identity(obj)))

    def deleted(self, obj: K8sEndpointSlice, ports: tuple[str, ...] = (), offered: Offered = NOTHING_MORE) -> Handling:
        return (yield from self.agent.release.own_slices.delete(self, self._identity(obj)))

    def _identity(self, obj: K8sEndpointSlice) -> dict[str, str]:
        return {"service": self.service_key, "source_cluster": self.agent.cluster, "source": obj.name}

    def reconcile(self) -> Generator[Request, Any, None]:
        if self.agent.release.slice_sync.checks_service:
            yield Start(self.domain, f"{self.name}/reconcile", delete_slices_without_source, (self,))


def delete_slices_without_source(controller: HeadlessSliceController) -> Stage:
    """R-g: own EndpointSlices whose source is gone."""
    key = controller.service_key
    namespace, name = key.split("/")
    identity = {"service": key, "source_cluster": controller.agent.cluster}
    listed = yield controller.agent.local.list(ENDPOINT_SLICES, LIGHTHOUSE_SLICES, namespace, identity, origin_of)
    if not isinstance(listed, Listed):
        return None
    for found in listed.items:
        if not (yield Read(controller.informer.entry(f"{namespace}/{found.source}"), is_present)):
            gone = K8sEndpointSlice(namespace=namespace, name=found.source, service=name, ports=())
            yield Enqueue(controller, Operation(DELETE, gone))
    return None
