"""The results folder of a campaign: manifest, rows, summary, figures."""

from __future__ import annotations

import itertools
from pathlib import Path
from typing import TYPE_CHECKING

from sim.report.text import render
from sim.study.campaign import Plan
from sim.study.conclude import Shown
from sim.study.find import catalogue
from sim.study.rows import Row, Summary
from sim.study.store import Manifest, ResultsFolder, versions
from sim.study.token import version

if TYPE_CHECKING:
    from sim.report.figures_lanes import Lanes

RESULTS = Path("results")


def folder_for(plan: Plan, out: Path | None, *, replace: bool) -> ResultsFolder:
    """The folder named by the user, else the next free one below ``results``; made before the runs, so that a folder
    that cannot be written is known before they are.

    Raises:
        BadInput: the folder holds something else, or cannot be written.
    """
    if out is not None:
        return ResultsFolder.create(out, replace=replace)
    stem = f"{Path(plan.scenario).stem}-{plan.first}-{plan.end}"
    free = next(p for n in itertools.count(1) if not (p := RESULTS / f"{stem}-{n}").exists())
    return ResultsFolder.create(free)


def command_of(plan: Plan) -> str:
    """The command that makes the same rows."""
    parts = ["python -m sim explore", f"--seeds {plan.first}:{plan.end}", f"--scenario {plan.scenario}"]
    parts += [f"--algorithm {algorithm}" for algorithm in plan.algorithms]
    parts += [f"--set {key}={value}" for key, value in plan.settings]
    return " ".join(parts)


def publish(folder: ResultsFolder, plan: Plan, rows: list[Row], summary: Summary, shown: Shown | None) -> None:
    """Write everything; the manifest comes last, so a folder that has one is complete."""
    from sim.report import figures, figures_lanes

    folder.write_rows(rows)
    folder.write_summary(summary)
    folder.write_text("report.txt", render(summary))
    if rows:
        figures.save(figures.outcomes(summary), folder, "outcomes")
        figures.save(figures.time_without_dns(rows, summary.observed_minutes), folder, "time-without-dns")
        figures.save(figures.time_without_import(rows, summary.observed_minutes), folder, "time-without-import")
    if shown is not None:
        figures.save(figures_lanes.lanes(lanes_of(shown)), folder, "lanes")
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
