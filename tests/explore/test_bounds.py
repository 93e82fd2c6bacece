"""Every part of a check keeps to the bounds that were asked for, and to interrupts, and names what has ended it."""

from __future__ import annotations

import time
from typing import Any

import pytest

from sim.core import Stage, Write
from sim.core.property import Property, When
from sim.explore import walks as walking
from sim.explore.check import Asker, Checked, Plan, check
from sim.explore.counterexample import counterexample, with_no_return
from sim.explore.coverage import word
from sim.explore.eventually import Result
from sim.explore.exhaust import Bounds
from sim.explore.findings import findings
from sim.explore.for_good import for_good
from sim.explore.graph import Graph
from sim.explore.plainly import Say
from sim.explore.subject import Subject
from sim.explore.verdict import Coverage, Report, Verdict, exit_code
from tests.core.toys import Pick
from tests.explore.fair_toys import Toy
from tests.explore.test_closing_killed import circles
from tests.explore.test_for_good import ToyModel, ends_badly, loop, sentence

SMALLER = 0.001
"""A bound that is hit at the first look."""


class Clock:
    """A clock that goes on by itself, so much at each look."""

    def __init__(self, step: float) -> None:
        self.now, self.step = 0.0, step

    def __call__(self) -> float:
        self.now += self.step
        return self.now


def asked(toy: Toy, plan: Plan, asker: Asker | None = None, when: When = When.EVENTUALLY) -> Checked:
    model: Any = ToyModel(toy)
    model.eventually = Property("E1", "good", when, model.eventually.cells, model.eventually.holds)
    return check(model, toy.machine.world(), (model.eventually,), plan, asker or Asker())


def looped() -> Toy:
    toy = Toy()
    loop(toy)
    return toy


