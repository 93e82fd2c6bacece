"""``sim hunt``: what can still go wrong, found from general scripts in small configurations."""

from __future__ import annotations

import os
from collections.abc import Sequence
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from sim.cli.options import NOWHERE, parse_algorithms, parse_out
from sim.cli.progress import Progress
from sim.core.errors import BadInput
from sim.core.hunting import Configuration
from sim.explore.hunt import Cell, Effort
from sim.report.hunt_pages import index, page, slugs
from sim.report.verdict_text import wrapped
from sim.study.find import catalogue
from sim.study.hunting import EFFORTS, Finding, confirm, merged, sweep
from sim.study.interrupts import Interrupts


class Budget(StrEnum):
    """How far a hunt goes; bounds are numbers of walks and worlds, never of seconds."""

    TINY = "tiny"
    SMALL = "small"
    FULL = "full"


def hunt_(
    algorithm: Annotated[str, typer.Option(help="Which sync algorithm is hunted in.")] = "0.19.1",
    budget: Annotated[Budget, typer.Option(help="Which configurations, and how much in each.")] = Budget.SMALL,
    configuration: Annotated[Path | None, typer.Option(help="Hunt in this scenario's file alone.")] = None,
    out: Annotated[str | None, typer.Option(help="Folder for the pages; none writes none.")] = None,
    releases: Annotated[bool, typer.Option(help="Say of each finding which releases have it.")] = True,
    jobs: Annotated[int, typer.Option(help="Worker processes; 0: one for each processor.")] = 0,
) -> None:
    """Search small configurations upward for everything that is wrong at rest, and name the causes.

    Exits with 1 if anything is wrong, with 0 if nothing is, with 3 if it was interrupted.
    """
    if jobs < 0:
        raise BadInput(f"--jobs {jobs}", "0 or more")
    parse_algorithms([], {algorithm: ""})
    hunter, effort = catalogue().hunter(), EFFORTS[budget.value]
    folder = parse_out(None if out == NOWHERE else out)
    chosen = [hunter.given(str(configuration))] if configuration else hunter.configurations(budget.value)
    jobs = min(jobs or os.cpu_count() or 1, len(chosen))
    with Interrupts() as interrupts:
        cells, findings = _hunted(chosen, algorithm, effort, jobs, interrupts)
        if releases and not interrupts.came:
            _confirmed(findings, effort, jobs, interrupts)
    names = slugs(findings)
    for finding, name in zip(findings, names, strict=True):
        typer.echo(page(finding, name, []) if configuration else "\n".join(_line(finding, name)))
    whole = len(cells) == len(chosen)
    typer.echo(f"{len(findings)} causes in {len(cells)} configurations{'' if whole else ', interrupted'}")
    if folder is not None:
        command = f"python -m sim hunt --algorithm {algorithm!r} --budget {budget.value} --out {out}".replace("'", "")
        _write(folder, findings, cells, names, command, whole=whole)
    raise typer.Exit(3 if not whole else int(bool(findings)))


def _hunted(
    chosen: Sequence[Configuration], algorithm: str, effort: Effort, jobs: int, interrupts: Interrupts
) -> tuple[list[Cell], list[Finding]]:
    progress = Progress(len(chosen), "configurations")
    cells = sweep([(each, algorithm, effort) for each in chosen], jobs, progress.advance, interrupts)
    return cells, merged(cells)


def _confirmed(findings: Sequence[Finding], effort: Effort, jobs: int, interrupts: Interrupts) -> None:
    names = catalogue().algorithms()
    progress = Progress(len(findings) * (len(names) - 1), "findings under other releases")
    confirm(findings, names, effort, jobs, progress.advance, interrupts)


def _line(finding: Finding, name: str) -> list[str]:
    found = finding.found
    text = f"{found.cause.title}; {found.configuration.words}; {found.steps} steps; in {finding.shows_in}"
    return wrapped(f"{name:<28} ", text)


def _write(
    folder: Path, findings: Sequence[Finding], cells: Sequence[Cell], names: Sequence[str], command: str, *, whole: bool
) -> None:
    """The pages and the scenario beside each; pages of before are removed."""
    hunter = catalogue().hunter()
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for old in sorted(folder.glob("*")):
            if old.suffix in {".md", ".yaml"}:
                old.unlink()
        for finding, name in zip(findings, names, strict=True):
            found = finding.found
            scenario = folder / f"{name}.yaml"
            scenario.write_text(hunter.saved(found.configuration, found.symptom, finding.expected))
            commands = [f"python -m sim hunt --configuration {scenario} --algorithm {found.algorithm} --no-releases"]
            if finding.expected:
                commands.append(f"python -m sim check {scenario} --algorithm {found.algorithm}")
            (folder / f"{name}.md").write_text(page(finding, name, commands))
        (folder / "index.md").write_text(index(findings, cells, command, names, whole=whole))
    except OSError as error:
        raise BadInput(f"{folder} cannot be written: {error.strerror or error}", "a folder that can be") from None
