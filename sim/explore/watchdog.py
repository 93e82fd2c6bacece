"""Notices a handler that never comes to its next request, where signals can be had: in the main thread, on Unix."""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType

from sim.core.rules import BrokenRule, TookTooLong

SECONDS_MAX = 10.0


@contextmanager
def watched(who: str, seconds: float = SECONDS_MAX, taken: Callable[[], int] = lambda: 0) -> Iterator[None]:
    """Give up on what takes longer than so many seconds; ``who`` is the process that is asked for its next request.
    Where many steps are taken, ``taken`` counts them, and each may take so long.

    The time is that of the clock on the wall, so the alarm must come twice, half of it each: of a search that was
    stopped or a machine that slept, one comes as it goes on. Where a handler or a request was under way, whoever runs
    it tells which.

    Raises:
        BrokenRule: it took longer.
    """
    if threading.current_thread() is not threading.main_thread() or not hasattr(signal, "setitimer"):
        yield
        return

    alarms = count = 0

    def give_up(_signal: int, _frame: FrameType | None) -> None:
        nonlocal alarms, count
        alarms = 1 if taken() != count else alarms + 1
        count = taken()
        if alarms == 1:
            signal.setitimer(signal.ITIMER_REAL, seconds / 2)
            return
        raise TookTooLong(f"{seconds:g} s")

    before = signal.signal(signal.SIGALRM, give_up)
    signal.setitimer(signal.ITIMER_REAL, seconds / 2)
    try:
        yield
    except TookTooLong as error:
        raise BrokenRule(
            f"process {who} has not come to its next request within {error}: a handler that never yields, or one"
            " step that does the work of many",
            "a process that yields a request for every look at the world",
        ) from error
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
