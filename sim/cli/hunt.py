"""``sim hunt``: what can still go wrong, found from general scripts in small configurations."""

from __future__ import annotations

import os
from collections.abc import Sequence
from enum import StrEnum
from pathlib import Path
from shlex import quote
from typing import Annotated

import msgspec
import typer

from sim.cli.corpus import Corpus
from sim.cli.options import NOWHERE, parse_algorithms, parse_out
from sim.cli.progress import Progress
from sim.core.errors import BadInput
from sim.core.hunting import Configuration, ListedRace
from sim.explore.hunt import Cell, Effort
from sim.report.hunt_pages import Extent, page, races, slugs
from sim.report.verdict_text import amount, wrapped
from sim.study.find import catalogue
from sim.study.hunting import EFFORTS, Finding, confirm, merged, sweep
from sim.study.interrupts import Interrupts
from sim.study.journal import Journal


class Budget(StrEnum):
    """How far a hunt goes; bounds are numbers of walks and worlds, never of seconds."""

    TINY = "tiny"
    SMALL = "small"
    FULL = "full"


def hunt_(
    algorithm: Annotated[str, typer.Option(help="Which sync algorithm is hunted in.")] = "0.19.1",
    budget: Annotated[Budget, typer.Option(help="Which configurations, and how much in each.")] = Budget.SMALL,
    configuration: Annotated[Path | None, typer.Option(help="Hunt in this scenario's file alone.")] = None,
    walks: Annotated[int, typer.Option(help="Walks of each strategy; 0: as many as the budget says.")] = 0,
    most: Annotated[int, typer.Option(help="At most so many configurations, the smallest; 0: all.")] = 0,
    out: Annotated[str | None, typer.Option(help="Folder for the pages; none writes none.")] = None,
    releases: Annotated[bool, typer.Option(help="Say of each finding which releases have it.")] = True,
    jobs: Annotated[int, typer.Option(help="Worker processes; 0: one for each processor.")] = 0,
) -> None:
    """Search small configurations upward for everything that is wrong at rest, and name the causes.

    Races of the list that other releases alone have are looked for there. Pages are written as it goes on; started
    again in the same folder, it goes on where it was cut off. Exits with 1 if anything is wrong under the algorithm,
    else with 0, or with 3 if not every configuration was reached.
    """
    if min(jobs, most, walks) < 0:
        raise BadInput(f"--jobs {jobs} --most {most} --walks {walks}", "0 or more")
    parse_algorithms([], {algorithm: ""})
    folder = parse_out(None if out == NOWHERE else out)
    hunter = catalogue().hunter()
    all_ = [hunter.given(str(configuration))] if configuration else hunter.configurations(budget.value)
    chosen = all_[: most or len(all_)]
    extent = Extent(len(all_), len(chosen), () if configuration else tuple(hunter.races()))
    effort = EFFORTS[budget.value]
    effort = msgspec.structs.replace(effort, walks=walks or effort.walks)
    given = {"configuration": configuration, "walks": walks, "most": most}
    more = "".join(f" --{name} {value}" for name, value in given.items() if value)
    command = f"python -m sim hunt --algorithm {quote(algorithm)} --budget {budget.value} --out {out}{more}"
    corpus = Corpus(folder, command, extent, budget.value, effort)
    journal = Journal(folder)
    with Interrupts(Progress(0).interrupted) as interrupts:
        jobs = jobs or os.cpu_count() or 1
        whole = Hunt(chosen, algorithm, effort, jobs, interrupts, corpus, journal, extent.races)
        cells, findings = whole.cells(), whole.findings
        asked = releases and not interrupts.came and whole.ask()
    corpus.write(findings, cells, has_asked_releases=asked)
    journal.close(done=not interrupts.came)
    _say(findings, cells, extent, algorithm, whole_pages=configuration is not None)
    wrong = any(finding.found.algorithm == algorithm for finding in findings)
    raise typer.Exit(1 if wrong else 3 if len(cells) < len(all_) else 0)


