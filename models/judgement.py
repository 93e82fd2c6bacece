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
from models.exports import Export
from models.kube.objects import ServiceImport
from models.properties import properties
from models.properties.aggregate_matches import is_matched
from models.properties.copies_follow import is_followed
from models.properties.exported_is_named import is_exported
from models.properties.import_is_there import is_imported
from models.properties.ready_is_exported import says_ready
from models.topology import Topology
from sim.core import Cell, Get
from sim.core.model import Begin, Changes, Judgement
from sim.core.property import violated

LOST, LOST_MEANWHILE, WRONG_STATUS, STALE, FINE = (
    "lost for ever", "lost temporarily", "wrong status", "stale", "fine",
)  # fmt: skip


class Judge:
    """Judges runs of one topology; ``fault_ms`` is when the first fault strikes; ``restarts``: whether agents do."""

    def __init__(self, topology: Topology, fault_ms: float, *, restarts: bool) -> None:
        self.topology = topology
        self.fault_ms = fault_ms
        self.properties = {prop.name: prop for prop in properties(topology, restarts=restarts)}
        self._clients = [
            (cluster.client.seen(key), cluster) for cluster in topology.clusters for key in cluster.client.services
        ]
        self._looks = dict.fromkeys(cell for cell, _ in self._clients)
        self._of_exports = dict.fromkeys(
            cell
            for e in topology.exports
            for cell in (topology.export_cell(e), topology.service_cell(e), *topology.aggregate_cells(e.service_key))
        )

    def observed(self) -> tuple[Cell, ...]:
        """The cells whose changes tell the outcome."""
        topology = self.topology
        exports = [cell for e in topology.exports for cell in (topology.export_cell(e), topology.service_cell(e))]
        imports = topology.all_aggregate_cells()
        copies = [topology.copy_cell(c, key) for c in topology.clusters for key in topology.service_keys()]
        seen = [cell for cell, _ in self._clients] if topology.data_plane else []
        gateways = [topology.gateway_cell(c) for c in topology.clusters] if topology.data_plane else []
        states = [container.state for c in topology.clusters for container in c.containers]
        named = [cell for prop in self.properties.values() for cell in prop.cells]
        return tuple(dict.fromkeys([*exports, *imports, *copies, *seen, *gateways, *states, *named]))

    def judge(self, begin: Begin, get: Get, changes: Changes, end_ms: float, *, at_rest: bool) -> Judgement:
        """The outcome, from the values at the beginning, the changes since then, and the values at the end."""
        topology = self.topology
        told = [change for change in changes if change[1] in self._of_exports]
        losses = [self._losses(export, begin, told, end_ms) for export in topology.exports]
        lost = sum(not self._is_complete(get, export) for export in topology.exports)
        begun = [since for spans in losses for since, _ in spans]
        looks = [change for change in changes if change[1] in self._looks]
        failed = [self._failed(cell, looks, end_ms) for cell, _ in self._clients] if topology.data_plane else []
        return Judgement(
            outcome=self._outcome(get, lost, bool(begun)),
            lost=lost,
            lost_meanwhile=sum(bool(spans) for spans in losses),
            first_loss_ms=round(min(begun) - self.fault_ms, 3) if begun else None,
            loss_ms=round(max((sum(e - b for b, e in spans) for spans in losses), default=0.0), 3),
            dns_failed_ms=round(max((dns for dns, _ in failed), default=0.0), 3),
            connect_failed_ms=round(max((connect for _, connect in failed), default=0.0), 3),
            end_state=self._end_state(get),
            violated=" ".join(violated(self.properties.values(), begin, changes, get, at_rest=at_rest)),
            latent=sum(
                not self._is_complete(get, export) and self._is_answered(get, export) for export in topology.exports
            ),
        )

    def _end_state(self, get: Get) -> str:
        """How many aggregates are in which state."""
        states = Counter(self._state(self.topology.aggregate(get, key)) for key in self.topology.service_keys())
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
        topology = self.topology
        if lost:
            return LOST
        if lost_meanwhile:
            return LOST_MEANWHILE
        exported = [export for export in topology.exports if is_exported(topology, get, export)]
        connections = self.properties.get("D1")
        if not all(says_ready(topology, get, e) for e in exported) or (connections and not connections.holds(get)):
            return WRONG_STATUS
        keys = topology.service_keys()
        fits = all(is_matched(topology, get, key) and is_followed(topology, get, key) for key in keys)
        return FINE if fits and self.properties["I1"].holds(get) else STALE

    # -- one export ------------------------------------------------------------------------------------------------

    def _is_complete(self, get: Get, export: Export) -> bool:
        """I1 and I2: exported means named by the aggregate and by its copy in every cluster."""
        topology = self.topology
        if not is_exported(topology, get, export):
            return True
        return is_imported(topology, get, export)

    def _losses(self, export: Export, begin: Begin, changes: Changes, end_ms: float) -> list[tuple[float, float]]:
        """When the export lived, had been named, and was not named any more; (begin, end) in ms."""
        topology = self.topology
        aggregates = topology.aggregate_cells(export.service_key)
        cells = (topology.export_cell(export), topology.service_cell(export), *aggregates)
        parts = {cell: begin.get(cell) for cell in cells}
        lives, was_named = is_exported(topology, parts.get, export), topology.is_named(parts.get, export)
        since: float | None = None
        out = []
        for at_ms, cell, value in changes:
            if cell not in parts:
                continue
            parts[cell] = value
            if cell in aggregates:
                named = topology.is_named(parts.get, export)
                if named and since is not None:
                    out.append((since, at_ms))
                    since = None
                elif not named and was_named and lives:
                    since = at_ms
                was_named = named
            else:
                lives = is_exported(topology, parts.get, export)
                if not lives and since is not None:
                    out.append((since, at_ms))
                    since = None
        if since is not None:
            out.append((since, end_ms))
        return out

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
