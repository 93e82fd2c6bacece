"""I2: an aggregate exists exactly if its copy exists in every cluster, and they say the same."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sim.core.property import Property, When

if TYPE_CHECKING:
    from models.topology import Topology
    from sim.core import Get


def is_followed(topology: Topology, get: Get, service_key: str) -> bool:
    """Whether every copy says what the aggregate says, or all are absent. Where of copies there is only whether they
    are there, whether all are there or none: what they say at rest follows (DESIGN, "Copies made at once").
    """
    aggregate = topology.aggregate(get, service_key)
    return all(is_copied(topology, aggregate, get(cell)) for cell in topology.copy_cells(get, service_key))


def is_copied(topology: Topology, aggregate: Any, copy: Any) -> bool:
    """Whether a copy says what its aggregate says, or is there if that is where there is no more of it."""
    if not topology.has_contents:
        return bool(copy) == bool(aggregate)
    return _said(copy) == _said(aggregate)


def _said(found: Any) -> tuple[Any, ...] | None:
    return (found.type, found.ports, found.affinity, found.affinity_config, found.clusters, found.ip) if found else None


def copies_follow(topology: Topology) -> Property:
    """Copies are where their aggregate is, and equal to it."""
    keys = topology.service_keys()
    cells = [topology.copy_cell(cluster, key) for cluster in topology.clusters for key in keys]
    equal = "equal to it" if topology.has_contents else "equal to it where that names a cluster"
    return Property(
        "I2",
        f"every cluster has a copy of each aggregate, {equal}, and no other",
        When.AT_REST,
        (*topology.all_aggregate_cells(), *cells, *topology.namespace_cells()),
        lambda get: all(is_followed(topology, get, key) for key in keys),
    )
