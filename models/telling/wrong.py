"""What a property finds wrong at the end that is neither a lost export nor a copy astray: which object, of whom, and in
words.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from enum import StrEnum
from typing import Any

import msgspec

from models.exports import Export
from models.properties.aggregate_matches import is_matched
from models.properties.broker_has_slices import lacks_slices
from models.properties.conflict_is_real import is_unreal
from models.properties.exported_is_named import is_exported
from models.properties.no_slices_left import left_slices
from models.properties.ready_is_exported import is_truthful
from models.properties.ready_is_named import is_right
from models.submariner.names import aggregate_name
from models.topology import Topology
from sim.core import Get


class Thing(StrEnum):
    """The kind of object that is not as it should be."""

    AGGREGATE = "aggregate"
    TERMS = "terms of the aggregate"
    EXPORT = "ServiceExport"
    SLICE = "EndpointSlice on the broker"


class Wrong(msgspec.Struct, frozen=True):
    """An object that is not as it should be, with the export that is concerned and what is so at the end."""

    thing: Thing
    export: Export
    words: str


Finder = Callable[[Topology, Get], Iterator[Wrong]]


def first_wrong(topology: Topology, name: str, get: Get) -> Wrong | None:
    """The first object that violates the property of that name, if what it asks for is told of."""
    found = (wrong for finder in FINDERS.get(name, ()) for wrong in finder(topology, get))
    return next(found, None)


def _named(topology: Topology, get: Get, export: Export) -> str:
    """What the aggregate says of its exporters."""
    own = topology.aggregate(get, export.service_key)
    stored: Any = own or get(topology.aggregate_cell(export.service_key))
    name = own.name if own else aggregate_name(export.service_key)
    if stored and stored.annotation != export.service_key:
        return f"aggregate {name} is that of {stored.annotation}"
    return f"aggregate {name} names {', '.join(stored.clusters) or 'nobody'}" if stored else f"aggregate {name} is gone"


def _lacks(topology: Topology, get: Get, export: Export) -> str:
    """Why a cluster does not export."""
    if get(topology.export_cell(export)) is None:
        return f"which has no ServiceExport {export.service_key}"
    if get(topology.service_cell(export)) is None:
        return f"which has no Service {export.service_key}"
    return f"whose Service {export.service_key} is not of a type to export"


def _exporters(topology: Topology, get: Get) -> Iterator[Wrong]:
    for export in topology.exports:
        exports, said = is_exported(topology, get, export), _named(topology, get, export)
        if topology.is_named(get, export) and not exports:
            stored = topology.aggregate(get, export.service_key)
            others = stored is not None and len(stored.clusters) > 1
            who = f", and so {export.cluster}" * others
            yield Wrong(Thing.AGGREGATE, export, f"{said}{who}, {_lacks(topology, get, export)}")
        elif exports and not topology.is_named(get, export):
            yield Wrong(Thing.AGGREGATE, export, f"{said}, and {export.cluster} exports {export.service_key}")


def _says(topology: Topology, get: Get, export: Export) -> str:
    stored: Any = get(topology.export_cell(export))
    conditions = ", ".join(condition.words() for condition in stored.conditions) or "nothing"
    return f"ServiceExport {export.service_key} of {export.cluster} says {conditions}"


def _beside(is_wrong: Callable[[Topology, Get, Export], bool]) -> Finder:
    """Exports whose conditions are not as they should be, beside what the aggregate says."""

    def find(topology: Topology, get: Get) -> Iterator[Wrong]:
        for export in topology.exports:
            if is_wrong(topology, get, export):
                words = f"{_says(topology, get, export)}, and {_named(topology, get, export)}"
                yield Wrong(Thing.EXPORT, export, words)

    return find


def _conflicts(topology: Topology, get: Get) -> Iterator[Wrong]:
    for export in topology.exports:
        if is_unreal(topology, get, export):
            yield Wrong(Thing.EXPORT, export, f"{_says(topology, get, export)}, and exporters do not differ")


def _terms(topology: Topology, get: Get) -> Iterator[Wrong]:
    for export in topology.exports:
        stored = topology.aggregate(get, export.service_key)
        if stored is None or is_matched(topology, get, export.service_key):
            continue
        names = [each.name for each in topology.aggregates(get, export.service_key)]
        if len(names) > 1:
            yield Wrong(Thing.TERMS, export, f"aggregates {' and '.join(names)} are both of {export.service_key}")
            continue
        said = f"{_named(topology, get, export)} and has {ports_words(stored.ports)}"
        stamped = [cluster for cluster, _ in stored.timestamps]
        if topology.release.sharing.stamps and stamped != list(stored.clusters):
            yield Wrong(Thing.TERMS, export, f"{said}, with timestamps of {', '.join(stamped) or 'nobody'}")
            continue
        alike = [each for each in topology.exports if each.service_key == export.service_key]
        theirs = [(each.cluster, get(topology.service_cell(each))) for each in alike]
        offers = [f"{cluster} has {ports_words(found.ports)}" for cluster, found in theirs if found is not None]
        yield Wrong(Thing.TERMS, export, f"{said}; its Service in {', in '.join(offers) or 'no cluster is there'}")


def ports_words(ports: tuple[str, ...]) -> str:
    """Ports in words."""
    return f"ports {', '.join(ports)}" if ports else "no ports"


def _missing_slices(topology: Topology, get: Get) -> Iterator[Wrong]:
    for export in topology.exports:
        if lacks_slices(topology, get, export):
            words = f"{_named(topology, get, export)}, and the broker has no EndpointSlice of {export.cluster}"
            yield Wrong(Thing.SLICE, export, words)


def _left_slices(topology: Topology, get: Get) -> Iterator[Wrong]:
    for each, export in left_slices(topology, get):
        lacks = _lacks(topology, get, export)
        yield Wrong(Thing.SLICE, export, f"the broker has EndpointSlice {each.name} of {export.cluster}, {lacks}")


_conditions = _beside(lambda topology, get, export: not is_truthful(topology, get, export))
_readiness = _beside(lambda topology, get, export: not is_right(topology, get, export))
FINDERS: dict[str, tuple[Finder, ...]] = {
    "L1": (_exporters,), "I1": (_exporters,), "I4": (_conditions,), "I5": (_terms,), "I7": (_missing_slices,),
    "I8": (_left_slices,), "I10": (_terms,), "I12": (_conflicts,), "I13": (_readiness,),
    "E1": (_exporters, _conditions, _terms),
}  # fmt: skip
"""What each property finds wrong."""
