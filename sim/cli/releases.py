"""``sim releases``: which known defect can happen in which algorithm, by searching each pair."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from typing import Annotated

import msgspec
import typer

from sim.cli.check import Format
from sim.cli.options import parse_algorithms
from sim.cli.progress import Progress
from sim.cli.searching import SearchProgress, ask
from sim.core.errors import BadInput, unknown
from sim.core.model import Defect, Reach
from sim.explore.check import Checked, Plan
from sim.explore.exhaust import NO_BOUNDS, Bounds
from sim.explore.verdict import Report, Verdict
from sim.report.matrix import PYTHON_SIM, Answer, Breaks, Cell, Matrix, render
from sim.study.find import catalogue
from sim.study.token import version
from sim.study.workers import workers

JOBS_MAX = 1024


class Silent(SearchProgress):
    """Many searches at once say nothing each."""

    def __call__(self, search: object, seconds: float, bounds: Bounds = NO_BOUNDS) -> None:
        return None

    def walks(self, total: int) -> Callable[[int], None]:
        return lambda _by: None


def releases(
    release: Annotated[list[str] | None, typer.Option(help="Which algorithm; may be given again.")] = None,
    defect: Annotated[list[str] | None, typer.Option(help="Which defect; may be given again.")] = None,
    quick: Annotated[bool, typer.Option("--quick", help="Smaller bounds: minutes.")] = False,
    jobs: Annotated[int | None, typer.Option(help="Processes to use; all cores unless given.")] = None,
    format_: Annotated[Format, typer.Option("--format", help="How to print the answer.")] = Format.TEXT,
) -> None:
    """Search every algorithm for every known defect; each search is bounded by walks and worlds, never by time."""
    if jobs is not None and not 1 <= jobs <= JOBS_MAX:
        raise BadInput(f"--jobs {jobs}", f"a whole number from 1 to {JOBS_MAX}")
    names = parse_algorithms(release or [], dict.fromkeys(catalogue().algorithms(), ""))
    chosen = _chosen(defect or [])
    broken = {each.id: breaks(each, names) for each in chosen}
    cells = _searched(chosen, names, jobs or os.cpu_count() or 1, quick=quick)
    matrix = Matrix(version(), list(names), chosen, quick, cells, broken)
    if format_ is Format.JSON:
        typer.echo(msgspec.json.format(msgspec.json.encode(matrix)).decode())
    else:
        typer.echo(render(matrix))


def _chosen(ids: list[str]) -> list[Defect]:
    """The defects of these ids, in their own order; all if none is named.

    Raises:
        BadInput: there is none of an id.
    """
    known = catalogue().defects()
    for id_ in ids:
        if id_ not in [each.id for each in known]:
            raise unknown("defect", id_, [each.id for each in known])
    return [each for each in known if not ids or each.id in ids]


def breaks(defect: Defect, algorithms: Sequence[str]) -> list[Breaks]:
    """The properties that the searches for a defect judge, so that whoever has it breaks one of them; as the first of
    the algorithms that is asked about it and has them says them.
    """
    names = catalogue().search_plan(defect.scenario, {}).judged
    for algorithm in algorithms:
        model = None if algorithm in defect.not_for else catalogue().search(defect.scenario, {}, algorithm)
        known = {prop.name: prop for prop in (*model.checked(), *model.askable())} if model is not None else {}
        if all(name in known for name in names):
            return [Breaks(name, known[name].sentence) for name in names]
    return []


def _searched(chosen: list[Defect], names: tuple[str, ...], jobs: int, *, quick: bool) -> list[Cell]:
    """Every cell, searched by so many processes."""
    pairs = [(each, name) for each in chosen for name in names]
    out = []
    progress = Progress(len(pairs), "searches")
    with workers(max(1, min(jobs, len(pairs)))) as pool:
        for cell in pool.map(_cell, *zip(*pairs, strict=True), [quick] * len(pairs)):
            out.append(cell)
            progress.advance(1)
    return out


def _cell(defect: Defect, algorithm: str, quick: bool) -> Cell:
    """One search."""
    if algorithm in defect.not_for:
        return Cell(defect.id, algorithm, Answer.NOT_ASKED, reason=defect.not_for[algorithm])
    reach = defect.quick if quick else defect.reach
    plan = Plan(Bounds(worlds=reach.worlds), walks=reach.walks, strategy=reach.strategy, explain=False,
                further=False)  # fmt: skip
    checks: list[Checked] = []
    report = list(ask(defect.scenario, {}, algorithm, (), plan, Silent(), checks.append))[-1]
    found = report.counterexample
    return Cell(
        defect=defect.id,
        algorithm=algorithm,
        answer=_answer(report, checks),
        property=found.property if found else "",
        steps=found.steps if found else 0,
        is_shortest=bool(found and found.is_shortest),
        walks=report.coverage.walks,
        worlds=report.coverage.worlds,
        bound=report.coverage.bound,
        command=_command(defect, algorithm, reach),
        token=found.token if found else "",
    )


def _answer(report: Report, checks: list[Checked]) -> Answer:
    """What is known; a check whose walks have found a violation makes no search."""
    if report.verdict is Verdict.VIOLATED:
        walked = any(check.violated is not None and check.done is None for check in checks)
        return Answer.WALKED if walked else Answer.SEARCHED
    return Answer.IMPOSSIBLE if report.verdict is Verdict.EXHAUSTED else Answer.NOT_FOUND


def _command(defect: Defect, algorithm: str, reach: Reach) -> str:
    """What comes to the same answer."""
    bounds = f"--walks {reach.walks} --worlds {reach.worlds}"
    strategy = "" if reach.strategy == Plan().strategy else f" --strategy {reach.strategy}"
    return f"{PYTHON_SIM} check {defect.scenario} --algorithm {algorithm} {bounds}{strategy}"
