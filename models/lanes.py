"""Lanes: what was true of one export, and what each component believed of it, over time."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from models.client import Seen
from models.judgement import spans_of
from models.kube.objects import ServiceImport
from models.node.container import RUNNING
from models.topology import Cluster, Export, Topology
from sim.core import Cell
from sim.core.model import Changes, LaneData, Span

State = tuple[str, str]
"""(state, label): good, bad, unknown or down."""


def lanes(topology: Topology, changes: Changes, end_ms: float) -> list[LaneData]:
    """The lanes of the export that was lost first, else of the first export."""
    export = _chosen(topology, changes)
    begin = _lane(
        topology.aggregate_cell(export.service_key), changes, end_ms, _aggregate(export), ("good", "exported")
    )
    out = [LaneData(f"aggregate of {export.service_key}", False, begin)]
    exporter = topology.cluster(export.cluster)
    importers = [cluster for cluster in topology.clusters if cluster is not exporter]
    for cluster in topology.clusters:
        cell = topology.copy_cell(cluster, export.service_key)
        spans = _lane(cell, changes, end_ms, _aggregate(export), ("good", "there"))
        out.append(LaneData(f"copy in {cluster.name}", False, spans))
    said = _lane(topology.export_cell(export), changes, end_ms, _conditions, ("good", "Ready=True"))
    out.append(LaneData(f"ServiceExport in {export.cluster} says", True, said))
    agents = [_container(cluster, changes, end_ms) for cluster in topology.clusters]
    if topology.data_plane:
        for cluster in importers:
            out += _beliefs(topology, cluster, export, changes, end_ms)
    return [*out, *agents]


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
        return ("good", "running") if value == RUNNING else ("down", "down")

    spans = _lane(cluster.agent.container.state, changes, end_ms, judge, ("good", "running"))
    return LaneData(f"agent of {cluster.name}", True, spans)


def _beliefs(topology: Topology, cluster: Cluster, export: Export, changes: Changes, end_ms: float) -> list[LaneData]:
    def seen(value: Seen | None) -> State:
        if value is None:
            return "down", "no client"
        if not value.has_answer:
            return "bad", value.dns
        return "good", f"answers {value.dns}"

    def connected(value: Seen | None) -> State:
        if value is None:
            return "down", "no client"
        return ("good", "connected") if value.connected else ("bad", "not connected")

    def gateway(value: Any) -> State:
        statuses = dict(value.connections) if value is not None else {}
        status = statuses.get(export.cluster, "no connection")
        return ("good" if status == "connected" else "bad"), status

    cell = cluster.client.seen(export.service_key)
    gateways = _lane(topology.gateway_cell(cluster), changes, end_ms, gateway, ("good", "connected"))
    out = [LaneData(f"Gateway of {cluster.name} says", True, gateways)]
    if export.service_key in cluster.client.services:
        out.append(LaneData(f"DNS of {cluster.name}", True, _lane(cell, changes, end_ms, seen, ("good", "answers"))))
        spans = _lane(cell, changes, end_ms, connected, ("good", "connected"))
        out.append(LaneData(f"client in {cluster.name}", False, spans))
    return out
