"""Delays are drawn from the distributions that their texts name, from one stream per source."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from numpy.typing import ArrayLike
from scipy import stats

from sim.core import BadInput
from sim.timed.delays import KINDS, POINTS, quantiles, sampler

AT = (np.arange(POINTS) + 0.5) / POINTS
P95 = stats.norm.ppf(0.95)
SOURCES = [f"source {number}" for number in range(200)]


@pytest.mark.parametrize(("low", "high"), [(0, 1), (3, 10), (0.5, 1e6)])
def test_uniform_has_the_quantiles_of_the_uniform_distribution(low: float, high: float) -> None:
    """At the middle of each of the table's equal shares."""
    assert quantiles(f"uniform {low} {high}") == pytest.approx(stats.uniform.ppf(AT, low, high - low), abs=1e-6)


@pytest.mark.parametrize(("median", "p95"), [(1, 1), (2000, 5000), (15000, 40000)])
def test_lognormal_has_the_quantiles_of_the_lognormal_distribution(median: float, p95: float) -> None:
    """Named by its median and its 95th percentile."""
    sigma = math.log(p95 / median) / P95
    exact = stats.lognorm.ppf(AT, sigma, scale=median) if sigma else np.full(POINTS, float(median))
    table = quantiles(f"lognormal {median} {p95}")
    assert table == pytest.approx(exact, rel=1e-9, abs=1e-6)
    assert np.quantile(table, [0.5, 0.95]) == pytest.approx([median, p95], rel=0.01)


@pytest.mark.parametrize("share", [0.01, 0.5, 1])
def test_rare_is_nothing_but_for_a_share(share: float) -> None:
    """Zero most times, uniform otherwise."""
    table = quantiles(f"rare {share} 10 30")
    late = [value for value in table if value]
    assert len(late) / POINTS == pytest.approx(share, abs=1 / POINTS)
    assert 10 <= min(late) <= max(late) <= 30
    assert np.mean(late) == pytest.approx(20, abs=1)


@pytest.mark.parametrize("text", ["constant 7", "uniform 3 10", "lognormal 2 5", "rare 0.1 10 20"])
def test_a_constant_behind_a_plus_is_added_to_every_draw(text: str) -> None:
    """The shape stays."""
    assert quantiles(f"{text} + 25") == pytest.approx([value + 25 for value in quantiles(text)])


@pytest.mark.parametrize(
    "text",
    [
        "", "gamma 1 2", "uniform", "uniform 3", "uniform 1 2 3", "uniform a b", "uniform 10 3", "constant -1",
        "constant nan", "constant inf", "lognormal 0 5", "lognormal 5 2", "rare 0 1 2", "rare 2 1 2", "rare 0.5 3 2",
        "constant 1 + x", "constant 1 + -2", "constant 1 + nan", "constant 1 + inf", "lognormal 1e-300 1e8",
    ],
)  # fmt: skip
def test_a_text_that_is_no_delay_says_what_would_have_been_accepted(text: str) -> None:
    """Whatever is wrong with it: the kind, the number of parameters, or their values."""
    with pytest.raises(BadInput) as caught:
        quantiles(text)
    assert repr(text) in caught.value.problem
    assert any(kind in caught.value.accepted for kind in KINDS)


WORDS = st.one_of(st.sampled_from([*KINDS, "+", "-1", "0", "0.5", "1e9", "nan", "inf", "1e-320"]), st.floats().map(str))


@given(st.one_of(st.text(), st.lists(WORDS, max_size=6).map(" ".join)))
@example("lognormal 1e-320 1.0")
def test_any_text_is_a_delay_or_bad_input(text: str) -> None:
    """Never another exception, and never a delay that is negative, infinite or out of order."""
    try:
        table = quantiles(text)
    except BadInput as bad:
        assert bad.accepted
        return
    assert all(0 <= value < math.inf for value in table)
    assert list(table) == sorted(table)


def draws(seed: int, source: str, number: int, text: str = "uniform 0 1") -> list[float]:
    draw = sampler(seed, source, text)
    return [draw() for _ in range(number)]


def test_the_same_seed_draws_the_same_and_another_seed_does_not() -> None:
    """A stream is a function of the seed and the source."""
    assert draws(5, "a", 100) == draws(5, "a", 100)
    assert draws(5, "a", 100) != draws(6, "a", 100)
    assert draws(5, "a", 100) != draws(5, "b", 100)
    assert len(set(draws(-1, "a", 100))) > 80


@settings(deadline=None)
@given(st.lists(st.sampled_from("abc"), max_size=60))
def test_the_draws_of_a_source_do_not_depend_on_the_others(order: list[str]) -> None:
    """In whatever order sources are asked, and whether others exist at all, each draws its own stream."""
    samplers = {source: sampler(1, source, "uniform 0 1") for source in "abc"}
    drawn: dict[str, list[float]] = {source: [] for source in "abc"}
    for source in order:
        drawn[source].append(samplers[source]())
    for source, values in drawn.items():
        assert values == draws(1, source, len(values))


@pytest.mark.parametrize("text", ["uniform 3 10", "lognormal 2000 5000", "rare 0.05 100 200 + 3"])
def test_the_mean_of_many_draws_is_that_of_the_table(text: str) -> None:
    """Within five standard errors, for one stream and across the first draws of many seeds."""
    table = np.array(quantiles(text))
    many = np.array(draws(0, "a", 100_000, text))
    assert abs(many.mean() - table.mean()) < 5 * table.std() / math.sqrt(len(many))
    firsts = np.array([sampler(seed, "a", text)() for seed in range(20_000)])
    assert abs(firsts.mean() - table.mean()) < 5 * table.std() / math.sqrt(len(firsts))


def correlation(one: ArrayLike, other: ArrayLike) -> float:
    return float(np.corrcoef(np.asarray(one, float), np.asarray(other, float))[0, 1])


@pytest.mark.parametrize("apart", [1, 2, 256, 1 << 32])
def test_neighbouring_seeds_are_not_correlated(apart: int) -> None:
    """Along the streams of one pair of seeds, and at the first draw across thousands of pairs."""
    assert abs(correlation(draws(7, "a", 10_000), draws(7 + apart, "a", 10_000))) < 0.05
    firsts = [sampler(seed, "a", "uniform 0 1")() for seed in range(10_000)]
    seconds = [sampler(seed + apart, "a", "uniform 0 1")() for seed in range(10_000)]
    assert abs(correlation(firsts, seconds)) < 0.05


def test_sources_and_successive_draws_are_not_correlated() -> None:
    """Within a seed, and along a stream; and the first draws over seeds are spread evenly."""
    stream = draws(3, "a", 10_000)
    assert abs(correlation(stream[1:], stream[:-1])) < 0.05
    streams = np.array([draws(3, source, 50) for source in SOURCES])
    assert abs(correlation(streams[1:].ravel(), streams[:-1].ravel())) < 0.05
    firsts = [sampler(seed, "a", "uniform 0 1")() for seed in range(5000)]
    assert stats.kstest(firsts, "uniform").pvalue > 0.001
