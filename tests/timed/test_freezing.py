"""A frozen domain takes no step; what it sent is served, its timers run on, and killing it ends the freeze."""

from __future__ import annotations

import pytest

from sim.core import Await, Sleep, SleepUntil, Start, Take, Write
from tests.core.toys import Add, Fate, Send
from tests.timed.toys import Lab, each

FREEZE, THAW, KILL = "freeze", "thaw", "kill"


def test_a_call_that_has_left_is_served_and_its_answer_waits_for_the_thaw() -> None:
    """The effect at 3 ms, as without a freeze; the next step only at the thaw."""
    lab = Lab().at((1, FREEZE), (50, THAW))
    lab.start("it", each(lab.ask(), Add(lab.heard)))
    assert lab.run().log("it") == [3, 50]


def test_an_answer_that_comes_after_the_thaw_comes_when_it_would_have() -> None:
    """A freeze that ends before the answer is there delays nothing."""
    lab = Lab().at((1, FREEZE), (5, THAW))
    lab.start("it", each(lab.ask(), Add(lab.heard)))
    assert lab.run().log("it") == [3, 7]


def test_a_call_that_the_limiter_holds_leaves_after_the_thaw() -> None:
    """It had not been sent: the client stands still. One that would leave later than the thaw leaves as planned."""
    for frozen_ms, served_ms in ((1000, 1003), (150, 203)):
        lab = Lab().at((100, FREEZE), (frozen_ms, THAW))
        for number in range(10):
            lab.start(f"other {number}", each(lab.ask()))
        lab.start("eleventh", each(lab.ask()))
        assert lab.run().log("eleventh") == [served_ms]


@pytest.mark.parametrize(("thawed_ms", "woken_ms"), [(50, 100), (500, 500)])
def test_timers_run_on_while_their_domain_is_frozen(thawed_ms: float, woken_ms: float) -> None:
    """A sleep that would have ended ends at the thaw; another at its time."""
    lab = Lab().at((10, FREEZE), (thawed_ms, THAW))
    lab.start("it", each(Sleep("nap")))
    lab.start("until", each(SleepUntil(100)))
    lab.run()
    assert lab.log("it") == lab.log("until") == [woken_ms]


@pytest.mark.parametrize("late", [False, True])
def test_ticks_keep_their_phase_over_a_freeze(late: bool) -> None:
    """Looks come at multiples of the period from where the wait began, whether or not it ever woke before."""
    lab = Lab()
    lab.at((150, FREEZE), (170, THAW), (180, Write(lab.cell, True)))
    lab.start("it", each(*[SleepUntil(7)] * late, Await(lab.cell, 100.0)))
    assert lab.run().log("it")[-1] == (207 if late else 200)


def test_what_became_ready_during_a_freeze_is_seen_after_it() -> None:
    """At the thaw, or at the first tick from then on; and not at all if it is over by then."""
    lab = Lab()
    lab.at((10, FREEZE), (20, Write(lab.cell, True)), (30, Write(lab.heard, True)), (40, Write(lab.heard, None)))
    lab.machine.start(lab.world, "thaw", each(SleepUntil(250), Fate(THAW, lab.pod)))
    lab.start("prompt", each(Await(lab.cell)))
    lab.start("ticking", each(Await(lab.cell, 100.0)))
    lab.start("missed", each(Await(lab.heard)))
    lab.run()
    assert (lab.log("prompt"), lab.log("ticking"), lab.log("missed")) == ([250], [300], [])


def test_items_wait_for_a_frozen_taker() -> None:
    """They arrive and are due; all are taken at the thaw."""
    lab = Lab()
    lab.at((1, FREEZE), (2, Send(lab.stream, "a")), (3, Send(lab.queue, "b")), (500, THAW))
    lab.start("stream", each(Take(lab.stream)))
    lab.start("queue", each(SleepUntil(0), Take(lab.queue)))
    lab.run()
    assert (lab.log("stream"), lab.log("queue")) == ([500], [0, 500])


def test_a_frozen_process_can_be_killed_and_is_gone_for_good() -> None:
    """Neither the freeze's end nor an answer under way brings it back; a late thaw does nothing."""
    lab = Lab().at((1, FREEZE), (2, KILL), (50, THAW))
    lab.start("it", each(lab.ask(), Add(lab.heard)))
    lab.start("sleeper", each(Sleep("nap"), Add(lab.heard)))
    lab.run()
    assert lab.changes() == []


def test_what_starts_after_a_kill_is_not_frozen() -> None:
    """The freeze died with the domain."""
    lab = Lab()
    lab.at((1, FREEZE), (2, KILL), (3, Start(lab.pod, "anew", each(Add(lab.heard)))), (50, THAW))
    lab.start("it", each(Sleep("nap")))
    assert lab.run().log("anew") == [3]


def test_what_starts_in_a_frozen_domain_waits_for_the_thaw() -> None:
    """Freezing holds for the domain."""
    lab = Lab()
    lab.at((1, FREEZE), (3, Start(lab.pod, "late", each(Add(lab.heard)))), (50, THAW))
    assert lab.run().log("late") == [50]


def test_freezes_do_not_add_up() -> None:
    """The first thaw ends them all, and a freeze may follow a freeze."""
    lab = Lab()
    lab.at((1, FREEZE), (2, FREEZE), (30, THAW), (31, THAW), (40, FREEZE), (200, THAW))
    lab.start("it", each(SleepUntil(10), Add(lab.heard), Sleep("nap")))
    assert lab.run().log("it") == [30, 30, 200]


def test_a_world_that_was_frozen_stays_so_until_it_is_thawed() -> None:
    """A driver that adopts it takes no step of the frozen domain."""
    lab, other = Lab(), Lab()
    lab.start("it", each(Add(lab.heard)))
    lab.machine.freeze(lab.pod)
    other.machine.load(lab.machine.world())
    other.driver.adopt()
    other.machine.start(other.script, "script", each(SleepUntil(50), Fate(THAW, lab.pod)))
    assert other.run().log("it") == [50]


def test_the_last_step_of_a_run_is_the_last_also_after_a_freeze() -> None:
    """When a run ended is when its last step was taken, whatever way the step came."""
    lab = Lab().at((1, FREEZE), (2, THAW))
    lab.start("it", each(Sleep("nap")))
    lab.run()
    assert lab.driver.last_ms == lab.log("it")[-1] == 100
