"""What can be wrong in a world at rest, gravest first."""

from __future__ import annotations

from collections.abc import Callable
from copy import copy
from typing import Any

from models.kube.objects import CLUSTER_SET_IP, ENDPOINT_SLICES, LIGHTHOUSE_SLICES, k8s_slices
from models.properties.aggregate_matches import aggregate_matches
from models.properties.copies_follow import copies_follow
from models.properties.exported_is_named import is_exported
from models.properties.never_lost import never_lost
from models.properties.never_panics import never_panics
from models.properties.one_slice import one_slice
from models.properties.ready_is_exported import says_ready
from models.properties.unique_ips import unique_ips
from models.submariner.agent.conditions import reasons_of
from models.submariner.agent.parts.sharing import oldest
from models.submariner.names import BROKER_NAMESPACE
from models.topology import Export, Topology
from sim.core import Cell, Get
from sim.core.hunting import Symptom
from sim.core.property import Property, When

LOST_READY, LOST, TWICE, MISSING, GHOST, STALE, COPIES, IMPORTED, SLICES, OWN, TERMS = (
    "lost, yet Ready", "lost", "one IP twice", "no slices", "ports of the gone", "stale", "copies differ",
    "imported slices differ", "slices left", "own slices", "ports or timestamps",
)  # fmt: skip
READY, CONFLICT, SETTING, PANIC = "condition Ready", "condition Conflict", "use of an IP", "panic"
JUDGED_BY = {
    LOST_READY: "L1", LOST: "L1", TWICE: "I6", STALE: "I1", COPIES: "I2", OWN: "I3", TERMS: "I5", READY: "I4",
    PANIC: "C1",
}  # fmt: skip
"""The property of other commands that a symptom breaks; the rest breaks none of them."""


def symptoms(topology: Topology) -> tuple[Symptom, ...]:
    """All of them, gravest first."""
    made = (
        (LOST_READY, "every export that says Ready is named by its aggregate", _cells(topology), _lost_ready(topology)),
        (LOST, "every export is named by its aggregate", _cells(topology), _lost(topology)),
        (TWICE, *_like(unique_ips(topology))),
        (MISSING, "every export that is named has an EndpointSlice on the broker", *_missing(topology)),
        (GHOST, "an aggregate has the ports of an exporter that is there, if one is", *_ghosts(topology)),
        (STALE, "an aggregate names only clusters that export", _cells(topology), _stale(topology)),
        (COPIES, *_like(copies_follow(topology))),
        (
            IMPORTED,
            "clusters have the EndpointSlices of others that the broker has, and no other",
            *_imported(topology),
        ),
        (SLICES, "the broker has EndpointSlices of exporting clusters only", *_slices(topology)),
        (OWN, *_like(one_slice(topology))),
        (TERMS, *_like(aggregate_matches(topology))),
        (READY, "Ready says exactly whether the aggregate names the cluster", _cells(topology), _ready(topology)),
        (CONFLICT, "Conflict is said only where exporters differ", *_conflicts(topology)),
        (SETTING, "a service has a clusterset IP exactly if its oldest exporter wants one", *_settings(topology)),
        (PANIC, *_like(never_panics(topology))),
    )
    return tuple(
        Symptom(name, gravity, name in (LOST_READY, LOST), Property(name, sentence, When.AT_REST, cells, holds))
        for gravity, (name, sentence, cells, holds) in enumerate(made)
    )


def blamed(topology: Topology, symptom: str, get: Get) -> tuple[str, ...]:
    """The services that have a symptom, looked at one by one; none if all have it, or several together."""
    keys = topology.service_keys()
    out = []
    for key in keys:
        one = copy(topology)
        one.exports = tuple(export for export in topology.exports if export.service_key == key)
        if not next(each for each in symptoms(one) if each.name == symptom).property.holds(get):
            out.append(key)
    return tuple(out) if len(out) < len(keys) else ()


