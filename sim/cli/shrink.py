"""``sim shrink TOKEN``: a schedule, or a run in simulated time, made as small as it gets."""

from __future__ import annotations

from typing import Annotated

import msgspec
import typer

from sim.cli.searching import judged, token_of
from sim.core.errors import BadInput
from sim.core.property import Property, When
from sim.core.setting import as_text
from sim.core.trace import Step
from sim.explore.check import fails
from sim.explore.replayed import listed_at_rest, violated
from sim.explore.shrink import Shrunk, completed, shrink
from sim.explore.subject import Moves, Subject, Told
from sim.explore.token import decode as decode_schedule
from sim.explore.token import is_schedule, replayed
from sim.explore.walks import uniform, walk
from sim.report.verdict_text import wrapped
from sim.study.find import catalogue
from sim.study.token import Token, decode, version
from sim.timed.run import run, settle

NO_LIMIT = 10**6


class Given(msgspec.Struct):
    """The schedule of a token: ``steps`` is how many the token has, ``is_whole`` whether ``moves`` are just those."""

    subject: Subject
    moves: Moves
    steps: int
    scenario: str
    settings: dict[str, str]
    algorithm: str
    is_whole: bool


def shrink_(
    token: Annotated[str, typer.Argument(help="A token of explore or check.")],
    judge: Annotated[
        str, typer.Option("--property", help="What is to stay violated; else the first of those that check lists.")
    ] = "",
    tries: Annotated[int, typer.Option(help="How many shorter schedules to try at most.", min=0)] = 4000,
) -> None:
    """Fewest faults, then fewest steps, then first come, first served; the end violates the same property."""
    given = _schedule(token) if is_schedule(token) else _timed(token, judge)
    subject = given.subject
    prop = judged(subject.model, (judge,))[0] if judge else _gravest(given)
    anywhere = prop.when is When.ALWAYS
    begun = _violating(given, prop)
    if begun is None:
        clock = "" if given.is_whole else "without a clock, "
        raise BadInput(f"{clock}the schedule of the token does not violate {prop.name}", _accepted(given))
    made = shrink(subject, begun.moves, fails(subject, prop), tries, anywhere=anywhere)
    told = subject.told(made.moves)
    length = f"{len(begun.moves)} steps shrunk to {len(made.moves)}, {made.cost[0]} of them of the environment"
    for line in wrapped("", f"{_taken(given, len(begun.moves))}{length}; they violate {prop.name}: {prop.sentence}"):
        typer.echo(line)
    for number, words in subject.model.story(told.steps, told.machine.get, told.changes, prop):
        typer.echo("\n".join(wrapped(f"{int(number):>6}  ", words)))
    for line in _end(subject, told, prop):
        typer.echo(line)
    typer.echo(f"token   {token_of(subject, made.moves, given.scenario, given.settings, given.algorithm)}")


def _end(subject: Subject, told: Told, prop: Property) -> list[str]:
    """The end of the schedule, and what else it violates than what stays violated."""
    lines = [line for part in subject.model.outcome(told.machine.get) for line in wrapped("   end  ", part)]
    wrong = listed_at_rest(subject.model, violated(subject.model, told.machine))
    others = [each.name for each in wrong if each.name != prop.name]
    return [*lines, *(wrapped("  also  ", f"the end violates {', '.join(others)}") if others else [])]


def _taken(given: Given, steps: int) -> str:
    """How many steps the token has, where they are not just those that are shrunk."""
    if not given.is_whole:
        return f"the run has {given.steps} steps; what of them a search takes, carried on to rest: "
    return "" if given.steps == steps else f"the token has {given.steps} steps; up to the violation: "


def _violating(given: Given, prop: Property) -> Shrunk | None:
    """The schedule up to where it violates the property; None if it does not. The schedule of a search is not carried
    on: what must be so at rest is not judged of one that goes on for ever.
    """
    subject = given.subject
    if prop.when is When.SOMETIMES:
        return None
    most = len(given.moves) if given.is_whole else NO_LIMIT
    return completed(subject, given.moves, fails(subject, prop), most, anywhere=prop.when is When.ALWAYS)


def _violated(given: Given) -> list[Property]:
    """The properties that the schedule violates, in the order in which check lists them, then those that are judged
    only where they are asked for.
    """
    model = given.subject.model
    known = {prop.name: prop for prop in (*model.checked(), *model.askable())}
    return [prop for prop in known.values() if _violating(given, prop) is not None]


def _gravest(given: Given) -> Property:
    """What is violated in the end, else what must hold always and does not; of several the first."""
    wrong = _violated(given)
    if not wrong:
        clock = "" if given.is_whole else "without a clock, "
        raise BadInput(f"{clock}the schedule of the token violates no property at rest or always", _accepted(given))
    return min(wrong, key=lambda prop: prop.when is When.ALWAYS)


def _accepted(given: Given) -> str:
    wrong = [prop.name for prop in _violated(given)]
    return f"one of those that it violates: {', '.join(wrong)}" if wrong else "a token of a violation"


def _schedule(text: str) -> Given:
    token = decode_schedule(text, version())
    if catalogue().digest(token.scenario) != token.digest:
        raise BadInput(f"scenario {token.scenario} has changed since the token was made", "a token of this version")
    model = catalogue().search(token.scenario, token.settings, token.algorithm)
    subject = Subject(model, settle(model), (), may_stop=token.may_stop)
    steps = replayed(Told(subject), token.picks)
    moves = subject.traced([(step.domain, step.process, step.choice) for step in steps])
    return Given(subject, moves, len(steps), token.scenario, token.settings, token.algorithm, True)


def _timed(text: str, judge: str) -> Given:
    """The steps of a run in simulated time, for the same scenario without a clock; also without what a search leaves
    out of it, unless what is to stay violated is not, or cannot be told, then.
    """
    token = decode(text)
    whole = catalogue().model(token.scenario, token.settings, token.algorithm)
    made = run(whole, settle(whole), token.seed, record=True)
    settings = _given(token.scenario, token.settings)
    left_out = catalogue().search_plan(token.scenario, token.settings).leaves_out
    for view in ({**settings, **left_out}, settings):
        try:
            given = _searched(token, view, made.recorded)
        except BadInput:  # the script needs what the search leaves out
            continue
        wrong = [prop.name for prop in _violated(given)]
        if judge in wrong if judge else wrong:
            return given
    return _searched(token, settings, made.recorded)


def _searched(token: Token, settings: dict[str, str], steps: list[Step]) -> Given:
    """The steps as those of a search under these settings."""
    model = catalogue().search(token.scenario, settings, token.algorithm)
    subject = Subject(model, settle(model), (), may_stop=False)
    moves = _places(subject, steps)
    return Given(subject, moves, len(steps), token.scenario, settings, token.algorithm, False)


def _places(subject: Subject, steps: list[Step]) -> Moves:
    walk(subject, uniform(0))  # meets the processes that are started on the way
    return subject.places([(step.domain, step.process, step.choice) for step in steps])


def _given(scenario: str, settings: dict[str, str]) -> dict[str, str]:
    """The settings of the run, those that its scenario has by default among them, as text."""
    values = catalogue().settings(scenario, settings)
    return {**{name: as_text(value) for name, value in values.items()}, **settings}
