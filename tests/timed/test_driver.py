"""Time passes as requests say, and what is blocked costs nothing."""

from __future__ import annotations

import math

import pytest

from sim.core import Await, Channel, Domain, Machine, Sleep, SleepUntil, Start, Take, Write
from tests.core.toys import Add, Fate, Send, Stop
from tests.timed.toys import Lab, Tick, each


def test_a_sleep_takes_its_delay_and_a_moment_that_has_passed_is_now() -> None:
    """Then the effect comes at once."""
    lab = Lab()
    lab.start("it", each(Sleep("nap"), SleepUntil(350), SleepUntil(20), Write(lab.cell, 1)))
    lab.run()
    assert lab.log("it") == [100, 350, 350, 350]
    assert lab.changes() == [(350, "world/cell", 1)]


def test_a_call_has_its_effect_on_the_way_and_answers_later() -> None:
    """3 ms there, 4 ms back."""
    lab = Lab()
    lab.start("it", each(lab.ask(), Add(lab.heard)))
    lab.run()
    assert lab.log("it") == [3, 7]


def test_calls_of_one_client_share_its_limiter_in_the_order_of_their_calls() -> None:
    """Ten go at once, the rest one each 200 ms, whoever makes them."""
    lab = Lab()
    for name in "abcdefghijklm":
        lab.start(name, each(lab.ask()))
    lab.run()
    assert [lab.log(name) for name in "ajklm"] == [[3], [3], [203], [403], [603]]


def test_the_limiter_is_full_again_after_its_domain_was_wiped() -> None:
    """A new process has a new limiter; the debts of the old one died with it."""
    lab = Lab().at((1, "kill"))
    for name in "abcdefghijklmno":
        lab.start(name, each(lab.ask()))
    lab.run(2)
    for name in "abcdefghijk":
        lab.start(name, each(lab.ask()))
    lab.run()
    assert [lab.log(name) for name in "ajk"] == [[5], [5], [205]]
    assert lab.machine.get(lab.count) == 11


def test_a_call_to_a_server_that_hangs_waits_until_it_serves() -> None:
    """The effect comes the moment the server goes on; the way back is as ever."""
    lab = Lab()
    lab.machine.put(lab.hung, True)
    lab.at((50, Write(lab.hung, None)))
    lab.start("it", each(lab.ask(), Add(lab.heard)))
    lab.run()
    assert lab.log("it") == [50, 54]


@pytest.mark.parametrize(("killed_ms", "count"), [(2.9, None), (3.1, 1), (6.9, 1)])
def test_a_kill_during_a_call_takes_the_answer_and_before_the_effect_the_effect(
    killed_ms: float, count: object
) -> None:
    """Before the effect it never happens; after it, it has happened and nobody hears."""
    lab = Lab().at((killed_ms, "kill"))
    lab.start("it", each(lab.ask(), Add(lab.heard)))
    lab.run()
    assert lab.machine.get(lab.count) == count
    assert lab.machine.get(lab.heard) is None


@pytest.mark.parametrize("verb", ["stop", "kill"])
def test_a_process_that_ends_itself_goes_no_further(verb: str) -> None:
    """The step that does it is its last, and others of the domain end with it only if that is killed."""
    lab = Lab()
    last = Fate("kill", lab.pod) if verb == "kill" else Stop(lab.pod, "it")
    lab.start("it", each(Sleep("nap"), last, Add(lab.heard)))
    lab.start("other", each(SleepUntil(200), Add(lab.cell)))
    lab.run()
    assert lab.log("it") == [100, 100]
    assert lab.log("other") == ([] if verb == "kill" else [200, 200])
    assert lab.machine.get(lab.heard) is None


def test_what_a_dead_process_waited_for_wakes_nobody() -> None:
    """Killed in a sleep, before a tick, at an empty channel, on the way: nothing of it happens later."""
    lab = Lab()
    lab.at((1, "kill"), (10, Write(lab.world.cell("late"), 1)), (20, Send(lab.stream, "item")))
    lab.machine.put(lab.cell, True)
    lab.start("sleeping", each(Sleep("nap"), Add(lab.heard)))
    lab.start("ticking", each(Tick(lab.cell, 50.0), Add(lab.heard)))
    lab.start("waiting", each(Await(lab.world.cell("late")), Add(lab.heard)))
    lab.start("taking", each(Take(lab.stream), Add(lab.heard)))
    lab.start("calling", each(lab.ask(), Add(lab.heard)))
    lab.run()
    assert lab.machine.get(lab.heard) is None
    assert [str(process) for process in lab.machine.running()] == []


@pytest.mark.parametrize(("changed_ms", "seen_ms"), [(5, 10), (12, 110), (109.5, 110), (110.5, 210), (5000.25, 5010)])
def test_a_wait_with_a_period_sees_a_change_at_its_next_tick(changed_ms: float, seen_ms: float) -> None:
    """Ticks are counted from where the wait began, here at 10 ms."""
    lab = Lab()
    lab.at((changed_ms, Write(lab.cell, True)))
    lab.start("it", each(SleepUntil(10), Await(lab.cell, 100.0)))
    assert lab.run().log("it") == [10, seen_ms]


