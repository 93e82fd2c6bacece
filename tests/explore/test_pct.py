"""What PCT promises: on programs whose bugs have a known depth, counted over all priorities and moments of falls."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from itertools import pairwise, permutations, product
from typing import Any

import pytest

from sim.explore.check import Plan, check
from sim.explore.coverage import coverage
from sim.explore.walks import PCT_BEFORE, PCT_DEPTH, PCT_SPARE, Pct, miss_bound, moments_of, pct, walks
from tests.explore.test_check import subject

Program = dict[str, int]
"""How many steps each process takes."""
Needs = dict[str, str]
"""A step that can be taken only after another one."""


def run(program: Program, needs: Needs, draw: Callable[[Any, int], Any]) -> list[str]:
    """The steps of one walk, as a1 for the first one of a."""
    names = sorted(program)
    done: list[str] = []
    while True:
        following = [(slot, f"{name}{sum(step[0] == name for step in done) + 1}") for slot, name in enumerate(names)]
        able = [
            (slot, step)
            for slot, step in following
            if int(step[1:]) <= program[step[0]] and needs.get(step, step) in (*done, step)
        ]
        if not able:
            return done
        done.append(draw(able, len(done))[1])


def ordered(*steps: str | set[str]) -> Callable[[list[str]], bool]:
    """Whether some steps were taken in this order; those of a set in any."""
    each = [step if isinstance(step, set) else {step} for step in steps]
    return lambda done: all(max(map(done.index, one)) < min(map(done.index, two)) for one, two in pairwise(each))


BUGS: list[tuple[int, Program, Needs, Callable[[list[str]], bool]]] = [
    (1, {"a": 3, "b": 3, "c": 1}, {}, ordered("b3", "a1")),
    (2, {"a": 2, "b": 2}, {}, ordered("a1", "b1", "b2", "a2")),
    (2, {"a": 3, "b": 2, "c": 2}, {"c2": "b2"}, ordered("a2", "b1", "c2", "a3")),
    (3, {"a": 2, "b": 2, "c": 1}, {}, ordered({"a1", "b1"}, "c1", "a2", "b2")),
    # c comes first to the step that must be the last, b later to the one that must be before it
    (3, {"b": 2, "c": 2, "d": 1}, {"b1": "c1"}, ordered("b1", "d1", "b2", "c2")),
]


def every(program: Program, depth: int) -> Iterator[Pct]:
    """PCT with all priorities and all moments of falls."""
    count, moments = len(program), range(moments_of(sum(program.values()), depth))
    for places in permutations(range(count)):
        for falls in product(moments, repeat=depth - 1):
            yield Pct(lambda slot, places=places: places[slot] / count, falls, random.Random(0))  # type: ignore[misc]


@pytest.mark.parametrize(("depth", "program", "needs", "is_bug"), BUGS)
def test_a_bug_of_a_depth_is_met_as_often_as_is_promised(
    depth: int, program: Program, needs: Needs, is_bug: Callable[[list[str]], bool]
) -> None:
    met = [is_bug(run(program, needs, draw)) for draw in every(program, depth)]
    promised = 1 - miss_bound(len(program), sum(program.values()), depth, 1)
    assert promised > 0
    assert sum(met) / len(met) >= promised * (1 - 1e-9)


@pytest.mark.parametrize(("depth", "program", "needs", "is_bug"), BUGS)
def test_no_bug_has_a_smaller_depth(
    depth: int, program: Program, needs: Needs, is_bug: Callable[[list[str]], bool]
) -> None:
    """Else these programs would show less than they are to show: with a fall fewer it is never met."""
    assert depth == 1 or not any(is_bug(run(program, needs, draw)) for draw in every(program, depth - 1))


def test_drawn_walks_meet_a_bug_as_often() -> None:
    depth, program, needs, is_bug = BUGS[-1]
    steps, count = sum(program.values()), 6000
    met = sum(is_bug(run(program, needs, pct(seed, steps, depth))) for seed in range(count))
    promised = 1 - miss_bound(len(program), steps, depth, 1)
    assert met / count >= promised - 3 * (promised / count) ** 0.5


def test_the_stated_miss_probability() -> None:
    assert miss_bound(10, 100, 2, 0) == 1.0
    assert miss_bound(1, 100, 1, 1) == 0.0
    assert miss_bound(10, 100, 2, 1) == 1 - 1 / (10 * 101)
    assert miss_bound(4, 98, 3, 2) == pytest.approx((1 - 1 / (4 * 100**2)) ** 2)


def test_the_steps_that_are_counted_on_are_fixed_beforehand() -> None:
    made = subject("0.19.1")
    before = max(len(walked.moves) for _, walked in walks(made, "uniform", 0, PCT_BEFORE))
    walked = [walked for _, walked in walks(made, "pct", 0, 8)]
    assert {each.planned for each in walked} == {PCT_SPARE * before}
    assert all(each.is_counted for each in walked)
    walked[1].planned = len(walked[1].moves) - 1
    assert not walked[1].is_counted, "it took more steps than were counted on"
    assert not any(each.is_counted for _, each in walks(made, "uniform", 0, 3))


@pytest.mark.parametrize("spare", [PCT_SPARE, 0.6])
def test_what_is_promised_is_said_with_all_that_it_rests_on(spare: float, monkeypatch: pytest.MonkeyPatch) -> None:
    """Walks that took more steps than were counted on promise nothing."""
    monkeypatch.setattr("sim.explore.walks._planned", lambda made, steps_max: int(180 * spare))
    made = subject("0.19.1")
    out = check(made.model, made.world, made.judged, Plan(walks=30, strategy="pct", only_walks=True, may_stop=False))
    assert out.planned == int(180 * spare)
    assert (out.counted == out.walked == 30) is (spare == PCT_SPARE)
    said = coverage([("", out)], made.model.scope()).sentence
    missed = miss_bound(len(out.subject.tables.packing.slots), out.planned, PCT_DEPTH, out.counted)
    assert f"if no schedule has more than {out.planned} steps or " in said
    assert f"is missed by {'these' if out.counted == 30 else f'the {out.counted} of these'} walks " in said
    assert f"with a probability of at most {missed:.6f}" in said
