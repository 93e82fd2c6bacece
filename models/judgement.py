"""What a run came to: the outcomes of the properties I1, I2, I4 and I5, and what clients saw.

An export is *lost* when its ServiceExport and Service are there, its cluster was named by the aggregate, and is no
more; and
at the end whenever they are there and the aggregate, or a copy of it, does not name the cluster.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import Any

from models.client import Seen
from models.kube.objects import ServiceExport, ServiceImport
from models.topology import Export, Topology
from sim.core import Cell, Get
from sim.core.model import Changes, Judgement

LOST, LOST_MEANWHILE, WRONG_STATUS, STALE, FINE = (
    "lost for ever", "lost temporarily", "wrong status", "stale", "fine",
)  # fmt: skip


class Judge:
    """Judges runs of one topology; ``fault_ms`` is when the first fault strikes."""

    def __init__(self, topology: Topology, fault_ms: float) -> None:
        self.topology = topology
        self.fault_ms = fault_ms
        self._clients = [
            (cluster.client.seen(key), cluster) for cluster in topology.clusters for key in cluster.client.services
        ]

    def observed(self) -> tuple[Cell, ...]:
        """The cells whose changes tell the outcome."""
        topology = self.topology
        exports = [cell for e in topology.exports for cell in (topology.export_cell(e), topology.service_cell(e))]
        imports = [topology.aggregate_cell(key) for key in topology.service_keys()]
        copies = [topology.copy_cell(c, key) for c in topology.clusters for key in topology.service_keys()]
        seen = [cell for cell, _ in self._clients] if topology.data_plane else []
        gateways = [topology.gateway_cell(c) for c in topology.clusters] if topology.data_plane else []
        states = [container.state for c in topology.clusters for container in c.containers]
        pairs = [(c, other) for c in topology.clusters for other in c.others] if topology.data_plane else []
        paths = dict.fromkeys(cell for c, other in pairs for cell in c.path_to(other.name))
        return (*exports, *imports, *copies, *seen, *gateways, *states, *paths)

    def judge(self, get: Get, changes: Changes, end_ms: float) -> Judgement:
        """The outcome, from the changes since the beginning and the values at the end."""
        topology = self.topology
        losses = [self._losses(export, changes, end_ms, get) for export in topology.exports]
        lost = sum(not self._is_complete(get, export) for export in topology.exports)
        begun = [begin for spans in losses for begin, _ in spans]
        failed = [self._failed(cell, changes, end_ms) for cell, _ in self._clients] if topology.data_plane else []
        return Judgement(
            outcome=self._outcome(get, lost, bool(begun)),
            lost=lost,
            lost_meanwhile=sum(bool(spans) for spans in losses),
            first_loss_ms=round(min(begun) - self.fault_ms, 3) if begun else None,
            loss_ms=round(max((sum(e - b for b, e in spans) for spans in losses), default=0.0), 3),
            dns_failed_ms=round(max((dns for dns, _ in failed), default=0.0), 3),
            connect_failed_ms=round(max((connect for _, connect in failed), default=0.0), 3),
            end_state=self._end_state(get),
            latent=sum(
                not self._is_complete(get, export) and self._is_answered(get, export) for export in topology.exports
            ),
        )

    def _end_state(self, get: Get) -> str:
        """How many aggregates are in which state."""
        states = Counter(self._state(get(self.topology.aggregate_cell(key))) for key in self.topology.service_keys())
        return " ".join(f"{state}:{count}" for state, count in sorted(states.items()))

    @staticmethod
    def _state(aggregate: ServiceImport | None) -> str:
        if aggregate is None:
            return "missing"
        return f"{{{','.join(aggregate.clusters)}}}{'' if aggregate.ports else ',no-ports'}"

    def _is_answered(self, get: Get, export: Export) -> bool:
        """Whether the last look of some client at the service still got an answer."""
        looks = [get(c.client.seen(export.service_key)) for c in self.topology.clusters if c.name != export.cluster]
        return any(seen is not None and seen.has_answer for seen in looks)

    def _outcome(self, get: Get, lost: int, lost_meanwhile: bool) -> str:
        if lost:
            return LOST
        if lost_meanwhile:
            return LOST_MEANWHILE
        if any(self._status_lies(get, export) for export in self.topology.exports) or self._gateway_lies(get):
            return WRONG_STATUS
        return STALE if any(self._is_stale(get, key) for key in self.topology.service_keys()) else FINE

    # -- one export ------------------------------------------------------------------------------------------------

    def _is_exported(self, get: Get, export: Export) -> bool:
        return bool(get(self.topology.export_cell(export)) and get(self.topology.service_cell(export)))

    def _is_complete(self, get: Get, export: Export) -> bool:
        """I1 and I2: exported means named by the aggregate and by its copy in every cluster."""
        topology = self.topology
        if not self._is_exported(get, export):
            return True
        copies = [get(topology.copy_cell(cluster, export.service_key)) for cluster in topology.clusters]
        return topology.is_named(get, export) and all(copy and export.cluster in copy.clusters for copy in copies)

    def _losses(self, export: Export, changes: Changes, end_ms: float, get: Get) -> list[tuple[float, float]]:
        """When the export lived, had been named, and was not named any more; (begin, end) in ms."""
        aggregate, exported = self.topology.aggregate_cell(export.service_key), self.topology.export_cell(export)
        lives = was_named = True
        since: float | None = None
        out = []
        for at_ms, cell, value in changes:
            if cell is aggregate:
                named = isinstance(value, ServiceImport) and export.cluster in value.clusters
                if named and since is not None:
                    out.append((since, at_ms))
                    since = None
                elif not named and was_named and lives:
                    since = at_ms
                was_named = named
            elif cell is exported and (value is not None) is not lives:
                lives = value is not None
                if not lives and since is not None:
                    out.append((since, at_ms))
                    since = None
        if since is not None:
            out.append((since, end_ms))
        return out

    def _status_lies(self, get: Get, export: Export) -> bool:
        """I4, both ways: Ready and Valid are True exactly while the export is complete."""
        stored: ServiceExport | None = get(self.topology.export_cell(export))
        return stored is not None and not (stored.is_true("Ready") and stored.is_true("Valid"))

    def _gateway_lies(self, get: Get) -> bool:
        """D1: a connection that the Gateway object calls connected carries traffic."""
        topology = self.topology
        if not topology.data_plane:
            return False
        for cluster in topology.clusters:
            gateway: Any = get(topology.gateway_cell(cluster))
            for remote, status in gateway.connections if gateway else ():
                if status == "connected" and not all(get(cell) for cell in cluster.path_to(remote)):
                    return True
        return False

    def _is_stale(self, get: Get, service_key: str) -> bool:
        """I5, I2: ports and exporters of the aggregate are those of its exporters; copies are equal to it."""
        topology = self.topology
        aggregate: ServiceImport | None = get(topology.aggregate_cell(service_key))
        exporters = {e.cluster for e in topology.exports if e.service_key == service_key and self._is_exported(get, e)}
        if aggregate is None:
            return bool(exporters)
        copies = [get(topology.copy_cell(cluster, service_key)) for cluster in topology.clusters]
        same = all(c and (c.ports, c.clusters) == (aggregate.ports, aggregate.clusters) for c in copies)
        return not (same and aggregate.ports and set(aggregate.clusters) == exporters)

    # -- clients ---------------------------------------------------------------------------------------------------

    def _failed(self, cell: Cell, changes: Changes, end_ms: float) -> tuple[float, float]:
        """Since the fault, for how many ms the client's looks found no DNS answer, and no connection."""
        spans = list(spans_of(cell, changes, end_ms))
        dns = sum(e - b for b, e, seen in spans if isinstance(seen, Seen) and not seen.has_answer)
        connect = sum(e - b for b, e, seen in spans if isinstance(seen, Seen) and not seen.connected)
        return dns, connect


def spans_of(cell: Cell, changes: Changes, end_ms: float) -> Iterable[tuple[float, float, Any]]:
    """(begin, end, value) of a cell's values, from its first change on."""
    since: tuple[float, Any] | None = None
    for at_ms, changed, value in changes:
        if changed is cell:
            if since is not None:
                yield since[0], at_ms, since[1]
            since = (at_ms, value)
    if since is not None:
        yield since[0], end_ms, since[1]
