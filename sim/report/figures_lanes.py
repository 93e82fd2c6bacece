"""One run as lanes: what was true, and what each component believed, over simulated time."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import chain, pairwise
from typing import TYPE_CHECKING, Any

import msgspec

from sim.report.figures_style import GREY, VERMILION, YELLOW, lay_out, new_figure, style, white_box

if TYPE_CHECKING:
    from matplotlib.artist import Artist
    from matplotlib.axes import Axes
    from matplotlib.backends.backend_agg import RendererAgg
    from matplotlib.figure import Figure
    from matplotlib.text import Annotation, Text

Span = tuple[float, float, str, str]
"""(begin_s, end_s, state, label)."""

STATE_LOOKS: dict[str, dict[str, Any]] = {
    "good": {"facecolor": "#7FCEB9", "lw": 0},
    "bad": {"facecolor": VERMILION, "hatch": "////", "edgecolor": "white", "lw": 0},
    "unknown": {"facecolor": "#F2F2F2", "hatch": "...", "edgecolor": "#777777", "lw": 0},
    "down": {"facecolor": GREY, "hatch": "xxx", "edgecolor": "white", "lw": 0},
}
WRONG_LOOK: dict[str, Any] = {"facecolor": YELLOW, "edgecolor": "black", "lw": 2, "zorder": 3}
OPPOSITE = {"good": "bad", "bad": "good"}
LANE, HEADING = 1.0, 0.75
TRUTH_HEIGHT, BELIEF_HEIGHT = 0.74, 0.56
NOTE_POINTS = 8.5
TEXT_MARGIN_PIXELS = 8
MARGIN_SHARE, MARGIN_MIN_S = 0.12, 3.0


class Lane(msgspec.Struct, frozen=True):
    """What was true of one thing (``believer`` false), or what one component believed (true), over time.

    Spans are (begin_s, end_s, state, label), the state one of "good", "bad", "unknown", "down". A belief with ``about``
    is judged against the true lane of that name, which must be among the lanes; one without is only shown.
    """

    name: str
    believer: bool
    spans: tuple[Span, ...]
    about: str = ""


class Lanes(msgspec.Struct, frozen=True):
    """The lanes of one run from ``begin_s`` to ``end_s`` of simulated time; ``marks`` are (time in s, words)."""

    title: str
    begin_s: float
    end_s: float
    lanes: tuple[Lane, ...]
    marks: tuple[tuple[float, str], ...]


def lanes(shown: Lanes, *, zoom_end_s: float | None = None) -> Figure:
    """The lanes of one run: what was true on top, in bold, and below it what was believed.

    A belief stands out, framed, while it is the opposite of what is true. The picture ends at ``zoom_end_s``, by
    default soon after the last change.
    """
    end_s = default_zoom_end_s(shown) if zoom_end_s is None else min(zoom_end_s, shown.end_s)
    marks = sorted(mark for mark in shown.marks if shown.begin_s <= mark[0] <= end_s)
    placed, names = _placed(shown.lanes)
    height = max(y for y, _ in names) + LANE
    with style():
        figure, axes = new_figure(11, 1.6 + 0.36 * height + 0.1 * len(marks), shown.title)
        axes.set(xlim=(shown.begin_s, end_s), ylim=(height - LANE / 2, -LANE / 2), xlabel=_axis_words(shown, end_s))
        _name_lanes(axes, names)
        texts = [text for y, lane in placed for text in _draw(axes, y, lane, shown, end_s)]
        notes = _draw_marks(axes, marks)
        figure.legend(*_handles(), loc="outside lower center", ncols=len(STATE_LOOKS) + 1, fontsize=9)
        _fit(figure, axes, texts, notes)
    return figure


def default_zoom_end_s(shown: Lanes) -> float:
    """A little after the last change of a lane or the last mark, in s; the end if nothing changes."""
    last_s = _last_change_s(shown)
    if last_s <= shown.begin_s:
        return shown.end_s
    return min(shown.end_s, last_s + max(MARGIN_MIN_S, MARGIN_SHARE * (last_s - shown.begin_s)))


def contradictions(belief: Lane, truth: Lane) -> list[tuple[float, float]]:
    """The times (begin_s, end_s) in which the belief is the opposite of the truth, in their order."""
    found: list[tuple[float, float]] = []
    for begin_s, end_s, state, _ in belief.spans:
        for true_begin_s, true_end_s, true_state, _ in truth.spans:
            begin, end = max(begin_s, true_begin_s), min(end_s, true_end_s)
            if begin >= end or OPPOSITE.get(state) != true_state:
                continue
            if found and found[-1][1] == begin:
                found[-1] = (found[-1][0], end)
            else:
                found.append((begin, end))
    return found


def _last_change_s(shown: Lanes) -> float:
    changes = [span[0] for lane in shown.lanes for span in lane.spans] + [at_s for at_s, _ in shown.marks]
    return max((at_s for at_s in changes if at_s < shown.end_s), default=shown.begin_s)


def _axis_words(shown: Lanes, end_s: float) -> str:
    if end_s >= shown.end_s:
        return "simulated time, s"
    if end_s > _last_change_s(shown):
        return f"simulated time, s (nothing shown here changes from then to {shown.end_s:g} s)"
    return f"simulated time, s (the run goes on to {shown.end_s:g} s)"


def _placed(all_lanes: Sequence[Lane]) -> tuple[list[tuple[float, Lane]], list[tuple[float, str | Lane]]]:
    """Each lane with its height, and the same with the headings between them."""
    names: list[tuple[float, str | Lane]] = []
    y = 0.0
    for believer, heading in ((False, "what is true"), (True, "what is believed")):
        group = [lane for lane in all_lanes if lane.believer is believer]
        if not group:
            continue
        names.append((y, heading))
        y += HEADING
        for lane in group:
            names.append((y, lane))
            y += LANE
    return [(y, lane) for y, lane in names if isinstance(lane, Lane)], names


def _name_lanes(axes: Axes, names: Sequence[tuple[float, str | Lane]]) -> None:
    axes.set_yticks([y for y, _ in names], [name.name if isinstance(name, Lane) else name for _, name in names])
    for label, (_, name) in zip(axes.get_yticklabels(), names, strict=True):
        if isinstance(name, str):
            label.set(fontsize=8.5, style="italic", color="#555555")
        elif not name.believer:
            label.set(fontweight="bold")
    axes.tick_params(axis="y", length=0)
    axes.spines["left"].set_visible(False)


def _draw(axes: Axes, y: float, lane: Lane, shown: Lanes, end_s: float) -> Iterator[tuple[Text, float]]:
    """Draws a lane; gives the text of each piece with the width it may have, in s."""
    height = BELIEF_HEIGHT if lane.believer else TRUTH_HEIGHT
    truth = _truth(lane, shown.lanes)
    wrong = contradictions(lane, truth) if truth else []
    for begin_s, span_end_s, state, label in lane.spans:
        # Cut where the belief becomes wrong or right, so that each piece has one look and its own text.
        edges = {at_s for at_s in chain.from_iterable(wrong) if begin_s < at_s < span_end_s}
        for piece_begin_s, piece_end_s in pairwise(sorted({begin_s, span_end_s} | edges)):
            begin, end = max(piece_begin_s, shown.begin_s), min(piece_end_s, end_s)
            if begin >= end:
                continue
            is_wrong = any(from_s <= piece_begin_s < to_s for from_s, to_s in wrong)
            axes.barh(y, end - begin, left=begin, height=height, **(WRONG_LOOK if is_wrong else STATE_LOOKS[state]))
            middle = (begin + end) / 2
            text = axes.text(middle, y, label, ha="center", va="center", fontsize=8, bbox=white_box(0.8), zorder=5)
            yield text, end - begin


def _truth(lane: Lane, all_lanes: Sequence[Lane]) -> Lane | None:
    """The lane against which a belief is judged; None if it is not."""
    if not lane.believer or not lane.about:
        return None
    truths = {other.name: other for other in all_lanes if not other.believer}
    assert lane.about in truths, f"{lane.name!r} is about {lane.about!r}, which is none of {list(truths)}"
    return truths[lane.about]


def _draw_marks(axes: Axes, marks: Sequence[tuple[float, str]]) -> list[Annotation]:
    notes: list[Annotation] = []
    line = {"arrowstyle": "-", "lw": 1, "ls": (0, (2, 2)), "shrinkA": 0, "shrinkB": 0, "relpos": (0, 0)}
    for at_s, words in marks:
        axes.axvline(at_s, color="black", lw=1, ls=(0, (2, 2)), zorder=4)
        note = axes.annotate(
            f" {words}", (at_s, 1), xycoords=("data", "axes fraction"), xytext=(0, 4), textcoords="offset points",
            fontsize=NOTE_POINTS, arrowprops=line,
        )  # fmt: skip
        notes.append(note)
    return notes


def _handles() -> tuple[list[Artist], list[str]]:
    from matplotlib.patches import Patch

    looks: list[Artist] = [Patch(**look) for look in (*STATE_LOOKS.values(), WRONG_LOOK)]
    return looks, [*STATE_LOOKS, "believed, but the opposite is true"]


def _fit(figure: Figure, axes: Axes, texts: Sequence[tuple[Text, float]], notes: Sequence[Annotation]) -> None:
    """Puts notes that would overlap above each other, and removes the texts that are wider than their span."""
    from matplotlib.backends.backend_agg import RendererAgg

    for text, _ in texts:
        text.set_in_layout(False)
    width, height = figure.get_size_inches() * figure.dpi
    renderer = RendererAgg(width, height, figure.dpi)  # type: ignore[no-untyped-call]
    lay_out(figure)
    _stack(notes, renderer)
    lay_out(figure)
    begin, end = axes.get_xlim()
    pixels_per_s = axes.get_window_extent(renderer).width / (end - begin)
    for text, width_s in texts:
        if text.get_window_extent(renderer).width + TEXT_MARGIN_PIXELS > width_s * pixels_per_s:
            text.remove()


def _stack(notes: Sequence[Annotation], renderer: RendererAgg) -> None:
    """From the last note to the first, each as low as there is room: so no note stands in the line of another."""
    begins: list[float] = []
    for note in reversed(notes):
        text = note.get_window_extent(renderer)
        level = next((level for level, begin in enumerate(begins) if text.x1 < begin), len(begins))
        begins[level : level + 1] = [text.x0]
        note.set_position((0, 4 + level * NOTE_POINTS * 1.5))
