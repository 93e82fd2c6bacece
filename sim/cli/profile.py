"""``sim profile``: what keeps the reduced space of a scenario large."""

from __future__ import annotations

from typing import Annotated

import typer

from sim.cli.options import Settings, asked
from sim.cli.searching import SearchProgress, prepared
from sim.explore.exhaust import Bounds, exhaust
from sim.explore.glue import Glue
from sim.explore.subject import Subject


def profile(
    scenario: Annotated[str, typer.Argument(help="Which scenario, or a file of one.")] = "incident",
    algorithm: Annotated[list[str] | None, typer.Option(help="Which sync algorithm; the first by default.")] = None,
    set_: Settings = None,
    worlds: Annotated[int, typer.Option(help="Look at so many worlds.")] = 100_000,
    lines: Annotated[int, typer.Option(help="How many lines of each list.")] = 15,
    may_stop: Annotated[bool, typer.Option(help="The environment may stop before any operation.")] = False,
) -> None:
    """Which pairs of steps, over what, make worlds branch; and which cells and processes vary most."""
    settings, (name, *_) = asked(scenario, algorithm, set_)
    model, world = prepared(scenario, settings, name)
    subject = Subject(model, world, (), may_stop=may_stop)
    glue = Glue(subject)
    done = exhaust(subject, Bounds(worlds), SearchProgress(), watch=glue.watch)
    search = done.search
    branching = sum(known.chosen.bit_count() > 1 for known in search.worlds.values())
    ended = f"ended by {done.bound}" if done.bound else "all of them"
    typer.echo(f"{scenario}, {name}: {len(search.worlds)} worlds, {ended}; {branching} of them branch")
    typer.echo("     times  a step  ><  whoever had to join because of it  over what")
    typer.echo("\n".join(glue.lines(lines)))
