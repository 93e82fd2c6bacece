"""The figures of a study. Each says one thing, in its title, and is drawn from the study's own data.

matplotlib is imported inside the functions, as most commands draw nothing.
"""

from __future__ import annotations

import io
import re
from bisect import bisect_right
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from sim.report.figures_lanes import lanes
from sim.report.figures_style import (
    BLUE,
    DPI,
    GREEN,
    ORANGE,
    PURPLE,
    SKY_BLUE,
    VERMILION,
    duration,
    lay_out,
    new_figure,
    style,
    white_box,
)
from sim.study.rows import OUTCOMES, AlgorithmSummary, Row, Share, Summary
from sim.study.statistics import quantile
from sim.study.store import ResultsFolder
from sim.study.summary import LOST_FOR_EVER, MS_PER_MINUTE, broken_though_fine

if TYPE_CHECKING:
    from matplotlib.artist import Artist
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = ["lanes", "outcomes", "png", "save", "svg", "time_without_dns", "time_without_import"]

OUTCOME_LOOKS = dict(
    zip(OUTCOMES, ((VERMILION, "////"), (ORANGE, ".."), (PURPLE, "xx"), (SKY_BLUE, "\\\\"), (GREEN, "")), strict=True)
)
LINES = ((VERMILION, "-"), (BLUE, "--"), (GREEN, "-."), (ORANGE, ":"), (PURPLE, (0, (6, 1, 1, 1, 1, 1))))
LABELLED_SHARE_MIN = 0.06
"""A smaller part of a bar has no room for its label."""
UNUSUAL_SHARE = 0.005
"""Shorter times than this share of all would only stretch the axis."""
DIGEST_NAME = re.compile(rb'(?<=\bid=")[hmp][0-9a-f]{10}(?=")|(?<=#)[hmp][0-9a-f]{10}(?=["\)])')
SECONDS_TICKS = (0.01, 0.03, 0.1, 0.3, 1, 3, 10, 30, 60, 180, 600, 1800, 3600, 10_800, 36_000, 86_400)


def save(figure: Figure, folder: ResultsFolder, stem: str) -> None:
    """Writes ``stem.png`` and ``stem.svg``. Raises BadInput if the folder cannot be written."""
    folder.write_bytes(f"{stem}.png", png(figure))
    folder.write_bytes(f"{stem}.svg", svg(figure))


def png(figure: Figure) -> bytes:
    """The figure as PNG, 150 dots per inch; the same figure gives the same bytes."""
    return _bytes(figure, "png", {"Software": None})


def svg(figure: Figure) -> bytes:
    """The figure as SVG; the same figure gives the same bytes."""
    return numbered(_bytes(figure, "svg", {"Date": None}))


def numbered(drawing: bytes) -> bytes:
    """The drawing with its clips, hatches and markers numbered as they appear.

    matplotlib names them by a digest of all digits of their coordinates, of which the last depends on the machine.
    """
    names: dict[bytes, bytes] = {}

    def name(found: re.Match[bytes]) -> bytes:
        digest = found[0]
        return names.setdefault(digest, b"%c%d" % (digest[0], len(names) + 1))

    return DIGEST_NAME.sub(name, drawing)


def _bytes(figure: Figure, kind: str, metadata: dict[str, None]) -> bytes:
    file = io.BytesIO()
    with style():
        figure.savefig(file, format=kind, dpi=DPI, metadata=metadata)
    return file.getvalue()


def outcomes(summary: Summary) -> Figure:
    """Which share of the runs of each algorithm ended how, with the 95 % interval of the share lost for ever."""
    algorithms = [each for each in summary.algorithms if each.runs]
    with style():
        figure, axes = new_figure(9, 1.9 + 0.8 * len(algorithms), _outcomes_title(algorithms) + _but(summary))
        for index, each in enumerate(algorithms):
            _bar(axes, index, each)
        axes.set(xlim=(0, 100), ylim=(len(algorithms) - 0.4, -0.5), xlabel="share of the runs, %")
        axes.set_yticks(
            range(len(algorithms)), [f"{each.algorithm}\n{each.runs} runs" for each in algorithms], fontsize=10
        )
        axes.tick_params(axis="y", length=0)
        axes.spines["left"].set_visible(False)
        figure.legend(*_outcome_handles(), loc="outside lower center", ncols=len(OUTCOMES) + 1, fontsize=8.5)
        lay_out(figure)
    return figure


def _outcomes_title(algorithms: Sequence[AlgorithmSummary]) -> str:
    if not algorithms:
        return "No run was made"
    often = [f"{each.algorithm} in {_often(each.outcomes[LOST_FOR_EVER])}" for each in algorithms]
    return f"The import is lost for ever: {', '.join(often)} of the runs"


def _but(summary: Summary) -> str:
    """What is broken although imports are fine; the picture would hide it."""
    names = sorted({name for each in summary.algorithms for name in broken_though_fine(each, summary.properties)})
    return f"; but {', '.join(names)} are violated, and this picture is about imports alone" if names else ""


def _often(share: Share) -> str:
    if share.count in (0, share.of):
        return "all" if share.count else "none"
    return _percent(share.count / share.of)


def _percent(share: float) -> str:
    return f"{100 * share:.1f} %"


def _bar(axes: Axes, index: int, each: AlgorithmSummary) -> None:
    left, small = 0.0, []
    for outcome in OUTCOMES:
        share = each.outcomes[outcome].count / each.runs
        colour, hatch = OUTCOME_LOOKS[outcome]
        axes.barh(index, 100 * share, left=left, height=0.56, color=colour, hatch=hatch, edgecolor="white", linewidth=0)
        if share >= LABELLED_SHARE_MIN:
            axes.text(
                left + 50 * share, index, _percent(share), ha="center", va="center", fontsize=8.5, bbox=white_box()
            )
        elif share and outcome != LOST_FOR_EVER:  # which is told on the right
            small.append(f"{outcome} {_percent(share)}")
        left += 100 * share
    if small:
        axes.text(100, index + 0.31, f"also {', '.join(small)}", ha="right", va="top", fontsize=8)
    _interval(axes, index, each)


