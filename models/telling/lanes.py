"""Lanes: what was true of one export, and what each component believed of it, over time."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from models.client import Seen
from models.cluster import Cluster
from models.exports import Export
from models.judgement import spans_of
from models.kube.objects import ServiceImport
from models.node.container import PAUSED, RUNNING
from models.topology import Topology
from sim.core import Cell
from sim.core.model import Changes, LaneData, Span

State = tuple[str, str]
"""(state, label): good, bad, unknown or down."""


def lanes(topology: Topology, changes: Changes, end_ms: float) -> list[LaneData]:
    """The lanes of the export that was lost first, else of the first export: what is true, then what is believed."""
    export = _chosen(topology, changes)
    key, exporter = export.service_key, topology.cluster(export.cluster)
    named = _aggregate(export)
    aggregate = f"aggregate of {key}"
    out = [
        LaneData(aggregate, False, _lane(topology.aggregate_cell(key), changes, end_ms, named, ("good", "names it")))
    ]
    for cluster in topology.clusters if topology.has_copies else ():
        spans = _lane(topology.copy_cell(cluster, key), changes, end_ms, named, ("good", "names it"))
        out.append(LaneData(f"copy in {cluster.name}", False, spans))
    importers = [cluster for cluster in exporter.others if topology.data_plane]
    out += [_path(cluster, exporter, changes, end_ms) for cluster in importers]
    out += [_container(cluster, changes, end_ms) for cluster in topology.clusters]
    said = _lane(topology.export_cell(export), changes, end_ms, _conditions, ("good", "Ready=True"))
    out.append(LaneData(f"ServiceExport in {export.cluster} says", True, said, aggregate))
    for cluster in importers:
        out += _beliefs(topology, cluster, export, aggregate, changes, end_ms)
    return out


def _chosen(topology: Topology, changes: Changes) -> Export:
    for _, cell, value in changes:
        for export in topology.exports:
            if cell is topology.aggregate_cell(export.service_key):
                named = isinstance(value, ServiceImport) and export.cluster in value.clusters
                if not named:
                    return export
    return topology.exports[0]


def _lane(cell: Cell, changes: Changes, end_ms: float, judge: Callable[[Any], State], first: State) -> tuple[Span, ...]:
    """The spans of one cell; ``first`` is its state before its first change. Equal neighbours are joined."""
    pieces = [(b, e, judge(value)) for b, e, value in spans_of(cell, changes, end_ms)]
    until = pieces[0][0] if pieces else end_ms
    joined: list[tuple[float, float, State]] = [(0.0, until, first)]
    for begin, end, state in pieces:
        if joined[-1][2] == state:
            joined[-1] = (joined[-1][0], end, state)
        else:
            joined.append((begin, end, state))
    return tuple(Span(b / 1000, e / 1000, *state) for b, e, state in joined if e > b)


def _aggregate(export: Export) -> Callable[[Any], State]:
    def judge(value: Any) -> State:
        if value is None:
            return "bad", "missing"
        return ("good", "names it") if export.cluster in value.clusters else ("bad", "does not name it")

    return judge


def _conditions(value: Any) -> State:
    if value is None:
        return "unknown", "no export"
    false = [c.words() for c in value.conditions if c.status != "True"]
    return ("bad", false[0]) if false else ("good", "Ready=True")


def _container(cluster: Cluster, changes: Changes, end_ms: float) -> LaneData:
    def judge(value: Any) -> State:
        return ("good", "running") if value == RUNNING else ("down", value if value == PAUSED else "down")

    spans = _lane(cluster.agent.container.state, changes, end_ms, judge, ("good", "running"))
    return LaneData(f"agent of {cluster.name}", False, spans)


def _path_name(cluster: Cluster, exporter: Cluster) -> str:
    return f"path from {cluster.name} to {exporter.name}"


def _path(cluster: Cluster, exporter: Cluster, changes: Changes, end_ms: float) -> LaneData:
    """Whether every kernel table of the path is there; all are when the run begins."""
    tables = cluster.path_to(exporter.name)
    there = dict.fromkeys(tables, True)
    pieces: list[tuple[float, bool]] = [(0.0, True)]
    for at_ms, cell, value in changes:
        if cell in there:
            there[cell] = bool(value)
            if all(there.values()) is not pieces[-1][1]:
                pieces.append((at_ms, not pieces[-1][1]))
    ends = [*(at_ms for at_ms, _ in pieces[1:]), end_ms]
    spans = [
        Span(begin / 1000, end / 1000, *(("good", "open") if is_open else ("bad", "broken")))
        for (begin, is_open), end in zip(pieces, ends, strict=True)
        if end > begin
    ]
    return LaneData(_path_name(cluster, exporter), False, tuple(spans))


def _beliefs(
    topology: Topology, cluster: Cluster, export: Export, aggregate: str, changes: Changes, end_ms: float
) -> list[LaneData]:
    """What the Gateway object of an importing cluster says, and what its client hears from DNS."""

    def seen(value: Seen | None) -> State:
        if value is None:
            return "down", "no client"
        return ("good", f"answers {value.dns}") if value.has_answer else ("bad", value.dns)

    def gateway(value: Any) -> State:
        status = dict(value.connections if value is not None else ()).get(export.cluster, "no connection")
        return ("good" if status == "connected" else "bad"), status

    gateways = _lane(topology.gateway_cell(cluster), changes, end_ms, gateway, ("good", "connected"))
    path = _path_name(cluster, topology.cluster(export.cluster))
    out = [LaneData(f"Gateway of {cluster.name} says", True, gateways, path)]
    if export.service_key in cluster.client.services:
        cell = cluster.client.seen(export.service_key)
        spans = _lane(cell, changes, end_ms, seen, ("good", f"answers {export.cluster}"))
        out.append(LaneData(f"DNS of {cluster.name}", True, spans, aggregate))
    return out
