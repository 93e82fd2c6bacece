"""About how many worlds there are, by how far a search has come."""

from __future__ import annotations

from math import comb
from types import SimpleNamespace
from typing import Any

import pytest

from sim.explore.estimate import share_done, whole, whole_depth_first
from sim.explore.frame import Frame
from sim.explore.reduced import Reduced
from sim.explore.tables import Tables
from tests.explore.programs import Lab
from tests.explore.test_reduced import reduced


@pytest.mark.parametrize("processes", [20, 40])
def test_once_levels_shrink_the_rest_is_foreseen(processes: int) -> None:
    """So many processes of one step each: a binomial number of worlds at each depth."""
    levels = [comb(processes, depth) for depth in range(processes + 1)]
    told = [whole(levels[: depth + 1]) for depth in range(len(levels))]
    middle = processes // 2
    assert told[: middle + 3] == [None] * (middle + 3)
    rest = [each for each in told[middle + 3 :] if each is not None]
    assert len(rest) == len(told) - middle - 3
    assert all(sum(levels) * 0.8 < each < sum(levels) * 1.2 for each in rest)


@pytest.mark.parametrize("levels", [[], [1], [1, 2, 4, 8, 16, 32, 64, 128], [5] * 30, [1, 9, 8, 7]])
def test_where_levels_do_not_shrink_or_are_few_nothing_is_told(levels: list[int]) -> None:
    assert whole(levels) is None


def test_it_is_never_less_than_what_was_met() -> None:
    levels = [2**depth for depth in range(10)] + [400, 100, 5000]
    assert (whole(levels) or 0) >= sum(levels)


def on_the_way(*taken_and_left: tuple[int, int]) -> list[Frame]:
    """Worlds on the way, by how many steps were taken from each, the last not to its end, and how many are left."""
    frames: Any = [SimpleNamespace(edges=[None] * taken, todo=[None] * left) for taken, left in taken_and_left]
    return list(frames)


@pytest.mark.parametrize(
    ("stack", "done"),
    [
        ([], 0.0),
        ([(1, 0), (1, 0)], 0.0),
        ([(1, 1)], 0.0),
        ([(2, 0)], 0.5),
        ([(1, 0), (2, 2), (1, 0), (3, 0)], 0.25 + 2 / 3 / 4),
        ([(4, 0), (4, 0)], 15 / 16),
    ],
)
def test_depth_first_what_is_done_is_the_share_of_the_steps_taken_to_their_end(
    stack: list[tuple[int, int]], done: float
) -> None:
    assert share_done(on_the_way(*stack)) == pytest.approx(done)


def test_depth_first_the_whole_is_what_was_explored_by_its_share_and_never_less_than_was_met() -> None:
    assert whole_depth_first(100, on_the_way((1, 0), (2, 0))) == 200
    assert whole_depth_first(100, on_the_way((4, 0), (40, 0))) == 102
    assert whole_depth_first(100, on_the_way((1, 0), (1, 3))) is None


def test_a_search_tells_it_for_as_long_as_there_is_a_choice_on_the_way() -> None:
    tables = Tables()
    programs = ((("bump", 1),) * 5, (("bump", 1), ("read", 1)) * 3, (("bump", 1),) * 4)
    begin = tables.packing.load(Lab(programs, ((), ())).machine())
    reduced(tables, begin)  # learns whatever there is to learn, so that the next one never has to begin again
    search = Reduced(tables, lambda _slot: 0)
    search.begin(begin)
    told: list[int | None] = []
    while not search.run(1):
        told.append(whole_depth_first(len(search.worlds), search.stack))
        assert (told[-1] or 10**9) >= len(search.worlds) + len(search.stack)
    known = [each for each in told if each is not None]
    assert len(known) > len(told) / 2
    assert len(search.worlds) / 3 < known[len(known) // 2] < 3 * len(search.worlds)
