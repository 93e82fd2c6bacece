"""A line every few seconds, of each search of a command."""

from __future__ import annotations

import re
from math import comb
from typing import Any

import pytest

from sim.cli.searching import SearchProgress
from sim.explore.exhaust import Bounds, exhaust
from sim.explore.graph import Graph
from sim.explore.plain import Plain
from sim.explore.reduced import Reduced
from sim.explore.subject import Subject
from sim.explore.tables import Tables
from tests.explore.programs import Lab
from tests.explore.test_closing_killed import circles
from tests.explore.test_for_good import ToyModel
from tests.explore.test_reduced import reduced

ENDLESS = "it ends when nothing is left"
UNTOLD = "the whole cannot be told"
AT_END = "depth 0, frontier 0 steps, 1 at rest"


def test_every_search_of_a_command_tells_of_itself(capsys: pytest.CaptureFixture[str]) -> None:
    tables = Tables()
    begin = tables.packing.load(Lab(((), (("bump", 1),) * 3), ((), ())).machine())
    reduced(tables, begin)  # learns whatever there is to learn
    search = Reduced(tables, lambda _slot: 0)
    search.begin(begin)
    told = SearchProgress()
    for seconds in (1.0, 2.5, 3.0, 30.0, 1.0, 2.5, 4.0):
        told(search, seconds)
    lines = capsys.readouterr().err.splitlines()
    assert len(lines) == 3
    assert lines[0] == f"0 worlds in 2 s, 0/s, depth 1, frontier 1 step, 0 at rest; at least 1 in all; {ENDLESS}"


@pytest.mark.parametrize(
    ("bounds", "left"),
    [
        (Bounds(worlds=40), "gives up in 36 s at the latest (40 worlds)"),
        (Bounds(worlds=4), "gives up in 0 s at the latest (4 worlds)"),
        (Bounds(seconds=10), "gives up in 6 s at the latest (10 s)"),
        (Bounds(worlds=40, seconds=10), "gives up in 6 s at the latest (10 s)"),
        (Bounds(seconds=10, spent_s=3), "gives up in 3 s at the latest (10 s)"),
        (Bounds(memory_mb=5), ENDLESS),
    ],
)
def test_a_search_with_bounds_says_when_it_ends_at_the_latest(
    bounds: Bounds, left: str, capsys: pytest.CaptureFixture[str]
) -> None:
    tables = Tables()
    search = reduced(tables, tables.packing.load(Lab(((), (("bump", 1),) * 3), ((), ())).machine()))
    assert len(search.worlds) == 4
    SearchProgress()(search, 4.0, bounds)
    assert capsys.readouterr().err == f"4 worlds in 4 s, 1/s, {AT_END}; at least 4 in all; {left}\n"


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


def test_searches_breadth_first_tell_of_their_frontier_and_of_the_whole(capsys: pytest.CaptureFixture[str]) -> None:
    """Nine processes of one step each: 512 worlds, of which the last levels show how many there are."""
    tables = Tables()
    begin = tables.packing.load(Lab(tuple((("bump", 1),) for _ in range(9)), ((), ())).machine())
    search = Plain(tables)
    search.begin(begin)
    told = SearchProgress()
    for seconds in range(2, 100, 2):
        if not search.run(search.depth + 1):
            break
        told(search, seconds)
    lines = capsys.readouterr().err.splitlines()
    assert all(f", depth {number}, frontier " in line for number, line in enumerate(lines, 1))
    assert UNTOLD + " yet" in lines[0]
    told(Graph(0, lambda world: [(0, world + 1)] if world < 9 else []), 4.0)
    line = capsys.readouterr().err
    assert line == f"10 worlds without reduction in 4 s, 2/s, depth 9, frontier 0; {UNTOLD} yet; {ENDLESS}\n"


def test_the_whole_is_told_roughly_once_levels_shrink(capsys: pytest.CaptureFixture[str]) -> None:
    graph = Graph(0, lambda _: [])
    graph.levels = [comb(20, depth) for depth in range(16)]
    SearchProgress()(graph, 4.0)
    assert "; roughly 1100000 in all; " in capsys.readouterr().err


def test_a_search_that_closes_cycles_says_so(capsys: pytest.CaptureFixture[str]) -> None:
    toy = circles()
    model: Any = ToyModel(toy)
    told = SearchProgress()
    seconds = iter(range(2, 10**6, 2))
    exhaust(Subject(model, toy.machine.world(), (), may_stop=False), progress=lambda s, _, b: told(s, next(seconds), b))
    assert re.search(
        r"/s, looking again at worlds that schedules come back to, \d+ left, 0 at rest; ", capsys.readouterr().err
    )


def test_of_several_searches_each_line_says_which_it_is(capsys: pytest.CaptureFixture[str]) -> None:
    graph = Graph(0, lambda _: [])
    told = SearchProgress("0.19.0")
    for purpose in ("", "the point of no return"):
        told.of("demo/web-1").of(purpose)(graph, 4.0)
    first, second = capsys.readouterr().err.splitlines()
    assert first.startswith("0.19.0, demo/web-1: 1 worlds without")
    assert second.startswith("0.19.0, demo/web-1, the point of no return: 1 worlds without")


def test_a_search_under_way_tells_how_many_worlds_there_are_perhaps(capsys: pytest.CaptureFixture[str]) -> None:
    """Where that says more than how many there are at least."""
    tables = Tables()
    programs = ((("bump", 1),) * 5, (("bump", 1), ("read", 1)) * 3, (("bump", 1),) * 4)
    begin = tables.packing.load(Lab(programs, ((), ())).machine())
    reduced(tables, begin)
    search = Reduced(tables, lambda _slot: 0)
    search.begin(begin)
    while not search.run(1):
        SearchProgress()(search, 4.0)
    lines = capsys.readouterr().err.splitlines()
    told = [re.search(r"at least (\d+), perhaps (\d+), in all", line) for line in lines]
    assert any(told) and not all(told)
    assert all(int(each[2]) > int(each[1]) for each in told if each)
