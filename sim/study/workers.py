"""Processes that work for this one: forked from it, so that they inherit what it has prepared, and ended with it."""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from typing import Any

from sim.core.errors import BadInput


@contextmanager
def workers(jobs: int, begin: Callable[..., None] | None = None, *arguments: Any) -> Iterator[ProcessPoolExecutor]:
    """A pool of that many processes, each of which calls ``begin`` first. What is not yet begun at the end is not done.

    Raises:
        BadInput: one of them was killed from outside.
    """
    ours, theirs = os.pipe()
    held = [ours, theirs]
    pool = ProcessPoolExecutor(
        jobs, multiprocessing.get_context("fork"), initializer=_begin, initargs=(ours, theirs, begin, arguments)
    )
    try:
        yield pool
    except BaseException as error:
        os.close(held.pop())  # which ends them, whatever they are at
        if isinstance(error, BrokenProcessPool):
            raise BadInput("a worker was killed, perhaps for want of memory", "fewer --jobs") from None
        raise
    finally:
        pool.shutdown(wait=True, cancel_futures=True)
        for end in held:
            os.close(end)


def _begin(ours: int, theirs: int, begin: Callable[..., None] | None, arguments: tuple[Any, ...]) -> None:
    """A worker leaves it to its parent what an interrupt means."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    os.close(theirs)
    threading.Thread(target=_end_with_parent, args=(ours,), daemon=True).start()
    if begin is not None:
        begin(*arguments)


def _end_with_parent(ours: int) -> None:
    """The pipe ends when the process that holds its other end does, however it ended: no worker outlives it."""
    os.read(ours, 1)
    os._exit(1)
