"""The reduced search within bounds: begun again when a part came up late, and gone on with on cycles."""

from __future__ import annotations

import gc
import resource
import time
from collections.abc import Callable

import msgspec

from sim.core.property import When
from sim.explore.cycles import close_cycles, successors
from sim.explore.frame import NewPart
from sim.explore.reduced import Reduced
from sim.explore.subject import Moves, Subject
from sim.explore.walks import uniform, walk

CHUNK = 4000
WALKS_FIRST = 12
KB_PER_MB = 1024


class Bounds(msgspec.Struct, frozen=True):
    """Where a search gives up; 0 is no bound."""

    worlds: int = 0
    seconds: float = 0.0
    memory_mb: float = 0.0


NO_BOUNDS = Bounds()
Progress = Callable[[Reduced, float], None]
"""Told of the search and the seconds since it began, every few thousand worlds."""


class Exhausted:
    """A search that has ended: everything was explored, or ``bound`` names what ended it."""

    def __init__(self, subject: Subject, search: Reduced, bound: str, seconds: float) -> None:
        self.subject = subject
        self.search = search
        self.bound = bound
        self.seconds = seconds

    def distance(self, world: int, target: int | str) -> int | None:
        """How many steps it is from an explored world to a target."""
        known = self.search.worlds[world]
        number = self.search.targets.get(target)
        return next((known.steps + more for n, more in known.targets if n == number), None)

    def path(self, target: int | str) -> Moves:
        """A shortest explored schedule to a target that was reached."""
        world = self.subject.begin
        out = []
        while (left := self.distance(world, target)) is not None and left > 0:
            for edge in successors(self.search, world):
                if edge.after in self.search.worlds and self.distance(edge.after, target) == left - 1:
                    out.append((edge.outcome.slot.index, edge.outcome.choice))
                    world = edge.after
                    break
        return tuple(out)


def exhaust(
    subject: Subject, bounds: Bounds = NO_BOUNDS, progress: Progress | None = None, begin: int | None = None,
    watch: Callable[[Reduced], None] | None = None,
) -> Exhausted:  # fmt: skip
    """Search from the beginning, or from another packed world; an interrupt ends it like a bound.

    ``watch`` is handed each search before it begins.
    """
    watched = tuple(prop for prop in subject.judged if prop.when is When.ALWAYS)
    tables = subject.tables

    def seen(world: int) -> tuple[str, ...]:
        return tuple(prop.name for prop in watched if not subject.holds(prop, world))

    if begin is None:
        for seed in range(WALKS_FIRST):
            walk(subject, uniform(seed), steps_max=5000)
    began = time.monotonic()
    collecting = gc.isenabled()
    gc.disable()  # no cycles of references are made, and the collector would go through every world again and again
    try:
        while True:
            tables.forget()
            search = Reduced(tables, subject.rank, seen if watched else None)
            if watch is not None:
                watch(search)
            try:
                search.begin(subject.begin if begin is None else begin)
                bound = _run(search, bounds, began, progress)
                return Exhausted(subject, search, bound, time.monotonic() - began)
            except NewPart:
                continue
    finally:
        if collecting:
            gc.enable()


def _run(search: Reduced, bounds: Bounds, began: float, progress: Progress | None) -> str:
    try:
        bound = _until(search, bounds, began, progress)
        if not bound:
            for _ in close_cycles(search):
                bound = _until(search, bounds, began, progress)
                if bound:
                    break
    except KeyboardInterrupt:
        bound = "interrupted"
    return bound


def _until(search: Reduced, bounds: Bounds, began: float, progress: Progress | None) -> str:
    while not search.run(_chunk(search, bounds)):
        seconds = time.monotonic() - began
        if progress is not None:
            progress(search, seconds)
        bound = _hit(search, bounds, seconds)
        if bound:
            return bound
    return ""


def _chunk(search: Reduced, bounds: Bounds) -> int:
    """How many worlds to explore before looking at the bounds again."""
    return max(1, min(CHUNK, bounds.worlds - len(search.worlds) - len(search.stack))) if bounds.worlds else CHUNK


def _hit(search: Reduced, bounds: Bounds, seconds: float) -> str:
    if bounds.worlds and len(search.worlds) + len(search.stack) >= bounds.worlds:
        return f"--worlds {bounds.worlds}"
    if bounds.seconds and seconds >= bounds.seconds:
        return f"--seconds {bounds.seconds:g}"
    if bounds.memory_mb and resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / KB_PER_MB >= bounds.memory_mb:
        return f"--memory {bounds.memory_mb:g}"
    return ""
