"""What can be wrong in a world at rest, gravest first."""

from __future__ import annotations

from collections.abc import Callable
from copy import copy

from models.exports import Export
from models.properties.aggregate_matches import aggregate_matches
from models.properties.broker_has_slices import broker_has_slices
from models.properties.conflict_is_real import conflict_is_real
from models.properties.copies_follow import copies_follow
from models.properties.exported_is_named import is_exported
from models.properties.ip_is_wanted import ip_is_wanted
from models.properties.never_lost import never_lost
from models.properties.never_panics import never_panics
from models.properties.no_slices_left import no_slices_left
from models.properties.one_slice import one_slice
from models.properties.ports_of_exporters import ports_of_exporters
from models.properties.ready_is_named import is_ready, is_refused, ready_is_named
from models.properties.slices_are_imported import slices_are_imported
from models.properties.unique_ips import unique_ips
from models.topology import Topology
from sim.core import Cell, Get
from sim.core.hunting import Symptom
from sim.core.property import Property, When

LOST_READY, LOST, TWICE, MISSING, GHOST, STALE, COPIES, IMPORTED, SLICES, OWN, TERMS = (
    "lost, yet Ready", "lost", "one IP twice", "no slices", "ports of the gone", "stale", "copies differ",
    "imported slices differ", "slices left", "own slices", "ports or timestamps",
)  # fmt: skip
READY, CONFLICT, SETTING, PANIC = "condition Ready", "condition Conflict", "use of an IP", "panic"
JUDGED_BY = {
    LOST_READY: "L1", LOST: "L1", TWICE: "I6", STALE: "I1", COPIES: "I2", OWN: "I3", TERMS: "I5", READY: "I13",
    PANIC: "C1", MISSING: "I7", SLICES: "I8", IMPORTED: "I9", GHOST: "I10", SETTING: "I11", CONFLICT: "I12",
}  # fmt: skip
"""The property of other commands that a symptom breaks."""


def symptoms(topology: Topology) -> tuple[Symptom, ...]:
    """All of them, gravest first."""
    made = (
        (LOST_READY, "every export that says Ready is named by its aggregate", _cells(topology), _lost_ready(topology)),
        (LOST, "every export is named by its aggregate", _cells(topology), _lost(topology)),
        (TWICE, *_like(unique_ips(topology))),
        (MISSING, *_like(broker_has_slices(topology))),
        (GHOST, *_like(ports_of_exporters(topology))),
        (STALE, "an aggregate names only clusters that export", _cells(topology), _stale(topology)),
        (COPIES, *_like(copies_follow(topology))),
        (IMPORTED, *_like(slices_are_imported(topology))),
        (SLICES, *_like(no_slices_left(topology))),
        (OWN, *_like(one_slice(topology))),
        (TERMS, *_like(aggregate_matches(topology))),
        (READY, *_like(ready_is_named(topology))),
        (CONFLICT, *_like(conflict_is_real(topology))),
        (SETTING, *_like(ip_is_wanted(topology))),
        (PANIC, *_like(never_panics(topology))),
    )
    return tuple(
        Symptom(name, gravity, name in (LOST_READY, LOST), Property(name, sentence, When.AT_REST, cells, holds))
        for gravity, (name, sentence, cells, holds) in enumerate(made)
    )


def blamed(topology: Topology, symptom: str, get: Get) -> tuple[str, ...]:
    """The services that have a symptom, looked at one by one; none if all have it, or several together."""
    return _blamed(topology, symptom, get, lambda export: export.service_key)


def blamed_clusters(topology: Topology, symptom: str, get: Get) -> tuple[str, ...]:
    """The clusters whose exports have the symptom, looked at one by one; none if all have it, or only several together.
    Asked only of whether an export says Ready: a conflict is one of several clusters.
    """
    return _blamed(topology, symptom, get, lambda export: export.cluster) if symptom == READY else ()


def _blamed(topology: Topology, symptom: str, get: Get, part_of: Callable[[Export], str]) -> tuple[str, ...]:
    """The parts of the exports that have a symptom, each looked at as if there were no other."""
    names = sorted({part_of(export) for export in topology.exports})
    out = []
    for name in names:
        one = copy(topology)
        one.exports = tuple(export for export in topology.exports if part_of(export) == name)
        if not next(each for each in symptoms(one) if each.name == symptom).property.holds(get):
            out.append(name)
    return tuple(out) if len(out) < len(names) else ()


def _like(prop: Property) -> tuple[str, tuple[Cell, ...], Callable[[Get], bool]]:
    return prop.sentence, prop.cells, prop.holds


def _cells(topology: Topology) -> tuple[Cell, ...]:
    return never_lost(topology).cells


def _is_lost(topology: Topology, get: Get, export: Export) -> bool:
    return is_exported(topology, get, export) and not topology.is_named(get, export)


def _lost_ready(topology: Topology) -> Callable[[Get], bool]:
    return lambda get: not any(_is_lost(topology, get, e) and is_ready(topology, get, e) for e in topology.exports)


def _lost(topology: Topology) -> Callable[[Get], bool]:
    """Upstream leaves out who conflicts in type on purpose (H5), so that does not count while there is a conflict."""
    return lambda get: (
        not any(
            _is_lost(topology, get, e) and not is_ready(topology, get, e) and not is_refused(topology, get, e)
            for e in topology.exports
        )
    )


def _stale(topology: Topology) -> Callable[[Get], bool]:
    return lambda get: (
        not any(topology.is_named(get, e) and not is_exported(topology, get, e) for e in topology.exports)
    )
