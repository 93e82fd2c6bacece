"""S5, local ServiceImport -> aggregate.

Source: lighthouse ``service_import.go:onLocalServiceImport``, ``Distribute``, ``Delete`` at 9d3c39e; FACTS H5, H6.
"""

from __future__ import annotations

from collections.abc import Generator
from typing import TYPE_CHECKING, Any

from msgspec.structs import replace

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
    marks_and_terms_of,
    marks_of,
    origin_of,
)
from models.kube.syncer import Handling, Syncer
from models.submariner.agent.aggregator import oldest, remove_exporter
from models.submariner.agent.conditions import (
    AWAITING_EXPORT,
    EXPORT_FAILED,
    NO_SERVICE_IMPORT,
    set_condition,
    unless_present,
)
from models.submariner.agent.conflicts import check_terms, check_type
from models.submariner.agent.slice_controller import start_controller, stop_controller
from models.submariner.names import BROKER_NAMESPACE, OPERATOR_NAMESPACE, aggregate_name
from sim.core import Read, Request, Write

if TYPE_CHECKING:
    from models.submariner.agent.agent import LighthouseAgent

NEVER_CREATED = (1 << 63) - 2
"""The timestamp of an exporter whose ServiceExport is not in the cache: the largest but one, so never the oldest."""


def created_of(export: ServiceExport | None) -> int:
    """When a ServiceExport of the cache was created."""
    return NEVER_CREATED if export is None else export.created


class LocalImportSyncer(Syncer):
    """Adds the own cluster to the aggregate and keeps one EndpointSlice controller per exported service."""

    def __init__(self, agent: LighthouseAgent) -> None:
        super().__init__(
            Informer(
                agent.domain, "s5-local-imports", agent.local, SERVICE_IMPORTS, SERVICE_IMPORTS, OPERATOR_NAMESPACE
            ),
            part=marks_and_terms_of,
            gone=marks_of,
        )
        self.agent = agent

    def changed(self, obj: ServiceImport, *, is_create: bool) -> Handling:
        """H5, ``Distribute``."""
        agent, key = self.agent, obj.label
        if is_create:
            yield from set_condition(agent.local, key, AWAITING_EXPORT, unless_present)
        me = (agent.cluster, (yield Read(agent.exports.informer.entry(key), created_of)))
        aggregate = ServiceImport(
            namespace=BROKER_NAMESPACE, name=aggregate_name(key), type=obj.type, affinity=obj.affinity,
            affinity_config=obj.affinity_config, annotation=key, timestamps=(me,), clusters=(agent.cluster,),
        )  # fmt: skip

        def join(found: Any) -> Any:
            if found.type != obj.type:
                return found
            others = [t for t in found.timestamps if t[0] != agent.cluster]
            stamps = tuple(sorted((*others, me)))
            mine = obj if oldest(stamps) == agent.cluster else found
            return replace(
                found,
                timestamps=stamps,
                affinity=mine.affinity,
                affinity_config=mine.affinity_config,
                clusters=tuple(sorted({*found.clusters, agent.cluster})),
            )

        def check(found: Any, wanted: Any) -> Generator[Request, Any, None]:
            yield from check_type(agent, key, found, obj)
            if found.type == obj.type:
                yield from check_terms(agent, key, wanted, obj)

        result = yield from create_or_update(agent.broker, aggregate, join, check if agent.checks_conflicts else None)
        if not result:
            yield from set_condition(agent.local, key, EXPORT_FAILED)
            return True
        if result.type != obj.type:
            return False
        yield from start_controller(agent.slice_controller(key, headless=obj.type == HEADLESS), obj.ports)
        return False

    def deleted(self, obj: ServiceImport) -> Handling:
        """H6, ``Delete`` (three cases, FACTS H6)."""
        agent, key = self.agent, obj.label
        yield from set_condition(agent.local, key, NO_SERVICE_IMPORT)
        entry = agent.slice_controller(key, headless=False).entry
        running = yield Read(entry)
        if running is None:
            return not (yield from remove_exporter(agent, key))
        yield from stop_controller(agent.slice_controller(key, headless=running == HEADLESS))
        own = {"service": key, "source_cluster": agent.cluster}
        namespace = key.split("/")[0]
        listed = yield agent.local.list(ENDPOINT_SLICES, LIGHTHOUSE_SLICES, namespace, own, origin_of)
        if not isinstance(listed, Listed):
            return True
        if listed.items:
            gone = yield agent.local.delete_collection(ENDPOINT_SLICES, LIGHTHOUSE_SLICES, namespace, own)
            if isinstance(gone, Failure):
                return True
        yield Write(entry, None)
        if listed.items:
            return False  # the aggregate is left to the deletion of the EndpointSlice on the broker (FACTS H9)
        return not (yield from remove_exporter(agent, key))
