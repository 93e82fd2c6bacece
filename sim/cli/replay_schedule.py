"""``sim replay`` of a token of a search: one schedule again, step by step, numbered instead of timed."""

from __future__ import annotations

from collections.abc import Sequence

import typer

from sim.core.cell import Cell, Value
from sim.core.errors import BadInput
from sim.core.machine import Machine, Observer
from sim.core.trace import Step
from sim.explore.token import ScheduleToken, decode, replayed
from sim.explore.words import briefly, in_words
from sim.study.find import catalogue
from sim.study.token import version
from sim.timed.run import settle


class Watching(Observer):
    """The steps of a schedule and the changes of observed cells, each with the number of its step."""

    def __init__(self, observed: Sequence[Cell]) -> None:
        self.steps: list[Step] = []
        self.changes: list[tuple[float, Cell, Value]] = []
        self.machine = Machine(self, versioned=False)
        self.machine.watched.update((cell, []) for cell in observed)

    def changed(self, cell: Cell) -> None:
        self.changes.append((len(self.steps) + 1.0, cell, self.machine.get(cell)))


def replay_schedule(text: str, *, full: bool, at: float | None) -> None:
    """Print the steps of a schedule, all or those that a person would name, or the state after ``at`` steps."""
    token = decode(text, version())
    if catalogue().digest(token.scenario) != token.digest:
        raise BadInput(f"scenario {token.scenario} has changed since the token was made", "a token of this version")
    if at is not None and not 0 <= at <= len(token.picks):
        raise BadInput(f"--at {at:g}", f"a number of steps between 0 and {len(token.picks)}")
    model = catalogue().search(token.scenario, token.settings, token.algorithm)
    watching = Watching(model.observed)
    machine = watching.machine
    machine.load(settle(model))
    model.begin_search(machine, may_stop=token.may_stop)
    watching.changes.clear()  # of what was there before
    steps = replayed(machine, token.picks if at is None else token.picks[: int(at)], watching.steps)
    typer.echo(_heading(token) + (f", after {int(at)} steps" if at is not None else ""))
    if at is not None:
        typer.echo("\n".join(model.state(machine.get)))
        return
    story = {int(number): words for number, words in model.story(steps, machine.get, watching.changes)}
    for number, step in enumerate(steps, start=1):
        told = story.get(number, "")
        words = in_words(step) if full else told or briefly(step)
        if words:
            typer.echo(f"{number:>6}  {words}")
        if full and told and told not in words:
            typer.echo(f"        so {told}")
    typer.echo("end: " + "; ".join(model.outcome(machine.get)) + f"; {len(steps)} steps")


def _heading(token: ScheduleToken) -> str:
    settings = "".join(f" {key}={value}" for key, value in token.settings.items())
    return f"{token.scenario}{settings}, algorithm {token.algorithm}, a schedule of {len(token.picks)} steps"
