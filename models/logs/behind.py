"""Agents whose watches had broken before a log began: they list again in it though nothing in it broke them.

What had been there when the watches broke, and was deleted before the log began, is in the stores of these agents
still: a service that one of them calls for, by the local ServiceImport that it would have made, though nothing exports
it.
"""

from __future__ import annotations

from collections.abc import Generator, Iterator
from typing import TYPE_CHECKING, Any

import msgspec

from models.exports import Export
from models.faults.watches import Bar, bar
from models.kube.objects import (
    ENDPOINT_SLICES,
    LIGHTHOUSE_SLICES,
    SERVICE_EXPORTS,
    SERVICE_IMPORTS,
    SERVICES,
    k8s_slices,
)
from models.logs.entry import Entry, LogFile
from models.logs.watching import informers_of
from models.logs.who import cluster_of, keys_of
from models.submariner.agents import upstream
from models.submariner.names import BROKER_NAMESPACE, OPERATOR_NAMESPACE, aggregate_name, local_import_name
from sim.core import Cell, Request, Write

if TYPE_CHECKING:
    from models.kube.informer import Informer
    from models.logs.world import LogWorld

Steps = Generator[Request, Any, None]
AGAIN = "WATCHED_AGAIN"
"""The mark from which on the watches can be opened again."""


class Behind(msgspec.Struct, frozen=True):
    """An agent whose informers of some kinds, on its own API server, had lost their watches."""

    cluster: str
    kinds: tuple[str, ...]
    forgotten: tuple[Export, ...]


def behind(log: LogFile) -> tuple[Behind, ...]:
    """The agents that list again what they watch on their own API server, for no reason that the log tells."""
    kinds: dict[str, dict[str, None]] = {}
    broken: set[str] = set()
    for entry in log.entries:
        cluster = cluster_of(log, entry.agent)
        if entry.verb in ("START", "CUT_OFF"):
            broken.add(cluster or cluster_of(log, entry.note))
        elif entry.verb == "API_DOWN":
            broken.add(log.clusters[entry.note])
        elif _is_local_list(entry) and cluster not in broken:
            kinds.setdefault(cluster, {})[entry.kind] = None
    return tuple(Behind(cluster, tuple(found), tuple(_forgotten(log, cluster))) for cluster, found in kinds.items())


def _is_local_list(entry: Entry) -> bool:
    return entry.verb == "list" and entry.informer and not entry.of_service and entry.api == "local"


def _forgotten(log: LogFile, cluster: str) -> Iterator[Export]:
    for key in keys_of(log):
        local = local_import_name(key, cluster)
        mine = [
            entry.result == "NotFound"
            for entry in log.entries
            if cluster_of(log, entry.agent) == cluster and (entry.namespace, entry.name) == (OPERATOR_NAMESPACE, local)
        ]
        if mine and all(mine):
            yield Export(cluster, key)


def with_watches(entries: list[Entry], agents: tuple[Behind, ...]) -> list[Entry]:
    """The lines, and first of all that the watches can be opened again."""
    if not agents:
        return entries
    first = entries[0]
    return [
        Entry(first.number, first.at_ms, "net", AGAIN, note=each.cluster, lasts_ms=-1.0) for each in agents
    ] + entries


# -- how it came to that -----------------------------------------------------------------------------------------------


def install(world: LogWorld, each: Behind) -> None:
    """Let the informers list only once they can."""
    for informer in _informers(world, each):
        bar(informer, barrier_of(world, each.cluster))


def barrier_of(world: LogWorld, cluster: str) -> Cell:
    """The cell that keeps the informers of a cluster's agent from listing."""
    return world.topology.cluster(cluster).agent.domain.cell("watches lost")


def lose(world: LogWorld, each: Behind) -> Steps:
    """The watches break, and all that there is of the forgotten exports is deleted."""
    informers = tuple(_informers(world, each))
    yield Bar(barrier_of(world, each.cluster), informers, f"watches of agent {each.cluster} break")
    own = world.client(each.cluster)
    broker = world.client(world.topology.broker_api.name)
    for export in each.forgotten:
        namespace, name = export.service_key.split("/")
        yield own.delete(SERVICE_EXPORTS, namespace, name)
        yield own.delete(SERVICES, namespace, name)
        yield own.delete_collection(ENDPOINT_SLICES, k8s_slices(name), namespace, {})
        yield own.delete_collection(ENDPOINT_SLICES, LIGHTHOUSE_SLICES, namespace, {"service": export.service_key})
        yield own.delete(SERVICE_IMPORTS, OPERATOR_NAMESPACE, local_import_name(export.service_key, each.cluster))
        where = {"service": export.service_key}
        yield broker.delete_collection(ENDPOINT_SLICES, LIGHTHOUSE_SLICES, BROKER_NAMESPACE, where)
        yield broker.delete(SERVICE_IMPORTS, BROKER_NAMESPACE, aggregate_name(export.service_key))


def opened(world: LogWorld, entry: Entry) -> Request:
    """The watches can be opened again."""
    return Write(barrier_of(world, entry.note), None)


def _informers(world: LogWorld, each: Behind) -> Iterator[Informer]:
    agent = upstream(world.topology.cluster(each.cluster).agent)
    forgotten = [export.service_key for export in each.forgotten]
    of_service = {
        agent.slice_controller(key, headless=headless).informer: key
        for key in keys_of(world.log)
        for headless in (False, True)
    }
    for informer in informers_of(world.log, agent, local=True):
        if of_service[informer] in forgotten if informer in of_service else informer.kind in each.kinds:
            yield informer
