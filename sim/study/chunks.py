"""Seeds in chunks, on all cores, until an interrupt."""

from __future__ import annotations

from collections.abc import Callable, Generator
from concurrent.futures import FIRST_COMPLETED, Future, as_completed, wait
from typing import TypeVar

from sim.study.interrupts import Interrupts
from sim.study.workers import workers

T = TypeVar("T")
AHEAD = 8
"""Chunks for each worker that are under way or wait for it, so that none is ever idle."""


Work = Callable[[int, int, Interrupts], list[T]]
"""What is done with the seeds from the first number up to, not including, the second; with fewer after an interrupt. It
is sent to other processes.
"""


def chunks(
    work: Work[T], seeds: range, jobs: int, interrupts: Interrupts, meanwhile: Callable[[], None] = lambda: None
) -> Generator[list[T], None, None]:
    """What was made of each chunk, as many seeds as the range's step, in whatever order they are done; ``meanwhile`` is
    called once the workers, if there are any, are at it.
    """
    jobs = min(jobs, len(seeds))
    if jobs > 1:
        yield from _pooled(work, seeds, jobs, interrupts, meanwhile)
        return
    for first in seeds:
        yield work(first, min(first + seeds.step, seeds.stop), interrupts)
        if interrupts.came:
            return


def _pooled(
    work: Work[T], seeds: range, jobs: int, interrupts: Interrupts, meanwhile: Callable[[], None]
) -> Generator[list[T], None, None]:
    ahead = AHEAD * jobs
    under_way: list[Future[list[T]]] = []
    with workers(jobs, _hear, interrupts) as pool:
        for number, first in enumerate(seeds, start=1):
            under_way.append(pool.submit(_chunk, work, first, min(first + seeds.step, seeds.stop)))
            if number == min(ahead, len(seeds)):
                meanwhile()
            if len(under_way) == ahead:
                wait(under_way, return_when=FIRST_COMPLETED)
                done = [future for future in under_way if future.done()]
                under_way = [future for future in under_way if future not in done]
                yield from (future.result() for future in done)
            if interrupts.came:
                break  # what is under way comes back soon, each chunk with what it has made
        yield from (future.result() for future in as_completed(under_way))


_of_parent: list[Interrupts] = []
"""In a worker: the interrupts of the process that it works for."""


def _hear(interrupts: Interrupts) -> None:
    _of_parent.append(interrupts)


def _chunk(work: Work[T], first: int, end: int) -> list[T]:
    return work(first, end, _of_parent[-1])
