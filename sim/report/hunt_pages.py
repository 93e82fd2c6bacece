"""The pages of a hunt: a table of all findings, and a page of each that a maintainer can act on."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence

import msgspec

from sim.core.hunting import ListedRace
from sim.explore.hunt import Cell
from sim.study.hunting import HAS_IT, Finding

TRACE_MAX = 60
NEW = "not on any list"
LISTS = (
    "R1 to R28 are races and H1 to H15 handlers, described in docs/FACTS.md (C9, C16) where the model has them; what is"
    " on no list has a number of its own (docs/HUNT.md). `shows in` counts configurations of this hunt. A finding is"
    " named by its cause; `sim releases` looks for symptoms in scenarios written for them, so the two may differ."
)
NOT_ASKED = "Not all releases were asked yet: a finding may be in more of them than are named."
RANKED = (
    "Ranked: an export that is lost for good while it says Ready first, then other losses, then state that is stale or"
    " wrong; fewer faults and smaller configurations first."
)


def slugs(findings: Sequence[Finding]) -> list[str]:
    """The name of each finding's files: the known race, or digits of its cause, and the symptom."""
    out: list[str] = []
    for finding in findings:
        cause = finding.found.cause
        name = cause.name or f"unnamed-{hashlib.sha256(repr(cause.key).encode()).hexdigest()[:6]}"
        out.append(re.sub(r"[^a-z0-9]+", "-", f"{name} {finding.found.symptom}".lower()).strip("-"))
    return out


def called(finding: Finding) -> str:
    """What the race is called, and whether any list has it."""
    cause = finding.found.cause
    return cause.name if cause.is_known else f"{cause.name} ({NEW})" if cause.name else NEW


class Extent(msgspec.Struct, frozen=True):
    """How many configurations a budget has, how many of them were to be hunted in, and the races that are on lists."""

    all_: int
    chosen: int
    races: tuple[ListedRace, ...] = ()

    def missing(self, reached: int) -> str:
        """How many configurations were not reached, in words; empty if all were."""
        out = f"; {self.chosen - reached} were not reached" if reached < self.chosen else ""
        return out + (f"; {self.all_ - self.chosen} larger ones were not asked for" if self.chosen < self.all_ else "")


def races(findings: Sequence[Finding], cells: Sequence[Cell], extent: Extent) -> list[tuple[ListedRace, str]]:
    """Of each race on a list: where it was found, or why it cannot be, or that it was not."""
    by_name = {finding.found.cause.name: finding for finding in findings}
    return [(race, _found(race, by_name.get(race.name), len(cells))) for race in extent.races]


def _found(race: ListedRace, finding: Finding | None, reached: int) -> str:
    if finding is None:
        if race.missing:
            return f"not looked for: {race.missing}"
        return f"not found in {reached} configurations{f'; {race.note}' if race.note else ''}"
    found = finding.found
    has = sorted((name for name, says in finding.releases.items() if says.startswith(HAS_IT)), key=_age)
    return (
        f"found under {found.algorithm} in: {found.configuration.words}; {found.steps} steps, {finding.walked} walks"
        f" and {finding.worlds} worlds; has it: {', '.join(has)}"
    )


def index(
    findings: Sequence[Finding], cells: Sequence[Cell], command: str, names: Sequence[str], extent: Extent,
    *, has_asked_releases: bool,
) -> str:  # fmt: skip
    """The table of findings, that of races on lists, and how far the hunt went."""
    out = [
        "# Hunt",
        "",
        *_extent(cells, command, extent),
        "",
        RANKED,
        "",
        LISTS,
        "",
        *(() if has_asked_releases else (NOT_ASKED, "")),
        "| | known as | symptom | smallest configuration | steps | shows in | releases that have it |",
        "| --- | --- | --- | --- | --- | --- | --- |",
    ]
    for number, (finding, name) in enumerate(zip(findings, names, strict=True), start=1):
        found = finding.found
        has = ", ".join(sorted((r for r, says in finding.releases.items() if says.startswith(HAS_IT)), key=_age))
        out.append(
            f"| {number} | [{called(finding)}]({name}.md) | {found.symptom} | {found.configuration.words} |"
            f" {found.steps} | {finding.shows_in} | {has} |"
        )
    if extent.races:
        out += ["", "## The races on lists", "", "| race | in one line | |", "| --- | --- | --- |"]
        out += [f"| {race.name} | {race.about} | {says} |" for race, says in races(findings, cells, extent)]
    return "\n".join([*out, ""])


