"""``sim replay`` of a token of a search: one schedule again, step by step, numbered instead of timed."""

from __future__ import annotations

import typer

from sim.core.errors import BadInput
from sim.explore.replayed import listed_at_rest, violated
from sim.explore.subject import Subject, Told
from sim.explore.token import ScheduleToken, decode, replayed
from sim.explore.words import briefly, in_words
from sim.study.find import catalogue
from sim.study.token import version
from sim.timed.run import settle


def replay_schedule(text: str, *, full: bool, at: float | None) -> None:
    """Print the steps of a schedule, all or those that a person would name, or the state after ``at`` steps."""
    token = decode(text, version())
    if catalogue().digest(token.scenario) != token.digest:
        raise BadInput(f"scenario {token.scenario} has changed since the token was made", "a token of this version")
    if at is not None and not 0 <= at <= len(token.picks):
        raise BadInput(f"--at {at:g}", f"a number of steps between 0 and {len(token.picks)}")
    model = catalogue().search(token.scenario, token.settings, token.algorithm)
    told = Told(Subject(model, settle(model), (), may_stop=token.may_stop))
    machine = told.machine
    steps = replayed(told, token.picks if at is None else token.picks[: int(at)])
    typer.echo(_heading(token) + (f", after {int(at)} steps" if at is not None else ""))
    if at is not None:
        typer.echo("\n".join(model.state(machine.get)))
        return
    wrong = violated(model, machine)
    story: dict[int, list[str]] = {}
    for number, words in model.story(steps, machine.get, told.changes, next(iter(wrong), None)):
        story.setdefault(int(number), []).append(words)
    for number, step in enumerate(steps, start=1):
        decisive = story.get(number, [])
        own = in_words(step) if full else briefly(step)
        if own and (full or not decisive):
            typer.echo(f"{number:>6}  {own}")
        for words in decisive:
            if words != own or not full:
                typer.echo(f"        so {words}" if full else f"{number:>6}  {words}")
    at_rest = listed_at_rest(model, wrong)
    if at_rest:
        typer.echo("violated at rest: " + ", ".join(f"{each.name} ({each.sentence})" for each in at_rest))
    typer.echo("end: " + "; ".join(model.outcome(machine.get)) + f"; {len(steps)} steps")


def _heading(token: ScheduleToken) -> str:
    settings = "".join(f" {key}={value}" for key, value in token.settings.items())
    return f"{token.scenario}{settings}, algorithm {token.algorithm}, a schedule of {len(token.picks)} steps"
