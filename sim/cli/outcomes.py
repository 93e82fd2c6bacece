"""``sim outcomes``: every world at rest that a scenario can come to."""

from __future__ import annotations

from functools import partial
from typing import Annotated

import msgspec
import typer

from sim.cli.check import Format
from sim.cli.options import Algorithms, ClusterSymmetry, OneByOne, ServiceSymmetry, Settings, asked
from sim.cli.progress import say_interrupted
from sim.cli.searching import SearchProgress, heading, label, one_by_one, prepared, token_of
from sim.core.model import Alone
from sim.explore.check import Checked, Plan
from sim.explore.coverage import coverage
from sim.explore.exhaust import Bounds, Interrupted
from sim.explore.outcomes import Outcomes, outcomes
from sim.explore.subject import Subject
from sim.explore.verdict import Coverage
from sim.report.verdict_text import FURTHER_WALKS, amount, smaller, wrapped
from sim.study.find import catalogue
from sim.study.interrupts import Interrupts
from sim.study.token import version


class Row(msgspec.Struct):
    """One outcome as it is printed. ``service`` was searched alone; empty if all were searched together."""

    service: str
    end: tuple[str, ...]
    violated: tuple[str, ...]
    worlds: int
    steps: int
    token: str


def outcomes_(
    scenario: Annotated[str, typer.Argument(help="Which scenario, or a file of one.")] = "restart",
    algorithm: Algorithms = None,
    set_: Settings = None,
    may_stop: Annotated[bool, typer.Option(help="The environment may stop before any operation.")] = False,
    worlds: Annotated[int, typer.Option(help="Give up after so many worlds; 0: never.")] = 2_000_000,
    seconds: Annotated[float, typer.Option(help="Give up after so many seconds; 0: never.")] = 0,
    alone: OneByOne = True,
    symmetry: ServiceSymmetry = True,
    cluster_symmetry: ClusterSymmetry = True,
    format_: Annotated[Format, typer.Option("--format", help="How to print the answer.")] = Format.TEXT,
) -> None:
    """List everything that a scenario can come to, with one schedule each."""
    settings, names = asked(scenario, algorithm, set_)
    plan = Plan(
        Bounds(worlds, seconds), may_stop=may_stop, alone=alone, symmetry=symmetry, cluster_symmetry=cluster_symmetry
    )
    if format_ is Format.TEXT:
        typer.echo("\n".join(heading(scenario, settings, names[0])))
    made: list[Ends] = []
    with Interrupts(partial(say_interrupted, "what was seen is told")) as interrupts:
        for name in names:
            if made and interrupts.came:
                break
            made.append(_ends(scenario, settings, name, plan, lambda: interrupts.came, say=format_ is Format.TEXT))
    for name in names[len(made) :]:
        typer.echo(f"interrupted: {name} was not searched", err=True)
    if format_ is Format.JSON:
        typer.echo(msgspec.json.format(msgspec.json.encode(made)).decode())
    raise typer.Exit(0 if len(made) == len(names) and all(each.coverage.complete for each in made) else 3)


class Ends(msgspec.Struct):
    """The outcomes of one algorithm, with what was asked and what was covered."""

    scenario: str
    settings: dict[str, str]
    algorithm: str
    version: str
    outcomes: list[Row]
    coverage: Coverage


class Found(msgspec.Struct):
    """The outcomes of one service, or of all together, and the settings under which they were found."""

    alone: Alone
    settings: dict[str, str]
    outcomes: Outcomes


def _ends(
    scenario: str, settings: dict[str, str], algorithm: str, plan: Plan, interrupted: Interrupted, *, say: bool
) -> Ends:
    """What an algorithm can come to; printed service by service where that is asked for."""
    several, together = _found(scenario, settings, algorithm, plan, interrupted)
    rows: list[Row] = []
    outs = []
    why = f" (services together: {together})" if together else ""
    scope = catalogue().search(scenario, settings, algorithm).scope()
    for found in several:
        made = _rows(found, scenario, algorithm)
        rows += made
        title = f"{scenario}, {algorithm}: {label(found.alone)}".rstrip(": ") + why
        checked = Checked(found.outcomes.subject, plan, found.outcomes.done)
        checked.walked = found.outcomes.walks
        checked.taken.note()
        outs.append((label(found.alone), checked))
        if say:
            typer.echo("\n".join(_text(found.outcomes, title, made, scope.smaller)) + "\n")
    covered = coverage(outs, scope, together)
    if say:
        typer.echo("\n".join(wrapped("coverage  ", covered.sentence)) + "\n")
    values = catalogue().search_plan(scenario, settings).settings
    return Ends(scenario, values, algorithm, version(), rows, covered)


def _found(
    scenario: str, settings: dict[str, str], algorithm: str, plan: Plan, interrupted: Interrupted
) -> tuple[list[Found], str]:
    """What was found of each service, or of all together; and why of all, if they could have been searched alone."""

    def search(alone: Alone, more: dict[str, str]) -> Found:
        model, world = prepared(scenario, more, algorithm)
        symmetric = plan.cluster_symmetry
        progress = SearchProgress(algorithm).of(alone.service)
        made = outcomes(model, world, plan.bounds, progress, may_stop=plan.may_stop, symmetric=symmetric,
                        interrupted=interrupted)  # fmt: skip
        return Found(alone, more, made)

    def ends(found: Found) -> tuple[Subject, list[int]]:
        return found.outcomes.subject, found.outcomes.done.search.at_rest

    several, together = one_by_one(scenario, settings, algorithm, plan, search, ends)
    return several or [search(Alone("", ()), settings)], together


def _rows(found: Found, scenario: str, algorithm: str) -> list[Row]:
    return [
        Row(found.alone.service, each.words, each.violated, each.worlds, each.steps,
            token_of(found.outcomes.subject, each.moves, scenario, found.settings, algorithm))
        for each in found.outcomes.outcomes
    ]  # fmt: skip


def _text(found: Outcomes, title: str, rows: list[Row], options: list[str]) -> list[str]:
    covered = f" so far, there may be more: {found.bound}" if found.bound else ", all that there are"
    search = found.done.search
    at_rest, worlds = sum(row.worlds for row in rows), len(search.worlds) + len(search.stack)
    rests = f"{amount(at_rest, 'world')} at rest: those that read alike and violate the same are one outcome"
    out = [f"{title}: {amount(len(rows), 'outcome')}{covered} with the above left out ({worlds} worlds)"]
    out += wrapped("     ", f"{rests}, whatever else is different in them") if rows else []
    if found.bound:
        walked = f"{found.walks} random walks looked further (their ends are among these); " if found.walks else ""
        out += wrapped("     ", f"{walked}a larger bound may show more, sim predict samples runs, and {FURTHER_WALKS}")
        out += wrapped("     ", smaller(options)) if options else []
    for number, row in enumerate(rows, start=1):
        violated = f", violates {' '.join(row.violated)}" if row.violated else ""
        out.append(f"{number:>3}  in {row.steps} steps{violated}")
        out += [line for words in row.end for line in wrapped("       ", words)]
        out.append(f"       replay  python -m sim replay {row.token}")
    return out
