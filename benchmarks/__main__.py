"""Run all benchmarks, or those named."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

from benchmarks import (
    cold_start,
    estimates,
    fidelity,
    growth,
    outcome_table,
    proposed,
    search,
    speed,
    spin,
    two_phase_commit,
)
from benchmarks.sweeps import LEVEL

BENCHMARKS: dict[str, Callable[[], bool]] = {
    "speed": speed.main,
    "cold-start": cold_start.main,
    "search": search.main,
    "growth": growth.main,
    "two-phase-commit": two_phase_commit.main,
    "spin": spin.main,
    "outcomes": outcome_table.main,
    "fidelity": fidelity.main,
}


TEXTS = ("estimates", "proposed", "proposed level")
"""Those that print a text of their own, each alone."""


def main(names: list[str]) -> int:
    """Print each benchmark; 0 if all reach their limits, 1 if not, 2 for an unknown name."""
    if names[:1] == ["fidelity"]:
        return 0 if fidelity.report(names[1:]) else 1
    if len(names) == 2 and names[0] == "growth":
        growth.write(Path(names[1]))
        return 0
    if names == ["estimates"]:
        estimates.main()
        return 0
    if names in (["proposed"], ["proposed", LEVEL]):  # a text of its own
        return 0 if proposed.main(*names[1:]) else 1
    unknown = [name for name in names if name not in BENCHMARKS]
    if unknown:
        print(f"error: unknown benchmark {unknown[0]!r}; accepted: {', '.join((*BENCHMARKS, *TEXTS))}", file=sys.stderr)
        return 2
    reached = []
    for name in names or BENCHMARKS:
        print(f"== {name}")
        reached.append(BENCHMARKS[name]())
        print()
    return 0 if all(reached) else 1


sys.exit(main(sys.argv[1:]))
