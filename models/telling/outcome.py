"""What a world at rest has come to, in words."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from models.topology import Topology
    from sim.core import Get


def outcome(topology: Topology, get: Get) -> tuple[str, ...]:
    """A line for each service's ServiceImports and for each of its exports."""
    out = []
    for key in topology.service_keys():
        named = topology.aggregate(get, key) or get(topology.aggregate_cell(key))
        imports = [f"aggregate {_aggregate(named, key)}"]
        if topology.has_copies:
            copies = (f"copy in {c.name} {_copy(topology, get(topology.copy_cell(c, key)))}" for c in topology.clusters)
            imports.append(", ".join(copies))
        else:
            imports.append("copies are left out")
        out.append(f"{key}: {'; '.join(imports)}")
        out += [
            f"{key}: ServiceExport in {export.cluster} {_said(get(topology.export_cell(export)))}"
            for export in topology.exports
            if export.service_key == key
        ]
    return tuple(out)


def _aggregate(stored: Any, service_key: str) -> str:
    """The aggregate, and whose it is where that is another service of the same name."""
    other = f" of {stored.annotation}" if stored is not None and stored.annotation != service_key else ""
    return f"{_import(stored)}{other}"


def _copy(topology: Topology, stored: Any) -> str:
    return _import(stored) if topology.has_contents or stored is None else "there"


def _import(stored: Any) -> str:
    if stored is None:
        return "missing"
    return f"{{{','.join(stored.clusters)}}}{'' if stored.ports else ' without ports'}"


def _said(stored: Any) -> str:
    if stored is None:
        return "is absent"
    return "says " + (", ".join(condition.words() for condition in stored.conditions) or "nothing")
