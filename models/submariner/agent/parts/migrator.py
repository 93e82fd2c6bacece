"""The migrator of imports of before 0.15, which is gone since 0.21 (FACTS C22, H6, H12, R7).

Source: lighthouse ``service_import_migrator.go`` at 9d3c39e. What old releases left exists only where a script makes it
(``agent.migrates``); without, all that is left of this is one delete.
"""

from __future__ import annotations

from collections.abc import Generator
from typing import TYPE_CHECKING, Any

from msgspec.structs import replace

from models.kube.calls import UNREACHABLE
from models.kube.create_or_update import create_or_update
from models.kube.objects import SERVICE_IMPORTS, ServiceImport, marks_of
from models.kube.syncer import Handling
from models.submariner.agent.slice_controller import ReadStore
from models.submariner.names import BROKER_NAMESPACE, OPERATOR_NAMESPACE, local_import_name
from sim.core import Read, Write

if TYPE_CHECKING:
    from models.submariner.agent.agent import LighthouseAgent
    from models.submariner.agent.base import Agent
    from sim.core import Cell, Request


def delete_legacy_import(agent: LighthouseAgent, key: str, clusters: tuple[str, ...]) -> Handling:
    """``onSuccessfulSyncFromBroker``: delete this cluster's import of before 0.15 from the broker, once per process and
    service; ``clusters`` are those that the aggregate names (FACTS H12).
    """
    done = agent.domain.cell(f"migrated/{key}")
    name = local_import_name(key, agent.cluster)
    if not (yield Read(done)):
        if agent.migrates and not (yield from _are_upgraded(agent, key, clusters)):
            return False
        gone = yield agent.broker.delete(SERVICE_IMPORTS, BROKER_NAMESPACE, name)
        if gone is UNREACHABLE:
            return True
        yield Write(done, True)
    return False


def legacy_cells(agent: LighthouseAgent, key: str) -> list[Cell]:
    """The cells that the same may touch, where old releases left nothing."""
    api, name = agent.broker.api, local_import_name(key, agent.cluster)
    there = api.object(SERVICE_IMPORTS, BROKER_NAMESPACE, name)
    return [agent.domain.cell(f"migrated/{key}"), *api.written_cells(there, SERVICE_IMPORTS, BROKER_NAMESPACE)]


def _are_upgraded(agent: LighthouseAgent, key: str, clusters: tuple[str, ...]) -> Generator[Request, Any, bool]:
    """Whether the aggregate names every other cluster that has an old import of the service."""
    stored = yield ReadStore(agent.local_imports.informer, marks_of)
    others = [each.source_cluster for each in stored if each.label == key and each.source_cluster != agent.cluster]
    return all(cluster in clusters for cluster in others)


def sync_legacy_import(agent: LighthouseAgent, obj: ServiceImport) -> Handling:
    """``onRemoteServiceImport``: those of other clusters go to the operator namespace, the own one is left alone."""
    if obj.source_cluster == agent.cluster:
        return False
    return not (yield from create_or_update(agent.local, replace(obj, namespace=OPERATOR_NAMESPACE)))


def forget_legacy_import(agent: LighthouseAgent, obj: ServiceImport) -> Handling:
    """The same when one has gone from the broker."""
    if obj.source_cluster == agent.cluster:
        return False
    return (yield agent.local.delete(SERVICE_IMPORTS, OPERATOR_NAMESPACE, obj.name)) is UNREACHABLE


def end_legacy_export(agent: Agent, obj: ServiceImport) -> Handling:
    """``onLocalServiceImportDeleted``: with an old local import its twin on the broker goes."""
    if not obj.legacy:
        return False
    return (yield agent.broker.delete(SERVICE_IMPORTS, BROKER_NAMESPACE, obj.name)) is UNREACHABLE
