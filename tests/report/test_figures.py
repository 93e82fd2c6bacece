"""The figures: the same bytes for the same data, nothing cut off, no text over another, and true to the data."""

from __future__ import annotations

import os
import random
import re
import subprocess
import sys
from itertools import combinations
from pathlib import Path
from typing import Any

import matplotlib as mpl
import msgspec
import numpy as np
import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle
from matplotlib.text import Text

from sim.report import figures
from sim.report.figures_lanes import Lane, Lanes, contradictions, default_zoom_end_s, lanes
from sim.report.figures_style import duration
from sim.study.rows import Row, Summary
from sim.study.store import ResultsFolder
from sim.study.summary import summarise

ROOT = Path(__file__).parents[2]
END_S = 600.0
OBSERVED_MINUTES = 10.0


def row(seed: int, algorithm: str, outcome: str, dns_failed_ms: float) -> Row:
    lost = int(outcome == "lost for ever")
    return Row(seed, algorithm, outcome, lost, lost, None, 0.0, dns_failed_ms, dns_failed_ms, True, 6e5, 100, 1000)


def make_rows() -> list[Row]:
    source = random.Random(1)
    rows = []
    for seed in range(200):
        lost = source.random() < 0.8
        times_ms = (source.uniform(540e3, 580e3) if lost else source.gauss(40e3, 5e3), source.gauss(35e3, 6e3))
        rows.append(row(seed, "0.19.0", "lost for ever" if lost else "fine", times_ms[0]))
        rows.append(row(seed, "0.19.1", "wrong status" if seed % 70 == 0 else "fine", times_ms[1]))
    return rows


ROWS = make_rows()


def summary_of(rows: list[Row]) -> Summary:
    return summarise(
        rows,
        scenario="incident",
        settings={},
        seeds="0..199",
        asked=len(rows),
        exports=4,
        observed_minutes=OBSERVED_MINUTES,
        expected={},
        failure=None,
        notes=[],
        assumptions=[],
    )


AGGREGATE = Lane(
    "aggregate of default/s-2",
    believer=False,
    spans=((0, 27.1, "good", "names it"), (27.1, 28, "bad", "does not name it"), (28, END_S, "bad", "missing")),
)
CLIENT = Lane(
    "client in b",
    believer=False,
    spans=((0, 5, "good", "connected"), (5, 31, "bad", "not connected"), (31, END_S, "good", "connected")),
)
EXPORT = Lane("ServiceExport in a says", believer=True, spans=((0, END_S, "good", "Ready=True"),), about=AGGREGATE.name)
GATEWAY = Lane(
    "Gateway of b says",
    believer=True,
    spans=((0, 12, "good", "connected"), (12, 20, "unknown", "no status"), (20, 34, "bad", "connecting")),
    about=CLIENT.name,
)
SHOWN = Lanes(
    title="0.19.0, seed 17: the aggregate is gone after 28 s, and yet the export says Ready=True for ever",
    begin_s=0.0,
    end_s=END_S,
    lanes=(EXPORT, AGGREGATE, GATEWAY, CLIENT),
    marks=(
        (33.0, "the client gives up, though nothing is wrong any more"),
        (5.0, "host-1 reboots"),
        (21.4, "agent of b starts"),
        (22.0, "agent of a starts"),
    ),
)


def drawn() -> dict[str, Figure]:
    return {
        "outcomes": figures.outcomes(summary_of(ROWS)),
        "time_without_dns": figures.time_without_dns(ROWS, OBSERVED_MINUTES),
        "lanes": figures.lanes(SHOWN),
        "all of the lanes": figures.lanes(SHOWN, zoom_end_s=END_S),
    }


def texts_of(figure: Figure) -> list[Text]:
    """The texts that are drawn; an axis has also labels beyond its ends, which are not."""
    beyond = {
        label
        for axes in figure.axes
        for axis, (low, high) in ((axes.xaxis, axes.get_xlim()), (axes.yaxis, sorted(axes.get_ylim())))
        for tick in axis.get_major_ticks()
        for label in (tick.label1, tick.label2)
        if not low <= tick.get_loc() <= high
    }
    return [text for text in figure.findobj(Text) if text.get_text() and text.get_visible() and text not in beyond]


