"""``sim check``: every interleaving of a scenario, and what can go wrong in one of them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from enum import StrEnum
from functools import partial
from pathlib import Path
from typing import Annotated

import msgspec
import typer

from sim.cli.keeping import keepers
from sim.cli.options import Algorithms, ClusterSymmetry, OneByOne, ServiceSymmetry, Settings, asked
from sim.cli.progress import say_interrupted
from sim.cli.searching import SearchProgress, ask
from sim.cli.writing import write
from sim.core.errors import BadInput, refuse
from sim.explore.check import Checked, Plan
from sim.explore.exhaust import Bounds
from sim.explore.verdict import Report, exit_code
from sim.explore.walks import STRATEGIES
from sim.report.dot import dot
from sim.report.junit import junit
from sim.report.mermaid import mermaid
from sim.report.sarif import sarif
from sim.report.verdict_text import no_return, render
from sim.study.interrupts import Interrupts

NUMBER_MAX = 1e12
COVERED, WRITTEN = "what is covered is told", "the search is written first"


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
    algorithm: Algorithms = None,
    set_: Settings = None,
    judge: Annotated[list[str] | None, typer.Option("--property", help="What decides the verdict; repeatable.")] = None,
    exhaustive: Annotated[bool, typer.Option(help="Search on after a violation, for a shorter one.")] = False,
    whole_script: Annotated[bool, typer.Option(help="The environment carries out its whole script.")] = False,
    worlds: Annotated[int, typer.Option(help="Give up after so many worlds; 0: never.")] = 2_000_000,
    seconds: Annotated[float, typer.Option(help="Give up after so many seconds of one check; 0: never.")] = 0,
    memory: Annotated[float, typer.Option(help="Give up at so many MB of memory; 0: never.")] = 0,
    walks: Annotated[int, typer.Option(help="Random walks that are tried first.")] = 40,
    strategy: Annotated[str, typer.Option(help="How walks choose: uniform, pct, remaining or speeds.")] = "uniform",
    only_walks: Annotated[bool, typer.Option(help="Walk only; never exhaustive.")] = False,
    search: Annotated[
        Search, typer.Option(help="With reduction, or plain: breadth first over every world.")
    ] = Search.REDUCED,
    depth: Annotated[int, typer.Option(help="How many steps a plain search goes; 0: to the end.")] = 0,
    alone: OneByOne = True,
    symmetry: ServiceSymmetry = True,
    cluster_symmetry: ClusterSymmetry = True,
    full: Annotated[bool, typer.Option("--full", help="Every step of the counterexample.")] = False,
    junit_: Annotated[Path | None, typer.Option("--junit", help="Write the answer as JUnit XML.")] = None,
    sarif_: Annotated[Path | None, typer.Option("--sarif", help="Write the answer as SARIF.")] = None,
    mermaid_: Annotated[Path | None, typer.Option("--mermaid", help="Draw the counterexample as a sequence.")] = None,
    dot_: Annotated[Path | None, typer.Option("--dot", help="Draw the graph of a small search.")] = None,
    checkpoint: Annotated[
        Path | None, typer.Option(help="Keep the search in this file, and go on from it; of a name for each algorithm.")
    ] = None,
    explain: Annotated[bool, typer.Option(help="Look for the point of no return.")] = True,
    format_: Annotated[Format, typer.Option("--format", help="How to print the answer.")] = Format.TEXT,
) -> None:
    """Search every interleaving and say whether an exported service can get lost, and how."""
    _check_numbers(worlds=worlds, seconds=seconds, memory=memory, walks=walks, depth=depth)
    check_walks(strategy, walks, only_walks=only_walks)
    settings, names = asked(scenario, algorithm, set_)
    if depth and search is not Search.PLAIN:
        raise BadInput(f"--depth {depth} with --search {search.value}", "--depth with --search plain")
    plan = Plan(
        Bounds(worlds, seconds, memory), search is Search.PLAIN, depth, exhaustive, walks, strategy, only_walks,
        not whole_script, explain, alone, symmetry, cluster_symmetry,
    )  # fmt: skip
    if (mermaid_ or dot_) and len(names) != 1:
        what = f"{scenario} is checked under {', '.join(names)}, and a picture shows one"
        raise BadInput(what, "one --algorithm with --mermaid or --dot")
    reports: list[Report] = []
    kept = keepers(checkpoint, scenario, settings, names, tuple(judge or ()), plan)
    with Interrupts(partial(say_interrupted, COVERED if kept is None else WRITTEN)) as interrupts:
        for name in names:
            if reports and interrupts.came:
                break
            outs: list[Checked] = []
            keep = partial(kept, name) if kept else None
            answers = ask(scenario, settings, name, tuple(judge or ()), plan, SearchProgress(name), outs.append, keep,
                          lambda: interrupts.came)  # fmt: skip
            reports.append(_say(answers, full=full) if format_ is Format.TEXT else list(answers)[-1])
    if format_ is Format.JSON:
        typer.echo(msgspec.json.format(msgspec.json.encode(reports)).decode())
    _write_all(reports, outs, {"junit": junit_, "sarif": sarif_, "mermaid": mermaid_, "dot": dot_})
    raise typer.Exit(_code(reports, names))


def _code(reports: list[Report], names: tuple[str, ...]) -> int:
    """What the command exits with; algorithms that an interrupt has left are said, and are undetermined."""
    left = names[len(reports) :]
    if left:
        typer.echo(f"interrupted: {', '.join(left)} not checked", err=True)
    return exit_code(reports) or (3 if left else 0)


def _check_numbers(**numbers: float) -> None:
    for name, value in numbers.items():
        if not 0 <= value < NUMBER_MAX:
            raise BadInput(f"--{name} {value}", "a number of at least 0")


def check_walks(strategy: str, walks: int, *, only_walks: bool = False) -> None:
    """Refuse a strategy that there is not, and no walks where there is nothing else.

    Raises:
        BadInput: it is so.
    """
    if strategy not in STRATEGIES:
        raise BadInput(f"--strategy {strategy}", ", ".join(STRATEGIES))
    if only_walks and not walks:
        raise BadInput("--only-walks with --walks 0", "at least one walk")


def _write_all(reports: list[Report], outs: list[Checked], paths: dict[str, Path | None]) -> None:
    """Write what was asked for; pictures are of one algorithm.

    Raises:
        BadInput: something cannot be drawn or written; all else is, and the verdict has been printed.
    """
    made: dict[str, Callable[[], str]] = {
        "junit": lambda: junit(reports),
        "sarif": lambda: sarif(reports),
        "mermaid": lambda: _sequence(reports[0]),
        "dot": lambda: _graph(outs[0]),
    }
    wrong = []
    for name, path in paths.items():
        if path is not None:
            try:
                write(path, made[name]())
            except BadInput as error:
                wrong.append(error)
    refuse(wrong)


def _sequence(report: Report) -> str:
    if report.counterexample is None:
        raise BadInput(f"--mermaid: {report.algorithm} violates nothing here", "an algorithm with a counterexample")
    return mermaid(report.counterexample)


def _graph(out: Checked) -> str:
    if out.done is None:
        raise BadInput("--dot: nothing was searched", "--exhaustive, without --only-walks or --search plain")
    return dot(out.done.search, out.subject)


def _say(answers: Iterator[Report], *, full: bool) -> Report:
    """Print the report as soon as it is there, and the point of no return once it is found."""
    report = next(answers)
    typer.echo(render(report, full=full))
    for explained in answers:
        report = explained
        if report.counterexample is not None and report.counterexample.no_return is not None:
            typer.echo("\n".join(no_return(report.counterexample)) + "\n")
    return report
