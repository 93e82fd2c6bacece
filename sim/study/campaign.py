"""Campaigns: the same seeds under every algorithm, on all cores, with progress, and able to be interrupted."""

from __future__ import annotations

import gc
from collections.abc import Callable, Generator
from contextlib import closing
from functools import lru_cache, partial

import msgspec

from sim.core.model import Model
from sim.core.world import World
from sim.study.chunks import chunks
from sim.study.delays import check_delays
from sim.study.find import catalogue
from sim.study.interrupts import Interrupts
from sim.study.rows import Row
from sim.timed.run import Run, run, settle

SEEDS_OF_CHUNK, EXPORTS_OF_CHUNK = 20, 40
"""A worker runs at most so many seeds at a time, and so few that they have no more exports together: enough not to be
noticed, and over in a fraction of a second even in a large world."""
Settings = tuple[tuple[str, str], ...]


class Plan(msgspec.Struct, frozen=True):
    """What to run: ``seeds`` from ``first`` up to, not including, ``end``, each under every algorithm."""

    scenario: str
    settings: Settings
    algorithms: tuple[str, ...]
    first: int
    end: int

    def runs(self) -> int:
        """The number of runs."""
        return (self.end - self.first) * len(self.algorithms)


@lru_cache(maxsize=16)
def prepared(scenario: str, settings: Settings, algorithm: str) -> tuple[Model, World]:
    """The model and its settled world, made once per process of the operating system."""
    model = catalogue().model(scenario, dict(settings), algorithm)
    check_delays(model)
    return model, settle(model)


def one(plan: Plan, algorithm: str, seed: int, *, record: bool = False) -> Run:
    """One run of the plan."""
    model, world = prepared(plan.scenario, plan.settings, algorithm)
    return run(model, world, seed, record=record)


def row(algorithm: str, seed: int, made: Run) -> Row:
    """The row of a run."""
    judgement = msgspec.structs.asdict(made.judgement)
    return Row(
        seed=seed, algorithm=algorithm, at_rest=made.at_rest, ended_ms=made.ended_ms, steps=made.steps,
        events=made.events, **judgement,
    )  # fmt: skip


def chunk(plan: Plan, first: int, end: int, interrupts: Interrupts | None = None) -> list[Row]:
    """The rows of some seeds under every algorithm; of fewer after an interrupt, which no run outlasts."""
    rows: list[Row] = []
    gc.disable()  # a run leaves no cycles behind, and the collector costs a tenth of the time
    try:
        for seed in range(first, end):
            for algorithm in plan.algorithms:
                if interrupts is not None and interrupts.came:
                    return rows
                rows.append(row(algorithm, seed, one(plan, algorithm, seed)))
    finally:
        gc.enable()
    return rows


def campaign(
    plan: Plan,
    jobs: int,
    progress: Callable[[int], None],
    interrupts: Interrupts | None = None,
    meanwhile: Callable[[], None] = lambda: None,
) -> list[Row]:
    """The rows of the plan in the order of seed and algorithm; fewer than asked for after an interrupt.

    ``progress`` hears how many runs each finished chunk made; ``meanwhile`` is called once the workers, if there are
    any, are at it.
    """
    if interrupts is None:
        with Interrupts() as own:
            return campaign(plan, jobs, progress, own, meanwhile)
    rows: list[Row] = []
    with closing(_rows(plan, jobs, interrupts, meanwhile)) as chunks:
        for made in chunks:
            rows += made
            progress(len(made))
    order = {algorithm: index for index, algorithm in enumerate(plan.algorithms)}
    return sorted(rows, key=lambda r: (r.seed, order[r.algorithm]))


def _rows(
    plan: Plan, jobs: int, interrupts: Interrupts, meanwhile: Callable[[], None]
) -> Generator[list[Row], None, None]:
    """The rows of each chunk, in whatever order they are done."""
    for algorithm in plan.algorithms:
        model, _ = prepared(plan.scenario, plan.settings, algorithm)  # before the fork: the workers inherit it
    size = max(1, min(SEEDS_OF_CHUNK, EXPORTS_OF_CHUNK // max(1, model.exports)))
    return chunks(partial(chunk, plan), range(plan.first, plan.end, size), jobs, interrupts, meanwhile)