def words_of(figure: Figure) -> list[str]:
    return [text.get_text().strip() for text in texts_of(figure)]


def bounds_of(figure: Figure) -> list[tuple[str, tuple[float, float, float, float]]]:
    """Each text that is drawn, with its left, right, bottom and top, in pixels."""
    FigureCanvasAgg(figure)
    figures.png(figure)
    boxes = [(text.get_text(), Text.get_window_extent(text)) for text in texts_of(figure)]
    return [(words, (box.x0, box.x1, box.y0, box.y1)) for words, box in boxes]


@pytest.mark.parametrize("name", ["outcomes", "time_without_dns", "lanes", "all of the lanes"])
def test_no_text_is_cut_off_or_written_over_another(name: str) -> None:
    figure = drawn()[name]
    width, height = figure.get_size_inches() * figure.dpi
    bounds = bounds_of(figure)
    assert len(bounds) > 5
    for words, (left, right, bottom, top) in bounds:
        assert left >= 0, words
        assert right <= width, words
        assert bottom >= 0, words
        assert top <= height, words
    for (words, one), (other_words, other) in combinations(bounds, 2):
        apart = one[1] <= other[0] or other[1] <= one[0] or one[3] <= other[2] or other[3] <= one[2]
        assert apart, f"{words!r} over {other_words!r}"


PRINT_DIGESTS = """
import hashlib, importlib.util, sys
sys.path.insert(0, sys.argv[1])
spec = importlib.util.spec_from_file_location("figures_under_test", sys.argv[2])
module = importlib.util.module_from_spec(spec)
spec.loader.exec_module(module)
for name, figure in module.drawn().items():
    print(name, hashlib.sha256(module.figures.png(figure) + module.figures.svg(figure)).hexdigest())
"""


def test_the_same_data_give_the_same_bytes_in_every_process() -> None:
    digests = {
        subprocess.run(
            [sys.executable, "-c", PRINT_DIGESTS, str(ROOT), __file__],
            env={**os.environ, "PYTHONHASHSEED": seed},
            check=True,
            capture_output=True,
            timeout=120,
        ).stdout
        for seed in ("1", "2")
    }
    assert len(digests) == 1


MAKE_ID = "_make_id"


def test_names_in_an_svg_do_not_depend_on_the_last_digit_of_a_coordinate(monkeypatch: pytest.MonkeyPatch) -> None:
    """Which differs between machines, and with it the digest by which matplotlib names clips and hatches."""
    from matplotlib.backends.backend_svg import RendererSVG

    digest: Any = getattr(RendererSVG, MAKE_ID)
    before = {name: figures.svg(figure) for name, figure in drawn().items()}
    monkeypatch.setattr(RendererSVG, MAKE_ID, lambda self, kind, content: digest(self, kind, f"{content} 1e-16"))
    assert {name: figures.svg(figure) for name, figure in drawn().items()} == before


def test_names_in_an_svg_are_told_apart_and_lead_to_what_they_name() -> None:
    for drawing in (figures.svg(figure).decode() for figure in drawn().values()):
        named = re.findall(r'\bid="([^"]+)"', drawing)
        assert len(named) == len(set(named))
        assert set(re.findall(r'(?:url\(|href=")#([^")]+)', drawing)) <= set(named)
        assert not re.search(r"[hmp][0-9a-f]{10}[\")]", drawing)


def test_the_users_own_settings_change_nothing() -> None:
    before = figures.svg(figures.outcomes(summary_of(ROWS)))
    with mpl.rc_context({"font.size": 20, "axes.facecolor": "black", "svg.hashsalt": "mine"}):
        after = figures.svg(figures.outcomes(summary_of(ROWS)))
        assert mpl.rcParams["font.size"] == 20
    assert before == after


