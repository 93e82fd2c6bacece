"""A line every few seconds, of each search of a command."""

from __future__ import annotations

import pytest

from sim.cli.searching import SearchProgress
from sim.explore.exhaust import Bounds
from sim.explore.reduced import Reduced
from sim.explore.tables import Tables
from tests.explore.programs import Lab
from tests.explore.test_reduced import reduced


def test_every_search_of_a_command_tells_of_itself(capsys: pytest.CaptureFixture[str]) -> None:
    tables = Tables()
    begin = tables.packing.load(Lab(((), (("bump", 1),) * 3), ((), ())).machine())
    search = Reduced(tables, lambda _slot: 0)
    search.begin(begin)
    told = SearchProgress()
    for seconds in (1.0, 2.5, 3.0, 30.0, 1.0, 2.5, 4.0):
        told(search, seconds)
    lines = capsys.readouterr().err.splitlines()
    assert len(lines) == 3
    assert lines[0] == "0 worlds in 2 s, 0/s, 0 at rest, 1 on the way; it ends when nothing is left"


@pytest.mark.parametrize(
    ("bounds", "left"),
    [
        (Bounds(worlds=40), "at most 40 worlds, so 36 s more at the latest"),
        (Bounds(worlds=4), "at most 4 worlds, so 0 s more at the latest"),
        (Bounds(seconds=10), "at most 10 s, so 6 s more at the latest"),
        (Bounds(worlds=40, seconds=10), "at most 10 s, so 6 s more at the latest"),
        (Bounds(memory_mb=5), "it ends when nothing is left"),
    ],
)
def test_a_search_with_bounds_says_when_it_ends_at_the_latest(
    bounds: Bounds, left: str, capsys: pytest.CaptureFixture[str]
) -> None:
    tables = Tables()
    search = reduced(tables, tables.packing.load(Lab(((), (("bump", 1),) * 3), ((), ())).machine()))
    assert len(search.worlds) == 4
    SearchProgress()(search, 4.0, bounds)
    assert capsys.readouterr().err == f"4 worlds in 4 s, 1/s, 1 at rest, 0 on the way; {left}\n"


def test_walks_are_told_of_once_they_take_a_while(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    now = [0.0]
    monkeypatch.setattr("sim.cli.progress.time.monotonic", lambda: now[0])
    walked = SearchProgress().walks(30)
    for now[0] in (1.0, 1.5, 4.0, 5.0, 6.0):
        walked(1)
    assert [line.rstrip() for line in capsys.readouterr().err.splitlines()] == [
        "3 of 30 walks, 45.0/min, 36 s left",
        "5 of 30 walks, 50.0/min, 30 s left",
    ]
