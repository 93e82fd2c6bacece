"""Every world at rest that a scenario can come to, by what it says to a person, with a shortest schedule for each."""

from __future__ import annotations

import time
from itertools import chain

import msgspec

from sim.core.model import Model
from sim.core.property import When
from sim.core.world import World
from sim.explore.again import check_again
from sim.explore.exhaust import Bounds, Exhausted, Interrupted, Progress, exhaust, never
from sim.explore.subject import Moves, Subject
from sim.explore.walks import PCT, UNIFORM, walks

WALKS, WALK_STEPS_MAX, RESTLESS_MAX = 40, 20_000, 3
"""So many walks of each of two strategies look further where a search was cut off by a number of worlds, each of so
many steps at most, until so many were not at rest then.
"""


class Outcome(msgspec.Struct):
    """Worlds at rest that say the same: how many there are, whether they violate, and a shortest schedule to one (of a
    search that was cut off: the shortest that it or a walk has).
    """

    words: tuple[str, ...]
    violated: tuple[str, ...]
    worlds: int
    steps: int
    moves: Moves


class Outcomes:
    """All outcomes of one algorithm. ``bound`` is empty if they are all that there can be; ``walked`` are schedules to
    worlds at rest that ``walks`` walks have come to.
    """

    def __init__(self, subject: Subject, done: Exhausted, walked: dict[int, Moves], walks: int) -> None:
        self.subject = subject
        self.done = done
        self.bound = done.bound
        self.walked = walked
        self.walks = walks
        self.outcomes = self._grouped()

    def _grouped(self) -> list[Outcome]:
        subject, done = self.subject, self.done
        if self.walks or subject.begin not in done.search.worlds:
            return self._so_far()
        nearest: dict[tuple[tuple[str, ...], tuple[str, ...]], tuple[int, int, int]] = {}
        for world in done.search.at_rest:
            key = subject.model.outcome(subject.tables.packing.get(world)), self._violated(world)
            steps = done.distance(subject.begin, world)
            if steps is None:
                continue
            best = nearest.get(key, (steps, world, 0))
            nearest[key] = (*min(best[:2], (steps, world)), best[2] + 1)
        made = [
            Outcome(words, violated, count, steps, done.path(world))
            for (words, violated), (steps, world, count) in nearest.items()
        ]
        return sorted(made, key=lambda outcome: (outcome.steps, outcome.words))

    def _so_far(self) -> list[Outcome]:
        """Those that a search that was cut off, and walks, have come to, each with some schedule."""
        found: dict[tuple[tuple[str, ...], tuple[str, ...]], Outcome] = {}
        for world in dict.fromkeys((*self.done.search.at_rest, *self.walked)):
            known = (self._way(world), self.walked.get(world))
            moves = min((each for each in known if each is not None), key=len, default=None)
            if moves is None:
                continue
            key = self.subject.model.outcome(self.subject.tables.packing.get(world)), self._violated(world)
            first = found.setdefault(key, Outcome(*key, 0, len(moves), moves))
            first.worlds += 1
            if len(moves) < first.steps:
                first.steps, first.moves = len(moves), moves
        return sorted(found.values(), key=lambda outcome: (outcome.steps, outcome.words))

    def _way(self, world: int) -> Moves | None:
        """A schedule that the search has to a world at rest, if it has one."""
        done, begin = self.done, self.subject.begin
        if begin in done.search.worlds and (world not in done.search.targets or done.distance(begin, world) is None):
            return None
        return done.way(world)

    def _violated(self, world: int) -> tuple[str, ...]:
        return tuple(prop.name for prop in self.subject.violations(world))


def outcomes(
    model: Model,
    world: World,
    bounds: Bounds,
    progress: Progress | None = None,
    *,
    may_stop: bool = False,
    symmetric: bool = True,
    interrupted: Interrupted = never,
) -> Outcomes:
    """Search a model for every world at rest; ``interrupted`` says whether to end with what was seen. Where so many
    worlds are too few, walks look for more.
    """
    ending = tuple(prop for prop in model.checked() if prop.when in (When.AT_REST, When.EVENTUALLY))
    subject = Subject(model, world, ending, may_stop=may_stop)
    began = time.monotonic()
    done = exhaust(subject, bounds, progress, symmetric=symmetric, interrupted=interrupted)
    walked: dict[int, Moves] = {}
    count = 0
    if done.bound.startswith("--worlds"):
        walked, count = _walked(subject, bounds.after(time.monotonic() - began), interrupted)
    check_again(subject.tables)
    return Outcomes(subject, done, walked, count)


def _walked(subject: Subject, bounds: Bounds, interrupted: Interrupted) -> tuple[dict[int, Moves], int]:
    """The worlds at rest that walks come to, each with its shortest schedule, and the number of walks: fewer where the
    time is up, an interrupt comes, or the first few do not come to rest.
    """
    found: dict[int, Moves] = {}
    count = restless = 0
    made_by = (walks(subject, strategy, 0, WALKS, WALK_STEPS_MAX) for strategy in (UNIFORM, PCT))
    for _, made in chain.from_iterable(made_by):
        count += 1
        restless += not made.at_rest
        if made.at_rest:
            world = made.worlds[-1]
            found[world] = min(found.get(world, made.moves), made.moves, key=len)
        if interrupted() or bounds.hit(0, 0.0) or restless >= RESTLESS_MAX:
            break
    return found, count
