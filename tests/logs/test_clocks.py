"""When things must have happened in a log: what a search goes by."""

from __future__ import annotations

from pathlib import Path

import pytest

from sim.cli.accept import explained
from sim.core import Channel, Domain
from sim.core.timing import BackOff, Timing
from sim.explore.clocks import LONG_AGO, Clocks, _looked
from sim.explore.tables import Tables

HERE = Path(__file__).parent
DUE_MS = 50.0


def test_who_looks_every_so_often_sees_what_came_at_the_next_look() -> None:
    assert _looked(1000.0, 1030.0, 100.0) == 1100.0
    assert _looked(1000.0, 1130.0, 100.0) == 1200.0
    assert _looked(1000.0, 1000.0, 100.0) == 1100.0, "it was not there yet"
    assert _looked(1000.0, 1030.0, 0.0) == 1030.0
    assert _looked(LONG_AGO, 1030.0, 100.0) == 1030.0


def test_key_waits_twice_as_long_each_time_until_its_failures_are_forgotten() -> None:
    clocks = Clocks(Tables(), (), Timing({}, {"work-queue": BackOff(DUE_MS, 30_000.0, "a test")}))
    queue = Channel("queue", Domain("agent"), "work-queue", keyed=True)
    times: dict[object, object] = {}
    clocks._queued(times, queue, (), ("key",), 1000.0)
    assert clocks.due(times, queue, "key") == clocks.due_at_latest(times, queue, "key") == 1000.0 + DUE_MS
    clocks._queued(times, queue, ("key",), (), 1060.0)
    clocks._queued(times, queue, (), ("key",), 1070.0)
    assert clocks.due(times, queue, "key") == 1070.0 + 2 * DUE_MS
    clocks._queued(times, queue, ("key",), ("key", "key"), 1200.0)
    assert clocks.due(times, queue, "key") == 1070.0 + 2 * DUE_MS, "the first time comes first"
    clocks._queued(times, queue, ("key", "key"), ("key",), 1210.0)
    assert clocks.due(times, queue, "key") == 1200.0 + 4 * DUE_MS


@pytest.mark.parametrize(
    "name",
    [
        "processes-three-runs-of-a-key.jsonl",  # more than 150 000 worlds without times: twenty lines lie in between
        "processes-export-with-two-agents.jsonl",
        "processes-killed-before-it-told.jsonl",
    ],
)
def test_times_tell_what_runs_twice_and_what_was_heard(name: str) -> None:
    assert explained(str(HERE / name), "", 2000).found.accepted