def _interval(axes: Axes, index: int, each: AlgorithmSummary) -> None:
    """The interval stands in the upper edge of the bar, where it crosses no label, and is told on the right."""
    lost = each.outcomes[LOST_FOR_EVER]
    low, high, height = 100 * lost.low, 100 * lost.high, index - 0.28
    for colour, width in (("white", 4.5), ("black", 1.6)):
        axes.plot([low, high], [height] * 2, "|-", color=colour, lw=width, ms=9, mew=width, clip_on=False, zorder=4)
    words = f"lost for ever\n{_percent(lost.count / lost.of)}\n[{low:.1f}, {high:.1f}]"
    axes.annotate(
        words, (1.01, index), xycoords=("axes fraction", "data"), va="center", fontsize=8.5, annotation_clip=False
    )


def _outcome_handles() -> tuple[list[Artist], list[str]]:
    from matplotlib.lines import Line2D
    from matplotlib.patches import Patch

    patches: list[Artist] = [
        Patch(facecolor=colour, hatch=hatch, edgecolor="white") for colour, hatch in OUTCOME_LOOKS.values()
    ]
    interval = Line2D([], [], color="black", marker="|", markersize=8, lw=1.6)
    return [*patches, interval], [*OUTCOMES, "95 % interval"]


def time_without_dns(rows: Sequence[Row], observed_minutes: float) -> Figure:
    """Which share of the runs left some client without a DNS answer for longer than a time, per algorithm."""
    return _time_without("dns_failed_ms", "a DNS answer", "client and service", rows, observed_minutes)


def time_without_import(rows: Sequence[Row], observed_minutes: float) -> Figure:
    """Which share of the runs left some living export without its import for longer than a time, per algorithm."""
    return _time_without("loss_ms", "the import", "export", rows, observed_minutes)


def _time_without(field: str, what: str, whose: str, rows: Sequence[Row], observed_minutes: float) -> Figure:
    times = {
        name: sorted(getattr(row, field) / MS_PER_MINUTE for row in rows if row.algorithm == name)
        for name in sorted({row.algorithm for row in rows})
    }
    with style():
        figure, axes = new_figure(9, 4.6, _time_title(times, what))
        shortest = _scale(axes, times, observed_minutes)
        for (name, minutes), (colour, dashes) in zip(times.items(), LINES * len(times), strict=False):
            _curve(axes, minutes, shortest, label=name, color=colour, linestyle=dashes)
        axes.axvline(observed_minutes, color="black", lw=1)
        axes.annotate(
            "the observation ends: longer times are cut off", (observed_minutes, 1), xycoords=("data", "axes fraction"),
            xytext=(0, 4), textcoords="offset points", ha="right", fontsize=8.5,
        )  # fmt: skip
        if times and not any(map(any, times.values())):
            axes.text(0.5, 0.5, f"never without {what}, in any run", transform=axes.transAxes, ha="center", fontsize=12)
        axes.set(ylim=(-2, 102), xlabel=f"time without {what}, longest of any {whose} (logarithmic)")
        axes.set_yticks(range(0, 101, 20))
        axes.set_ylabel("runs with a longer time, %")
        if times:
            figure.legend(loc="outside lower center", ncols=len(LINES), handlelength=4)
        lay_out(figure)
    return figure


def _time_title(times: dict[str, list[float]], what: str) -> str:
    if not times:
        return "No run was made"
    names_by_median: dict[str, list[str]] = {}
    for name, minutes in times.items():
        names_by_median.setdefault(duration(quantile(minutes, 0.5)), []).append(name)
    medians = [f"{median} under {' and '.join(names)}" for median, names in names_by_median.items()]
    return f"Median time without {what}: {', '.join(medians)}"


def _scale(axes: Axes, times: dict[str, list[float]], observed_minutes: float) -> float:
    """A logarithmic axis from below the shortest time to beyond the observation; returns where it begins.

    Times range from less than a second to all of the observation, so on a linear axis one end would be a wall.
    """
    positive = [minutes for values in times.values() for minutes in values if minutes > 0]
    usual = quantile(positive, UNUSUAL_SHARE) if positive else observed_minutes / 100
    shortest = min(max(usual / 1.5, observed_minutes / 10_000), observed_minutes / 10)
    longest = max([observed_minutes, *positive]) * 1.15
    ticks = [seconds / 60 for seconds in SECONDS_TICKS if shortest <= seconds / 60 <= longest]
    axes.set_xscale("log")
    axes.set_xlim(shortest, longest)
    axes.set_xticks(ticks, [_tick(minutes * 60) for minutes in ticks])
    axes.set_xticks([], minor=True)
    axes.grid(axis="both", color="#DDDDDD", lw=0.6)
    axes.set_axisbelow(True)
    return shortest


def _tick(seconds: float) -> str:
    for unit, size in (("h", 3600), ("min", 60)):
        if seconds >= size:
            return f"{seconds / size:g} {unit}"
    return f"{seconds:g} s"


def _curve(axes: Axes, minutes: Sequence[float], shortest: float, **look: Any) -> None:
    times = [shortest, *(value for value in minutes if value > shortest)]
    shares = [100 * (1 - bisect_right(minutes, value) / len(minutes)) for value in times]
    axes.step(times, shares, where="post", lw=2, **look)
