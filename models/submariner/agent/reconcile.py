"""The reconciles that run once per start.

Source: docs/FACTS.md C12; admiral ``resource_syncer.go:doReconcile`` at bb36a19; FACTS H14.

Each lists what there is, looks each key up in the syncer's store, and queues a deletion for those that are missing. The
look-up and the append are two steps, as upstream's are (FACTS R19). R-d is dead code since 0.15.0 and left out.
"""

from __future__ import annotations

from collections.abc import Generator
from typing import TYPE_CHECKING, Any

from msgspec.structs import replace

from models.kube.calls import Listed
from models.kube.informer import SleepWhileDown
from models.kube.objects import SERVICE_IMPORTS, Service, ServiceExport, ServiceImport, marks_of, origin_of
from models.kube.pending import DELETE, DELETE_IF_GONE, LOOK, Operation
from models.kube.syncer import Enqueue, Handling, Syncer
from models.releases.parts import CONFIRMS_RECONCILES, JOINS_AGAIN, REFRESHES_SLICES
from models.submariner.agent.slice_controller import ReadStore
from models.submariner.names import BROKER_NAMESPACE, OPERATOR_NAMESPACE, aggregate_name, local_import_name
from sim.core import Become, Read, Request, Stage, is_present

if TYPE_CHECKING:
    from models.submariner.agent.agent import LighthouseAgent


def delete_if_missing(syncer: Syncer, obj: Any) -> Handling:
    """Queue the deletion of an object that a syncer's store does not hold (FACTS H14)."""
    found = yield Read(syncer.informer.entry(obj.key), is_present)
    if not (found and syncer.looks_in_store):
        yield Enqueue(syncer, Operation(DELETE_IF_GONE if syncer.confirms_reconciles else DELETE, obj))
    return False


def delete_imported_slices_without_origin(agent: LighthouseAgent) -> Stage:
    """R-a, ``S4.Reconcile``: imported EndpointSlices whose original is gone from the broker."""
    yield agent.slices_out.informer.wait_for_sync()
    yield agent.slices_in.informer.wait_for_sync()
    for slice_ in (yield ReadStore(agent.slices_out.informer, origin_of)):
        if agent.slices_in.is_foreign(slice_) and slice_.namespace != BROKER_NAMESPACE:
            yield from delete_if_missing(agent.slices_in, replace(slice_, namespace=BROKER_NAMESPACE))
    return None


def delete_own_slices_without_origin(agent: LighthouseAgent) -> Stage:
    """R-b, ``S3.Reconcile``: own EndpointSlices on the broker whose original is gone (FACTS C12)."""
    yield agent.slices_out.informer.wait_for_sync()
    yield agent.slices_in.informer.wait_for_sync()
    for slice_ in (yield ReadStore(agent.slices_in.informer, origin_of)):
        if slice_.cluster_id == agent.cluster:
            origin = replace(slice_, namespace=slice_.service.split("/")[0], cluster_id="")
            yield from delete_if_missing(agent.slices_out, origin)
    if agent.release.does(REFRESHES_SLICES):
        yield from sync_slices_that_are_missing(agent)
    return None


def sync_slices_that_are_missing(agent: LighthouseAgent) -> Generator[Request, Any, None]:
    """Own EndpointSlices that the broker did not list are synced again (a proposal's)."""
    for slice_ in (yield ReadStore(agent.slices_out.informer, origin_of)):
        if slice_.source_cluster == agent.cluster and not slice_.cluster_id:
            there = yield Read(agent.slices_in.informer.entry(f"{BROKER_NAMESPACE}/{slice_.name}"), is_present)
            if not there:
                yield Enqueue(agent.slices_out, Operation(LOOK, slice_))


def delete_copies_without_aggregate(agent: LighthouseAgent) -> Stage:
    """R-c, ``reconcileLocalAggregatedServiceImports``: copies whose aggregate is gone. #3188 lives here (FACTS C14).

    It lists every namespace and takes each ServiceImport without the service-name label for a copy. On the cluster that
    hosts the broker the aggregates are in that list; unless the release leaves them out, each is taken for the copy
    of a service ``<name>`` in the broker namespace, whose aggregate does not exist.
    """
    listed = yield agent.local.list(SERVICE_IMPORTS, SERVICE_IMPORTS, part=marks_of)
    if not isinstance(listed, Listed):
        if not agent.release.does(CONFIRMS_RECONCILES):
            return None  # logged and never tried again (FACTS R25)
        yield SleepWhileDown("relist-0", agent.local.api.up)
        return Become(delete_copies_without_aggregate, (agent,))
    for found in listed.items:
        if not agent.release.is_taken_for_copy(found):
            continue
        key = found.key
        taken_for = ServiceImport(namespace=BROKER_NAMESPACE, name=aggregate_name(key), annotation=key)
        yield from delete_if_missing(agent.remote_imports, taken_for)
    return None


def delete_exports_without_import(agent: LighthouseAgent) -> Stage:
    """What R-d was meant to do, a proposal's: own names and EndpointSlices without a local ServiceImport; and the other
    way round, what went before S6 had its list is joined again.
    """
    named = [i.annotation for i in (yield ReadStore(agent.remote_imports.informer)) if agent.cluster in i.clusters]
    slices = yield ReadStore(agent.slices_out.informer, origin_of)
    own = [s.service for s in slices if s.source_cluster == agent.cluster and s.namespace != BROKER_NAMESPACE]
    for key in sorted({*named, *own}):
        name = local_import_name(key, agent.cluster)
        gone = ServiceImport(namespace=OPERATOR_NAMESPACE, name=name, label=key, source_cluster=agent.cluster)
        yield from delete_if_missing(agent.local_imports, gone)
    for local in (yield ReadStore(agent.local_imports.informer, marks_of)) if agent.release.does(JOINS_AGAIN) else ():
        if local.label not in named:
            yield Enqueue(agent.local_imports, Operation(LOOK, local))
    return None


def delete_imports_without_export(agent: LighthouseAgent) -> Stage:
    """R-e, ``S1.Reconcile``: local ServiceImports without a ServiceExport."""
    for local_import in (yield ReadStore(agent.local_imports.informer, marks_of)):
        if not agent.local_imports.wants(local_import):
            continue
        namespace, name = local_import.label.split("/")
        export = ServiceExport(namespace=namespace, name=name, created=0)
        yield from delete_if_missing(agent.exports, export)
    return None


def delete_exports_without_service(agent: LighthouseAgent) -> Stage:
    """R-f, ``S2.Reconcile``: local ServiceImports without a Service."""
    for local_import in (yield ReadStore(agent.local_imports.informer, marks_of)):
        if not agent.local_imports.wants(local_import):
            continue
        namespace, name = local_import.label.split("/")
        yield from delete_if_missing(agent.services, Service(namespace=namespace, name=name, ports=()))
    return None
