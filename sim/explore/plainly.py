"""A plain search as the answer of a check: breadth first, without reduction, to a depth or to the end."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import Any

from sim.core.property import When
from sim.explore.exhaust import Bounds, Interrupted, never
from sim.explore.plain import Plain
from sim.explore.subject import Moves, Subject
from sim.explore.verdict import INTERRUPTED

Say = Callable[[Any, float, Bounds], None]
"""Told of the search, the seconds since it began, and its bounds."""


class Plainly:
    """What a check asks of a search that has ended; as :class:`sim.explore.exhaust.Exhausted` for a reduced one."""

    def __init__(self, subject: Subject, found: Plain, bound: str, seconds: float) -> None:
        self.subject = subject
        self.found = found
        self.bound = bound
        self.seconds = seconds
        self._paths: dict[int, Moves] = {}

    def path(self, world: int) -> Moves:
        """A shortest schedule to a world that was found."""
        if world not in self._paths:
            self._paths[world] = tuple(self.found.path_to(world))
        return self._paths[world]


def plainly(
    subject: Subject, bounds: Bounds, depth_max: int, say: Say | None, interrupted: Interrupted = never
) -> Plainly:
    """Search every world to a depth (0: to the end), within the bounds; an interrupt ends it like a bound.

    Where ``interrupted`` is given, whoever listens is asked, and what is raised all the same is passed on.
    """
    always = [prop for prop in subject.judged if prop.when is When.ALWAYS]

    def violating(worlds: Sequence[int]) -> list[int]:
        return [world for world in worlds if not all(subject.holds(prop, world) for prop in always)]

    found = Plain(subject.tables, violating if always else None)
    began = time.monotonic()

    def stop() -> str:
        seconds = time.monotonic() - began
        if say is not None:
            say(found, seconds, bounds)
        return INTERRUPTED if interrupted() else bounds.hit(found.worlds, seconds)

    found.begin(subject.begin)
    try:
        bound = found.run(depth_max, bounds.worlds, stop)
    except KeyboardInterrupt:
        if interrupted():
            raise
        bound = INTERRUPTED
    if bound.startswith("--depth"):  # the last worlds were met, and not looked at
        resting = found.resting(found.levels[-1])
        found.at_rest += resting
        bound = "" if len(resting) == len(found.levels[-1]) else bound
    return Plainly(subject, found, bound, time.monotonic() - began)
