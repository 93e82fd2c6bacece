"""Which handler takes a step, and upstream's name for it; the names are those of docs/FACTS.md C9 and C12."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from models.faults.namespace import DeleteNamespace
from models.kube.calls import ApiCall, Delete, DeleteCollection, Failure, ListObjects, ObjectWrite, UpdatePart
from models.kube.informer import Deliver, ListAndOpen, Replace
from models.kube.objects import ENDPOINT_SLICES, SERVICE_EXPORTS, SERVICE_IMPORTS, SERVICES
from models.kube.pending import DELETE, DELETE_IF_GONE, Peek
from models.kube.syncer import Enqueue
from models.submariner.names import BROKER_NAMESPACE, OPERATOR_NAMESPACE
from sim.core import Step

WORKERS = {
    "s1-service-exports": ("H1", "H2"),
    "s2-services": ("H3", "H4"),
    "s3-slices-out": ("H8", "H9"),
    "s4-slices-in": ("H10", "H10"),
    "s5-local-imports": ("H5", "H6"),
    "s6-remote-imports": ("H12", "H13"),
    "s7": ("H7", "H7"),
    "s7-headless": ("H7", "H7"),
    "s7-again": ("H7", "H7"),
    "s7-headless-again": ("H7", "H7"),
}
"""The handler of an object that exists and of one that is gone, by the first part of the worker's name."""
UPSTREAM = {
    "H1": "agent.go:serviceExportToServiceImport (create or update)",
    "H2": "agent.go:serviceExportToServiceImport (delete)",
    "H3": "agent.go:serviceToRemoteServiceImport (create or update)",
    "H4": "agent.go:serviceToRemoteServiceImport (delete)",
    "H5": "service_import.go:Distribute",
    "H6": "service_import.go:Delete",
    "H7": "service_endpoint_slices.go:onServiceEndpointSlice",
    "H8": "endpoint_slice.go:onLocalEndpointSliceSynced (create or update), "
    "service_import_aggregator.go:updateOnCreateOrUpdate",
    "H9": "endpoint_slice.go:onLocalEndpointSliceSynced (delete), service_import_aggregator.go:updateOnDelete",
    "H10": "endpoint_slice.go:onRemoteEndpointSlice",
    "H11": "endpoint_slice.go:checkForConflicts",
    "H12": "service_import.go:onRemoteServiceImport (create or update)",
    "H13": "service_import.go:onRemoteServiceImport (delete)",
    "R-a": "broker/syncer.go, S4.Reconcile",
    "R-b": "broker/syncer.go, S3.Reconcile",
    "R-c": "service_import.go:reconcileLocalAggregatedServiceImports",
    "R-e": "agent.go, S1.Reconcile",
    "R-f": "agent.go, S2.Reconcile",
}
"""Upstream's function behind each name, as the handlers' docstrings say; lighthouse ``pkg/agent/controller``."""
READ, READ_PER_CLUSTER = "9d3c39e", "1681e3f"
"""The revisions of lighthouse that were read (docs/FACTS.md): up to 0.21, and with an import of each cluster."""
ADMIRAL = {"R-a": "pkg/syncer", "R-b": "pkg/syncer"}
"""What is in submariner-io/admiral at bb36a19, and in which folder."""
OTHERS = {"s7/reconcile": "R-g", "s7-headless/reconcile": "R-g", "conflicts/worker": "H11", "main": "the start"}


def source(name: str, revision: str) -> str:
    """Repository, revision, file and function behind a name; ``revision`` is that of lighthouse."""
    if name in ADMIRAL:
        return f"submariner-io/admiral@bb36a19 {ADMIRAL[name]}/{UPSTREAM[name]}"
    return f"submariner-io/lighthouse@{revision} pkg/agent/controller/{UPSTREAM[name]}"


