"""``sim replay`` of a token of a search: one schedule again, step by step, numbered instead of timed."""

from __future__ import annotations

import typer

from sim.core.errors import BadInput
from sim.core.machine import Machine
from sim.core.model import Model
from sim.core.property import Property, When
from sim.explore.replayed import violated_at_rest
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
    prop = _violated(model, machine)
    story: dict[int, list[str]] = {}
    for number, words in model.story(steps, machine.get, told.changes, prop):
        story.setdefault(int(number), []).append(words)
    for number, step in enumerate(steps, start=1):
        decisive = story.get(number, [])
        own = in_words(step) if full else briefly(step)
        if own and (full or not decisive):
            typer.echo(f"{number:>6}  {own}")
        for words in decisive:
            if words != own or not full:
                typer.echo(f"        so {words}" if full else f"{number:>6}  {words}")
    violated = violated_at_rest(model, machine)
    if violated:
        typer.echo("violated at rest: " + ", ".join(f"{each.name} ({each.sentence})" for each in violated))
    typer.echo("end: " + "; ".join(model.outcome(machine.get)) + f"; {len(steps)} steps")


def _violated(model: Model, machine: Machine) -> Property | None:
    """The first property that the end violates, of those that a check lists and those that are judged where asked for:
    what must be so at rest where it is at rest, else what must be so always.
    """
    ends = (When.ALWAYS,) if machine.enabled() else (When.AT_REST, When.EVENTUALLY)
    known = (prop for prop in (*model.checked(), *model.askable()) if prop.when in ends)
    return next((prop for prop in known if not prop.holds(machine.get)), None)


def _heading(token: ScheduleToken) -> str:
    settings = "".join(f" {key}={value}" for key, value in token.settings.items())
    return f"{token.scenario}{settings}, algorithm {token.algorithm}, a schedule of {len(token.picks)} steps"