def _like(prop: Property) -> tuple[str, tuple[Cell, ...], Callable[[Get], bool]]:
    return prop.sentence, prop.cells, prop.holds


def _cells(topology: Topology) -> tuple[Cell, ...]:
    return never_lost(topology).cells


def _is_lost(topology: Topology, get: Get, export: Export) -> bool:
    return is_exported(topology, get, export) and not topology.is_named(get, export)


def _says_ready(topology: Topology, get: Get, export: Export) -> bool:
    stored: Any = get(topology.export_cell(export))
    return stored is not None and stored.is_true("Ready")


def _lost_ready(topology: Topology) -> Callable[[Get], bool]:
    return lambda get: not any(_is_lost(topology, get, e) and _says_ready(topology, get, e) for e in topology.exports)


def _lost(topology: Topology) -> Callable[[Get], bool]:
    """Lost because of a conflict of types is what the API asks for, so it does not count while it is so."""
    return lambda get: (
        not any(
            _is_lost(topology, get, e) and not _says_ready(topology, get, e) and not _is_refused(topology, get, e)
            for e in topology.exports
        )
    )


def _is_refused(topology: Topology, get: Get, export: Export) -> bool:
    """Whether an aggregate of another type is there, made by others."""
    service: Any = get(topology.service_cell(export))
    others = [e for e in topology.exports if e.service_key == export.service_key and e.cluster != export.cluster]
    named = [e for e in others if is_exported(topology, get, e) and topology.is_named(get, e)]
    return any(get(topology.service_cell(e)).type != service.type for e in named)


def _ghosts(topology: Topology) -> tuple[tuple[Cell, ...], Callable[[Get], bool]]:
    """Only where clusters leave, as else what is wrong with ports shows by itself."""
    gone = [cluster.gone for cluster in topology.clusters if cluster.gone is not None]
    keys = topology.service_keys() if gone else ()

    def is_right(get: Get, key: str) -> bool:
        aggregate: Any = get(topology.aggregate_cell(key))
        there = [e for e in topology.exports if e.service_key == key and is_exported(topology, get, e)]
        if aggregate is None or aggregate.type != CLUSTER_SET_IP or not there:
            return True
        return any(set(get(topology.service_cell(e)).ports) <= set(aggregate.ports) for e in there)

    def holds(get: Get) -> bool:
        return not any(map(get, gone)) or all(is_right(get, key) for key in keys)

    return (*_cells(topology), *map(topology.service_cell, topology.exports), *gone), holds


def _stale(topology: Topology) -> Callable[[Get], bool]:
    return lambda get: (
        not any(topology.is_named(get, e) and not is_exported(topology, get, e) for e in topology.exports)
    )


def _ready(topology: Topology) -> Callable[[Get], bool]:
    """I4, and that who is not named does not say Ready beside Valid=False either (R14); but an export that conflicts
    with others may say so while it is still named as what it was.
    """

    def is_right(get: Get, export: Export) -> bool:
        if topology.is_named(get, export):
            return says_ready(topology, get, export)
        return not _says_ready(topology, get, export)

    def holds(get: Get) -> bool:
        return all(
            is_right(get, e)
            for e in topology.exports
            if get(topology.export_cell(e)) is not None
            and not (is_exported(topology, get, e) and _is_refused(topology, get, e))
        )

    return holds


def _imported(topology: Topology) -> tuple[tuple[Cell, ...], Callable[[Get], bool]]:
    """What S4 keeps: in each cluster that has the namespace, the slices of the other clusters."""
    api = topology.broker_api
    on_broker = api.names(LIGHTHOUSE_SLICES, BROKER_NAMESPACE)
    spaces = sorted({export.service_key.split("/")[0] for export in topology.exports})
    here = {(c.name, s): c.api.names(LIGHTHOUSE_SLICES, s) for c in topology.clusters for s in spaces}

    def holds(get: Get) -> bool:
        found: Any = get(on_broker) or ()
        stored: list[Any] = [get(api.object(ENDPOINT_SLICES, BROKER_NAMESPACE, name)) for name in found]
        for cluster in topology.clusters:
            for space in spaces:
                if not topology.has_namespace(get, cluster, space):
                    continue
                names: Any = get(here[cluster.name, space]) or ()
                own: list[Any] = [get(cluster.api.object(ENDPOINT_SLICES, space, name)) for name in names]
                there = {
                    s.name for s in stored if s.source_cluster != cluster.name and s.service.startswith(f"{space}/")
                }
                if {s.name for s in own if s.cluster_id} != there:
                    return False
        return True

    return (on_broker, *here.values(), *topology.namespace_cells()), holds


