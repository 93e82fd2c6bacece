"""``sim compare OLD NEW``: two algorithms over all schedules."""

from __future__ import annotations

from functools import partial
from typing import Annotated

import typer

from sim.cli.options import Settings, parse_algorithms, parse_settings
from sim.cli.progress import say_interrupted
from sim.cli.searching import SearchProgress, heading, prepared, token_of
from sim.explore.compare import compare
from sim.explore.exhaust import Bounds
from sim.explore.outcomes import Outcome, Outcomes, outcomes
from sim.explore.verdict import ended
from sim.report.verdict_text import amount, wrapped
from sim.study.interrupts import Interrupts

LOSS = "L1"


def compare_(
    old: Annotated[str, typer.Argument(help="The algorithm that is there.")],
    new: Annotated[str, typer.Argument(help="The algorithm that is to replace it.")],
    scenario: Annotated[str, typer.Argument(help="Which scenario, or a file of one.")] = "restart",
    set_: Settings = None,
    worlds: Annotated[int, typer.Option(help="Give up after so many worlds; 0: never.", min=0)] = 2_000_000,
    seconds: Annotated[
        float, typer.Option(help="Give up after so many seconds for each algorithm; 0: never.", min=0)
    ] = 0,
) -> None:
    """What the old algorithm can come to that the new one cannot, and the other way round, with a witness each."""
    settings = dict(parse_settings(set_ or []))
    found = {}
    with Interrupts(partial(say_interrupted, "what was seen is told")) as interrupts:
        for name in parse_algorithms([old, new], {}):
            model, world = prepared(scenario, settings, name)
            asked = SearchProgress(name)
            found[name] = outcomes(model, world, Bounds(worlds, seconds), asked, interrupted=lambda: interrupts.came)
            if interrupts.came and name != new:
                seen = f"{amount(len(found[name].outcomes), 'outcome')} of {name} seen"
                typer.echo(f"interrupted: {seen}, nothing of {new}, so there is nothing to compare", err=True)
                raise typer.Exit(3)
    made = compare(found[old], found[new])
    typer.echo("\n".join(heading(scenario, settings, new)))
    for head, listed, name in (
        (title(old, made.old_bound, new, made.new_bound), made.closed, old),
        (title(new, made.new_bound, old, made.old_bound), made.added, new),
        ("both can come to", made.kept, old),
    ):
        typer.echo(f"{head}: {amount(len(listed), 'outcome')}, {_lost(listed)} of them a loss")
        for outcome in listed:
            typer.echo("\n".join(_text(outcome, found[name], scenario, settings, name)))
    lost = _lost([*made.added, *made.kept])
    if lost or not made.new_bound:
        does = "can still lose an import" if lost else "never loses an import"
        scope = "of what was seen" if made.new_bound else "over all schedules"
        typer.echo(f"{scope} of this scenario, with these options and the above left out: {new} {does}")
    for name, bound in dict.fromkeys(((old, made.old_bound), (new, made.new_bound))):
        if bound:
            typer.echo(f"the search of {name} was {ended(bound)}: what was not seen of it may still be possible")
    raise typer.Exit(3 if made.old_bound or made.new_bound else int(bool(_lost(made.added))))


def title(one: str, its_bound: str, other: str, others_bound: str) -> str:
    """What may be said of outcomes that were seen of one algorithm and not of the other: the bounds that their searches
    hit are empty where they came to their end.
    """
    if others_bound:
        return f"seen of {one} only, within bounds"
    return f"seen of {one} within bounds, impossible in {other}" if its_bound else f"only {one} can come to"


def _lost(listed: list[Outcome]) -> int:
    return sum(LOSS in outcome.violated for outcome in listed)


def _text(outcome: Outcome, found: Outcomes, scenario: str, settings: dict[str, str], name: str) -> list[str]:
    violated = f", violates {' '.join(outcome.violated)}" if outcome.violated else ""
    out = [f"  in {outcome.steps} steps{violated}"]
    out += [line for words in outcome.words for line in wrapped("    ", words)]
    token = token_of(found.subject, outcome.moves, scenario, settings, name)
    return [*out, f"    replay  python -m sim replay {token}"]
