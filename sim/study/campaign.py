"""Campaigns: the same seeds under every algorithm, on all cores, with progress, and able to be interrupted."""

from __future__ import annotations

import gc
import multiprocessing
import signal
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor, as_completed
from contextlib import suppress
from functools import lru_cache

import msgspec

from sim.core.model import Model
from sim.core.world import World
from sim.study.find import catalogue
from sim.study.rows import Row
from sim.timed.run import Run, run, settle

CHUNK = 20
"""Seeds that a worker runs at a time: small enough for progress, large enough not to be noticed."""

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


def chunk(plan: Plan, first: int, end: int) -> list[Row]:
    """The rows of some seeds under every algorithm."""
    gc.disable()  # a run leaves no cycles behind, and the collector costs a tenth of the time
    rows = [
        row(algorithm, seed, one(plan, algorithm, seed)) for seed in range(first, end) for algorithm in plan.algorithms
    ]
    gc.enable()
    return rows


def campaign(plan: Plan, jobs: int, progress: Callable[[int], None]) -> list[Row]:
    """The rows of the plan in the order of seed and algorithm; fewer than asked for after an interrupt.

    ``progress`` hears how many runs each finished chunk made.
    """
    pieces = [(first, min(first + CHUNK, plan.end)) for first in range(plan.first, plan.end, CHUNK)]
    rows: list[Row] = []
    with suppress(KeyboardInterrupt):
        for made in _rows(plan, pieces, min(jobs, len(pieces))):
            rows += made
            progress(len(made))
    order = {algorithm: index for index, algorithm in enumerate(plan.algorithms)}
    return sorted(rows, key=lambda r: (r.seed, order[r.algorithm]))


def _rows(plan: Plan, pieces: Sequence[tuple[int, int]], jobs: int) -> Iterator[list[Row]]:
    if jobs <= 1:
        for first, end in pieces:
            yield chunk(plan, first, end)
        return
    for algorithm in plan.algorithms:
        prepared(plan.scenario, plan.settings, algorithm)  # before the fork, so that the workers inherit it
    method = "fork" if "fork" in multiprocessing.get_all_start_methods() else None
    pool = ProcessPoolExecutor(jobs, multiprocessing.get_context(method), initializer=_ignore_interrupts)
    try:
        futures: list[Future[list[Row]]] = [pool.submit(chunk, plan, first, end) for first, end in pieces]
        for future in as_completed(futures):
            yield future.result()
    finally:
        pool.shutdown(wait=True, cancel_futures=True)


def _ignore_interrupts() -> None:
    """The parent decides what an interrupt means; a worker finishes its chunk."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
