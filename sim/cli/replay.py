"""``sim replay TOKEN``: one run again, step by step."""

from __future__ import annotations

from typing import Annotated

import typer

from sim.cli.replay_schedule import replay_schedule
from sim.core.errors import BadInput
from sim.explore.token import is_schedule
from sim.explore.words import briefly, in_words
from sim.study.campaign import prepared
from sim.study.find import catalogue
from sim.study.sentences import sentences
from sim.study.token import Token, decode
from sim.timed.run import run


def replay(
    token: Annotated[str, typer.Argument(help="A token as explore, check or outcomes prints it.")],
    full: Annotated[bool, typer.Option("--full", help="Every step, not only those that a person would name.")] = False,
    at: Annotated[
        float | None, typer.Option(help="The state at this moment, in seconds of simulated time; in steps for check.")
    ] = None,
) -> None:
    """Print the timeline of one run; times in seconds since the script began."""
    if is_schedule(token):
        replay_schedule(token, full=full, at=at)
        return
    found = decode(token)
    model, world = prepared(found.scenario, tuple(found.settings.items()), found.algorithm)
    if catalogue().digest(found.scenario) != found.digest:
        raise BadInput(f"scenario {found.scenario} has changed since the token was made", "a token of this version")
    if at is not None and full:
        raise BadInput("--at and --full together", "--at for the state at one moment, or --full for every step")
    if at is not None:
        if not 0 <= at * 1000 <= model.observe_ms:
            raise BadInput(f"--at {at:g}", f"seconds between 0 and {model.observe_ms / 1000:g}")
        made = run(model, world, found.seed, record=True, until_ms=max(at * 1000, 1e-9))
        typer.echo(f"{heading(found)}, at {at:g} s ({made.steps} steps taken)")
        typer.echo("\n".join(model.state(made.machine.get)))
        return
    made = run(model, world, found.seed, record=True)
    typer.echo(heading(found))
    story = model.story(made.recorded, made.machine.get, made.changes)
    for step in made.recorded:
        words = in_words(step) if full else briefly(step)
        while story and story[0][0] < step.at_ms:
            _so(*story.pop(0))
        if words:
            typer.echo(f"{step.at_ms / 1000:10.4f} s  {words}")
            story = [line for line in story if line != (step.at_ms, words)]
    for line in story:
        _so(*line)
    said = sentences(model)
    violated = [name for name in made.judgement.violated.split() if name in said]
    if violated:
        typer.echo("violated: " + ", ".join(f"{name} ({said[name]})" for name in violated))
    typer.echo(f"outcome: {made.judgement.outcome} ({made.judgement.lost} exports lost); {made.steps} steps")


def _so(at_ms: float, words: str) -> None:
    """A line of the story of the run, beside the steps."""
    typer.echo(f"{at_ms / 1000:10.4f} s  so {words}")


def heading(token: Token) -> str:
    """Which run it is."""
    settings = "".join(f" {key}={value}" for key, value in token.settings.items())
    return f"{token.scenario}{settings}, algorithm {token.algorithm}, seed {token.seed}"
