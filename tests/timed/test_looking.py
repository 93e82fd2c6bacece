"""Leaving out the looks that would see nothing new changes nothing: plain polling gives the same run.

Each event has a fraction of a millisecond of its own and periods are whole, so that no change falls on a tick: which of
the two comes first then is the driver's to choose.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from models.catalogue import CATALOGUE
from sim.core import Await, Become, Cell, Machine, Pace, Request, SleepUntil, Stage, Write
from sim.timed.run import run, settle
from tests.core.toys import Add
from tests.timed.toys import Lab, Tick

PERIODS_MS = (0.0, 7.0, 50.0, 1000.0)
WAITS = st.tuples(st.sampled_from([Await, Tick]), st.sampled_from(PERIODS_MS), st.integers(0, 200))
EVENTS = st.tuples(
    st.integers(0, 3000),
    st.sampled_from(["true", "true", "false", "freeze", "thaw", "kill"]),
)


def look(kind: type[Await], cell: Cell, seen: Cell, begin_ms: float, period_ms: float) -> Stage:
    """Wait until the cell is true, count, and wait again, first after a rest."""
    yield SleepUntil(begin_ms)
    yield kind(cell, period_ms)
    count = yield Add(seen)
    return Become(look, (kind, cell, seen, begin_ms + (count + 1) * 1000, period_ms)) if count < 4 else None


def looked(waits: Sequence[tuple[type[Await], float, int]], events: Sequence[tuple[int, str]], *, eager: bool) -> Lab:
    lab = Lab(eager=eager)
    values = {"true": True, "false": None}
    plan: list[tuple[float, Any]] = []
    for number, (at_ms, what) in enumerate(sorted(events), start=1):
        plan.append((at_ms + number / 64, Write(lab.cell, values[what]) if what in values else what))
    lab.at(*plan)
    for number, (kind, period_ms, begin_ms) in enumerate(waits):
        seen = lab.world.cell(f"seen {number}")
        lab.start(f"look {number}", look, kind, lab.cell, seen, begin_ms, period_ms)
    return lab.run(20_000)


@settings(deadline=None, max_examples=400)
@given(st.lists(WAITS, min_size=1, max_size=4), st.lists(EVENTS, max_size=12))
@example([(Await, 50.0, 0)], [(120, "freeze"), (130, "true"), (135, "thaw")])
@example([(Tick, 1000.0, 0)], [(10, "true"), (20, "kill")])
def test_polling_takes_the_same_steps_at_the_same_times(
    waits: list[tuple[type[Await], float, int]], events: list[tuple[int, str]]
) -> None:
    """With any periods, changes, freezes and kills."""
    lazy, eager = looked(waits, events, eager=False), looked(waits, events, eager=True)
    for number in range(len(waits)):
        assert lazy.log(f"look {number}") == eager.log(f"look {number}")
    assert lazy.changes() == eager.changes()
    assert lazy.machine.world().digest() == eager.machine.world().digest()


@pytest.mark.parametrize("release", CATALOGUE.algorithms())
@pytest.mark.parametrize("reboot", ["restart", "resume", "resume-flushed"])
def test_polling_makes_the_same_incident(release: str, reboot: str) -> None:
    """Judgement, changes and final world; polling takes many more events for it."""
    model = CATALOGUE.model("incident", {"services": "2", "reboot": reboot}, release)
    world = settle(model)
    for seed in range(3):
        lazy, eager = run(model, world, seed), run(model, world, seed, eager=True)
        assert eager.events > 3 * lazy.events
        assert eager.steps == lazy.steps
        assert eager.judgement == lazy.judgement
        assert eager.changes == lazy.changes
        assert eager.machine.world().differences(lazy.machine.world()) == []
        assert eager.machine.world().digest() == lazy.machine.world().digest()


@pytest.mark.parametrize("reboot", ["restart", "resume-flushed"])
def test_polling_makes_the_same_incident_under_a_monitor(reboot: str) -> None:
    """The monitor looks every 30 s, retries of DNS records at the cap of their back-off."""
    model = CATALOGUE.model("incident", {"services": "2", "reboot": reboot, "monitor": "on"}, "0.19.0")
    world = settle(model)
    lazy, eager = run(model, world, 1), run(model, world, 1, eager=True)
    assert (eager.judgement, eager.changes) == (lazy.judgement, lazy.changes)
    assert eager.machine.world().digest() == lazy.machine.world().digest()


@pytest.mark.parametrize("reboot", ["restart", "resume-flushed"])
def test_the_cells_that_decide_a_wait_do_not_change_while_it_waits(reboot: str) -> None:
    """The driver asks for them once, when the wait begins; so the requests of the model must name them all by then."""
    model = CATALOGUE.model("incident", {"services": "2", "reboot": reboot, "monitor": "on"}, "0.19.0")
    machine = Machine()
    machine.start(model.users, "prepare", model.prepare)
    chance = random.Random(1)
    declared: dict[Request, set[Cell]] = {}
    for taken in range(2500):
        if taken == 600:
            model.begin(machine)
        for process in machine.running():
            if process.request is not None and process.request.pace is Pace.WAIT:
                cells = set(process.request.reads(machine.get, None))
                assert declared.setdefault(process.request, cells) == cells
        if not (able := machine.enabled()):
            break
        machine.step(*chance.choice(able))
    assert len(declared) > 30
