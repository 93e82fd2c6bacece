"""Which service an object belongs to: the parts of objects that the watches of the agent look at."""

from __future__ import annotations

from typing import Any

import msgspec

from models.kube.objects import EndpointSlice, K8sEndpointSlice, Namespace, ServiceImport
from models.submariner.names import BROKER_NAMESPACE, OPERATOR_NAMESPACE

Keys = tuple[str, ...]


def own(found: Any) -> Keys:
    """Of a ServiceExport or a Service: its own key; none if it is absent, as everywhere here."""
    return (found.key,) if found else ()


def of_k8s_slice(found: K8sEndpointSlice | None) -> Keys:
    """Of an EndpointSlice of Kubernetes: its Service."""
    return (f"{found.namespace}/{found.service}",) if found else ()


def of_slice(found: EndpointSlice | None) -> Keys:
    """Of an EndpointSlice of lighthouse: its Service."""
    return (found.service,) if found else ()


def of_local_slice(found: EndpointSlice | None) -> Keys:
    """The same, unless it lies in the broker namespace, which another watch is of."""
    return (found.service,) if found and found.namespace != BROKER_NAMESPACE else ()


def of_copy(found: ServiceImport | None) -> Keys:
    """Of a copy of an aggregate: its own key. Local ServiceImports of upstream's agents are left alone."""
    return (found.key,) if found and found.namespace not in (BROKER_NAMESPACE, OPERATOR_NAMESPACE) else ()


class OfAggregate(msgspec.Struct, frozen=True):
    """Of an aggregate: the service that its annotation names, and those of ``services`` that may wait for its
    clusterset IP, where ``gives_ips`` is the cluster that gave it. Who finds a first name taken waits for nobody.
    """

    services: Keys = ()
    gives_ips: str = ""

    def __call__(self, found: ServiceImport | None) -> Keys:
        if not found or not found.annotation:
            return ()
        has_ip = bool(self.gives_ips) and found.allocated_by == self.gives_ips
        return (found.annotation, *(key for key in self.services if has_ip and key != found.annotation))


def of_namespace(found: Namespace | None) -> Keys:
    """Of a Namespace: all services in it."""
    return (f"{found.name}/",) if found else ()
