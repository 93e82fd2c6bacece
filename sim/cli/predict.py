"""``sim predict``: what a script comes to in simulated time, and how often."""

from __future__ import annotations

import os
from enum import StrEnum
from typing import Annotated

import msgspec
import typer

from sim.cli.options import Algorithms, Settings, parse_algorithms, parse_seeds, parse_settings
from sim.cli.progress import Progress
from sim.core.errors import BadInput
from sim.report.prediction_text import render_all
from sim.study.campaign import Plan
from sim.study.find import catalogue
from sim.study.interrupts import Interrupts
from sim.study.prediction import predict


class Format(StrEnum):
    """How the prediction is printed."""

    TEXT = "text"
    JSON = "json"


def predict_(
    script: Annotated[str, typer.Argument(help="A scenario, a file of one, or a file that is a list of operations.")],
    algorithm: Algorithms = None,
    seeds: Annotated[str, typer.Option(help="How many seeds, or a range a:b.")] = "200",
    set_: Settings = None,
    jobs: Annotated[int | None, typer.Option(help="Processes to use; all cores unless given.")] = None,
    format_: Annotated[Format, typer.Option("--format", help="How to print the prediction.")] = Format.TEXT,
) -> None:
    """Say in which end states a script ends, with exact 95 % intervals, in the notation of outcomes of real runs."""
    first, end = parse_seeds(seeds)
    settings = parse_settings(set_ or [])
    algorithms = parse_algorithms(algorithm or [], catalogue().expected(script, dict(settings)))
    if jobs is not None and not 1 <= jobs <= 1024:
        raise BadInput(f"--jobs {jobs}", "a whole number from 1 to 1024")
    plan = Plan(script, settings, algorithms, first, end)
    progress = Progress(plan.runs())
    found = []
    with Interrupts(progress.interrupted) as interrupts:
        for name in algorithms:
            found.append(predict(plan, name, jobs or os.cpu_count() or 1, progress.advance, interrupts))
            if interrupts.came:
                break
    if format_ is Format.JSON:
        typer.echo(msgspec.json.format(msgspec.json.encode(found)).decode())
    else:
        typer.echo(render_all(found), nl=False)
    for name in algorithms[len(found) :]:
        typer.echo(f"interrupted: {name} was not run", err=True)
    raise typer.Exit(3 if interrupts.came or any(each.not_at_rest for each in found) else 0)
