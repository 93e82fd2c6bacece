"""Faults have a budget, and the budget is a cell of the world."""

from __future__ import annotations

import random
from pathlib import Path
from typing import Any

import pytest
import yaml

from models.catalogue import CATALOGUE
from models.faults import SpendFault
from sim.core import Become, Domain, Machine, Stage, World
from tests.core.toys import Add, walk

NATURE = Domain("nature")
BUDGET, STRUCK = NATURE.cell("faults left"), NATURE.cell("struck")


def strike() -> Stage:
    yield SpendFault(BUDGET, "lightning")
    yield Add(STRUCK)
    return Become(strike)


def machine_with(faults: int | None) -> Machine:
    machine = Machine()
    machine.put(BUDGET, faults)
    machine.start(NATURE, "strike", strike)
    return machine


@pytest.mark.parametrize("faults", [None, 1, 2, 5])
def test_a_fault_is_not_ready_once_the_budget_is_used_up(faults: int | None) -> None:
    """There are as many faults as the budget holds, and the world is at rest after the last."""
    machine = machine_with(faults)
    walk(machine, [0] * 100)
    assert machine.enabled() == []
    assert machine.get(STRUCK) == faults
    assert machine.get(BUDGET) is None


def test_a_used_up_budget_is_no_budget() -> None:
    """A world in which all faults were spent is the one that never had any: no history stays behind."""
    spent, without = machine_with(3), machine_with(None)
    walk(spent, [0] * 6)
    spent.put(STRUCK, None)
    assert spent.world() == without.world()


def test_the_budget_goes_with_the_world() -> None:
    """What was spent before a world was taken is spent in every machine that loads it."""
    machine = machine_with(3)
    walk(machine, [0] * 4)
    world: World = machine.world()
    other = Machine()
    other.load(world)
    walk(other, [0] * 100)
    assert other.get(STRUCK) == 3


@pytest.mark.parametrize("seed", range(4))
def test_faults_of_a_script_draw_on_one_budget(tmp_path: Path, seed: int) -> None:
    """In any order of steps the real script spends exactly the faults that it names; with less, one never happens."""
    script: list[dict[str, Any]] = [
        {"at_ms": 1, "fault": "agent-crash", "clusters": ["a"]},
        {"at_ms": 2, "fault": "pause", "cluster": "b"},
        {"at_ms": 3, "fault": "agent-crash", "clusters": ["b"]},
        {"at_ms": 4, "do": "unexport", "cluster": "a"},
    ]
    path = tmp_path / "faults.yaml"
    exports = {"services": 1, "from": ["a"]}
    scenario = {"name": "faults", "about": "three faults", "hosts": {"h": ["a", "b"]}, "broker": "a", "expect": []}
    path.write_text(yaml.safe_dump({**scenario, "exports": exports, "observe_ms": 1000, "script": script}))
    model = CATALOGUE.model(str(path), {}, "0.19.1")
    machine = Machine()
    model.begin(machine)
    assert machine.get(model.budget) == 3
    machine.put(model.budget, 2)
    spent = _spent(machine, random.Random(seed))
    assert spent == 2
    assert machine.get(model.budget) is None
    waiting = [process for process in machine.running() if isinstance(process.request, SpendFault)]
    assert len(waiting) == 1


def _spent(machine: Machine, chance: random.Random) -> int:
    spent = 0
    while able := machine.enabled():
        process, choice = chance.choice(able)
        spent += isinstance(process.request, SpendFault)
        machine.step(process, choice)
    return spent
