"""Which service a call is about, where a hunt asks for the last write of the service that is wrong."""

from __future__ import annotations

import re
from typing import Any

from models.kube.calls import Delete, ObjectWrite
from models.kube.objects import ENDPOINT_SLICES, SERVICE_EXPORTS, SERVICE_IMPORTS, SERVICES
from models.submariner.names import BROKER_NAMESPACE, OPERATOR_NAMESPACE, aggregate_name


def concerns(request: Any, service_key: str) -> bool:
    """Whether a call is about a service, or may be: deletions tell by names alone, which may be ambiguous."""
    if isinstance(request, ObjectWrite):
        obj = request.object
        marks = _marks(obj)
        return service_key in marks if marks else _named(obj.kind, obj.namespace, obj.name, service_key)
    return not isinstance(request, Delete) or _named(request.kind, request.namespace, request.name, service_key)


def _marks(obj: Any) -> tuple[str, ...]:
    """What an object says of its service; nothing where its name does."""
    if obj.kind == ENDPOINT_SLICES and hasattr(obj, "cluster_id"):
        return (obj.service,)
    in_agents = obj.kind == SERVICE_IMPORTS and obj.namespace in (BROKER_NAMESPACE, OPERATOR_NAMESPACE)
    return (obj.label, obj.annotation) if in_agents else ()


def _named(kind: str, namespace: str, name: str, service_key: str) -> bool:
    if kind == ENDPOINT_SLICES:
        space, service = map(re.escape, service_key.split("/"))
        return re.fullmatch(rf"{service}-({space}-.+|[a-z]+\d+)", name) is not None
    if kind == SERVICE_IMPORTS and namespace in (BROKER_NAMESPACE, OPERATOR_NAMESPACE):
        mine = aggregate_name(service_key)
        return name == mine or name.startswith(f"{mine}-")
    return kind not in (SERVICE_IMPORTS, SERVICE_EXPORTS, SERVICES) or f"{namespace}/{name}" == service_key
