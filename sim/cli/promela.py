"""``sim promela``: a small scenario as a model that Spin can count the worlds of."""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import Annotated

import typer

from sim.cli.options import Settings, asked
from sim.cli.searching import SearchProgress, prepared
from sim.cli.writing import write
from sim.core.errors import BadInput
from sim.explore.promela import promela, worlds_and_command
from sim.explore.subject import Subject


def promela_(
    scenario: Annotated[str, typer.Argument(help="Which scenario, or a file of one.")] = "operations",
    algorithm: Annotated[str | None, typer.Option(help="Which sync algorithm; the first by default.")] = None,
    set_: Settings = None,
    out: Annotated[str | None, typer.Option(help="Write the model to this file; to stdout unless given.")] = None,
    may_stop: Annotated[bool, typer.Option(help="The environment may stop before any operation.")] = False,
) -> None:
    """Write a scenario without kills as a Promela model; its first line says how Spin counts its states."""
    if out == "":
        raise BadInput("--out is empty", "a file that can be written")
    settings, (name, *_) = asked(scenario, [algorithm] if algorithm else [], set_)
    model, world = prepared(scenario, settings, name)
    subject = Subject(model, world, (), may_stop=may_stop)
    text = promela(subject.tables, subject.begin, SearchProgress())
    if out is None:
        typer.echo(text, nl=False)
        return
    write(Path(out), text)
    worlds, command = worlds_and_command(text)
    command = command.replace("FILE", shlex.quote(out))
    typer.echo(f"{scenario}, {name}: {worlds} worlds; Spin counts as many states with\n{command}")