@pytest.mark.parametrize(
    ("bounds", "named"),
    [
        (Bounds(worlds=9), "--worlds 9"),
        (Bounds(seconds=6), "--seconds 6"),
        (Bounds(seconds=6, spent_s=5.5), "--seconds 6"),
        (Bounds(memory_mb=SMALLER), "--memory 0.001"),
    ],
)
def test_what_must_hold_eventually_is_searched_for_within_all_bounds(
    bounds: Bounds, named: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    toy = circles()
    model: Any = ToyModel(toy)
    subject = Subject(model, toy.machine.world(), (), may_stop=False)
    whole = for_good(subject, model.eventually, None, Bounds())
    assert (whole.result, whole.bound) == (Result.VIOLATED, "")
    monkeypatch.setattr("sim.explore.graph.PAUSE", 1)
    monkeypatch.setattr("sim.explore.for_good.time.monotonic", Clock(0.4))
    monkeypatch.setattr("sim.explore.eventually.bad_components", lambda *_: [])
    cut = for_good(subject, model.eventually, None, bounds)
    assert (cut.result, cut.bound) == (Result.UNDETERMINED, named)
    assert f"was ended by {named}" in cut.why


def test_it_tells_of_itself_and_ends_at_an_interrupt(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sim.explore.graph.PAUSE", 1)
    told: list[tuple[int, int, float]] = []

    def say(search: Any, seconds: float, bounds: Bounds) -> None:
        if isinstance(search, Graph):
            told.append((len(search.worlds), search.frontier, seconds))

    out = asked(looped(), Plan(walks=0), Asker(lambda _: say, None, lambda: bool(told)))
    assert len(told) == 1
    assert out.done is not None and not out.done.bound  # the search that was finished before is kept
    assert out.verdict is Verdict.UNDETERMINED
    assert findings(out)[0].result == "not determined"
    said = sentence(out)
    assert "Every reachable world was covered" in said
    assert "E1 was not determined: the search of all worlds, without reduction, was interrupted (0 of 1" in said


def test_levels_and_frontier_of_the_graph_are_told() -> None:
    steps = {0: [(0, 1), (1, 2)], 1: [(1, 3)], 2: [(0, 3)], 3: [(0, 4)], 4: []}
    whole = Graph(0, steps.__getitem__)
    assert (whole.levels, whole.depth, whole.frontier, whole.bound) == ([1, 2, 1, 1], 3, 0, "")
    cut = Graph(0, steps.__getitem__, depth_max=2)
    assert (cut.depth, cut.frontier, cut.bound) == (2, 1, "--depth 2")
    assert Graph(0, steps.__getitem__, 2).bound == "--worlds 2"


@pytest.mark.parametrize(
    ("bounds", "stops", "named"),
    [
        (Bounds(seconds=1), False, "ended by --seconds 1"),
        (Bounds(memory_mb=SMALLER), False, "ended by --memory 0.001"),
        (Bounds(), True, "interrupted"),
    ],
)
@pytest.mark.parametrize("only_walks", [True, False])
def test_walks_end_where_a_bound_is_hit_and_say_how_many_there_were(
    bounds: Bounds, stops: bool, named: str, only_walks: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sim.explore.check.time.monotonic", Clock(0.3))
    monkeypatch.setattr(walking, "STEPS_MAX", 20)
    done: list[int] = []
    asker = Asker(None, done.append, lambda: stops and len(done) == 3)
    toy = Toy()
    toy.start("setter", put_one, toy)
    out = asked(toy, Plan(bounds, walks=50, only_walks=only_walks), asker)
    assert 1 <= out.walked == sum(done) < 10
    assert out.done is None
    assert out.verdict is Verdict.UNDETERMINED
    begun = "" if only_walks else "; no search was begun"
    assert f"Sampled by {out.walked} of 50 random walks only (uniform), which were {named}{begun};" in sentence(out)


def put_one(toy: Toy) -> Stage:
    yield Write(toy.flag, 1)
    return None


def test_walks_that_are_all_made_hit_no_bound(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sim.explore.check.time.monotonic", Clock(5))
    toy = Toy()
    toy.start("setter", put_one, toy)
    out = asked(toy, Plan(Bounds(seconds=1), walks=1, only_walks=True))
    assert (out.walked, out.walk_bound) == (1, "")


def test_the_seconds_of_a_check_are_those_of_all_its_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    """The walks have taken nearly all of them, so the search has none left; the point of no return neither."""
    monkeypatch.setattr("sim.explore.exhaust.CHUNK", 1)
    plan = Plan(Bounds(seconds=1000), walks=1)
    assert asked(looped(), plan).verdict is Verdict.EXHAUSTED
    monkeypatch.setattr(Checked, "left", lambda out: out.plan.bounds.after(999.9999))
    out = asked(looped(), plan, Asker(lambda _: lambda *_: time.sleep(0.001)))
    assert out.done is not None and out.done.bound == "--seconds 1000"


def test_each_search_is_told_of_by_what_it_looks_for() -> None:
    purposes: list[str] = []

    def progress(purpose: str) -> Say:
        purposes.append(purpose)
        return lambda *_: None

    asker = Asker(progress)
    asked(looped(), Plan(walks=0), asker)
    assert purposes == ["", "every schedule that goes on for ever (E1)"]
    purposes.clear()
    toy = Toy()
    ends_badly(toy)
    out = asked(toy, Plan(), asker, When.AT_REST)
    found = counterexample(out, "token")
    assert found is not None
    with_no_return(out, found, asker)
    assert purposes == ["the point of no return"]  # a walk has found the violation


def test_an_interrupted_search_for_the_point_of_no_return_says_nothing_of_it() -> None:
    toy = Toy()
    ends_badly(toy)
    out = asked(toy, Plan(), when=When.AT_REST)
    found = counterexample(out, "token")
    assert found is not None
    assert with_no_return(out, found).no_return is not None
    assert with_no_return(out, found, Asker(None, None, lambda: True)) == found


def picked(good: int, count: int) -> Toy:
    """Somebody writes any one number of many into the flag; one of them is bad."""
    toy = Toy(lambda value: value != good)
    items = toy.store.cell("items")
    toy.machine.put(items, tuple(range(1, count + 1)))
    toy.start("picks", pick, items, toy.flag)
    return toy


def pick(items: Any, flag: Any) -> Stage:
    item = yield Pick(items)
    yield Write(flag, item)
    return None


def test_a_plain_search_judges_every_world_at_rest_however_many_there_are() -> None:
    for bad in (1, 1500):
        out = asked(picked(bad, 1500), Plan(walks=0, plain=True), when=When.AT_REST)
        assert out.plain is not None and len(out.plain.found.at_rest) == 1500
        assert out.verdict is Verdict.VIOLATED, bad


@pytest.mark.parametrize(
    ("depth", "verdict", "result"),
    [
        (1, Verdict.UNDETERMINED, "not determined"),
        (2, Verdict.HOLDS, "holds within the bounds"),
        (4, Verdict.EXHAUSTED, "holds"),
        (0, Verdict.EXHAUSTED, "holds"),
    ],
)
def test_what_holds_at_rest_within_a_depth_is_said_only_where_something_is_at_rest(
    depth: int, verdict: Verdict, result: str
) -> None:
    toy = Toy(lambda value: value != "bad")
    items = toy.store.cell("items")
    toy.machine.put(items, ("stops", "goes on"))
    toy.start("may stop", stop_or_not, items, toy.flag)
    out = asked(toy, Plan(walks=0, plain=True, depth=depth), when=When.AT_REST)
    assert (out.verdict, findings(out)[0].result) == (verdict, result)


def stop_or_not(items: Any, flag: Any) -> Stage:
    item = yield Pick(items)
    yield Write(flag, 1)
    if item == "goes on":
        yield Write(flag, 2)
        yield Write(flag, 3)
    return None


def test_a_violation_at_the_very_depth_that_was_asked_for_is_found() -> None:
    for depth, verdict in ((1, Verdict.UNDETERMINED), (2, Verdict.VIOLATED)):
        assert asked(picked(2, 3), Plan(walks=0, plain=True, depth=depth), when=When.AT_REST).verdict is verdict


def test_what_must_hold_eventually_is_open_beyond_a_depth() -> None:
    out = asked(looped(), Plan(walks=0, plain=True, depth=1))
    assert out.verdict is Verdict.UNDETERMINED
    assert findings(out)[0].result == "not determined"
    assert out.for_good["E1"].bound == "--depth 1"


@pytest.mark.parametrize(
    ("verdict", "expected", "code", "open_"),
    [
        (Verdict.HOLDS, "holds", 0, False),
        (Verdict.HOLDS, "fails", 3, True),
        (Verdict.EXHAUSTED, "fails", 1, False),
        (Verdict.VIOLATED, "holds", 1, False),
        (Verdict.UNDETERMINED, "holds", 3, True),
    ],
)
def test_what_holds_within_bounds_is_never_called_a_surprise(
    verdict: Verdict, expected: str, code: int, open_: bool
) -> None:
    """Deeper than was searched it may fail yet."""
    covered = Coverage("", [], [], True, "plain", 0, 0, 0, 0, 0, "--depth 8", False, [], [], [])
    as_expected = (verdict is Verdict.VIOLATED) is (expected == "fails")
    report = Report("s", {}, "a", "v", verdict, expected, as_expected, [], covered, None)
    assert (exit_code([report]), report.is_open) == (code, open_)
    assert ("--depth 8" in word(report)) is (verdict in (Verdict.HOLDS, Verdict.UNDETERMINED))