def test_a_wait_is_looked_at_at_once_unless_it_says_otherwise() -> None:
    """What is ready from the beginning is seen at the beginning, or after one period; without a period, on change."""
    lab = Lab()
    lab.machine.put(lab.cell, True)
    lab.start("await", each(Await(lab.cell, 100.0)))
    lab.start("tick", each(Tick(lab.cell, 100.0)))
    lab.at((12, Write(lab.heard, True)))
    lab.start("prompt", each(Await(lab.heard)))
    lab.run()
    assert (lab.log("await"), lab.log("tick"), lab.log("prompt")) == ([0], [100], [12])


def test_what_is_ready_only_between_two_ticks_is_not_seen() -> None:
    """Up and down again before the tick: the wait goes on to the next time."""
    plan = ((10, True), (20, None), (130, True), (150, None), (170, True))
    lab = Lab()
    lab.at(*((at_ms, Write(lab.cell, value)) for at_ms, value in plan))
    lab.start("it", each(Await(lab.cell, 100.0)))
    assert lab.run().log("it") == [200]


def test_a_taker_that_waits_for_a_late_item_is_hastened_by_an_earlier_one() -> None:
    """The key that failed is due at 110 ms; another comes at 20 ms and is due at 70 ms."""
    lab = Lab()
    lab.start("it", each(Take(lab.queue), Send(lab.queue, "a"), Take(lab.queue), Take(lab.queue)))
    lab.at((0, Send(lab.queue, "a")), (60, Send(lab.queue, "b")))
    lab.run()
    assert lab.log("it") == [50, 50, 110, 150]
    assert lab.driver.steps is not None
    taken = [step.response for step in lab.driver.steps if isinstance(step.request, Take)]
    assert taken == ["a", "b", "a"]


def test_a_stream_is_taken_in_order_when_each_item_is_due() -> None:
    """2 ms after it was sent; a process that comes late finds all that are due."""
    lab = Lab()
    lab.at((0, Send(lab.stream, "a")), (1, Send(lab.stream, "b")), (9, Send(lab.stream, "c")))
    lab.start("it", each(Take(lab.stream), SleepUntil(6), Take(lab.stream), Take(lab.stream)))
    assert lab.run().log("it") == [2, 6, 6, 11]


def test_a_worker_that_takes_over_finds_the_back_off_as_it_was() -> None:
    """Failures are counted by the queue, not by whoever takes from it."""
    lab = Lab()
    lab.at((0, Send(lab.queue, "a")), (60, Start(lab.pod, "new", each(Take(lab.queue)))), (70, Send(lab.queue, "a")))
    lab.start("old", each(Take(lab.queue)))
    lab.run()
    assert (lab.log("old"), lab.log("new")) == ([50], [170])


def test_an_idle_world_makes_no_events() -> None:
    """However many wait, and however long: nothing is scheduled, and nothing is counted."""
    counts = []
    for until_ms in (1e4, 1e10):
        lab = Lab()
        lab.start("tick", each(Tick(lab.cell, 10.0)))
        lab.start("wait", each(Sleep("nap"), Await(lab.cell, 10.0)))
        lab.start("take", each(Take(lab.queue)))
        lab.start("again", each(Sleep("nap"), Take(lab.stream)))
        lab.start("call", each(lab.ask()))
        lab.machine.put(lab.hung, True)
        assert lab.driver.run(until_ms)
        assert lab.driver.env.peek() == math.inf
        counts.append(lab.driver.events())
    assert counts[0] == counts[1] < 20


def test_items_of_a_world_that_is_loaded_are_there_to_be_taken() -> None:
    """All of them, as if they had just arrived."""
    lab = Lab()
    machine = Machine()
    machine.put(lab.stream, ("x", "y"))
    machine.put(lab.queue, ("a", "b"))
    machine.start(lab.pod, "stream", each(Take(lab.stream), Take(lab.stream)))
    machine.start(lab.pod, "queue", each(Take(lab.queue), Take(lab.queue)))
    lab.machine.load(machine.world())
    lab.driver.adopt()
    assert lab.driver.run(1000)
    assert (lab.log("stream"), lab.log("queue")) == ([2, 2], [50, 50])


def test_items_in_storage_survive_a_kill() -> None:
    """A channel of a domain that is not volatile keeps its items, and they stay due."""
    lab = Lab()
    disk = Domain("disk", volatile=False)
    channel = Channel("stored", disk, "watch", keyed=False)
    lab.at((0, Send(channel, "item")), (1, Fate("kill", disk)), (5, Start(lab.pod, "it", each(Take(channel)))))
    assert lab.run().log("it") == [5]