def _age(release: str) -> list[int]:
    """The numbers of a release, by which releases are ordered; a proposal has none and comes last."""
    return [int(part) for part in re.findall(r"[0-9]+", release)] or [1 << 30]


def _extent(cells: Sequence[Cell], command: str, extent: Extent) -> list[str]:
    """How far the hunt went."""
    exhausted = sum(cell.verdict == "exhausted" for cell in cells)
    violated = sum(bool(cell.found) for cell in cells)
    restless = sum(cell.verdict == "never at rest" for cell in cells)
    within = len(cells) - violated - exhausted - restless
    worlds, walked = sum(cell.worlds for cell in cells), sum(cell.walked for cell in cells)
    text = (
        f"Of {len(cells)} configurations, something is wrong at rest in"
        f" {violated}. {exhausted} were searched to the end, and nothing is wrong in any schedule; in {within} nothing"
        f" was found within the bounds. {worlds} worlds were searched and {walked} schedules walked"
        f"{extent.missing(len(cells))}."
    )
    if restless:
        words = "; ".join(cell.words for cell in cells if cell.verdict == "never at rest")
        text += f" {restless} never came to rest, as something is tried again for ever: {words}."
    return [f"Made by `{command}`.", "", text]


READING = (
    "`every schedule` is a proof for this configuration; walks and worlds are where looking ended, without one.",
    "",
)
NAMES = (
    "Syncers (S1), handlers (H1), reconciles (R-a) and races (R1) are explained in [FACTS](../../docs/FACTS.md); what"
    " is on no list (N1), and how likely it is, in [HUNT](../../docs/HUNT.md)."
)
FOUND = (
    "The hunt comes to the same, exit code 1. The check says VIOLATED, which the scenario declares, so that its exit"
    " code is 0; or UNDETERMINED, 3, where its own walks and its bound do not come to it."
)


class Kept(msgspec.Struct, frozen=True):
    """What is kept of a finding beside its page: the name of its scenario's file, and commands that reproduce it."""

    name: str
    commands: tuple[str, ...]


def page(finding: Finding, kept: Kept | None = None) -> str:
    """The page of one finding; where nothing else is kept of it, without the file and commands."""
    found = finding.found
    cause = found.cause
    out = [
        f"# {cause.title}",
        "",
        (
            f"Known as: {called(finding)}. Found under {found.algorithm}, {found.steps} steps, in {finding.shows_in} "
            f"configurations of the hunt{'; lost for good' if found.is_for_good else ''}. "
            f"The smallest was looked at in {finding.walked} walks and {finding.worlds} worlds."
        ),
        "",
        "| release | on the smallest configuration |",
        "| --- | --- |",
        *(
            f"| {release} | {says} |"
            for release, says in sorted(finding.releases.items(), key=lambda each: _age(each[0]))
        ),
        "",
        *(READING if finding.releases else ()),
        "## Smallest configuration",
        "",
        found.configuration.words + (f" ([{kept.name}.yaml]({kept.name}.yaml))." if kept else "."),
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
        NAMES,
        "",
        "## What would close it",
        "",
        cause.closes or "Not worked out: the cause is on no list yet.",
        "",
        *(("## Reproduce", "", *(f"    {command}" for command in kept.commands), "", FOUND, "") if kept else ()),
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
