"""Properties that are judged only where they are asked for: they hold in a settled world, and not in a spoilt one."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from models.kube.objects import LIGHTHOUSE_SLICES, Condition
from models.properties import ASKED_FAMILIES
from models.properties.no_slices_left import broker_slices_cell
from sim.core import Cell
from tests.models.worlds import model, ran

BOTH = {"services": 1, "from": ["a", "b"], "spread": "from each"}
Spoilt = dict[Cell, Any]
NEVER: dict[str, Any] = {"at_ms": 100_000, "do": "remove-cluster", "cluster": "b"}


def no_slices(made: Any, _get: Any) -> Spoilt:
    return {broker_slices_cell(made.topology): ()}


def export_gone(made: Any, _get: Any) -> Spoilt:
    return {made.topology.export_cell(made.topology.exports[0]): None}


def not_imported(made: Any, _get: Any) -> Spoilt:
    return {made.topology.cluster("b").api.names(LIGHTHOUSE_SLICES, "demo"): ()}


def ports_of_nobody(made: Any, get: Any) -> Spoilt:
    cell, gone = made.topology.aggregate_cell("demo/web-1"), made.topology.cluster("b").gone
    return {cell: replace(get(cell), ports=("https:443",)), gone: True}


def ip_unwanted(made: Any, get: Any) -> Spoilt:
    cell = made.topology.export_cell(made.topology.exports[0])
    return {cell: replace(get(cell), use_ip="false")}


def conflict(made: Any, get: Any) -> Spoilt:
    cell = made.topology.export_cell(made.topology.exports[0])
    stored = get(cell)
    said = Condition("Conflict", "True", "ConflictingPorts")
    return {cell: replace(stored, conditions=(*stored.conditions, said))}


def ready_though_invalid(made: Any, get: Any) -> Spoilt:
    export = made.topology.exports[0]
    stored, cell = get(made.topology.export_cell(export)), made.topology.aggregate_cell("demo/web-1")
    conditions = (Condition("Valid", "False"), Condition("Ready", "True"))
    return {
        made.topology.export_cell(export): replace(stored, conditions=conditions),
        cell: replace(get(cell), clusters=("b",)),
    }


SPOILT: dict[str, Callable[[Any, Any], Spoilt]] = {
    "I7": no_slices, "I8": export_gone, "I9": not_imported, "I10": ports_of_nobody, "I11": ip_unwanted, "I12": conflict,
    "I13": ready_though_invalid,
}  # fmt: skip


@pytest.mark.parametrize("name", SPOILT)
def test_asked_properties(name: str, tmp_path: Path) -> None:
    made = model(
        tmp_path, exports=BOTH, clusterset_ips=1, ips_by_default="yes", search={"judged": [name]}, script=[NEVER]
    )
    (asked,) = [prop for prop in made.checked() if prop.name == name]
    get = ran(made, until_ms=1000).machine.get
    spoilt = SPOILT[name](made, get)
    assert asked.holds(get)
    assert not asked.holds(lambda cell: spoilt[cell] if cell in spoilt else get(cell))
    assert set(spoilt) <= set(asked.cells)


def test_they_are_judged_only_where_they_are_asked_for(tmp_path: Path) -> None:
    names = {family(model(tmp_path).topology).name for family in ASKED_FAMILIES}
    assert names == {"I3", "C1", *SPOILT}
    assert not names & {prop.name for prop in model(tmp_path).checked()}
