"""The shortest violation where something is killed, or steps are taken at once.

A reduced search takes a step that a kill undoes for independent of that kill, so it may have only a schedule with such
steps where one without them is shorter. Where all steps of what is killed are dependent on the kill, the argument that
explored schedules are no longer than any other holds (DESIGN.md), so a second search of that kind, which uses no
promise of steps taken at once either, has the shortest.
"""

from __future__ import annotations

from msgspec.structs import replace

from sim.core.property import Property, When
from sim.explore.exhaust import Bounds, Exhausted, Interrupted, Progress, exhaust, never
from sim.explore.subject import Moves, Subject

TIMES, AT_LEAST = 4, 10_000
"""The second search may look at so many times the worlds of the first, and at so many at least."""


def targets(done: Exhausted, prop: Property) -> list[int | str]:
    """The targets of a search that violate a property."""
    if prop.when is When.ALWAYS:
        return [prop.name] if prop.name in done.search.targets else []
    if prop.when is When.SOMETIMES:
        return []
    return [world for world in done.search.at_rest if not done.subject.holds(prop, world)]


def nearest(done: Exhausted) -> tuple[int, int | str, Property] | None:
    """The violation nearest to the beginning by what was explored: its steps, its target and the property."""
    best: tuple[int, int | str, Property] | None = None
    for prop in done.subject.judged:
        for target in targets(done, prop):
            steps = done.distance(done.subject.begin, target)
            if steps is not None and (best is None or steps < best[0]):
                best = (steps, target, prop)
    return best


def shortest(
    done: Exhausted, bounds: Bounds, progress: Progress | None = None, interrupted: Interrupted = never
) -> tuple[Moves, Property] | str:
    """The shortest schedule that violates a judged property, by a second search beside one that has ended with a
    violation; what has ended that one, if something did.
    """
    first = done.subject
    again = Subject(first.model, first.world, first.judged, may_stop=first.may_stop, undone_apart=False)
    own = max(AT_LEAST, TIMES * len(done.search.worlds))
    worlds = min(own, bounds.worlds or own)
    bounds = replace(bounds, worlds=worlds)
    second = exhaust(again, bounds, progress, symmetric=bool(first.symmetry), interrupted=interrupted)
    if second.bound:
        is_own = second.bound.startswith("--worlds") and worlds == own
        return f"its own bound, {own} worlds" if is_own else second.bound
    found = nearest(second)
    assert found is not None, "one search has found a violation, and another that covers everything has not"
    return first.places(again.named(second.path(found[1]))), found[2]
