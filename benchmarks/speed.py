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
    """Events per second of a SimPy loop in which each process does nothing but wait, each with a delay of its own."""
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
    """Steps and SimPy events per second of one process, runs alone: no start of the program, no report."""
    from sim.study.campaign import Plan, chunk, prepared

    plan = Plan("incident", (), ("0.19.0", "0.19.1"), 0, 200)
    for algorithm in plan.algorithms:
        prepared(plan.scenario, plan.settings, algorithm)
    began = time.perf_counter()
    rows = chunk(plan, plan.first, plan.end)
    seconds = time.perf_counter() - began
    return sum(r.steps for r in rows) / seconds, sum(r.events for r in rows) / seconds


def main() -> bool:
    """The whole command, and its ratios."""
    cores = os.cpu_count() or 1
    seconds, summary = explore("--seeds", str(SEEDS))
    memory_mb = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
    bare, bare_many = bare_rate(1), bare_rate(70)
    steps, events = simulation_rate()
    whole = int(str(summary["steps"])) / seconds
    ok = [
        row(f"{SEEDS} seeds x 2 algorithms, command with figures, {cores} cores", f"{seconds:.1f} s", "at most 10 s",
            reached=seconds <= SECONDS_MAX),
        row("largest process of it", f"{memory_mb:.0f} MB", "under 500 MB", reached=memory_mb < MEMORY_MB_MAX),
        row("steps/s of the whole command / bare SimPy loop, one clock", f"{whole / bare:.3f}", "at least 0.2",
            reached=whole / bare >= RATIO_MIN),
        row("steps/s of the runs on all cores / bare SimPy loop, one clock", f"{steps * cores / bare:.3f}",
            "at least 0.2", reached=steps * cores / bare >= RATIO_MIN),
    ]  # fmt: skip
    print(f"{'the same on one core: steps/s, SimPy events/s':<66} {steps / bare:>12.3f} {events / bare:.3f}")
    print(f"{'the same against a bare loop of 70 clocks':<66} {steps / bare_many:>12.3f} {events / bare_many:.3f}")
    print(f"{'bare SimPy loop, events/s: one clock, 70 clocks':<66} {bare:>12.0f} {bare_many:.0f}")
    four, _ = explore("--seeds", "300", "--set", "services=4")
    eight, _ = explore("--seeds", "300", "--set", "services=8")
    sixteen, _ = explore("--seeds", "300", "--set", "services=16")
    ok.append(row("8 services / 4 services, whole command", f"{eight / four:.2f}", "at most 2.2",
                  reached=eight / four <= GROWTH_MAX))  # fmt: skip
    ok.append(row("16 services / 8 services, whole command", f"{sixteen / eight:.2f}", "at most 2.2",
                  reached=sixteen / eight <= GROWTH_MAX))  # fmt: skip
    return all(ok)