class Hunt:
    """The stages of a hunt: all configurations, races that only other releases have, and which releases have what."""

    def __init__(
        self, chosen: Sequence[Configuration], algorithm: str, effort: Effort, jobs: int, interrupts: Interrupts,
        corpus: Corpus, journal: Journal, races_: Sequence[ListedRace],
    ) -> None:  # fmt: skip
        self.chosen, self.algorithm, self.effort = chosen, algorithm, effort
        self.jobs, self.interrupts, self.corpus, self.journal = jobs, interrupts, corpus, journal
        self.races = races_
        self.findings: list[Finding] = []
        self._cells: list[Cell] = []

    def cells(self) -> list[Cell]:
        """What the configurations came to."""
        progress = Progress(len(self.chosen), "configurations")

        def saw(number: int, cell: Cell) -> None:
            progress.advance(1)
            self.corpus.saw(number, cell)

        tasks = [(each, self.algorithm, self.effort, None) for each in self.chosen]
        self._cells = sweep(tasks, min(self.jobs, len(tasks)), saw, self.interrupts, self.journal)
        self.findings = merged(self._cells)
        for race in self.races:
            if race.elsewhere and not self.interrupts.came and race.name not in self._found():
                self._look_elsewhere(race)
        return self._cells

    def _found(self) -> set[str]:
        return {finding.found.cause.name for finding in self.findings}

    def _look_elsewhere(self, race: ListedRace) -> None:
        """Go through the configurations, the smallest first, under a release that is to have a race."""
        tasks = [(each, race.elsewhere, self.effort, None) for each in self.chosen if race.hint in each.words]
        progress = Progress(len(tasks), f"configurations at most, for {race.name} in {race.elsewhere}")
        for begin in range(0, len(tasks), self.jobs):
            few = tasks[begin : begin + self.jobs]
            seen = sweep(few, self.jobs, lambda _number, _cell: progress.advance(1), self.interrupts, self.journal)
            found = [finding for finding in merged(seen) if finding.found.cause.name == race.name]
            if found or self.interrupts.came:
                self.findings = sorted([*self.findings, *found], key=lambda finding: finding.rank)
                return

    def ask(self) -> bool:
        """Ask the other releases; whether all were asked."""
        names = catalogue().algorithms()
        progress = Progress(len(self.findings) * (len(names) - 1), "findings under other releases")

        def saw(_number: int, _cell: Cell) -> None:
            progress.advance(1)
            self.corpus.again(self.findings, self._cells)

        return confirm(self.findings, names, self.effort, self.jobs, saw, self.interrupts, self.journal)


def _say(
    findings: Sequence[Finding], cells: Sequence[Cell], extent: Extent, algorithm: str, *, whole_pages: bool
) -> None:
    """A line of each finding, the table of the races on lists, and how far the hunt went."""
    named = list(zip(findings, slugs(findings), strict=True))
    for is_own in (True, False):
        some = [(finding, name) for finding, name in named if (finding.found.algorithm == algorithm) is is_own]
        if some and not is_own:
            typer.echo(f"\nnot of {algorithm}, found where the list says that they are:")
        for finding, name in some:
            typer.echo(page(finding) if whole_pages else "\n".join(_line(finding, name, algorithm)))
    if extent.races:
        typer.echo("\nraces on the list, R1 to R28, and those on no list that other releases have:")
        for race, says in races(findings, cells, extent):
            typer.echo("\n".join(wrapped(f"{race.name:<5} ", says)))
        typer.echo()
    own = sum(finding.found.algorithm == algorithm for finding in findings)
    others = len(findings) - own
    beside = f"; and {amount(others, 'cause')} of the list that other releases have, found there" if others else ""
    to_the_end = f"{sum(not cell.bound for cell in cells)} of them searched to the end"
    in_all = f"{amount(len(cells), 'configuration')}, {to_the_end}{extent.missing(len(cells))}"
    typer.echo(f"{algorithm}: {amount(own, 'cause')} in {in_all}{beside}")


def _line(finding: Finding, name: str, algorithm: str) -> list[str]:
    found = finding.found
    text = f"{found.cause.title}; {found.configuration.words}; {found.steps} steps; in {finding.shows_in}"
    text += f"; under {found.algorithm}" if found.algorithm != algorithm else ""
    return wrapped(f"{name:<28} ", text)
