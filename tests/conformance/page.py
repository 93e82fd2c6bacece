"""The page on conformance, worked out from the cases."""

from __future__ import annotations

from pathlib import Path

import yaml

from tests.conformance.reading import UPSTREAM, cases, left_out

HEAD = """# Conformance

Written by `python -m tests.conformance` from [cases.txt](../tests/conformance/cases.txt), which spells each case out.
"""


def summary() -> str:
    """How many of upstream's tests are run, in one sentence."""
    run = [case for case in cases() if case.number.isdigit()]
    wholly = sum(case.wholly for case in run)
    return (
        f"Of {UPSTREAM} scenarios of upstream's unit tests {len(run)} are run in simulated time and searched, "
        f"{wholly} of them over all schedules; {len(left_out())} are left out."
    )


CALLS = """
## API calls

Of one export, unexport and restart of a cluster with one service; the simulated agents make just these, call by call
([measured_counts.yaml](../tests/models/measured_counts.yaml), `tests/models/test_call_counts.py`).

| operation | releases | way of running | calls | of which are writes | counted in |
| --- | --- | --- | --- | --- | --- |"""
COUNTS = Path(__file__).parents[1] / "models" / "measured_counts.yaml"
READS = ("get", "list")


def calls() -> list[str]:
    """The rows of the table of API calls."""
    out = []
    for row in yaml.safe_load(COUNTS.read_text()):
        counts = {tuple(line.split()): count for line, count in row["calls"].items()}
        writes = sum(count for (_, _, verb, _), count in counts.items() if verb not in READS)
        releases = ", ".join(row["releases"])
        total = sum(counts.values())
        out.append(f"| {row['operation']} | {releases} | {row['way']} | {total} | {writes} | {row['source']} |")
    return out


def page() -> str:
    """The whole page."""
    out = [HEAD, summary(), "", "| case | what it is about | schedules tried |", "| --- | --- | --- |"]
    rows = {case.number: (case.title, "all" if case.wholly else "some") for case in cases()}
    rows |= {number: (f"*left out*: {reason}", "") for number, reason in left_out().items()}
    for number in sorted(rows, key=lambda n: (not n.isdigit(), int(n) if n.isdigit() else 0, n)):
        title, schedules = rows[number]
        out.append(f"| {number} | {title} | {schedules} |".replace("  |", " |"))
    return "\n".join([*out, CALLS, *calls()]) + "\n"
