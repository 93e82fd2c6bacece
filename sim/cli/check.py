"""``sim check``: every interleaving of a scenario, and what can go wrong in one of them."""

from __future__ import annotations

from collections.abc import Iterator
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import msgspec
import typer

from sim.cli.keeping import keepers
from sim.cli.options import parse_algorithms, parse_settings
from sim.cli.searching import SearchProgress, ask
from sim.core.errors import BadInput
from sim.explore.check import Plan
from sim.explore.exhaust import Bounds
from sim.explore.verdict import Report, exit_code
from sim.explore.walks import STRATEGIES
from sim.report.junit import junit
from sim.report.sarif import sarif
from sim.report.verdict_text import no_return, render
from sim.study.find import catalogue


class Search(StrEnum):
    """How worlds are searched."""

    REDUCED = "reduced"
    PLAIN = "plain"


class Format(StrEnum):
    """How the answer is printed."""

    TEXT = "text"
    JSON = "json"


def check(
    scenario: Annotated[str, typer.Argument(help="Which scenario; `sim scenarios` lists them.")] = "incident",
    algorithm: Annotated[list[str] | None, typer.Option(help="Which sync algorithm; may be given again.")] = None,
    set_: Annotated[list[str] | None, typer.Option("--set", help="An option of the scenario, as key=value.")] = None,
    judge: Annotated[list[str] | None, typer.Option("--property", help="What decides the verdict; repeatable.")] = None,
    exhaustive: Annotated[bool, typer.Option(help="Search on after a violation, for the shortest of all.")] = False,
    whole_script: Annotated[bool, typer.Option(help="The environment carries out its whole script.")] = False,
    worlds: Annotated[int, typer.Option(help="Give up after so many worlds; 0: never.")] = 2_000_000,
    seconds: Annotated[float, typer.Option(help="Give up after so many seconds; 0: never.")] = 0,
    memory: Annotated[float, typer.Option(help="Give up at so many MB of memory; 0: never.")] = 0,
    walks: Annotated[int, typer.Option(help="Random walks that are tried first.")] = 40,
    strategy: Annotated[str, typer.Option(help="How walks choose: uniform, pct or remaining.")] = "uniform",
    only_walks: Annotated[bool, typer.Option(help="Walk only; never exhaustive.")] = False,
    search: Annotated[
        Search, typer.Option(help="With reduction, or plain: breadth first over every world.")
    ] = Search.REDUCED,
    depth: Annotated[int, typer.Option(help="How many steps a plain search goes; 0: to the end.")] = 0,
    full: Annotated[bool, typer.Option("--full", help="Every step of the counterexample.")] = False,
    junit_: Annotated[Path | None, typer.Option("--junit", help="Write the answer as JUnit XML.")] = None,
    sarif_: Annotated[Path | None, typer.Option("--sarif", help="Write the answer as SARIF.")] = None,
    checkpoint: Annotated[
        Path | None, typer.Option(help="Keep the search in this file, and go on from it; of a name for each algorithm.")
    ] = None,
    explain: Annotated[bool, typer.Option(help="Look for the point of no return.")] = True,
    format_: Annotated[Format, typer.Option("--format", help="How to print the answer.")] = Format.TEXT,
) -> None:
    """Search every interleaving and say whether an exported service can get lost, and how."""
    for name, value, least in (
        ("worlds", worlds, 0),
        ("seconds", seconds, 0),
        ("memory", memory, 0),
        ("walks", walks, 0),
        ("depth", depth, 0),
    ):
        if not least <= value < 1e12:
            raise BadInput(f"--{name} {value}", f"a number of at least {least}")
    if strategy not in STRATEGIES:
        raise BadInput(f"--strategy {strategy}", ", ".join(STRATEGIES))
    if only_walks and not walks:
        raise BadInput("--only-walks with --walks 0", "at least one walk")
    settings = parse_settings(set_ or [])
    expected = catalogue().expected(scenario, dict(settings))
    if depth and search is not Search.PLAIN:
        raise BadInput(f"--depth {depth} with --search {search.value}", "--depth with --search plain")
    plan = Plan(
        Bounds(worlds, seconds, memory), search is Search.PLAIN, depth, exhaustive, walks, strategy, only_walks,
        not whole_script, explain,
    )  # fmt: skip
    reports: list[Report] = []
    names = parse_algorithms(algorithm or [], expected)
    kept = keepers(checkpoint, scenario, dict(settings), names, tuple(judge or ()), plan)
    for name in names:
        answers = ask(scenario, dict(settings), name, tuple(judge or ()), plan, SearchProgress(), kept.get(name))
        reports.append(_say(answers, full=full) if format_ is Format.TEXT else list(answers)[-1])
    if format_ is Format.JSON:
        typer.echo(msgspec.json.format(msgspec.json.encode(reports)).decode())
    for path, text in ((junit_, junit), (sarif_, sarif)):
        if path is not None:
            _write(path, text(reports))
    raise typer.Exit(exit_code(reports))


def _write(path: Path, text: str) -> None:
    """Write a file, whole or not at all."""
    try:
        partial = path.with_name(f".{path.name}.partial")
        partial.write_text(text)
        partial.replace(path)
    except OSError as error:
        raise BadInput(f"{path}: {error.strerror or error}", "a file that can be written") from None


def _say(answers: Iterator[Report], *, full: bool) -> Report:
    """Print the report as soon as it is there, and the point of no return once it is found."""
    report = next(answers)
    typer.echo(render(report, full=full))
    for explained in answers:
        report = explained
        if report.counterexample is not None:
            typer.echo("\n".join(no_return(report.counterexample)) + "\n")
    return report
