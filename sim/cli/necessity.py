"""``sim necessity``: an algorithm without each of its guards in turn, and what breaks then."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Annotated

import typer

from sim.cli.check import check_walks
from sim.cli.options import Settings, parse_algorithms, parse_settings
from sim.cli.progress import say_interrupted
from sim.cli.searching import SearchProgress, heading, judged, prepared, token_of
from sim.core.errors import unknown
from sim.core.property import When
from sim.explore.exhaust import Bounds
from sim.explore.necessity import Breaks, breaks
from sim.explore.verdict import INTERRUPTED, ended
from sim.report.verdict_text import wrapped
from sim.study.find import catalogue
from sim.study.interrupts import Interrupts


def necessity(
    scenario: Annotated[str, typer.Argument(help="Which scenario, or a file of one.")] = "restart",
    algorithm: Annotated[str, typer.Option(help="Whose guards are removed.")] = "0.19.1",
    guard: Annotated[list[str] | None, typer.Option(help="Only this guard; may be given again.")] = None,
    set_: Settings = None,
    judge: Annotated[
        list[str] | None, typer.Option("--property", help="What may break, beside all that is judged; repeatable.")
    ] = None,
    walks: Annotated[int, typer.Option(help="Random walks that are tried first.", min=0)] = 40,
    strategy: Annotated[str, typer.Option(help="How walks choose: uniform, pct, remaining or speeds.")] = "uniform",
    worlds: Annotated[int, typer.Option(help="Give up after so many worlds; 0: never.", min=0)] = 300_000,
) -> None:
    """Remove each guard of an algorithm in turn, and say what breaks then that does not break with it."""
    settings = dict(parse_settings(set_ or []))
    parse_algorithms([algorithm], {})
    check_walks(strategy, walks)
    guards = catalogue().guards(algorithm)
    for name in guard or ():
        if name not in guards:
            raise unknown("guard", name, guards)
    plan = catalogue().search_plan(scenario, settings)
    asked = (*plan.judged, *(judge or ()))
    typer.echo("\n".join(heading(scenario, settings, algorithm)))

    def broken(name: str, anyway: Breaks | None = None) -> Breaks:
        model, world = prepared(scenario, settings, name)
        ending = [prop.name for prop in model.checked() if prop.when in (When.AT_REST, When.EVENTUALLY)]
        props = judged(model, tuple(dict.fromkeys((*ending, *asked))))
        return breaks(
            model,
            world,
            props,
            strategy,
            walks,
            Bounds(worlds),
            SearchProgress(name),
            anyway,
            lambda: interrupts.came,
            may_stop=plan.may_stop,
        )

    with Interrupts(partial(say_interrupted, "what was seen is told")) as interrupts:
        undetermined = _tell(broken, scenario, settings, algorithm, {name: guards[name] for name in guard or guards})
        undetermined = undetermined or interrupts.came
    raise typer.Exit(3 if undetermined else 0)


def _tell(
    broken: Callable[..., Breaks], scenario: str, settings: dict[str, str], algorithm: str, guards: dict[str, str]
) -> bool:
    """Tell of the algorithm as it is, and without each guard; whether any of that is left open."""
    whole = broken(algorithm)
    typer.echo("\n".join(wrapped(f"{algorithm}, as it is: ", _anyway(whole))))
    undetermined, found_bound = bool(whole.bound), ""
    for place, name in enumerate(guards):
        if INTERRUPTED in (whole.bound, found_bound):
            typer.echo(f"interrupted: not asked without {', '.join(list(guards)[place:])}", err=True)
            return True
        without = f"{algorithm} without {name}"
        found = broken(without, whole)
        found_bound = found.bound
        added = found.beside(whole)
        undetermined = undetermined or bool(found.bound and not added)
        typer.echo("\n" + "\n".join(wrapped(f"without {name}: ", guards[name])))
        typer.echo("\n".join(_listed(whole, found)))
        if added:
            moves = found.shown(added[0])
            typer.echo(f"  {added[0]} is violated in {len(moves)} steps, which end so:")
            typer.echo("\n".join(line for words in found.words(moves) for line in wrapped("    ", words)))
            token = token_of(found.subject, moves, scenario, settings, without)
            typer.echo(f"  replay  python -m sim replay {token}")
    return undetermined


def _anyway(whole: Breaks) -> str:
    """What breaks with all guards."""
    names = f"{', '.join(whole.moves)} can be violated" if whole.moves else "nothing can be violated"
    if whole.bound:
        seen = f"{', '.join(whole.moves) or 'nothing'} seen to be violated"
        return f"{seen}; the search was {ended(whole.bound)}, so more may be, guards or not"
    return f"{names}, over all schedules"


def _listed(whole: Breaks, found: Breaks) -> list[str]:
    """The properties that break without a guard and not with it, and those that break anyway."""
    added = found.beside(whole)
    anyway = [name for name in found.moves if name in whole.moves]
    if added:
        with_it = f"with it they were not seen to be, before {whole.bound}" if whole.bound else "with it they never are"
        out = wrapped("  breaks  ", f"{', '.join(added)}: {with_it}")
    elif found.bound:
        out = wrapped("  breaks  ", f"nothing more that was seen before {found.bound}: it may be needed")
    else:
        out = wrapped("  breaks  ", "nothing more, over all schedules: not needed in this scenario")
    if anyway:
        out += wrapped("  anyway  ", ", ".join(anyway))
    if added and found.bound:
        out += wrapped("  ", f"the search was {ended(found.bound)}: more may break")
    return out
