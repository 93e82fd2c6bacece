"""``sim report FOLDER``: what a results folder says, once it has been found whole."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from sim.cli.explore import Format
from sim.report.text import render, render_json
from sim.study.store import read


def report(
    folder: Annotated[Path, typer.Argument(help="A results folder, such as results/incident.")],
    format_: Annotated[Format, typer.Option("--format", help="How to print the summary.")] = Format.TEXT,
) -> None:
    """Print the summary of a study whose files are all as its manifest says."""
    _, _, summary = read(folder)
    typer.echo(render_json(summary) if format_ is Format.JSON else render(summary), nl=False)
