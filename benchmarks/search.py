"""Verdicts: a cold start to the explained loss, the fixed agent exhausted, every outcome of the old one; and the full
agent, exported from both clusters and restarted on both.
"""

from __future__ import annotations

import re
import subprocess
import sys
import time

from benchmarks.speed import row

LOSS_S_MAX, FIXED_S_MAX, OUTCOMES_S_MAX = 2.0, 5.0, 60.0
FULL_FIXED_S_MAX, FULL_OLD_S_MAX = 10.0, 60.0
STARTS = 5
BOTH = ("restart", "--set", "exported=[a,b]", "--set", "restarted=[a,b]")


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
    """The limits, one after the other."""
    loss = ("check", "incident", "--algorithm", "0.19.0")
    explained = sorted(timed(*loss) for _ in range(STARTS))
    stories = sorted(timed(*loss, until="deletes ServiceImport") for _ in range(STARTS))
    fixed = timed("check", "incident", "--algorithm", "0.19.1")
    whole = timed("outcomes", "incident", "--algorithm", "0.19.0")
    full = timed("check", *BOTH, "--algorithm", "0.19.1", "--exhaustive")
    old = timed("outcomes", *BOTH, "--algorithm", "0.19.0", "--seconds", f"{FULL_OLD_S_MAX:g}")
    views = {
        (words, before): timed(
            "outcomes", *BOTH, "--algorithm", "0.19.0", "--set", f"copies={view}", "--set", f"before={before}"
        )
        for words, view in (("made at once", "at once"), ("left out", "off"))
        for before in ("slices touched", "nothing")
    }
    quick, shortest = steps(*loss), steps(*loss, "--no-explain", "--exhaustive", "--whole-script")
    ok = [
        row("cold start to the end of the explained check of the incident, slowest of 5", f"{explained[-1]:.2f} s",
            "at most 2 s", reached=explained[-1] <= LOSS_S_MAX),
        row("of that, until the story of the loss stands there, slowest of 5", f"{stories[-1]:.2f} s", "at most 2 s",
            reached=stories[-1] <= LOSS_S_MAX),
        row("its steps / those of the shortest that the search has", f"{quick / shortest:.3f}", "1",
            reached=quick == shortest),
        row("fixed agent on the same, exhausted, whole command", f"{fixed:.2f} s", "at most 5 s",
            reached=fixed <= FIXED_S_MAX),
        row("every outcome of the old agent on the same, whole command", f"{whole:.1f} s", "at most 60 s",
            reached=whole <= OUTCOMES_S_MAX),
        row("full agent, two exporters, both restart: fixed exhausted", f"{full:.2f} s", "at most 10 s",
            reached=full <= FULL_FIXED_S_MAX),
        *(
            row(f"every outcome of the old agent there, copies {words}, before: {before}", f"{seconds:.1f} s",
                "at most 60 s", reached=seconds <= FULL_OLD_S_MAX)
            for (words, before), seconds in views.items()
        ),
        row("the same with all that copies say meanwhile, before: nothing", f"{old:.1f} s", "less than 60 s",
            reached=old < FULL_OLD_S_MAX),
    ]  # fmt: skip
    return all(ok)
