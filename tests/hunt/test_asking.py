"""Asking an algorithm for what another has: a schedule is followed, and the cheap way says what the whole hunt says."""

from __future__ import annotations

from functools import cache

import pytest

from sim.explore.asking import Sought, ask
from sim.explore.following import followed, scheduled
from sim.explore.hunt import WALK_STEPS_MAX, Case, Effort, Found, hunt
from sim.explore.walks import walks
from tests.hunt.configurations import HUNTER, LOSING, configuration

EFFORT = Effort(walks=20, worlds=2_000, doom_worlds=500, ends=1)
RACES = ("R1", "R5", "R11", "R12")


@cache
def found(race: str) -> Found:
    cell = hunt(HUNTER, configuration(LOSING[race]), "0.19.1", EFFORT)
    return next(each for each in cell.found if each.cause.name == race)


@pytest.mark.parametrize("race", RACES)
def test_a_schedule_that_is_followed_is_the_schedule(race: str) -> None:
    """Under the algorithm that it is of, in a model that has met none of its processes yet."""
    case, fresh = (Case(HUNTER, configuration(LOSING[race]), "0.19.1", EFFORT) for _ in range(2))
    for strategy in ("uniform", "speeds"):
        for _, walked in walks(case.subject, strategy, 0, 5, WALK_STEPS_MAX):
            again = followed(fresh.subject, scheduled(case.subject, walked.moves), WALK_STEPS_MAX)
            assert again.at_rest
            assert fresh.subject.named(again.moves) == case.subject.named(walked.moves)


@pytest.mark.parametrize(("race", "release"), [("R1", "0.21"), ("R1", "0.18.1"), ("R5", "0.15"), ("R11", "0.17.3")])
def test_what_a_release_has_too_is_found_by_following_alone(race: str, release: str) -> None:
    one = found(race)
    cell = ask(HUNTER, configuration(LOSING[race]), release, EFFORT, Sought.of(one))
    assert (cell.walked, cell.worlds) == (0, 0)
    assert one.cause.key in {each.cause.key for each in cell.found}


@pytest.mark.parametrize("race", RACES)
@pytest.mark.parametrize("release", ["0.19.0", "0.22", "proposed"])
def test_the_answer_is_that_of_the_whole_hunt(race: str, release: str) -> None:
    one = found(race)
    whole = hunt(HUNTER, configuration(LOSING[race]), release, EFFORT)
    asked = ask(HUNTER, configuration(LOSING[race]), release, EFFORT, Sought.of(one))
    has = [one.cause.key in {each.cause.key for each in cell.found} for cell in (asked, whole)]
    assert has[0] or not has[1]
    assert not has[0] or whole.bound or has[1]
    if not has[0]:
        assert bool(asked.found) == bool(whole.found)
