"""The pages of a hunt: a table of all findings, and a page of each that a maintainer can act on."""

from __future__ import annotations

import re
from collections.abc import Sequence

from sim.explore.hunt import Cell
from sim.study.hunting import HAS_IT, Finding

TRACE_MAX = 60
NEW = "not on any list"
LISTS = (
    "R1 to R28 are the races, and H1 to H15 the handlers, of docs/FACTS.md (C9, C16); what is on no list there has a "
    "number of its own. `shows in` counts the configurations of this hunt."
)
RANKED = (
    "Ranked: an export that is lost for good while it says Ready first, then other losses, then state that is stale or"
    " wrong; fewer faults and smaller configurations first."
)


def slugs(findings: Sequence[Finding]) -> list[str]:
    """The name of each finding's files: the known race, or a running number, and the symptom."""
    out: list[str] = []
    for number, finding in enumerate(findings, start=1):
        cause = finding.found.cause
        name = cause.name or f"unnamed-{number:02}"
        out.append(re.sub(r"[^a-z0-9]+", "-", f"{name} {finding.found.symptom}".lower()).strip("-"))
    return out


def called(finding: Finding) -> str:
    """What the race is called, and whether any list has it."""
    cause = finding.found.cause
    return cause.name if cause.is_known else f"{cause.name} ({NEW})" if cause.name else NEW


def index(
    findings: Sequence[Finding], cells: Sequence[Cell], command: str, names: Sequence[str], *, whole: bool
) -> str:
    """The table of findings, and how far the hunt went."""
    out = [
        "# Hunt",
        "",
        *_extent(cells, command, whole=whole),
        "",
        RANKED,
        "",
        LISTS,
        "",
        "| | known as | symptom | smallest configuration | steps | shows in | releases that have it |",
        "| --- | --- | --- | --- | --- | --- | --- |",
    ]
    for number, (finding, name) in enumerate(zip(findings, names, strict=True), start=1):
        found = finding.found
        has = ", ".join(sorted((r for r, says in finding.releases.items() if says == HAS_IT), key=_age))
        out.append(
            f"| {number} | [{called(finding)}]({name}.md) | {found.symptom} | {found.configuration.words} |"
            f" {found.steps} | {finding.shows_in} | {has} |"
        )
    return "\n".join([*out, ""])


def _age(release: str) -> list[int]:
    """The numbers of a release, by which releases are ordered; a proposal has none and comes last."""
    return [int(part) for part in re.findall(r"[0-9]+", release)] or [1 << 30]


def _extent(cells: Sequence[Cell], command: str, *, whole: bool) -> list[str]:
    """How far the hunt went."""
    exhausted = sum(cell.verdict == "exhausted" for cell in cells)
    violated = sum(bool(cell.found) for cell in cells)
    restless = sum(cell.verdict == "never at rest" for cell in cells)
    within = len(cells) - violated - exhausted - restless
    worlds, walked = sum(cell.worlds for cell in cells), sum(cell.walked for cell in cells)
    text = (
        f"Of {len(cells)} configurations{'' if whole else ' (interrupted: not all)'}, something is wrong at rest in"
        f" {violated}. {exhausted} were searched to the end, and nothing is wrong in any schedule; in {within} nothing"
        f" was found within the bounds. {worlds} worlds were searched and {walked} schedules walked."
    )
    if restless:
        words = "; ".join(cell.words for cell in cells if cell.verdict == "never at rest")
        text += f" {restless} never came to rest, as something is tried again for ever: {words}."
    return [f"Made by `{command}`.", "", text]


def page(finding: Finding, name: str, commands: Sequence[str]) -> str:
    """The page of one finding."""
    found = finding.found
    cause = found.cause
    out = [
        f"# {cause.title}",
        "",
        (
            f"Known as: {called(finding)}. Found under {found.algorithm}, {found.steps} steps, in {finding.shows_in} "
            f"configurations of the hunt{'; lost for good' if found.is_for_good else ''}."
        ),
        "",
        "| release | on the smallest configuration |",
        "| --- | --- |",
        *(f"| {release} | {says} |" for release, says in sorted(finding.releases.items())),
        "",
        "## Smallest configuration",
        "",
        f"{found.configuration.words} ([{name}.yaml]({name}.yaml)).",
        "",
        "## Steps",
        "",
        *(f"{number}. {line}" for number, line in enumerate(found.story, start=1)),
        "",
        "In the end:",
        "",
        *(f"- {line}" for line in found.end),
        "",
        "## Cause",
        "",
        *(f"- {line}" for line in cause.lines),
        "",
        "Where it lies upstream:",
        "",
        *([f"- {handler}: `{upstream}`" for handler, upstream in cause.handlers] or ["- in no handler: none notices"]),
        "",
        "## What would close it",
        "",
        cause.closes or "Not worked out: the cause is on no list yet.",
        "",
        "## Reproduce",
        "",
        *(f"    {command}" for command in commands),
        "",
        "## Trace",
        "",
        "The steps that the end follows from, with their numbers in the schedule.",
        "",
        "```",
        *_cut(found.trace),
        "```",
        "",
    ]
    return "\n".join(out)


def _cut(trace: Sequence[str]) -> list[str]:
    left_out = len(trace) - TRACE_MAX
    return [*(("  ...",) if left_out > 0 else ()), *trace[max(0, left_out) :]]
