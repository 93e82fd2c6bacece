"""Campaigns: the same rows however they are made, and after an interrupt the rows of all runs that were made."""

from __future__ import annotations

import os
import signal

import pytest

from sim.study import campaign as campaigns
from sim.study.campaign import Plan, campaign, chunk
from sim.study.interrupts import Interrupts
from sim.study.rows import Row
from sim.timed.run import Run

PLAN = Plan("incident", (("services", "1"),), ("0.19.0", "0.19.1"), 3, 27)


def interrupt() -> None:
    os.kill(os.getpid(), signal.SIGINT)


def begin_and_order(rows: list[Row]) -> list[tuple[int, str]]:
    return [(row.seed, row.algorithm) for row in rows]


ALL = [(seed, algorithm) for seed in range(3, 27) for algorithm in PLAN.algorithms]


@pytest.mark.parametrize("jobs", [1, 2, 5])
def test_rows_do_not_depend_on_jobs_or_chunks(jobs: int, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = chunk(PLAN, 3, 27)
    assert begin_and_order(whole) == ALL
    for exports in (1, 40):
        monkeypatch.setattr(campaigns, "EXPORTS_OF_CHUNK", exports)
        heard: list[int] = []
        assert campaign(PLAN, jobs, heard.append) == whole
        assert sum(heard) == PLAN.runs()


def test_a_chunk_stops_between_two_runs_and_keeps_those_that_were_made(monkeypatch: pytest.MonkeyPatch) -> None:
    """And never in the middle of one."""
    made: list[tuple[int, str]] = []
    run_one = campaigns.one

    def one(plan: Plan, algorithm: str, seed: int) -> Run:
        made.append((seed, algorithm))
        if len(made) == 5:
            interrupt()
        return run_one(plan, algorithm, seed)

    monkeypatch.setattr(campaigns, "one", one)
    with Interrupts() as interrupts:
        rows = chunk(PLAN, 3, 27, interrupts)
    assert begin_and_order(rows) == made == ALL[:5]


@pytest.mark.parametrize("jobs", [1, 2])
def test_after_an_interrupt_every_run_that_was_made_is_a_row(jobs: int) -> None:
    """The rows and what progress heard are the same, and only what was not begun is missing."""
    heard: list[int] = []

    def progress(runs: int) -> None:
        heard.append(runs)
        if len(heard) == 1:
            interrupt()

    plan = Plan("incident", PLAN.settings, PLAN.algorithms, 0, 5000)
    rows = campaign(plan, jobs, progress)
    assert 0 < len(rows) == sum(heard) < 1500
    assert len({(row.seed, row.algorithm) for row in rows}) == len(rows)


def test_a_second_interrupt_gives_up_and_leaves_no_worker() -> None:
    """Although a run of this world takes seconds."""
    plan = Plan("incident", (("services", "200"),), ("0.19.1",), 0, 50)

    def twice() -> None:
        interrupt()
        interrupt()

    with pytest.raises(KeyboardInterrupt):
        campaign(plan, 2, lambda _: None, meanwhile=twice)
    with pytest.raises(ChildProcessError):
        os.waitpid(-1, os.WNOHANG)


@pytest.mark.parametrize(("services", "seeds"), [(1, 20), (4, 10), (40, 1), (300, 1)])
def test_the_chunks_of_a_larger_world_are_smaller(services: int, seeds: int, monkeypatch: pytest.MonkeyPatch) -> None:
    sizes: list[int] = []

    class Prepared:
        exports = services

    def noted(plan: Plan, first: int, end: int, interrupts: Interrupts) -> list[Row]:
        sizes.append(end - first)
        return []

    monkeypatch.setattr(campaigns, "prepared", lambda *_: (Prepared, None))
    monkeypatch.setattr(campaigns, "chunk", noted)
    campaign(Plan("incident", (), ("0.19.0",), 0, 60), 1, lambda _: None)
    assert set(sizes) == {seeds}


def test_whoever_had_interrupts_ignored_goes_on_ignoring_them() -> None:
    """As a shell does for what it starts in the background."""
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        with Interrupts() as interrupts:
            interrupt()
            interrupt()
        assert not interrupts.came
    finally:
        signal.signal(signal.SIGINT, before)


def test_the_handler_of_before_comes_back() -> None:
    before = signal.getsignal(signal.SIGINT)
    with Interrupts() as interrupts:
        interrupt()
    assert interrupts.came
    assert signal.getsignal(signal.SIGINT) is before