def test_both_kinds_are_saved_without_a_date(tmp_path: Path) -> None:
    with ResultsFolder.create(tmp_path / "toy") as folder:
        figures.save(figures.outcomes(summary_of(ROWS)), folder, "outcomes")
        saved = {file.name: file.read_bytes() for file in tmp_path.rglob("outcomes.*")}
    assert saved["outcomes.png"].startswith(b"\x89PNG")
    assert b"Software" not in saved["outcomes.png"]
    assert b"<dc:date>" not in saved["outcomes.svg"]
    assert b"</svg>" in saved["outcomes.svg"]


def test_outcomes_say_who_loses_the_import_and_how_sure_that_is() -> None:
    words = " ".join(words_of(figures.outcomes(summary_of(ROWS))))
    assert "The import is lost for ever: 0.19.0 in 82.0 %, 0.19.1 in none of the runs" in words
    assert "lost for ever\n82.0 %\n[76.0, 87.1]" in words
    assert "lost for ever\n0.0 %\n[0.0, 1.8]" in words
    assert "also wrong status 1.5 %" in words


def test_an_algorithm_that_was_not_run_is_left_out() -> None:
    summary = summary_of([each for each in ROWS if each.algorithm == "0.19.0"])
    none = msgspec.structs.replace(summary.algorithms[0], algorithm="never", runs=0)
    figure = figures.outcomes(msgspec.structs.replace(summary, algorithms=[*summary.algorithms, none]))
    assert not any("never" in words for words in words_of(figure))


def test_the_curve_is_the_share_of_runs_with_a_longer_time() -> None:
    rows = [row(seed, "a", "fine", 60_000.0 * minutes) for seed, minutes in enumerate((0, 1, 2, 4))]
    (axes,) = figures.time_without_dns(rows, OBSERVED_MINUTES).axes
    points = axes.lines[0].get_xydata()
    assert [tuple(point) for point in np.asarray(points)[1:]] == [(1, 50), (2, 25), (4, 0)]
    assert np.asarray(points)[0, 1] == 75


def test_the_time_is_told_by_its_median_and_the_end_of_the_observation_is_marked() -> None:
    words = words_of(figures.time_without_dns(ROWS, OBSERVED_MINUTES))
    assert "the observation ends: longer times are cut off" in words
    assert "Median time without a DNS answer: 9.3 min under 0.19.0, 35 s under 0.19.1" in words


def test_equal_medians_are_told_together() -> None:
    rows = [row(seed, name, "fine", 7000.0) for seed in range(3) for name in ("a", "b")]
    words = words_of(figures.time_without_dns(rows, OBSERVED_MINUTES))
    assert "Median time without a DNS answer: 7.0 s under a and b" in words


@pytest.mark.parametrize("times_ms", [[], [0.0], [0.0, 0.0], [600_000.0], [0.001, 600_000.0]])
def test_times_at_the_ends_can_be_drawn(times_ms: list[float]) -> None:
    rows = [row(seed, "a", "fine", time_ms) for seed, time_ms in enumerate(times_ms)]
    assert figures.png(figures.time_without_dns(rows, OBSERVED_MINUTES))
    assert figures.png(figures.outcomes(summary_of(rows)))


def test_more_algorithms_than_colours_can_be_drawn() -> None:
    rows = [row(seed, f"algorithm {name}", "fine", 1000.0 * (seed + name)) for seed in range(3) for name in range(12)]
    assert len(figures.time_without_dns(rows, OBSERVED_MINUTES).axes[0].lines) == 12 + 1


@pytest.mark.parametrize(
    ("minutes", "words"),
    [(0, "0 s"), (0.01, "0.6 s"), (0.6, "36 s"), (1.4, "84 s"), (1.5, "1.5 min"), (9.97, "10 min")],
)
def test_durations_are_told_in_the_unit_a_person_would_use(minutes: float, words: str) -> None:
    assert duration(minutes) == words


