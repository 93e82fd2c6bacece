"""Time that nobody else uses passes without an event, and nothing comes out otherwise for it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from models.catalogue import CATALOGUE
from sim.core import Await, Sleep, SleepUntil, Write
from sim.timed.driver import TimedDriver
from sim.timed.run import Run, run, settle
from tests.timed.toys import Lab, each


def never(driver: TimedDriver, at_ms: float) -> bool:
    return False


def told(made: Run) -> tuple[Any, ...]:
    steps = [(step.at_ms, step.domain, step.process, step.choice, step.response) for step in made.recorded]
    return made.judgement, made.at_rest, made.steps, made.events, made.ended_ms, made.delays, made.changes, steps


@pytest.mark.parametrize(
    "settings",
    [{}, {"reboot": "resume"}, {"way": "controllers"}, {"broker": "separate", "rtt_ms": "50"}, {"monitor": "on"}],
    ids=str,
)
def test_a_run_that_jumps_is_the_run_that_does_not(settings: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> None:
    """The same steps, changes and judgement, and as many events."""
    model = CATALOGUE.model("incident", settings, "0.19.0")
    world = settle(model)
    jumping = [run(model, world, seed, record=True) for seed in range(4)]
    monkeypatch.setattr(TimedDriver, "_jump", never)
    assert settle(model) == world
    for seed, made in enumerate(jumping):
        assert told(made) == told(run(model, world, seed, record=True))


def test_most_of_the_time_of_a_lonely_process_is_jumped(monkeypatch: pytest.MonkeyPatch) -> None:
    jumped = []
    jump: Callable[[TimedDriver, float], bool] = TimedDriver._jump

    def counted(driver: TimedDriver, at_ms: float) -> bool:
        jumped.append(jump(driver, at_ms))
        return jumped[-1]

    monkeypatch.setattr(TimedDriver, "_jump", counted)
    lab = Lab()
    lab.start("it", each(lab.ask(), Sleep("nap"), lab.ask()))
    assert lab.run().log("it") == [3, 107, 110]
    assert jumped == [True] * 5


def test_no_run_jumps_beyond_its_end() -> None:
    lab = Lab()
    lab.start("it", each(Sleep("nap"), Write(lab.cell, 1)))
    assert lab.run(99).changes() == []
    assert lab.driver.env.now == 99
    assert lab.run(101).changes() == [(100, "world/cell", 1)]


def test_whoever_is_thawed_first_does_not_let_time_pass_for_the_others() -> None:
    """One event thaws all; the first of them would find the queue empty."""
    lab = Lab()
    lab.at((10, "freeze"), (100, Write(lab.cell, 1)), (500, "thaw"), (1000, Write(lab.heard, 1)))
    for name in "abc":
        lab.start(name, each(SleepUntil(5), Await(lab.cell), lab.ask()))
    lab.run()
    assert [lab.log(name) for name in "abc"] == [[5, 500, 503]] * 3