def _slices(topology: Topology) -> tuple[tuple[Cell, ...], Callable[[Get], bool]]:
    """I3: for each EndpointSlice on the broker there is an export, and one for each that is named."""
    api = topology.broker_api
    names = api.names(LIGHTHOUSE_SLICES, BROKER_NAMESPACE)
    exports = {(e.cluster, e.service_key): e for e in topology.exports}

    def holds(get: Get) -> bool:
        found: Any = get(names) or ()
        stored: list[Any] = [get(api.object(ENDPOINT_SLICES, BROKER_NAMESPACE, name)) for name in found]
        return all(is_exported(topology, get, exports[each.source_cluster, each.service]) for each in stored)

    return (names, *_cells(topology)), holds


def _missing(topology: Topology) -> tuple[tuple[Cell, ...], Callable[[Get], bool]]:
    """The other half of I3, where Kubernetes has an EndpointSlice of the service."""
    api = topology.broker_api
    names = api.names(LIGHTHOUSE_SLICES, BROKER_NAMESPACE)

    def sources(export: Export) -> Cell:
        namespace, name = export.service_key.split("/")
        return topology.cluster(export.cluster).api.names(k8s_slices(name), namespace)

    def holds(get: Get) -> bool:
        found: Any = get(names) or ()
        stored: list[Any] = [get(api.object(ENDPOINT_SLICES, BROKER_NAMESPACE, name)) for name in found]
        has = {(each.source_cluster, each.service) for each in stored}
        return all(
            (e.cluster, e.service_key) in has or not get(sources(e))
            for e in topology.exports
            if is_exported(topology, get, e) and topology.is_named(get, e)
        )

    return (names, *_cells(topology), *map(sources, topology.exports)), holds


def _settings(topology: Topology) -> tuple[tuple[Cell, ...], Callable[[Get], bool]]:
    """R24; where the aggregate says who is the oldest."""
    exports = {(e.cluster, e.service_key): e for e in topology.exports}

    def holds(get: Get) -> bool:
        for key in topology.service_keys():
            found: Any = get(topology.aggregate_cell(key))
            if not found or not found.timestamps or not found.use_ip or found.type != CLUSTER_SET_IP:
                continue
            first = exports[oldest(found.timestamps), key]
            stored: Any = get(topology.export_cell(first))
            ips = topology.cluster(first.cluster).agent.ips
            if stored and ips and ips.wanted(stored) != found.use_ip:
                return False
        return True

    return (*_cells(topology), *map(topology.aggregate_cell, topology.service_keys())), holds


def _conflicts(topology: Topology) -> tuple[tuple[Cell, ...], Callable[[Get], bool]]:
    def offer(get: Get, export: Export) -> Any:
        service: Any = get(topology.service_cell(export))
        stored: Any = get(topology.export_cell(export))
        return (service.type, service.ports, service.affinity, service.affinity_config, stored.use_ip)

    def holds(get: Get) -> bool:
        for export in topology.exports:
            stored: Any = get(topology.export_cell(export))
            if not reasons_of(stored) or not is_exported(topology, get, export):
                continue
            alike = [
                e for e in topology.exports if e.service_key == export.service_key and is_exported(topology, get, e)
            ]
            if len({offer(get, e) for e in alike}) == 1:
                return False
        return True

    return _cells(topology), holds
