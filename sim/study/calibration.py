"""Calibration: simulated against measured times, step by step."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence

import msgspec

from sim.core.model import Measured
from sim.study.campaign import prepared
from sim.study.find import catalogue
from sim.study.statistics import quantile
from sim.timed.run import run

SCENARIO = "operations"
WIDTH = 100
TOLERANCE_SHARE, TOLERANCE_MS = 0.20, 20.0
"""A simulated time agrees with the measured one within 20 % or 20 ms, whichever is more."""


class Compared(msgspec.Struct, frozen=True):
    """One milestone: measured, the median of the simulated runs, and whether they agree. None: no run had the step."""

    operation: str
    way: str
    milestone: str
    unit: str
    measured: float
    simulated: float | None
    agrees: bool
    runs: int
    of: int
    branch: str
    source: str


def compare(measured: Measured, seeds: int) -> list[Compared]:
    """All milestones of one operation over some seeds, of which only those that took the measured branch count."""
    if not measured.milestones:
        return []
    settings = tuple(sorted(measured.settings.items()))
    model, world = prepared(SCENARIO, settings, measured.algorithm)
    recorded = [run(model, world, seed, record=True).recorded for seed in range(seeds)]
    taken = [steps for steps in recorded if measured.branch is None or measured.branch(steps)]
    out = []
    for milestone in measured.milestones:
        times = [at for steps in taken if (at := milestone.find(steps)) is not None]
        median = quantile(times, 0.5) if times else None
        out.append(
            Compared(
                measured.operation,
                measured.way,
                milestone.name,
                milestone.unit,
                milestone.at_ms,
                None if median is None else round(median, 1),
                agrees(milestone.at_ms, median, milestone.unit),
                len(taken),
                seeds,
                measured.branch_name,
                measured.source,
            )
        )
    return out


def agrees(measured: float, simulated: float | None, unit: str) -> bool:
    """Whether the two are within the tolerance."""
    if simulated is None:
        return False
    allowed = max(TOLERANCE_SHARE * measured, TOLERANCE_MS if unit == "ms" else 0.0)
    return abs(simulated - measured) <= allowed


def render(rows: Sequence[Compared]) -> str:
    """A table of all milestones, grouped by operation."""
    lines: list[str] = []
    last = ("", "")
    for row in rows:
        if (row.operation, row.way) != last:
            last = (row.operation, row.way)
            of = (
                f"median of {row.runs}"
                if not row.branch
                else f"median of the {row.runs} of {row.of} in which {row.branch}"
            )
            lines += ["", f"{row.operation}, {row.way} ({row.source}; simulated: {of})"]
        simulated = "-" if row.simulated is None else f"{row.simulated:.0f}"
        off = "" if row.simulated is None else f"{(row.simulated - row.measured) / row.measured:+.0%}"
        verdict = "" if row.agrees else "  DIFFERS"
        lines.append(f"  {row.milestone:<36} {row.measured:>8.0f} {simulated:>8} {row.unit:<8} {off:>5}{verdict}")
    good = sum(row.agrees for row in rows)
    head = f"{'step':<38} {'measured':>8} {'simulated':>8}"
    tail = f"{good} of {len(rows)} agree within {TOLERANCE_SHARE:.0%} or {TOLERANCE_MS:g} ms"
    return "\n".join([head, *lines, "", *_left_out(), tail]) + "\n"


def _left_out() -> list[str]:
    """What was measured and is not compared, and why: an operation that names no milestones says so for a branch."""
    lines = []
    for measured in catalogue().measured():
        if not measured.milestones:
            text = f"left out: {measured.operation}, {measured.way} ({measured.source}): {measured.branch_name}"
            lines += [*textwrap.wrap(text, WIDTH, subsequent_indent="  ", break_on_hyphens=False), ""]
    return lines