def handler(steps: Sequence[Step], index: int) -> str:
    """The handler that takes a step, with the reconcile that queued its item where one did."""
    step = steps[index]
    if step.domain == "users":
        return "the script"
    first, last = step.process.split("/")[0], step.process.rsplit("/", maxsplit=1)[-1]
    if last == "informer":
        return f"{first.split('-')[0].upper()}'s informer"
    if first.startswith("reconcile-"):
        return f"R-{first[-1]}"
    if first not in WORKERS or last != "worker":
        return OTHERS.get(f"{first}/{last}", OTHERS.get(step.process, step.process))
    head = _head(steps, index)
    if head is None:
        return WORKERS[first][0]
    return f"{WORKERS[first][1]}{_queued_by(steps, index, head)}"


def _head(steps: Sequence[Step], index: int) -> Any:
    """The deletion that the worker is at, or None if its object exists."""
    at = (steps[index].domain, steps[index].process)
    for step in reversed(steps[: index + 1]):
        if (step.domain, step.process) == at and isinstance(step.request, Peek):
            found = step.response[0]
            return found if found is not None and found.type in (DELETE, DELETE_IF_GONE) else None
    return None


def _queued_by(steps: Sequence[Step], index: int, head: Any) -> str:
    """The reconcile that queued a deletion, in words; empty if an informer did."""
    domain = steps[index].domain
    for step in reversed(steps[:index]):
        request = step.request
        if step.domain == domain and isinstance(request, Enqueue) and request.operation == head:
            return f" queued by R-{step.process[-1]}" if step.process.startswith("reconcile-") else ""
    return ""


def what(step: Step) -> str:
    """The request in words that are alike in all runs: verb, object and failure."""
    request: Any = step.request
    if isinstance(request, Deliver):
        return f"delivers {step.response.type} of {_object(request.informer.kind, step.response.object)}"
    if isinstance(request, ListAndOpen | Replace):
        return f"lists {request.informer.topic.split('/')[0]}"
    if isinstance(request, Enqueue):
        return f"queues {request.operation.type} in {request.syncer.name.split('-')[0].upper()}"
    if isinstance(request, ApiCall):
        failed = f" {step.response.reason}" if isinstance(step.response, Failure) else ""
        return f"{request.verb} {object_name(request)}{_which(request)}{failed}"
    return type(request).__name__


def _which(request: Any) -> str:
    """What sets it apart from other requests of its kind: conditions, or that an aggregate names nobody."""
    if isinstance(request, UpdatePart):
        return "".join(f" {condition.words()}" for condition in getattr(request.object, "conditions", ()))
    read = getattr(request, "read", None)
    if isinstance(request, Delete) and read is not None and not getattr(read, "clusters", True):
        return " that names nobody"
    return ""


def object_name(request: Any) -> str:
    """What a call is about, as upstream would call it."""
    if isinstance(request, ObjectWrite):
        return _object(request.object.kind, request.object)
    if isinstance(request, Delete | DeleteCollection | ListObjects) or hasattr(request, "kind"):
        return _named(request.kind, request.namespace, getattr(request, "name", ""))
    return "namespace" if isinstance(request, DeleteNamespace) else ""


def _object(kind: str, obj: Any) -> str:
    if obj is not None and kind == ENDPOINT_SLICES:
        if not hasattr(obj, "cluster_id"):
            return "Kubernetes' EndpointSlice"
        if obj.namespace != BROKER_NAMESPACE:
            return "imported EndpointSlice" if obj.cluster_id else "own EndpointSlice"
    named = _named(kind, obj.namespace if obj is not None else "", obj.name if obj is not None else "")
    return "import of a cluster" if named == "aggregate" and obj.label else named


def _named(kind: str, namespace: str, name: str) -> str:
    if kind == SERVICE_IMPORTS:
        if namespace == BROKER_NAMESPACE:
            return "aggregate" if name.count("-") < 3 else "legacy import"
        return "local import" if namespace == OPERATOR_NAMESPACE else "copy" if namespace else "ServiceImports"
    if kind == ENDPOINT_SLICES:
        return "broker's EndpointSlice" if namespace == BROKER_NAMESPACE else "EndpointSlice"
    return {SERVICE_EXPORTS: "ServiceExport", SERVICES: "Service"}.get(kind, kind)


def label(steps: Sequence[Step], index: int) -> str:
    """Handler and request of a step."""
    return f"{handler(steps, index)}: {what(steps[index])}"
