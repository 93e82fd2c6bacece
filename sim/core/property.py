"""Properties: sentences about worlds, and when they must hold."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from enum import StrEnum
from typing import Any

import msgspec

from sim.core.cell import Cell, Value
from sim.core.request import Get


class When(StrEnum):
    """When a property must hold."""

    ALWAYS = "always"  # in every world of a run
    AT_REST = "at rest"  # in the world in which nothing is left to happen
    EVENTUALLY = "eventually"  # from some world on, until the end of the run
    SOMETIMES = "sometimes"  # in some world: shows that a premise is reached


class Property(msgspec.Struct, frozen=True):
    """A predicate over the cells that it names. ``sentence`` says what holds when ``holds`` is true."""

    name: str
    sentence: str
    when: When
    cells: tuple[Cell, ...]
    holds: Callable[[Get], bool]


def violated(
    properties: Iterable[Property],
    begin: Mapping[Cell, Value],
    changes: Sequence[tuple[float, Cell, Value]],
    end: Get,
    *,
    at_rest: bool,
) -> list[str]:
    """The names of the properties that a run violates; for ``sometimes``, of those that were never seen to hold.

    ``begin`` are the values when the run began, ``changes`` all later ones of the cells that the properties name. A
    property that must hold at rest or eventually is not judged on a run that did not come to rest.
    """
    return sorted(prop.name for prop in properties if _is_violated(prop, begin, changes, end, at_rest=at_rest))


def _is_violated(
    prop: Property,
    begin: Mapping[Cell, Value],
    changes: Sequence[tuple[float, Cell, Value]],
    end: Get,
    *,
    at_rest: bool,
) -> bool:
    if prop.when is When.ALWAYS:
        return False in _seen(prop, begin, changes)
    if prop.when is When.SOMETIMES:
        return True not in _seen(prop, begin, changes)
    return at_rest and not prop.holds(end)


def _seen(prop: Property, begin: Mapping[Cell, Value], changes: Sequence[tuple[float, Cell, Value]]) -> set[bool]:
    """Whether the property held, and whether it did not, in any world between the changes."""
    values: dict[Cell, Any] = {cell: begin.get(cell) for cell in prop.cells}
    seen = {prop.holds(values.get)}
    last_ms = None
    for at_ms, cell, value in changes:
        if cell in values:
            if last_ms is not None and at_ms != last_ms:
                seen.add(prop.holds(values.get))
            values[cell] = value
            last_ms = at_ms
    seen.add(prop.holds(values.get))
    return seen
