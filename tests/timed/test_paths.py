"""Every timed run is a path of the untimed model: its schedule replays, without a clock, to the same final world.

A call has its effect when it arrives and is answered later; the schedule knows only the effects. So between two steps
the two machines may stand differently, but at rest no answer is under way and they agree.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import example, given, settings
from hypothesis import strategies as st

from models.catalogue import CATALOGUE
from models.model import ScenarioModel
from sim.core import Become, Machine, Pace, Read, Sleep, Stage, Take, World, replay, schedule
from sim.timed.run import Run, run, settle
from tests.core.toys import Add, Send
from tests.timed.toys import Lab, follow

INCIDENTS = [
    ("incident", {"services": "2"}),
    ("incident", {"services": "2", "reboot": "resume"}),
    ("incident", {"services": "2", "reboot": "resume-flushed", "broker": "separate"}),
    ("incident", {"services": "2", "monitor": "on"}),
    ("restart", {}),
    ("restart", {"exported": "[a, b]", "restarted": "[a, b]"}),
    ("re-export", {}),
]
PAUSED: dict[str, Any] = {
    "name": "paused",
    "about": "an agent is paused while it starts",
    "hosts": {"host-1": ["a", "b"]},
    "broker": "a",
    "exports": {"services": 2, "from": ["a"]},
    "data_plane": "off",
    "observe_ms": 300_000,
    "expect": [],
    "delays": {"container-restart-a": "constant 1000", "call": "constant 5"},
}


def replayed(model: ScenarioModel, world: World, done: Run) -> Machine:
    machine = Machine()
    machine.load(world)
    model.begin(machine)
    replay(machine, schedule(done.recorded))
    return machine


@pytest.mark.parametrize("release", CATALOGUE.algorithms())
@pytest.mark.parametrize(("scenario", "options"), INCIDENTS)
def test_the_schedule_of_a_run_replays_to_its_final_world(scenario: str, options: dict[str, str], release: str) -> None:
    """The same cells, the same continuations, and nothing left to do; every step was recorded."""
    model = CATALOGUE.model(scenario, options, release)
    world = settle(model)
    for seed in range(3):
        done = run(model, world, seed, record=True)
        assert done.at_rest
        assert done.steps == len(done.recorded)
        machine = replayed(model, world, done)
        assert machine.world().differences(done.machine.world()) == []
        assert machine.world().digest() == done.machine.world().digest()
        assert machine.enabled() == []


@pytest.mark.parametrize("until_ms", [5_000.5, 20_000, 60_000, 66_666, 70_000, 599_000])
@pytest.mark.parametrize("certificate", ["trusted", "private"])
def test_the_cells_agree_at_any_time(until_ms: float, certificate: str) -> None:
    """Also in the middle of a run, and in one that never comes to rest: answers under way are in no cell."""
    model = CATALOGUE.model("incident", {"services": "2", "broker_certificate": certificate}, "0.19.1")
    world = settle(model)
    for seed in range(3):
        done = run(model, world, seed, record=True, until_ms=until_ms)
        assert replayed(model, world, done).world().cells == done.machine.world().cells


def test_the_schedule_of_a_paused_agent_replays(tmp_path: Path) -> None:
    """Paused while any of its calls is on the way: a call that has left is served while the agent stands still."""
    crash = {"at_ms": 5000, "fault": "agent-crash", "clusters": ["a"]}

    def made(name: str, *script: dict[str, Any]) -> tuple[ScenarioModel, World, Run]:
        path = tmp_path / f"{name}.yaml"
        path.write_text(yaml.safe_dump({**PAUSED, "script": [crash, *script]}))
        model = CATALOGUE.model(str(path), {}, "0.19.1")
        world = settle(model)
        return model, world, run(model, world, 0, record=True)

    _, _, whole = made("whole")
    calls = [s.at_ms for s in whole.recorded if s.domain == "a/lighthouse-agent" and s.request.pace is Pace.CALL]
    assert len(calls) > 30
    for number, served_ms in enumerate(calls[::5]):
        model, world, done = made(f"paused-{number}", {"at_ms": served_ms - 2, "fault": "pause", "cluster": "a"})
        assert replayed(model, world, done).world().differences(done.machine.world()) == []


def test_the_steps_of_a_run_are_in_the_order_of_time() -> None:
    """And none comes after the end of the run."""
    model = CATALOGUE.model("incident", {"services": "2"}, "0.19.0")
    done = run(model, settle(model), 0, record=True)
    times = [step.at_ms for step in done.recorded]
    assert times == sorted(times)
    assert done.ended_ms == pytest.approx(times[-1], abs=1e-3)


def test_recording_changes_nothing() -> None:
    """A run that is recorded is the run that is not."""
    model = CATALOGUE.model("incident", {"services": "2"}, "0.19.0")
    world = settle(model)
    silent, recorded = run(model, world, 4), run(model, world, 4, record=True)
    assert silent.recorded == []
    assert (silent.judgement, silent.changes, silent.steps) == (recorded.judgement, recorded.changes, recorded.steps)
    assert silent.machine.world() == recorded.machine.world()


def test_a_run_that_is_cut_short_is_the_beginning_of_the_whole_run() -> None:
    """What was recorded until then is the same."""
    model = CATALOGUE.model("incident", {"services": "2"}, "0.19.0")
    world = settle(model)
    whole, part = run(model, world, 2, record=True), run(model, world, 2, record=True, until_ms=60_000)
    assert not part.at_rest
    assert 0 < len(part.recorded) < len(whole.recorded)
    assert whole.recorded[: len(part.recorded)] == part.recorded


def test_a_settled_world_is_at_rest_and_is_a_path_of_the_model_too() -> None:
    """The preparation comes to rest, and settling twice gives the same world."""
    for scenario, options in INCIDENTS:
        model = CATALOGUE.model(scenario, options, "0.19.1")
        world = settle(model)
        machine = Machine()
        machine.load(world)
        assert machine.enabled() == []
        assert settle(model) == world


def work(lab: Lab, rounds: int) -> Stage:
    """A worker that calls, fails now and then, and passes items on."""
    key = yield Take(lab.queue)
    count = yield lab.ask()
    yield Sleep("jitter")
    total = yield Read(lab.heard)
    yield Add(lab.heard, 2 if total else 1)
    if count % 3:
        yield Send(lab.queue, key)
    return Become(work, (lab, rounds - 1)) if rounds else None


@settings(deadline=None)
@given(
    st.integers(0, 1000),
    st.lists(st.tuples(st.integers(0, 3000), st.sampled_from(["a", "b", "freeze", "thaw", "kill"])), max_size=12),
)
@example(0, [(0, "a"), (51, "freeze")])
def test_the_schedule_of_a_toy_replays_whatever_happens_to_it(seed: int, events: list[tuple[int, str]]) -> None:
    """Freezes, kills, retries and a limiter: in the end the world is that of the replay."""
    lab = Lab(seed)
    plan = [(float(ms), Send(lab.queue, what) if what in "ab" else what) for ms, what in sorted(events)]
    other = Machine()
    for machine in (lab.machine, other):
        machine.start(lab.pod, "worker", work, lab, 5)
    lab.at(*plan, (5000.0, "thaw")).run()
    assert lab.driver.steps is not None
    other.start(lab.script, "script", follow, lab.plan(*plan, (5000.0, "thaw")))
    replay(other, schedule(lab.driver.steps))
    assert other.world().differences(lab.machine.world()) == []
