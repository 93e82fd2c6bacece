"""What a proposal's Distribute does about own EndpointSlices, and about the type of an aggregate of its own.

No upstream function: these are parts of the proposed agent (models/releases/parts.py).
"""

from __future__ import annotations

from collections.abc import Generator
from typing import TYPE_CHECKING, Any

from msgspec.structs import replace

from models.kube.calls import Listed
from models.kube.objects import ENDPOINT_SLICES, LIGHTHOUSE_SLICES, SERVICE_EXPORTS, Only, origin_of
from models.kube.pending import LOOK, Operation
from models.kube.syncer import Enqueue
from models.submariner.agent.conditions import CONFLICT_TYPE, CONFLICTING_TYPE, reasons_of, set_conflicts
from models.submariner.agent.slice_controller import ReadStore, stop_controller
from sim.core import Read, Request

if TYPE_CHECKING:
    from models.submariner.agent.agent import LighthouseAgent

Steps = Generator[Request, Any, None]


def is_alone(found: Any, cluster: str) -> bool:
    """Whether an aggregate names nobody but the cluster."""
    return all(named == cluster for named in found.clusters)


def retyped(found: Any, wanted: Any) -> Any:
    """The aggregate with the type and terms that its only exporter asks for; its ports follow from EndpointSlices."""
    return replace(wanted, name=found.name, ports=())


def delete_slices_of_other_type(agent: LighthouseAgent, service_key: str, *, headless: bool) -> Steps:
    """Stop the controller of the other type and delete the EndpointSlices that it, or an earlier process, has made."""
    other = agent.slice_controller(service_key, headless=not headless)
    running = yield Read(other.entry)
    cached = yield ReadStore(agent.slices_out.informer, origin_of)
    own = [s for s in cached if s.service == service_key and s.source_cluster == agent.cluster and not s.cluster_id]
    runs = running is not None and agent.marked_controller(service_key, running).type == other.type
    if not runs and all(slice_.headless == headless for slice_ in own):
        return
    if runs:
        yield from stop_controller(agent.marked_controller(service_key, running))
    identity = {"service": service_key, "source_cluster": agent.cluster}
    namespace = service_key.split("/", maxsplit=1)[0]
    listed = yield agent.local.list(ENDPOINT_SLICES, LIGHTHOUSE_SLICES, namespace, identity, origin_of)
    for found in listed.items if isinstance(listed, Listed) else ():
        if found.headless != headless:
            yield agent.local.delete(ENDPOINT_SLICES, namespace, found.name, LIGHTHOUSE_SLICES)


def refresh_slices(agent: LighthouseAgent, service_key: str, *, wrote: bool) -> Steps:
    """Let S3 handle the own EndpointSlices again where the aggregate was written or Ready is not True; a conflict of
    types is over, whatever the cache says of it.
    """
    part = Only(("Ready", CONFLICT_TYPE))
    namespace, name = service_key.split("/")
    export = yield agent.local.get(SERVICE_EXPORTS, namespace, name, part)
    if not export:
        return
    if agent.checks_conflicts and CONFLICTING_TYPE in reasons_of(export):
        yield from set_conflicts(agent.local, service_key, (), (CONFLICTING_TYPE,))
    if export.is_true("Ready") and not wrote:
        return
    for slice_ in (yield ReadStore(agent.slices_out.informer, origin_of)):
        if slice_.service == service_key and slice_.source_cluster == agent.cluster and not slice_.cluster_id:
            yield Enqueue(agent.slices_out, Operation(LOOK, slice_))
