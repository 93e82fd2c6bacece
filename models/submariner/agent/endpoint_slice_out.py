"""S3, own EndpointSlices -> broker.

Source: lighthouse ``endpoint_slice.go:onLocalEndpointSlice``, ``onLocalEndpointSliceSynced`` at 9d3c39e; FACTS H8, H9.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec.structs import replace

from models.kube.calls import UNREACHABLE
from models.kube.create_or_update import create_or_update
from models.kube.informer import Informer
from models.kube.objects import ENDPOINT_SLICES, LIGHTHOUSE_SLICES, EndpointSlice, origin_of
from models.kube.syncer import Handling, Syncer
from models.releases.parts import ENDS_READY, RETRIES_CONDITIONS
from models.submariner.agent.aggregator import remove_exporter, update_ports
from models.submariner.agent.conditions import AWAITING_EXPORT, EXPORT_FAILED, READY, set_condition, where_true
from models.submariner.agent.conflicts import queue_check
from models.submariner.agent.slice_controller import ReadStore
from models.submariner.names import BROKER_NAMESPACE
from sim.core import Read, is_present

if TYPE_CHECKING:
    from models.submariner.agent.agent import LighthouseAgent


def whole(obj: EndpointSlice | None) -> EndpointSlice | None:
    """All of it: the check for conflicting ports looks at those of other clusters."""
    return obj


def keeps_own(obj: EndpointSlice | None) -> EndpointSlice | None:
    """Own EndpointSlices, and of those that came from the broker where they are from."""
    return origin_of(obj) if obj and obj.cluster_id else obj


class OutgoingSlices(Syncer):
    """Copies own EndpointSlices to the broker and keeps the aggregate's ports; sets Ready."""

    def __init__(self, agent: LighthouseAgent) -> None:
        keeps = whole if agent.queues_checks else keeps_own
        super().__init__(
            Informer(agent.domain, "s3-slices-out", agent.local, ENDPOINT_SLICES, LIGHTHOUSE_SLICES, keeps=keeps),
            gone=origin_of,
            queueing=agent.release.queueing,
        )
        self.agent = agent

    def wants(self, obj: EndpointSlice) -> bool:
        return not obj.cluster_id  # LocalToRemote: what came from the broker stays here

    def changed(self, obj: EndpointSlice, *, is_create: bool) -> Handling:
        agent, service_key = self.agent, obj.service
        sync = agent.release.slice_sync
        if (
            sync.checks_service
            and is_create
            and not (yield Read(agent.services.informer.entry(service_key), is_present))
        ):
            gone = yield agent.local.delete(ENDPOINT_SLICES, obj.namespace, obj.name, LIGHTHOUSE_SLICES)
            return gone is UNREACHABLE
        wanted = replace(obj, namespace=BROKER_NAMESPACE, cluster_id=agent.cluster)
        touched = replace(wanted, generate_name=False)
        if not (yield from create_or_update(agent.broker, wanted, lambda _: touched)):
            return True
        if sync.updates_aggregate and not (yield from update_ports(agent, service_key)):
            yield from set_condition(agent.local, service_key, EXPORT_FAILED)
            return True
        said = yield from set_condition(agent.local, service_key, READY)
        if not said and agent.release.does(RETRIES_CONDITIONS):
            return True
        if agent.queues_checks:
            yield from queue_check(agent, obj, self)
        return False

    def deleted(self, obj: EndpointSlice) -> Handling:
        agent = self.agent
        gone = yield agent.broker.delete(ENDPOINT_SLICES, BROKER_NAMESPACE, obj.name, LIGHTHOUSE_SLICES)
        if gone is UNREACHABLE:
            return True
        if not agent.release.slice_sync.updates_aggregate:
            return False
        if obj.headless and (yield from self._has_others(obj)):
            return False
        if agent.release.does(ENDS_READY) and not (
            yield from set_condition(agent.local, obj.service, AWAITING_EXPORT, where_true)
        ):
            return True
        # NotFound counts as success and still runs this callback (FACTS R22).
        return not (yield from remove_exporter(agent, obj.service))

    def _has_others(self, obj: EndpointSlice) -> Handling:
        """Whether the cache holds another own EndpointSlice of the service: then the export goes on."""
        cached = yield ReadStore(self.informer, origin_of)
        return any(
            other.service == obj.service and other.namespace == obj.namespace and not other.cluster_id
            for other in cached
        )
