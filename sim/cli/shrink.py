"""``sim shrink TOKEN``: a schedule, or a run in simulated time, made as small as it gets."""

from __future__ import annotations

from typing import Annotated

import typer

from sim.cli.searching import judged, token_of
from sim.core.errors import BadInput
from sim.core.trace import Step
from sim.explore.check import fails
from sim.explore.shrink import completed, shrink
from sim.explore.subject import Moves, Subject, Told
from sim.explore.token import decode as decode_schedule
from sim.explore.token import is_schedule, replayed
from sim.explore.walks import uniform, walk
from sim.study.find import catalogue
from sim.study.token import decode, version
from sim.timed.run import run, settle


def shrink_(
    token: Annotated[str, typer.Argument(help="A token of explore or check.")],
    tries: Annotated[int, typer.Option(help="How many shorter schedules to try at most.")] = 4000,
) -> None:
    """Fewest faults, then fewest steps, then first come, first served; the end is still a loss."""
    subject, moves, given, scenario, settings, algorithm = _schedule(token) if is_schedule(token) else _timed(token)
    prop = subject.judged[0]
    begun = completed(subject, moves, fails(subject, prop), 10**6)
    if begun is None:
        raise BadInput(f"without a clock, the run of the token does not violate {prop.name}", "a token of a loss")
    made = shrink(subject, begun.moves, fails(subject, prop), tries)
    told = subject.told(made.moves)
    typer.echo(f"the token has {given} steps; what of them the search takes, carried on to rest, are")
    typer.echo(f"{len(begun.moves)} steps shrunk to {len(made.moves)}, {made.cost[0]} of them of the environment")
    for number, words in subject.model.story(told.steps, told.machine.get, told.changes, prop):
        typer.echo(f"{int(number):>6}  {words}")
    typer.echo(f"token   {token_of(subject, made.moves, scenario, settings, algorithm)}")


Made = tuple[Subject, Moves, int, str, dict[str, str], str]


def _schedule(text: str) -> Made:
    token = decode_schedule(text, version())
    model = catalogue().search(token.scenario, token.settings, token.algorithm)
    subject = Subject(model, settle(model), judged(model, ("L1",)), may_stop=token.may_stop)
    steps = replayed(Told(subject), token.picks)
    moves = _places(subject, steps)
    return subject, moves, len(steps), token.scenario, token.settings, token.algorithm


def _timed(text: str) -> Made:
    """The steps of a run in simulated time, for the same scenario without its data plane and without a clock."""
    token = decode(text)
    whole = catalogue().model(token.scenario, token.settings, token.algorithm)
    made = run(whole, settle(whole), token.seed, record=True)
    model = catalogue().search(token.scenario, _given(token.scenario, token.settings), token.algorithm)
    subject = Subject(model, settle(model), judged(model, ("L1",)), may_stop=False)
    moves = _places(subject, made.recorded)
    return subject, moves, len(made.recorded), token.scenario, _given(token.scenario, token.settings), token.algorithm


def _places(subject: Subject, steps: list[Step]) -> Moves:
    walk(subject, uniform(0))  # meets the processes that are started on the way
    return subject.places([(step.domain, step.process, step.choice) for step in steps])


def _given(scenario: str, settings: dict[str, str]) -> dict[str, str]:
    """The settings of the run, those that its scenario has by default among them, as text."""
    values = catalogue().settings(scenario, settings)
    plain = {name: str(value) for name, value in values.items() if not isinstance(value, list)}
    return {**plain, **settings}
