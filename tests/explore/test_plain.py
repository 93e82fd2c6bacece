"""The plain search finds every world, at its depth."""

from __future__ import annotations

from collections.abc import Callable
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.core import (
    Machine,
    World,
)
from sim.explore.plain import Plain
from sim.explore.tables import Tables
from tests.core.test_two_phase_commit import reachable, successors
from tests.core.toys import Race
from tests.explore.examples import examples
from tests.explore.machines import (
    MODELS,
    TUNABLE,
    freezes,
    searched,
    text,
    tuned,
)
from tests.explore.programs import Lab, labs
from tests.explore.two_phase_commit import WORLDS, TwoPhase

WORLDS_MAX = 3_000


def found(search: Plain) -> dict[str, int]:
    """Every world that a search found with its depth."""
    packing = search.tables.packing
    out = {text(packing, world): depth for depth, level in enumerate(search.levels) for world in level}
    assert len(out) == sum(map(len, search.levels)) == search.worlds
    return out


def depths(begin: World, depth_max: int = 1000) -> dict[str, int]:
    """Every reachable world with its depth, each step taken by a machine of its own."""
    out, frontier = {begin: 0}, [begin]
    for depth in range(1, depth_max + 1):
        following = {after: depth for world in frontier for after in successors(world) if after not in out}
        out.update(following)
        frontier = list(following)
    return {world.text(): depth for world, depth in out.items()}


def learned_anew(make: Callable[[], Machine]) -> tuple[dict[str, int], int, int] | None:
    """The worlds with their depths, how many steps there are and how many worlds at rest, nothing looked up twice.

    None if there are too many worlds.
    """
    tables = Tables()
    begin = tables.packing.load(make())
    out, frontier, steps, rest = {begin: 0}, [begin], 0, 0
    while frontier:
        following = []
        for world in frontier:
            slots = [slot for slot in tables.packing.slots if world & slot.mask]
            outcomes = [outcome for slot in slots for outcome in tables.learner.learn(slot, world).outcomes]
            steps += len(outcomes)
            rest += not outcomes
            for after in [tables.after(world, outcome) for outcome in outcomes]:
                if after not in out:
                    out[after] = out[world] + 1
                    following.append(after)
        if len(out) > WORLDS_MAX:
            return None
        frontier = following
    return {text(tables.packing, world): depth for world, depth in out.items()}, steps, rest


@pytest.mark.parametrize("managers", [3, 5, 7])
def test_two_phase_commit_has_the_known_number_of_worlds(managers: int) -> None:
    search = searched(TwoPhase(managers).machine)
    assert (search.worlds, search.frontier) == (WORLDS[managers], 0)
    assert (search.depth, len(search.at_rest)) == (3 * managers + 1, 0)


@pytest.mark.deep
@pytest.mark.parametrize("managers", [8, 9])
def test_two_phase_commit_has_the_known_number_of_worlds_where_it_is_large(managers: int) -> None:
    search = searched(TwoPhase(managers).machine)
    assert (search.worlds, search.frontier) == (WORLDS[managers], 0)


def test_steps_are_counted_as_one_by_one() -> None:
    search = searched(TwoPhase(3).machine)
    begin = TwoPhase(3).machine().world()
    assert search.steps() == sum(len(successors(world)) for world in reachable(begin))


@pytest.mark.parametrize("make", MODELS, ids=lambda make: make.__qualname__)
def test_it_finds_the_worlds_of_the_machine_at_their_depths(make: Callable[[], Machine]) -> None:
    assert found(searched(make)) == depths(make().world())


TUNINGS = [dict(zip(TUNABLE, values, strict=True)) for values in product((1, 4, 64), (3, 4096), (0, 12), (1, 4))]


@pytest.mark.parametrize("make", [*MODELS, freezes], ids=lambda make: make.__qualname__)
def test_it_finds_the_same_however_processes_are_grouped(make: Callable[[], Machine]) -> None:
    """And however little is known before the loop begins."""
    expected = learned_anew(make)
    for tuning in TUNINGS:
        with tuned(tuning):
            search = searched(make)
        assert (found(search), search.steps(), len(search.at_rest)) == expected, tuning


def test_it_finds_the_first_worlds_of_a_race() -> None:
    toy = Race()
    assert found(searched(toy.machine, depth_max=9)) == depths(toy.machine().world(), 9)


@examples(200)
@given(labs(), st.sampled_from(TUNINGS))
def test_it_finds_what_a_search_finds_that_looks_nothing_up(lab: Lab, tuning: dict[str, int]) -> None:
    """Random models that start, stop, kill and freeze: worlds, depths, steps, and worlds at rest."""
    expected = learned_anew(lab.machine)
    if expected is not None:
        with tuned(tuning):
            search = searched(lab.machine)
        assert (found(search), search.steps(), len(search.at_rest)) == expected
