"""``sim outcomes``: every world at rest that a scenario can come to."""

from __future__ import annotations

from typing import Annotated

import msgspec
import typer

from sim.cli.check import Format
from sim.cli.options import parse_algorithms, parse_settings
from sim.cli.searching import SearchProgress, prepared, token_of
from sim.explore.exhaust import Bounds
from sim.explore.outcomes import Outcomes, outcomes
from sim.report.verdict_text import wrapped
from sim.study.find import catalogue


class Row(msgspec.Struct):
    """One outcome as it is printed."""

    algorithm: str
    end: tuple[str, ...]
    violated: tuple[str, ...]
    worlds: int
    steps: int
    token: str


def outcomes_(
    scenario: Annotated[str, typer.Argument(help="Which scenario, or a file of one.")] = "restart",
    algorithm: Annotated[list[str] | None, typer.Option(help="Which sync algorithm; may be given again.")] = None,
    set_: Annotated[list[str] | None, typer.Option("--set", help="An option of the scenario, as key=value.")] = None,
    may_stop: Annotated[bool, typer.Option(help="The environment may stop before any operation.")] = False,
    worlds: Annotated[int, typer.Option(help="Give up after so many worlds; 0: never.")] = 2_000_000,
    seconds: Annotated[float, typer.Option(help="Give up after so many seconds; 0: never.")] = 0,
    format_: Annotated[Format, typer.Option("--format", help="How to print the answer.")] = Format.TEXT,
) -> None:
    """List everything that a scenario can come to, with one shortest schedule each."""
    settings = dict(parse_settings(set_ or []))
    rows: list[Row] = []
    complete = True
    for name in parse_algorithms(algorithm or [], catalogue().expected(scenario, settings)):
        model, world = prepared(scenario, settings, name)
        found = outcomes(model, world, Bounds(worlds, seconds), SearchProgress(), may_stop=may_stop)
        complete = complete and not found.bound
        made = _rows(found, scenario, settings, name)
        rows += made
        if format_ is Format.TEXT:
            typer.echo("\n".join(_text(found, scenario, name, made)) + "\n")
    if format_ is Format.JSON:
        typer.echo(msgspec.json.format(msgspec.json.encode(rows)).decode())
    raise typer.Exit(0 if complete else 3)


def _rows(found: Outcomes, scenario: str, settings: dict[str, str], algorithm: str) -> list[Row]:
    return [
        Row(algorithm, each.words, each.violated, each.worlds, each.steps,
            token_of(found.subject, each.moves, scenario, settings, algorithm))
        for each in found.outcomes
    ]  # fmt: skip


def _text(found: Outcomes, scenario: str, algorithm: str, rows: list[Row]) -> list[str]:
    covered = f"not all that there are: {found.bound}" if found.bound else "all that there are"
    worlds = len(found.done.search.worlds)
    out = [f"{scenario}, {algorithm}: {len(rows)} outcomes, {covered} ({worlds} worlds)"]
    for number, row in enumerate(rows, start=1):
        violated = f", violates {' '.join(row.violated)}" if row.violated else ""
        out.append(f"{number:>3}  in {row.steps} steps{violated}")
        out += [line for words in row.end for line in wrapped("       ", words)]
        out.append(f"       replay  python -m sim replay {row.token}")
    return out
