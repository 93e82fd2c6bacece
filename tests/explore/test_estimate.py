"""About how many worlds there are, by how many were met at each depth."""

from __future__ import annotations

from math import comb

import pytest

from sim.explore.estimate import whole


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
