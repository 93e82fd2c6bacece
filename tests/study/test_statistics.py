"""The statistics against scipy and numpy, and against what must hold whatever the numbers are."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binomtest

from sim.study.statistics import exact_interval, mcnemar_exact, quantile

SHARES = st.integers(1, 5000).flatmap(lambda of: st.tuples(st.integers(0, of), st.just(of)))
VALUES = st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=50)


@pytest.mark.parametrize("confidence", [0.9, 0.95, 0.999])
@pytest.mark.parametrize(("count", "of"), [(0, 1), (1, 1), (0, 1000), (1000, 1000), (1, 10), (831, 1000), (2, 100_000)])
def test_the_interval_is_that_of_scipy(count: int, of: int, confidence: float) -> None:
    theirs = binomtest(count, of).proportion_ci(confidence_level=confidence, method="exact")
    assert exact_interval(count, of, confidence) == pytest.approx((theirs.low, theirs.high), rel=1e-7, abs=1e-12)


def test_nothing_is_known_of_no_runs() -> None:
    assert exact_interval(0, 0) == (0, 1)


@given(SHARES)
def test_the_interval_contains_the_share_and_lies_within_0_and_1(share: tuple[int, int]) -> None:
    count, of = share
    low, high = exact_interval(count, of)
    assert 0 <= low <= count / of <= high <= 1


@given(SHARES)
def test_the_interval_is_exactly_0_or_1_only_at_the_ends(share: tuple[int, int]) -> None:
    count, of = share
    low, high = exact_interval(count, of)
    assert (low == 0) == (count == 0)
    assert (high == 1) == (count == of)


@given(SHARES)
def test_the_interval_moves_up_with_the_count(share: tuple[int, int]) -> None:
    count, of = share
    low, high = exact_interval(count, of)
    low_of_one_more, high_of_one_more = exact_interval(min(count + 1, of), of)
    assert low <= low_of_one_more
    assert high <= high_of_one_more


@given(SHARES)
def test_the_interval_of_the_others_is_the_mirror_image(share: tuple[int, int]) -> None:
    count, of = share
    low, high = exact_interval(of - count, of)
    assert exact_interval(count, of) == pytest.approx((1 - high, 1 - low), abs=1e-12)


@given(SHARES)
def test_more_confidence_needs_a_wider_interval(share: tuple[int, int]) -> None:
    low, high = exact_interval(*share, confidence=0.9)
    low_of_more, high_of_more = exact_interval(*share, confidence=0.99)
    assert low_of_more <= low
    assert high <= high_of_more


@given(st.integers(0, 400), st.integers(0, 400))
def test_mcnemar_is_the_two_sided_binomial_test(only_first: int, only_second: int) -> None:
    pairs = only_first + only_second
    theirs = binomtest(only_first, pairs).pvalue if pairs else 1.0
    assert mcnemar_exact(only_first, only_second) == pytest.approx(theirs, rel=1e-9)


@given(st.integers(0, 3000), st.integers(0, 3000))
def test_mcnemar_does_not_care_which_is_first(one: int, other: int) -> None:
    assert mcnemar_exact(one, other) == mcnemar_exact(other, one)
    assert 0 <= mcnemar_exact(one, other) <= 1


def test_mcnemar_by_hand() -> None:
    assert mcnemar_exact(0, 0) == 1
    assert mcnemar_exact(1, 0) == 1
    assert mcnemar_exact(0, 5) == 2 / 2**5
    assert mcnemar_exact(1, 5) == 2 * (1 + 6) / 2**6
    assert mcnemar_exact(7, 7) == 1


def test_mcnemar_of_thousands_neither_overflows_nor_fails() -> None:
    assert mcnemar_exact(1000, 0) == 2.0**-999
    assert mcnemar_exact(20_000, 0) == 0
    assert mcnemar_exact(10_000, 10_000) == 1


@given(VALUES, st.floats(0, 1))
def test_a_quantile_is_that_of_numpy(values: list[float], share: float) -> None:
    assert quantile(values, share) == pytest.approx(float(np.quantile(values, share)), rel=1e-9, abs=1e-6)


@given(VALUES, st.floats(0, 1), st.randoms())
def test_a_quantile_depends_on_no_order(values: list[float], share: float, random: object) -> None:
    assert quantile(sorted(values), share) == quantile(values, share) == quantile(reversed(values), share)


def test_quantiles_by_hand() -> None:
    assert quantile([3.0], 0.95) == 3
    assert quantile([4.0, 1.0, 2.0, 3.0], 0.5) == 2.5
    assert quantile([4.0, 1.0], 0.0) == 1
    assert quantile([4.0, 1.0], 1.0) == 4
