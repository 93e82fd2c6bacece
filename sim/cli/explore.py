"""``sim explore``: a scenario in simulated time, the same seeds under every algorithm."""

from __future__ import annotations

import os
from contextlib import nullcontext
from enum import StrEnum
from functools import partial
from typing import Annotated

import typer

from sim.cli.options import NOWHERE, Algorithms, Settings, parse_algorithms, parse_out, parse_seeds, parse_settings
from sim.cli.progress import Progress
from sim.core.errors import BadInput
from sim.report.text import render, render_json
from sim.study.campaign import Plan, campaign
from sim.study.conclude import conclude
from sim.study.find import catalogue
from sim.study.interrupts import Interrupts
from sim.study.publish import folder_for, get_ready, publish
from sim.study.summary import exit_code


class Format(StrEnum):
    """How the summary is printed."""

    TEXT = "text"
    JSON = "json"


def explore(
    named: Annotated[
        str | None, typer.Argument(metavar="[SCENARIO]", help="Which scenario; `sim scenarios` lists them.")
    ] = None,
    seeds: Annotated[str, typer.Option(help="How many seeds, or a range a:b.")] = "1000",
    scenario: Annotated[str | None, typer.Option(help="The same as the argument; incident unless given.")] = None,
    algorithm: Algorithms = None,
    set_: Settings = None,
    jobs: Annotated[int | None, typer.Option(help="Processes to use; all cores unless given.")] = None,
    out: Annotated[str | None, typer.Option(help="Folder for the results; 'none' writes none.")] = None,
    replace: Annotated[bool, typer.Option("--replace", help="Replace the study in --out.")] = False,
    format_: Annotated[Format, typer.Option("--format", help="How to print the summary.")] = Format.TEXT,
) -> None:
    """Run a scenario with many seeds and say whether an exported service gets lost.

    The exit code speaks of lost imports alone; other properties that runs violate are counted. What a scenario says in
    search.judged decides only where `sim check` searches it.
    """
    first, end = parse_seeds(seeds)
    settings = parse_settings(set_ or [])
    asked = _asked(named, scenario)
    expected = catalogue().expected(asked, dict(settings))
    algorithms = parse_algorithms(algorithm or [], expected)
    if jobs is not None and not 1 <= jobs <= 1024:
        raise BadInput(f"--jobs {jobs}", "a whole number from 1 to 1024")
    where = parse_out(out)
    plan = Plan(asked, settings, algorithms, first, end)
    cores = jobs or os.cpu_count() or 1
    progress = Progress(plan.runs())
    with (
        Interrupts(progress.interrupted) as interrupts,
        nullcontext() if out == NOWHERE else folder_for(plan, where, replace=replace) as folder,
    ):
        rows = campaign(plan, cores, progress.advance, interrupts, partial(get_ready, writes=folder is not None))
        summary, shown = conclude(plan, rows)
        typer.echo(render_json(summary) if format_ is Format.JSON else render(summary), nl=False)
        if folder is not None:
            publish(folder, plan, rows, summary, shown, cores)
            typer.echo(f"results: {folder.path}", err=True)
    raise typer.Exit(3 if interrupts.came and summary.as_expected is not False else exit_code(summary))


def _asked(named: str | None, scenario: str | None) -> str:
    """The scenario, which may be given as an argument or as an option."""
    if named and scenario and named != scenario:
        raise BadInput(f"scenario {named} and --scenario {scenario}", "one of them")
    return named or scenario or "incident"
