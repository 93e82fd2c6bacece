"""Items of a stream are due first in, first out; those of a queue after a back-off of their own."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.core.timing import BackOff
from sim.timed.channels import QueueDue, StreamDue

BACK_OFF = BackOff(base_ms=50, cap_ms=1000, source="test")


def stream(latencies: list[float]) -> StreamDue:
    draws: Iterator[float] = iter(latencies)
    return StreamDue(lambda: next(draws))


def queue(late_ms: float = 0.0) -> QueueDue:
    return QueueDue(BACK_OFF.delays, lambda: late_ms)


@given(st.lists(st.tuples(st.floats(0, 100), st.floats(0, 1000)), min_size=1, max_size=30))
def test_a_stream_is_first_in_first_out_whatever_the_latencies(sent: list[tuple[float, float]]) -> None:
    """No item comes before its own latency, nor before the one ahead of it; each comes as soon as both allow."""
    due, now_ms, latest_ms = stream([latency for _, latency in sent]), 0.0, 0.0
    expected = []
    for gap_ms, latency in sent:
        now_ms += gap_ms
        due.arrive(now_ms, None)
        latest_ms = max(latest_ms, now_ms + latency)
        expected.append(latest_ms)
    taken = []
    while (first := due.earliest()) is not None:
        taken.append(first[0])
        due.take(first[1])
    assert taken == expected


def test_an_arrival_says_when_the_first_item_is_due() -> None:
    """Which is not the one that arrived, if others are ahead of it."""
    due = stream([10, 1])
    assert due.arrive(0, None) == 10
    assert due.arrive(5, None) == 10


def test_a_cleared_stream_owes_nothing() -> None:
    """What is sent afterwards does not wait for what was lost."""
    due = stream([100, 1])
    due.arrive(0, None)
    due.clear()
    assert due.earliest() is None
    assert due.arrive(0, None) == 1


def test_a_queue_waits_twice_as_long_each_time_until_forgotten() -> None:
    """50 ms, 100 ms, ... up to the cap; after a success 50 ms again."""
    due = queue()
    for expected in (50, 100, 200, 400, 800, 1000, 1000):
        assert due.arrive(0, "a") == expected
        due.take("a")
    due.forget("a")
    assert due.arrive(0, "a") == 50


def test_failures_are_counted_for_each_key() -> None:
    """One key's back-off is not another's."""
    due = queue()
    for _ in range(3):
        due.arrive(0, "a")
        due.take("a")
    assert due.arrive(0, "b") == 50
    assert due.arrive(0, "a") == 400


def test_a_key_that_is_added_again_keeps_its_earliest_time() -> None:
    """The second add counts as a failure, but does not put the item off."""
    due = queue()
    assert due.arrive(0, "a") == 50
    assert due.arrive(10, "a") == 50
    due.take("a")
    assert due.arrive(20, "a") == 20 + 200
    due.forget("a")
    assert due.arrive(30, "a") == 30 + 50


def test_the_earliest_key_comes_first_and_ties_in_the_order_of_arrival() -> None:
    """Due times rule, not arrival; equal ones keep the order."""
    due = queue()
    due.arrive(0, "slow")
    due.take("slow")
    due.arrive(0, "slow")
    due.arrive(1, "b")
    due.arrive(1, "a")
    order = []
    while (first := due.earliest()) is not None:
        order.append(first)
        due.take(first[1])
    assert order == [(51, "b"), (51, "a"), (100, "slow")]


def test_forgetting_keeps_an_item_that_waits() -> None:
    """Forget resets the count of failures and nothing else."""
    due = queue()
    due.arrive(0, "a")
    due.forget("a")
    assert due.earliest() == (50, "a")


def test_a_cleared_queue_forgets_items_and_failures() -> None:
    """As the memory of a new process."""
    due = queue()
    due.arrive(0, "a")
    due.clear()
    assert due.earliest() is None
    assert due.arrive(0, "a") == 50


def test_timers_fire_late_by_a_draw() -> None:
    """On top of the back-off."""
    assert queue(late_ms=1.5).arrive(0, "a") == 51.5


@pytest.mark.parametrize(("base_ms", "cap_ms", "delays"), [(50, 50, (50,)), (0, 100, (0,)), (30, 100, (30, 60, 100))])
def test_back_offs_end_at_their_cap(base_ms: float, cap_ms: float, delays: tuple[float, ...]) -> None:
    """Doubled up to the cap, which is the last; none at all stays none."""
    assert BackOff(base_ms, cap_ms, "test").delays == delays


@given(st.lists(st.tuples(st.floats(0, 20), st.floats(0, 10)), min_size=1, max_size=20))
def test_keys_leave_in_the_order_of_their_times_however_late_timers_fire(added: list[tuple[float, float]]) -> None:
    """When a timer fires, all keys whose time has come leave; none leaves before its time."""
    lates = iter([late for _, late in added])
    due, now_ms = QueueDue(BACK_OFF.delays, lambda: next(lates)), 0.0
    ready: dict[Any, float] = {}
    for number, (gap_ms, _) in enumerate(added):
        now_ms += gap_ms
        due.arrive(now_ms, number)
        ready[number] = now_ms + 50
    fires = [ready[number] + late for number, (_, late) in enumerate(added)]
    taken: list[Any] = []
    clock_ms = 0.0
    while (first := due.earliest()) is not None:
        clock_ms = max(clock_ms, first[0])
        assert clock_ms == max([min(at for at in fires if at >= ready[first[1]]), *([clock_ms] if taken else [])])
        taken.append(first[1])
        due.take(first[1])
    assert taken == sorted(taken, key=lambda number: (ready[number], number))
