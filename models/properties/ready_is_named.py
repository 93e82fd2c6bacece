"""I13: an export that is not named does not say Ready, whatever else it says. Judged only where a scenario asks."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from models.properties.exported_is_named import is_exported
from models.properties.never_lost import never_lost
from models.properties.ready_is_exported import says_ready
from sim.core.property import Property, When

if TYPE_CHECKING:
    from models.exports import Export
    from models.topology import Topology
    from sim.core import Get


def is_refused(topology: Topology, get: Get, export: Export) -> bool:
    """Whether an aggregate of another type is there, made by others."""
    service: Any = get(topology.service_cell(export))
    others = [e for e in topology.exports if e.service_key == export.service_key and e.cluster != export.cluster]
    named = [e for e in others if is_exported(topology, get, e) and topology.is_named(get, e)]
    return any(get(topology.service_cell(e)).type != service.type for e in named)


def is_ready(topology: Topology, get: Get, export: Export) -> bool:
    """Whether an export has the condition Ready=True."""
    stored: Any = get(topology.export_cell(export))
    return stored is not None and stored.is_true("Ready")


def is_right(topology: Topology, get: Get, export: Export) -> bool:
    """Whether Ready of an export, if there is one that may not say what it likes, is as it should be."""
    refused = is_exported(topology, get, export) and is_refused(topology, get, export)
    if get(topology.export_cell(export)) is None or refused:
        return True
    named = topology.is_named(get, export)
    return says_ready(topology, get, export) if named else not is_ready(topology, get, export)


def ready_is_named(topology: Topology) -> Property:
    """I4, and that who is not named does not say Ready beside Valid=False either (R14); but an export that conflicts
    with others may say so while it is still named as what it was.
    """

    def holds(get: Get) -> bool:
        return all(is_right(topology, get, e) for e in topology.exports)

    cells = (*never_lost(topology).cells, *map(topology.service_cell, topology.exports))
    sentence = "Ready says exactly whether the aggregate names the cluster, also beside Valid=False"
    return Property("I13", sentence, When.AT_REST, tuple(dict.fromkeys(cells)), holds)
