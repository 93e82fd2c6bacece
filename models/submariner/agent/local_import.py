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
from models.releases.parts import CHECKS_CREATION, CLEANS_AT_START, OWNS_ITS_TYPE, REFRESHES_SLICES
from models.submariner.agent.aggregator import oldest, remove_exporter
from models.submariner.agent.conditions import (
    AWAITING_EXPORT,
    EXPORT_FAILED,
    NO_SERVICE_IMPORT,
    set_condition,
    unless_present,
)
from models.submariner.agent.conflicts import check_terms, check_type
from models.submariner.agent.own_slices import delete_slices_of_other_type, is_alone, refresh_slices, retyped
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


def joined(found: ServiceImport, wanted: ServiceImport, *, owns_its_type: bool) -> ServiceImport:
    """The aggregate with the exporter of ``wanted`` added; as it is where the types conflict."""
    (me,) = wanted.timestamps
    if found.type != wanted.type:
        return retyped(found, wanted) if owns_its_type and is_alone(found, me[0]) else found
    others = [t for t in found.timestamps if t[0] != me[0]]
    stamps = tuple(sorted((*others, me)))
    mine = wanted if oldest(stamps) == me[0] else found
    return replace(
        found,
        timestamps=stamps,
        affinity=mine.affinity,
        affinity_config=mine.affinity_config,
        clusters=tuple(sorted({*found.clusters, me[0]})),
    )


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
        agent, key, release = self.agent, obj.label, self.agent.release
        if is_create:
            yield from set_condition(agent.local, key, AWAITING_EXPORT, unless_present)
        me = (agent.cluster, (yield Read(agent.exports.informer.entry(key), created_of)))
        aggregate = ServiceImport(
            namespace=BROKER_NAMESPACE, name=aggregate_name(key), type=obj.type, affinity=obj.affinity,
            affinity_config=obj.affinity_config, annotation=key, timestamps=(me,), clusters=(agent.cluster,),
        )  # fmt: skip
        before: list[Any] = []

        def join(found: Any) -> Any:
            before.append(found)
            return joined(found, aggregate, owns_its_type=release.does(OWNS_ITS_TYPE))

        def check(_found: Any, wanted: Any) -> Generator[Request, Any, None]:
            yield from check_type(agent, key, wanted, obj)
            if wanted.type == obj.type:
                yield from check_terms(agent, key, wanted, obj)

        result = yield from create_or_update(
            agent.broker, aggregate, join, check if agent.checks_conflicts else None,
            strict=release.does(CHECKS_CREATION),
        )  # fmt: skip
        if not result:
            yield from set_condition(agent.local, key, EXPORT_FAILED)
            return True
        if result.type == obj.type:
            yield from self._serve(key, obj, wrote=not before or before[-1] != result)
        return False

    def _serve(self, key: str, obj: ServiceImport, *, wrote: bool) -> Generator[Request, Any, None]:
        """The rest of ``Distribute``: the EndpointSlices of a service that the aggregate names."""
        agent, headless = self.agent, obj.type == HEADLESS
        if agent.release.does(OWNS_ITS_TYPE):
            yield from delete_slices_of_other_type(agent, key, headless=headless)
        yield from start_controller(agent.slice_controller(key, headless=headless), obj.ports)
        if agent.release.does(REFRESHES_SLICES):
            yield from refresh_slices(agent, key, wrote=wrote)

    def deleted(self, obj: ServiceImport) -> Handling:
        """H6, ``Delete`` (three cases, FACTS H6)."""
        agent, key = self.agent, obj.label
        yield from set_condition(agent.local, key, NO_SERVICE_IMPORT)
        entry = agent.slice_controller(key, headless=False).entry
        running = yield Read(entry)
        if running is None and not agent.release.does(CLEANS_AT_START):
            return not (yield from remove_exporter(agent, key))
        if running is not None:
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
