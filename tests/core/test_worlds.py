"""A world is a value: equal however it was reached, and with the same digest in every process."""

from __future__ import annotations

import os
import random
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sim.core import Domain, Machine, Stage
from tests.core.toys import Add, Fate, Race, walk

ROOT = Path(__file__).parents[2]


def counter(name: str) -> Stage:
    yield Add(HERE.cell(name))
    yield Add(HERE.cell("total"))
    return None


HERE = Domain("here")


def machine_of(names: list[str]) -> Machine:
    machine = Machine()
    for name in names:
        machine.start(HERE, name, counter, name)
    return machine


@settings(deadline=None)
@given(st.permutations(["a", "b", "c", "d"]), st.lists(st.integers(0, 3), min_size=8, max_size=8))
def test_worlds_that_were_reached_in_different_orders_are_equal(names: list[str], choices: list[int]) -> None:
    """Neither the order of starting nor the order of steps that commute is part of a world."""
    one, other = machine_of(["a", "b", "c", "d"]), machine_of(names)
    assert one.world() == other.world()
    walk(one, [0] * 8)
    walk(other, choices)
    assert one.world() == other.world()
    assert hash(one.world()) == hash(other.world())
    assert one.world().digest() == other.world().digest()
    assert one.world().differences(other.world()) == []


def test_the_differences_are_the_lines_that_only_one_world_has() -> None:
    """A step shows as the cell it changed and the process it moved."""
    machine = machine_of(["a", "b"])
    before = machine.world()
    process = machine.process("here", "a")
    assert process is not None
    machine.step(process)
    after = machine.world()
    assert before != after
    assert before.differences(after) == [
        "- here:a counter('a',) ()",
        "+ here/a = 1",
        "+ here:a counter('a',) (0,)",
    ]
    assert after.differences(before) == [
        "- here/a = 1",
        "- here:a counter('a',) (0,)",
        "+ here:a counter('a',) ()",
    ]


def test_worlds_that_differ_have_other_digests() -> None:
    """A cell, a continuation and a freeze each make another world."""
    machine = machine_of(["a", "b"])
    worlds = [machine.world()]
    walk(machine, [0])
    worlds.append(machine.world())
    machine.freeze(HERE)
    worlds.append(machine.world())
    assert len(set(worlds)) == len({world.digest() for world in worlds}) == 3


def test_an_absent_cell_and_a_removed_one_are_the_same() -> None:
    """None means absent: writing it leaves nothing behind."""
    machine = machine_of(["a"])
    before = machine.world()
    machine.put(HERE.cell("b"), 1)
    machine.put(HERE.cell("b"), None)
    assert machine.world() == before


@pytest.mark.parametrize("hash_seed", ["0", "1", "2"])
def test_the_digest_does_not_depend_on_the_process_or_its_hash_seed(hash_seed: str) -> None:
    """The same walk in another process of the operating system ends in a world of the same digest."""
    here = Race().machine()
    walk(here, random.Random(3).choices(range(9), k=17))
    program = (
        "import random; from tests.core.toys import Race, walk; machine = Race().machine();"
        "walk(machine, random.Random(3).choices(range(9), k=17)); print(machine.world().digest())"
    )
    environment = {**os.environ, "PYTHONHASHSEED": hash_seed}
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True, cwd=ROOT, env=environment
    )
    assert done.stdout.strip() == here.world().digest()


def test_a_frozen_domain_is_frozen_in_the_world_even_without_a_process() -> None:
    """A world that is loaded has the same frozen domains, whether or not something runs in them."""
    machine = Machine()
    machine.freeze(HERE)
    other = Machine()
    other.load(machine.world())
    assert other.world() == machine.world()
    other.start(HERE, "a", counter, "a")
    assert other.enabled() == []


def test_only_an_empty_machine_loads_a_world() -> None:
    """Loading is not merging."""
    machine = machine_of(["a"])
    with pytest.raises(AssertionError, match="empty machine"):
        machine.load(machine.world())


def test_a_world_does_not_change_with_the_machine_it_was_taken_from() -> None:
    """A world is a picture: later steps leave it alone."""
    machine = machine_of(["a"])
    machine.start(Domain("fate"), "it", _kill_here)
    before = machine.world()
    digest = before.digest()
    walk(machine, [0, 0, 0])
    assert before.digest() == digest
    assert machine.world() != before


def _kill_here() -> Stage:
    yield Fate("kill", HERE)
    return None