def test_a_belief_is_wrong_while_the_opposite_is_true() -> None:
    assert contradictions(EXPORT, AGGREGATE) == [(27.1, END_S)]
    assert contradictions(GATEWAY, CLIENT) == [(5, 12), (31, 34)]
    assert contradictions(GATEWAY, AGGREGATE) == [(20, 27.1)]


def test_truth_comes_first_and_a_belief_is_judged_against_the_truth_it_is_about() -> None:
    (axes,) = lanes(SHOWN).axes
    assert [label.get_text() for label in axes.get_yticklabels()] == [
        "what is true",
        "aggregate of default/s-2",
        "client in b",
        "what is believed",
        "ServiceExport in a says",
        "Gateway of b says",
    ]
    framed = [patch for patch in axes.patches if isinstance(patch, Rectangle) and patch.get_linewidth() == 2]
    assert [(patch.get_x(), round(patch.get_width(), 9)) for patch in framed] == [
        (27.1, round(default_zoom_end_s(SHOWN) - 27.1, 9)),
        (5, 7),
        (31, 3),
    ]


def test_a_belief_about_nothing_is_not_judged() -> None:
    unjudged = msgspec.structs.replace(EXPORT, about="")
    (axes,) = lanes(msgspec.structs.replace(SHOWN, lanes=(AGGREGATE, unjudged))).axes
    assert not [patch for patch in axes.patches if patch.get_linewidth() == 2]


def test_a_belief_about_something_that_is_not_shown_is_our_bug() -> None:
    shown = msgspec.structs.replace(SHOWN, lanes=(AGGREGATE, GATEWAY))  # without the client
    with pytest.raises(AssertionError, match="which is none of"):
        lanes(shown)


def test_the_picture_ends_soon_after_the_last_change() -> None:
    assert 34 < default_zoom_end_s(SHOWN) < 40
    (axes,) = lanes(SHOWN).axes
    assert axes.get_xlim() == (0, default_zoom_end_s(SHOWN))
    assert axes.get_xlabel() == "simulated time, s (nothing shown here changes from then to 600 s)"


def test_the_picture_can_end_elsewhere() -> None:
    (axes,) = lanes(SHOWN, zoom_end_s=20.0).axes
    assert axes.get_xlim() == (0, 20)
    assert axes.get_xlabel() == "simulated time, s (the run goes on to 600 s)"
    assert not any("gives up" in words for words in words_of(lanes(SHOWN, zoom_end_s=20.0)))
    (axes,) = lanes(SHOWN, zoom_end_s=10_000.0).axes
    assert axes.get_xlim() == (0, END_S)
    assert axes.get_xlabel() == "simulated time, s"


def test_where_nothing_changes_all_is_shown() -> None:
    still = msgspec.structs.replace(SHOWN, lanes=(msgspec.structs.replace(EXPORT, about=""),), marks=())
    assert default_zoom_end_s(still) == END_S
    assert figures.png(lanes(still))


def test_a_label_is_written_only_where_it_fits() -> None:
    words = words_of(lanes(SHOWN))
    assert words.count("Ready=True") == 2
    assert "does not name it" not in words


def test_a_label_is_never_a_formula() -> None:
    paid = msgspec.structs.replace(AGGREGATE, name="costs $1_000 and $x^$")
    assert figures.svg(lanes(msgspec.structs.replace(SHOWN, lanes=(paid,))))


def test_heavy_libraries_are_not_imported_before_they_are_needed() -> None:
    script = (
        "import sys, sim.report.figures, sim.report.text, sim.study.store, sim.study.summary;"
        "print(sorted({'matplotlib', 'numpy', 'pandas', 'pyarrow', 'scipy'} & set(sys.modules)))"
    )
    run = subprocess.run(
        [sys.executable, "-c", script], cwd=ROOT, check=True, capture_output=True, text=True, timeout=60
    )
    assert run.stdout.strip() == "[]"
