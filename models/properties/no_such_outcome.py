"""X1: no world at rest says any of some texts. Judged only where a scenario has such texts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from models.telling.outcome import outcome
from sim.core.property import Property, When

if TYPE_CHECKING:
    from models.topology import Topology
    from sim.core import Get


def no_such_outcome(topology: Topology, texts: tuple[str, ...]) -> Property:
    """None of the texts is in what a world has come to (see ``models/telling/outcome.py``)."""

    def holds(get: Get) -> bool:
        said = outcome(topology, get)
        return not any(text in line for text in texts for line in said)

    keys = topology.service_keys()
    cells = [
        *map(topology.export_cell, topology.exports),
        *topology.all_aggregate_cells(),
        *(topology.copy_cell(cluster, key) for cluster in topology.clusters for key in keys),
    ]
    quoted = " or ".join(f'"{text}"' for text in texts)
    return Property("X1", f"nothing comes to {quoted}", When.AT_REST, tuple(cells), holds)
