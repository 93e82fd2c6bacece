"""S5, local ServiceImport -> aggregate.

Source: lighthouse ``service_import.go:onLocalServiceImport``, ``Distribute``, ``Delete`` at 9d3c39e; FACTS H5, H6.
"""

from __future__ import annotations

from collections.abc import Generator
from typing import TYPE_CHECKING, Any

from models.kube.calls import Failure, Listed
from models.kube.create_or_update import create_or_update
from models.kube.informer import Informer
from models.kube.objects import (
    ENDPOINT_SLICES,
    HEADLESS,
    LIGHTHOUSE_SLICES,
    SERVICE_IMPORTS,
    ServiceImport,
    all_but_clusters_of,
    marks_and_terms_of,
    marks_of,
    origin_of,
)
from models.kube.syncer import Handling, Syncer
from models.submariner.agent.aggregator import remove_exporter
from models.submariner.agent.conditions import (
    AWAITING_EXPORT,
    EXPORT_FAILED,
    NO_SERVICE_IMPORT,
    set_condition,
    unless_present,
)
from models.submariner.agent.slice_controller import start_controller, stop_controller
from models.submariner.names import OPERATOR_NAMESPACE
from sim.core import Read, Request, Write

if TYPE_CHECKING:
    from models.submariner.agent.agent import LighthouseAgent


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

    def changed(self, obj: ServiceImport, *, is_create: bool) -> Handling:
        """H5, ``Distribute``."""
        agent, key = self.agent, obj.label
        if is_create:
            yield from set_condition(agent.local, key, AWAITING_EXPORT, unless_present)
        release = agent.release
        stamp = yield from release.sharing.stamp(agent, key)
        aggregate = release.sharing.aggregate(agent, obj, stamp)

        def join(found: Any) -> Any:
            return release.sharing.joined(agent, obj, stamp, found)

        def check(found: Any, wanted: Any) -> Generator[Request, Any, None]:
            return release.conflicts.at_distribute(agent, key, found, wanted, obj)

        result = yield from create_or_update(agent.broker, aggregate, join, check if agent.checks_conflicts else None)
        if not result:
            yield from set_condition(agent.local, key, EXPORT_FAILED)
            return True
        if result.type == obj.type:
            yield from start_controller(agent.slice_controller(key, headless=obj.type == HEADLESS), obj.ports)
        return (yield from release.per_cluster.distribute(agent, obj)) if release.per_cluster else False

    def deleted(self, obj: ServiceImport) -> Handling:
        """H6, ``Delete``."""
        agent, release = self.agent, self.agent.release
        yield from set_condition(agent.local, obj.label, NO_SERVICE_IMPORT)
        again = yield from self._end_export(obj.label)
        if again or not release.per_cluster:
            return again
        return (yield from release.per_cluster.delete(agent, obj))

    def _end_export(self, key: str) -> Handling:
        """S7, its slices and the share in the aggregate (three cases, FACTS H6); True to try again."""
        agent = self.agent
        entry = agent.slice_controller(key, headless=False).entry
        running = yield Read(entry)
        if running is None:
            return not (yield from remove_exporter(agent, key))
        yield from stop_controller(agent.slice_controller(key, headless=running == HEADLESS))
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
