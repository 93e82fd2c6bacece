"""A reduced search sees every property that must hold always and is violated, be it for one world only."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.core import Cell
from sim.core.property import Property, When
from sim.explore.plain import Plain
from sim.explore.tables import Tables
from tests.explore.examples import examples
from tests.explore.programs import Lab, crowded, labs
from tests.explore.test_reduced import LABS, TURNS, Turn, reduced

WORLDS_MAX = 2_000


def implies(one: Cell, other: Cell) -> Property:
    """Whether the one cell is there only while the other is."""
    return Property(
        f"{one.name}: {other.name}",
        "the one is not there without the other",
        When.ALWAYS,
        (one, other),
        lambda get: get(one) is None or get(other) is not None,
    )


def compare_truth(lab: Lab, turn: Turn) -> None:
    """Properties that must hold always are found to be violated just if some world violates them."""
    whole = Plain(Tables())
    whole.begin(whole.tables.packing.load(lab.machine()))
    if whole.run(worlds_max=WORLDS_MAX):
        return
    memory, stored, _ = lab.cells
    props = implies(memory, stored), implies(stored, memory)
    turns = sorted({turn(slot.process) for slot in whole.tables.packing.slots})
    tables = Tables(props)
    get = tables.packing.get
    search = reduced(
        tables,
        tables.packing.load(lab.machine()),
        lambda index: turns.index(turn(tables.packing.slots[index].process)),
        seen=lambda world: tuple(prop.name for prop in props if not prop.holds(get(world))),
    )
    readers = [whole.tables.packing.get(world) for world in whole.seen]
    violated = {prop.name for prop in props if not all(map(prop.holds, readers))}
    assert {target for target in search.targets if isinstance(target, str)} == violated


TRUTHS: dict[str, tuple[Any, Any]] = {
    "one is written before the other": (((("write", 1, 1),), (), (("write", 0, 1),)), ((), ())),
    "one goes before the other": (
        ((("write", 1, 1),), (("await", 1), ("write", 0, 1), ("write", 1, 0)), (("await", 0), ("kill",))),
        ((), ()),
    ),
    "one is killed before the other comes and goes": (
        ((("kill",),), (("write", 0, 1),), (("await", 0), ("write", 1, 1), ("send", 0, 0), ("write", 1, 0))),
        ((), ()),
    ),
    "one goes with a kill that leaves the other": (
        (
            (("await", 1), ("send", 0, 0), ("many", ("kill-store",), ("write", 0, 0))),
            (("many", ("write", 0, 1), ("write", 1, 1)),),
            (("await", 1), ("send", 1, 0), ("write", 1, 0)),
        ),
        ((), ()),
    ),
    "one is killed after it was written": (((("kill",),), (("write", 0, 1),), (("write", 1, 1),)), ((), ())),
    "a kill takes one of both": (
        ((("kill",),), (("many", ("write", 0, 1), ("write", 1, 1)), ("write", 1, 0))),
        ((), ()),
    ),
    "both come and go together": (((("many", ("write", 0, 1), ("write", 1, 1)),), ()), ((), ())),
    "what is written and killed in one step": (
        ((("many", ("write", 1, 1), ("write", 0, 1), ("kill",), ("write", 0, 1)), ("write", 1, 0)), ()),
        ((), ()),
    ),
    "one is there while the other is not": (
        ((("write", 1, 1), ("write", 2, 1)), (("write", 0, 1), ("write", 0, 0))),
        ((), ()),
    ),
}


@pytest.mark.parametrize("turn", TURNS)
@pytest.mark.parametrize("name", [*TRUTHS, *LABS])
def test_a_property_that_is_violated_for_a_moment(name: str, turn: str) -> None:
    compare_truth(Lab(*{**TRUTHS, **LABS}[name]), TURNS[turn])


@examples(100)
@given(labs(), st.sampled_from([*TURNS]))
def test_a_property_that_random_models_violate_for_a_moment(lab: Lab, turn: str) -> None:
    compare_truth(lab, TURNS[turn])


@examples(100)
@given(crowded(), st.sampled_from([*TURNS]))
def test_a_property_that_steps_that_do_several_things_violate(lab: Lab, turn: str) -> None:
    compare_truth(lab, TURNS[turn])
