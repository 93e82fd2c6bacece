"""The results folder of a campaign: manifest, rows, summary, figures."""

from __future__ import annotations

import itertools
import os
import shlex
from collections.abc import Callable
from concurrent.futures import as_completed
from functools import partial
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

from sim.report.text import render
from sim.study.campaign import Plan
from sim.study.conclude import Shown
from sim.study.find import catalogue
from sim.study.rows import Row, Summary
from sim.study.store import Manifest, ResultsFolder, Taken, versions
from sim.study.token import version
from sim.study.workers import workers

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from sim.report.figures_lanes import Lanes

RESULTS = Path("results")


def get_ready(*, writes: bool) -> None:
    """Import what the end of a study needs, while its runs are being made elsewhere."""
    if writes:
        import_module("sim.report.figures")
        for name in ("backends.backend_agg", "backends.backend_svg", "figure", "layout_engine"):
            import_module(f"matplotlib.{name}")
        for name in ("json", "parquet"):
            import_module(f"pyarrow.{name}")


def folder_for(plan: Plan, out: Path | None, *, replace: bool) -> ResultsFolder:
    """The folder named by the user, else the next free one below ``results``; made before the runs, so that a folder
    that cannot be written is known before they are.

    Raises:
        BadInput: the folder holds something else, or cannot be written.
    """
    if out is not None:
        return ResultsFolder.create(out, replace=replace)
    stem = f"{Path(plan.scenario).stem}-{plan.first}-{plan.end}"
    for number in itertools.count(1):
        path = RESULTS / f"{stem}-{number}"
        if not path.exists():
            try:
                return ResultsFolder.create(path)
            except Taken:  # by another run, since just now
                continue
    raise AssertionError("numbers have ended")


def command_of(plan: Plan) -> str:
    """The command that makes the same rows, as a shell takes it."""
    words = ["--seeds", f"{plan.first}:{plan.end}", "--scenario", plan.scenario]
    for algorithm in plan.algorithms:
        words += ["--algorithm", algorithm]
    for key, value in plan.settings:
        words += ["--set", f"{key}={value}"]
    return f"python -m sim explore {shlex.join(words)}"


def publish(
    folder: ResultsFolder, plan: Plan, rows: list[Row], summary: Summary, shown: Shown | None, jobs: int | None = None
) -> None:
    """Write everything; the manifest comes last, so a folder that has one is complete. Figures are drawn by ``jobs``
    processes.
    """
    pictures = _pictures(rows, summary, shown)
    with workers(min(jobs or os.cpu_count() or 1, len(pictures)) or 1, _keep, pictures) as pool:
        drawn = [pool.submit(_draw, stem) for stem in pictures]
        folder.write_rows(rows)
        folder.write_summary(summary)
        folder.write_text("report.txt", render(summary))
        for future in as_completed(drawn):
            for name, data in future.result():
                folder.write_bytes(name, data)
    folder.write_manifest(
        Manifest(
            command=command_of(plan),
            scenario=plan.scenario,
            settings=summary.settings,
            seeds=summary.seeds,
            algorithms=list(plan.algorithms),
            versions={**versions(), "code": version()},
            scenario_digest=catalogue().digest(plan.scenario),
        )
    )
    folder.finish()


def _pictures(rows: list[Row], summary: Summary, shown: Shown | None) -> dict[str, Callable[[], Figure]]:
    """What draws each figure, by its name: the one that takes longest first."""
    from sim.report import figures

    pictures: dict[str, Callable[[], Figure]] = {}
    if shown is not None:
        pictures["lanes"] = partial(figures.lanes, lanes_of(shown))
    if rows:
        pictures["outcomes"] = partial(figures.outcomes, summary)
        pictures["time-without-dns"] = partial(figures.time_without_dns, rows, summary.observed_minutes)
        pictures["time-without-import"] = partial(figures.time_without_import, rows, summary.observed_minutes)
    return pictures


_kept: dict[str, Callable[[], Figure]] = {}
"""In a worker: what it may have to draw."""


def _keep(pictures: dict[str, Callable[[], Figure]]) -> None:
    _kept.update(pictures)


def _draw(stem: str) -> list[tuple[str, bytes]]:
    """The files of a figure."""
    from sim.report import figures

    figure = _kept[stem]()
    return [(f"{stem}.png", figures.png(figure)), (f"{stem}.svg", figures.svg(figure))]


def lanes_of(shown: Shown) -> Lanes:
    """The lanes of the shown run, as the figure takes them."""
    from sim.report import figures_lanes

    end_ms = shown.model.observe_ms
    made = shown.run
    violates = f" (violates {', '.join(shown.row.violated.split())})" if shown.row.violated else ""
    lanes, marks = shown.model.lanes(made.machine.get, made.changes, end_ms)
    return figures_lanes.Lanes(
        title=f"{shown.model.scenario}, {shown.row.algorithm}, seed {shown.row.seed}: {shown.row.outcome}{violates}",
        begin_s=0.0,
        end_s=end_ms / 1000,
        lanes=tuple(
            figures_lanes.Lane(
                lane.name, lane.believer, tuple((s.begin_s, s.end_s, s.state, s.label) for s in lane.spans), lane.about
            )
            for lane in lanes
        ),
        marks=tuple(marks),
    )
