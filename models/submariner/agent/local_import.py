"""S5, local ServiceImport -> aggregate.

Source: lighthouse ``service_import.go:onLocalServiceImport``, ``Distribute``, ``Delete`` at 9d3c39e; FACTS H5, H6.
"""

from __future__ import annotations

from collections.abc import Generator
from typing import TYPE_CHECKING, Any

import msgspec

from models.kube.calls import Failure, Listed
from models.kube.create_or_update import create_or_update
from models.kube.informer import Informer
from models.kube.objects import (
    ENDPOINT_SLICES,
    HEADLESS,
    LIGHTHOUSE_SLICES,
    SERVICE_IMPORTS,
    ServiceExport,
    ServiceImport,
    all_but_clusters_of,
    marks_and_terms_of,
    marks_of,
    origin_of,
)
from models.kube.pending import LOOK, Operation
from models.kube.syncer import Enqueue, Handling, Syncer
from models.releases.parts import (
    CLEANS_AT_START,
    JOINS_AGAIN,
    OWNS_ITS_TYPE,
    REFRESHES_SLICES,
    RETRIES_CONDITIONS,
)
from models.submariner.agent.aggregator import remove_exporter
from models.submariner.agent.clusterset_ip import of_before
from models.submariner.agent.conditions import (
    AWAITING_EXPORT,
    EXPORT_FAILED,
    NO_SERVICE_IMPORT,
    set_condition,
    unless_present,
)
from models.submariner.agent.own_slices import delete_slices_of_other_type, is_alone, refresh_slices, retyped
from models.submariner.agent.parts.migrator import end_legacy_export
from models.submariner.agent.slice_controller import Offered, start_controller, stop_controller
from models.submariner.names import OPERATOR_NAMESPACE
from sim.core import Read, Request, Write

if TYPE_CHECKING:
    from models.submariner.agent.agent import LighthouseAgent


class Distributed(msgspec.Struct, frozen=True):
    """What is remembered of an aggregate that was joined: its type, and whether it had to be written."""

    type: str
    wrote: bool

    @classmethod
    def of(cls, before: ServiceImport | None, stored: ServiceImport) -> Distributed:
        """That of the aggregate that was there, or None, and the one that is stored."""
        return cls(stored.type, before != stored)


class LocalImportSyncer(Syncer):
    """Adds the own cluster to the aggregate and keeps one EndpointSlice controller per exported service."""

    def __init__(self, agent: LighthouseAgent) -> None:
        super().__init__(
            Informer(
                agent.domain, "s5-local-imports", agent.local, SERVICE_IMPORTS, SERVICE_IMPORTS, OPERATOR_NAMESPACE
            ),
            part=all_but_clusters_of if agent.release.sharing.stamps_import else marks_and_terms_of,
            gone=marks_of,
            queueing=agent.release.queueing,
        )
        self.agent = agent

    def wants(self, obj: ServiceImport) -> bool:
        """Only the own ones: imports of before 0.15 of other clusters lie in the same namespace."""
        return obj.source_cluster == self.agent.cluster

    def changed(self, obj: ServiceImport, *, is_create: bool) -> Handling:
        """H5, ``Distribute``."""
        agent, key, release = self.agent, obj.label, self.agent.release
        if is_create:
            yield from set_condition(agent.local, key, AWAITING_EXPORT, unless_present)
        stamp = yield from release.sharing.stamp(agent, key)
        aggregate = release.sharing.aggregate(agent, obj, stamp)

        def join(found: Any) -> Any:
            if found.type != obj.type and release.does(OWNS_ITS_TYPE) and is_alone(found, agent.cluster):
                return retyped(found, aggregate)
            joined = release.sharing.joined(agent, obj, stamp, found)
            return of_before(joined) if agent.ips and found.type == obj.type else joined

        def check(_found: Any, wanted: Any) -> Generator[Request, Any, None]:
            return release.conflicts.at_distribute(agent, key, wanted, wanted, obj)

        held: list[str] = []
        add_ip = (lambda made: ips.add(made, obj, held)) if (ips := agent.ips) else None
        result = yield from create_or_update(
            agent.broker, aggregate, join, check if agent.checks_conflicts else None, make=add_ip, told=Distributed.of
        )
        if not result:
            yield from set_condition(agent.local, key, EXPORT_FAILED)
            if ips and held:
                yield from ips.put_back(key, held)
            return True
        if result.type == obj.type:
            if not (yield from self._serve(key, obj, wrote=result.wrote)):
                yield from set_condition(agent.local, key, EXPORT_FAILED)
                return True
        elif release.does(OWNS_ITS_TYPE):
            return (yield from self._end_export(key))  # of another type it is not exported any more
        return (yield from release.per_cluster.distribute(agent, obj)) if release.per_cluster else False

    def _serve(self, key: str, obj: ServiceImport, *, wrote: bool) -> Generator[Request, Any, bool]:
        """The rest of ``Distribute``: the EndpointSlices of a service that the aggregate names. False for an error."""
        agent, headless = self.agent, obj.type == HEADLESS
        if agent.release.does(OWNS_ITS_TYPE):
            yield from delete_slices_of_other_type(agent, key, headless=headless)
        controller = agent.slice_controller(key, headless=headless)
        offered = Offered(obj.publish_not_ready, obj.ip, obj.detail)
        if not (yield from start_controller(controller, obj.ports, offered)):
            return False
        if agent.release.does(REFRESHES_SLICES):
            yield from refresh_slices(agent, key, wrote=wrote)
        return True

    def deleted(self, obj: ServiceImport) -> Handling:
        """H6, ``Delete``."""
        agent, release = self.agent, self.agent.release
        said = yield from set_condition(agent.local, obj.label, NO_SERVICE_IMPORT)
        if not said and release.does(RETRIES_CONDITIONS):
            return True
        again = yield from self._end_export(obj.label)
        if again or (obj.legacy and release.migrate and (yield from end_legacy_export(agent, obj))):
            return True
        if release.does(JOINS_AGAIN):
            namespace, name = obj.label.split("/")
            export = ServiceExport(namespace=namespace, name=name, created=0)
            yield Enqueue(agent.exports, Operation(LOOK, export))  # S1 makes it again if the export is there
        if not release.per_cluster:
            return False
        return (yield from release.per_cluster.delete(agent, obj))

    def _end_export(self, key: str) -> Handling:
        """S7, its slices and the share in the aggregate (three cases, FACTS H6); True to try again."""
        agent = self.agent
        entry = agent.slice_controller(key, headless=False).entry
        running = yield Read(entry)
        if running is None and not agent.release.does(CLEANS_AT_START):
            return not (yield from remove_exporter(agent, key))
        if running is not None:
            stopped = yield from stop_controller(agent.marked_controller(key, running))
            if not stopped and agent.release.retries_stops:
                return True
        own = {"service": key, "source_cluster": agent.cluster}
        namespace = key.split("/", maxsplit=1)[0]
        listed = yield agent.local.list(ENDPOINT_SLICES, LIGHTHOUSE_SLICES, namespace, own, origin_of)
        if not isinstance(listed, Listed):
            return True
        if listed.items:
            gone = yield agent.local.delete_collection(ENDPOINT_SLICES, LIGHTHOUSE_SLICES, namespace, own)
            if isinstance(gone, Failure):
                return True
        yield Write(entry, None)
        if listed.items and agent.release.slice_sync.updates_aggregate:
            return False  # the aggregate is left to the deletion of the EndpointSlice on the broker (FACTS H9)
        return not (yield from remove_exporter(agent, key))
