"""How fast seeds are explored: the whole command, the rate beside a bare SimPy loop, memory, and twice the services."""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import simpy

SECONDS_MAX, MEMORY_MB_MAX, RATIO_MIN, GROWTH_MAX = 10.0, 500.0, 0.2, 2.2
BARE_EVENTS = 600_000
SEEDS = 1000


def explore(*arguments: str) -> tuple[float, dict[str, object]]:
    """Seconds and summary of one explore command, results and figures included."""
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, "-m", "sim", "explore", "--format", "json", "--out", f"{folder}/out", *arguments]
        began = time.perf_counter()
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        seconds = time.perf_counter() - began
        assert done.returncode in (0, 1), done.stderr
        from pyarrow import parquet

        table = parquet.read_table(Path(folder) / "out" / "rows.parquet")
        totals = {name: sum(table.column(name).to_pylist()) for name in ("steps", "events")}
        return seconds, {**json.loads(done.stdout), **totals}


def bare_rate(processes: int) -> float:
    """Events per second of a SimPy loop in which each process does nothing but wait, each with a delay of its own.

    A world of the incident has about 70 processes; one clock alone has a heap of one and is the most that SimPy can do.
    """
    env = simpy.Environment()

    def clock(delay_ms: float):  # type: ignore[no-untyped-def]
        while True:
            yield env.timeout(delay_ms)

    for number in range(processes):
        env.process(clock(1.0 + number / processes))
    began = time.perf_counter()
    env.run(until=BARE_EVENTS / processes * 1.5)
    return int(next(env._eid)) / (time.perf_counter() - began)


def row(what: str, figure: str, limit: str, *, reached: bool) -> bool:
    """Print one line."""
    print(f"{what:<66} {figure:>12}   {limit:<16} {'reached' if reached else 'NOT REACHED'}")
    return reached


def simulation_rate() -> tuple[float, float]:
    """Steps and SimPy events per second of the runs on all cores: no start of the program, no report."""
    from sim.study.campaign import Plan, campaign, prepared

    plan = Plan("incident", (), ("0.19.0", "0.19.1"), 0, SEEDS)
    for algorithm in plan.algorithms:
        prepared(plan.scenario, plan.settings, algorithm)
    began = time.perf_counter()
    rows = campaign(plan, os.cpu_count() or 1, lambda _: None)
    seconds = time.perf_counter() - began
    return sum(r.steps for r in rows) / seconds, sum(r.events for r in rows) / seconds


def main() -> bool:
    """The rate, the whole command, memory, and twice the services."""
    cores = os.cpu_count() or 1
    steps, events = simulation_rate()  # first, while this process is small: its workers are forked from it
    bare, bare_many = bare_rate(1), bare_rate(70)
    seconds, summary = explore("--seeds", str(SEEDS))
    memory_mb = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
    whole = int(str(summary["steps"])) / seconds
    ok = [
        row(f"{SEEDS} seeds x 2 algorithms, command with figures, {cores} cores", f"{seconds:.1f} s", "at most 10 s",
            reached=seconds <= SECONDS_MAX),
        row("largest process of it", f"{memory_mb:.0f} MB", "under 500 MB", reached=memory_mb < MEMORY_MB_MAX),
        row(f"steps/s of the runs, {cores} cores / bare SimPy loop, 70 clocks", f"{steps / bare_many:.3f}",
            "at least 0.2", reached=steps / bare_many >= RATIO_MIN),
    ]  # fmt: skip
    figure("  against one clock alone", steps / bare)
    figure("  SimPy events/s instead of steps/s, 70 clocks", events / bare_many)
    figure("  on each core: steps/s, 70 clocks", steps / bare_many / cores)
    figure("  the whole command with its start, report and figures", whole / bare_many)
    figure("  bare SimPy loop of timeouts, million events/s: 70 clocks", bare_many / 1e6)
    figure("  bare SimPy loop of timeouts, million events/s: one clock", bare / 1e6)
    times = [explore("--seeds", "300", "--set", f"services={count}")[0] for count in (4, 8, 16)]
    for fewer, more, before, after in ((4, 8, times[0], times[1]), (8, 16, times[1], times[2])):
        ok.append(row(f"{more} services / {fewer} services, whole command", f"{after / before:.2f}", "at most 2.2",
                      reached=after / before <= GROWTH_MAX))  # fmt: skip
    return all(ok)


def figure(what: str, value: float) -> None:
    """Print a figure that has no limit."""
    print(f"{what:<66} {value:>12.3f}")
