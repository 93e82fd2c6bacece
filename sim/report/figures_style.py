"""What all figures share: colours that the colour-blind can tell apart, a fixed style, and the words for durations."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

# The palette of Okabe and Ito.
BLACK = "#000000"
ORANGE = "#E69F00"
SKY_BLUE = "#56B4E9"
GREEN = "#009E73"
YELLOW = "#F0E442"
BLUE = "#0072B2"
VERMILION = "#D55E00"
PURPLE = "#CC79A7"
GREY = "#BBBBBB"

DPI = 150
STYLE: dict[Any, Any] = {
    "axes.spines.right": False,
    "axes.spines.top": False,
    "font.size": 10,
    "hatch.linewidth": 0.5,
    "legend.frameon": False,
    "svg.hashsalt": "multicluster-sim",  # else the names inside an SVG are random
    "text.parse_math": False,  # a label with two dollar signs is no formula
}


@contextmanager
def style() -> Iterator[None]:
    """Draws and saves alike whatever the user's own matplotlib settings are; needed for both."""
    import matplotlib as mpl

    defaults = {key: value for key, value in mpl.rcParamsDefault.items() if not key.startswith("backend")}
    with mpl.rc_context({**defaults, **STYLE}):
        yield


def new_figure(width_inches: float, height_inches: float, title: str) -> tuple[Figure, Axes]:
    """A figure with its message on top, and one pair of axes, to be laid out when all is in it. No window and no global
    state is involved.
    """
    from matplotlib.figure import Figure

    figure = Figure(figsize=(width_inches, height_inches), dpi=DPI)
    characters = int(width_inches * 11)
    figure.suptitle(
        "\n".join(textwrap.wrap(title, characters)), x=0.01, horizontalalignment="left", fontsize=11, fontweight="bold"
    )
    return figure, figure.add_subplot()


def lay_out(figure: Figure) -> None:
    """Give everything its place. An engine that stayed with the figure would do it again at every drawing, twice."""
    from matplotlib.layout_engine import ConstrainedLayoutEngine

    ConstrainedLayoutEngine().execute(figure)


def white_box(padding: float = 1.0) -> dict[str, Any]:
    """What makes text readable on a hatch."""
    return {"facecolor": "white", "edgecolor": "none", "pad": padding}


def duration(minutes: float) -> str:
    """A duration in the unit that a person would use."""
    seconds = minutes * 60
    if seconds < 0.05:
        return "0 s"
    if seconds < 9.95:
        return f"{seconds:.1f} s"
    if seconds < 90:
        return f"{seconds:.0f} s"
    return f"{minutes:.1f} min" if minutes < 9.95 else f"{minutes:.0f} min"
