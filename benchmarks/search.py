"""Verdicts: a cold start to the explained loss, the fixed agent exhausted, every outcome of the old one.

And how the space grows with services and with restarts, and what a world takes in memory.
"""

from __future__ import annotations

import re
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import yaml

from benchmarks.speed import row

LOSS_S_MAX, FIXED_S_MAX, OUTCOMES_S_MAX = 2.0, 5.0, 60.0
STARTS = 5
WORLDS_MAX = 150_000
GROWTH = """
import json, resource, sys, time
from models.catalogue import CATALOGUE
from sim.explore.exhaust import Bounds, exhaust
from sim.explore.subject import Subject
from sim.timed.run import settle
name, algorithm, bound, settings = sys.argv[1], sys.argv[2], int(sys.argv[3]), json.loads(sys.argv[4])
model = CATALOGUE.search(name, settings, algorithm)
subject = Subject(model, settle(model), (model.checked()[0],), may_stop=False)
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
began = time.perf_counter()
done = exhaust(subject, Bounds(worlds=bound))
seconds = time.perf_counter() - began
grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
worlds = len(done.search.worlds)
print(json.dumps([worlds, bool(done.bound), seconds, 1024 * grown / worlds, subject.tables.packing.width]))
"""


def timed(*arguments: str, until: str = "") -> float:
    """Seconds until a command has ended, or has printed a text."""
    began = time.perf_counter()
    command = [sys.executable, "-m", "sim", *arguments]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as process:
        assert process.stdout is not None
        for line in process.stdout:
            if until and until in line:
                seconds = time.perf_counter() - began
                process.kill()
                return seconds
        assert not until, f"{until!r} was never printed"
        process.wait()
        return time.perf_counter() - began


def steps(*arguments: str) -> int:
    """The length of the loss that a check reports."""
    done = subprocess.run([sys.executable, "-m", "sim", *arguments], capture_output=True, text=True, check=False)
    found = re.search(r"is violated in (\d+) steps", done.stdout)
    assert found is not None, done.stdout
    return int(found[1])


def main() -> bool:
    """The three limits, then growth."""
    loss = ("check", "incident", "--algorithm", "0.19.0", "--no-explain")
    starts = sorted(timed(*loss, until="deletes ServiceImport") for _ in range(STARTS))
    fixed = timed("check", "incident", "--algorithm", "0.19.1")
    whole = timed("outcomes", "incident", "--algorithm", "0.19.0")
    quick, shortest = steps(*loss), steps(*loss, "--exhaustive", "--whole-script")
    ok = [
        row("cold start to the explained loss of the incident, slowest of 5", f"{starts[-1]:.2f} s", "at most 2 s",
            reached=starts[-1] <= LOSS_S_MAX),
        row("its steps / those of the shortest of all schedules", f"{quick / shortest:.3f}", "1",
            reached=quick == shortest),
        row("fixed agent on the same, exhausted, whole command", f"{fixed:.2f} s", "at most 5 s",
            reached=fixed <= FIXED_S_MAX),
        row("every outcome of the old agent on the same, whole command", f"{whole:.1f} s", "at most 60 s",
            reached=whole <= OUTCOMES_S_MAX),
    ]  # fmt: skip
    print(f"\n{'space of a restart of a':<40} {'worlds':>9} {'seconds':>8} {'bytes/world':>12} {'bits':>5}")
    for services in (1, 2, 4, 8, 16):
        for algorithm in ("0.19.1", "0.19.0"):
            growth(f"{services} services, {algorithm}", "restart", algorithm, {"services": str(services)})
    for restarts in (1, 2, 3):
        with tempfile.TemporaryDirectory() as folder:
            growth(f"{restarts} restarts, 0.19.1", restarted(Path(folder), restarts), "0.19.1", {})
    return all(ok)


def restarted(folder: Path, times: int) -> str:
    """A scenario in which the agent of a crashes so many times, at any moment."""
    path = folder / "restarts.yaml"
    script = [{"at_ms": 5000 + 60_000 * turn, "fault": "agent-crash", "clusters": ["a"]} for turn in range(times)]
    scenario = {
        "name": "restarts", "about": "restarts of the agent of a", "hosts": {"host-1": ["a"], "host-2": ["b"]},
        "broker": "a", "exports": {"services": 1, "from": ["a"]}, "observe_ms": 600_000, "script": script,
    }  # fmt: skip
    path.write_text(yaml.safe_dump(scenario))
    return str(path)


def growth(title: str, scenario: str, algorithm: str, settings: dict[str, str]) -> None:
    """One line of the table; a bound that was hit is marked."""
    import json

    command = [sys.executable, "-c", GROWTH, scenario, algorithm, str(WORLDS_MAX), json.dumps(settings)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    worlds, hit, seconds, size, bits = json.loads(done.stdout)
    more = ">" if hit else " "
    print(f"{title:<40} {more}{worlds:>8} {seconds:>8.1f} {size:>12.0f} {bits:>5}")
