"""The limiter is client-go's: a bucket of 10 refilled at 5 per second, first in, first out."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.core.timing import Limits
from sim.timed.limiter import TokenBucket

CLIENT = Limits(per_second=5, burst=10, source="client-go's default")


def waits(limits: Limits, gaps_ms: list[int]) -> list[float]:
    """How long each call waits, with these gaps before them."""
    bucket, now_ms, out = TokenBucket(limits), 0, []
    for gap_ms in gaps_ms:
        now_ms += gap_ms
        out.append(bucket.reserve(now_ms))
    return out


def exact_waits(limits: Limits, gaps_ms: list[int]) -> list[Fraction]:
    """The same in exact fractions: call ``n`` leaves when the bucket has been given a token for it.

    A plain account of when each token is born: the next one a period after the last, but no more than ``burst`` of them
    are ever kept, so none is older than ``burst`` periods before the call that finds the bucket full.
    """
    period_ms = Fraction(1000) / Fraction(limits.per_second)
    now_ms, born_ms, out = Fraction(0), -limits.burst * period_ms, []
    for gap_ms in gaps_ms:
        now_ms += gap_ms
        born_ms = max(born_ms + period_ms, now_ms - (limits.burst - 1) * period_ms)
        out.append(max(Fraction(0), born_ms - now_ms))
    return out


def test_ten_calls_go_at_once_and_the_eleventh_waits_200_ms() -> None:
    """Then one every 200 ms, in the order of the calls."""
    assert waits(CLIENT, [0] * 13) == pytest.approx([0] * 10 + [200, 400, 600])


def test_an_idle_client_gets_its_burst_back_and_no_more() -> None:
    """After two seconds the bucket is full; after an hour it is no fuller."""
    for idle_ms in (2000, 3_600_000):
        assert waits(CLIENT, [*[0] * 10, idle_ms, *[0] * 10]) == pytest.approx([0] * 20 + [200])


def test_half_an_idle_time_gives_back_half_the_burst() -> None:
    """A token each 200 ms."""
    assert waits(CLIENT, [*[0] * 10, 1000, *[0] * 5]) == pytest.approx([0] * 15 + [200])


def test_calls_at_the_rate_of_the_bucket_never_wait() -> None:
    """Steady work as fast as the refill is never held up, and faster work is from some call on."""
    assert waits(CLIENT, [200] * 1000) == [0] * 1000
    assert waits(CLIENT, [199] * 3000)[-1] > 0


def test_a_refilled_bucket_is_a_new_one() -> None:
    """As a new process has: debts of the old one are forgotten."""
    bucket = TokenBucket(CLIENT)
    for _ in range(50):
        bucket.reserve(1000.0)
    bucket.refill()
    assert [bucket.reserve(1000.0) for _ in range(11)] == pytest.approx([0] * 10 + [200])


@given(
    st.sampled_from([Fraction(1, 2), 1, 3, 5, 7, 50]),
    st.integers(1, 20),
    st.lists(st.integers(0, 3000), max_size=60),
)
def test_the_waits_are_those_of_exact_arithmetic(per_second: Fraction, burst: int, gaps_ms: list[int]) -> None:
    """Rounding never adds up to a thousandth of a millisecond."""
    limits = Limits(float(per_second), burst, "test")
    exact = exact_waits(limits, gaps_ms)
    assert waits(limits, gaps_ms) == pytest.approx([float(wait) for wait in exact], abs=1e-3)


@given(st.lists(st.integers(0, 1000), min_size=1, max_size=100))
def test_calls_leave_in_the_order_in_which_they_came(gaps_ms: list[int]) -> None:
    """Whatever the gaps: nobody overtakes, and no more than the burst and the refill ever leave."""
    now_ms, leave_ms = 0, []
    for gap_ms, wait_ms in zip(gaps_ms, waits(CLIENT, gaps_ms), strict=True):
        now_ms += gap_ms
        leave_ms.append(now_ms + wait_ms)
    assert leave_ms == sorted(leave_ms)
    for number, at_ms in enumerate(leave_ms, start=1):
        assert number <= 10 + at_ms * 5 / 1000 + 1e-6
