"""The same scenario, seed and algorithm make the same run: twice, in another process, and whatever ran before."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from functools import lru_cache
from pathlib import Path

import pytest

from models.catalogue import CATALOGUE
from models.model import ScenarioModel
from sim.core import Sleep, Step, World
from sim.timed.run import Run, run, settle
from tests.core.toys import Add
from tests.timed.toys import Lab, each

ROOT = Path(__file__).parents[2]
CASES = [("incident", "0.19.0"), ("incident", "0.19.1"), ("restart", "0.19.0"), ("re-export", "0.19.1")]


@lru_cache
def prepared(scenario: str, release: str) -> tuple[ScenarioModel, World]:
    model = CATALOGUE.model(scenario, {"services": "2"}, release)
    return model, settle(model)


def text_of(done: Run) -> str:
    """Everything that a run says of itself, as text."""
    steps = "\n".join(map(_line, done.recorded))
    changes = "\n".join(f"{at_ms!r} {cell.name} {value!r}" for at_ms, cell, value in done.changes)
    return f"{done.judgement!r}\n{steps}\n{changes}\n{done.events} {done.machine.world().text()}"


def _line(step: Step) -> str:
    return f"{step.at_ms!r} {step.domain} {step.process} {step.request!r} {step.choice!r} {step.response!r}"


def digest_of(scenario: str, release: str, seed: int) -> str:
    model = CATALOGUE.model(scenario, {"services": "2"}, release)
    return hashlib.sha256(text_of(run(model, settle(model), seed, record=True)).encode()).hexdigest()


@pytest.mark.parametrize(("scenario", "release"), CASES)
def test_a_run_made_twice_is_the_same(scenario: str, release: str) -> None:
    """From one settled world, and from a model and a world made anew."""
    model, world = prepared(scenario, release)
    for seed in (0, 1):
        once = text_of(run(model, world, seed, record=True))
        assert text_of(run(model, world, seed, record=True)) == once
        assert digest_of(scenario, release, seed) == hashlib.sha256(once.encode()).hexdigest()


def test_texts_of_runs_name_nothing_of_this_process() -> None:
    """No address in memory: else texts could not be compared between processes."""
    for scenario, release in CASES:
        model, world = prepared(scenario, release)
        assert " at 0x" not in text_of(run(model, world, 0, record=True))


@pytest.mark.parametrize("hash_seed", ["0", "1", "2"])
def test_a_run_does_not_depend_on_the_process_or_its_hash_seed(hash_seed: str) -> None:
    """Steps, changes, judgement and final world, made in another process of the operating system."""
    program = (
        "from tests.timed.test_determinism import CASES, digest_of\n"
        "for scenario, release in CASES: print(digest_of(scenario, release, 3))"
    )
    environment = {**os.environ, "PYTHONHASHSEED": hash_seed}
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True, cwd=ROOT, env=environment
    )
    assert done.stdout.split() == [digest_of(scenario, release, 3) for scenario, release in CASES]


@pytest.mark.parametrize(("scenario", "release"), CASES)
def test_a_run_does_not_depend_on_those_before_it(scenario: str, release: str) -> None:
    """After other seeds, other algorithms, other scenarios and a run that was cut short."""
    model, world = prepared(scenario, release)
    alone = text_of(run(model, world, 5, record=True))
    for seed in (9, 2, 5):
        run(model, world, seed)
    run(model, world, 5, until_ms=66_000)
    for other_scenario, other_release in CASES:
        other_model, other_world = prepared(other_scenario, other_release)
        run(other_model, other_world, 5)
    assert text_of(run(model, world, 5, record=True)) == alone


def test_runs_leave_the_settled_world_as_it_was() -> None:
    """A world is a value: all runs of a campaign begin in the same one."""
    model, world = prepared("incident", "0.19.0")
    before = world.text()
    for seed in range(3):
        run(model, world, seed)
    assert world.text() == before


def test_other_seeds_make_other_runs() -> None:
    """The seed is what a run depends on: all of some seeds differ."""
    model, world = prepared("incident", "0.19.0")
    assert len({text_of(run(model, world, seed, record=True)) for seed in range(20)}) == 20


def test_a_new_source_of_delays_does_not_shift_the_others() -> None:
    """With another process and another delay beside it, a process takes its steps at the times it did."""
    logs = []
    for names in (["it"], ["before", "it"], ["it", "after"]):
        lab = Lab(seed=1)
        for name in names:
            delay = "jitter" if name == "it" else "other jitter"
            lab.start(name, each(*[Sleep(delay)] * 20, Add(lab.heard)))
        logs.append(lab.run().log("it"))
    assert logs[0] == logs[1] == logs[2]
    assert len(set(logs[0])) == 20
