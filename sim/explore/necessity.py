"""What breaks: the properties that some schedule of an algorithm violates, each with a schedule to an end that does."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from sim.core.model import Model
from sim.core.property import Property, When
from sim.core.world import World
from sim.explore.exhaust import Bounds, Exhausted, Interrupted, Progress, exhaust, never
from sim.explore.shortest import targets
from sim.explore.shrink import shrink
from sim.explore.subject import Moves, Subject
from sim.explore.verdict import INTERRUPTED
from sim.explore.walks import Walk, walks

AFTER_WALKS = 30_000
"""So many worlds a search looks at where walks have shown already that something more breaks."""


class Breaks(msgspec.Struct):
    """The properties that walks or a search have seen violated, in the order in which they were asked for, each with a
    schedule. ``bound`` is what ended the search, empty if nothing else can break.
    """

    subject: Subject
    moves: dict[str, Moves]
    bound: str

    def beside(self, anyway: Breaks) -> list[str]:
        """The properties that break here and are not known to break there."""
        return [name for name in self.moves if name not in anyway.moves]

    def shown(self, name: str) -> Moves:
        """A schedule that violates a property, shrunk."""
        subject = self.subject
        prop = next(prop for prop in subject.judged if prop.name == name)
        anywhere = prop.when is When.ALWAYS
        return shrink(subject, self.moves[name], lambda world: not subject.holds(prop, world), anywhere=anywhere).moves

    def words(self, moves: Moves) -> tuple[str, ...]:
        """The world in which a schedule ends."""
        return self.subject.model.outcome(self.subject.tables.packing.get(self.subject.follow(moves)[-1]))


def breaks(
    model: Model, world: World, judged: Sequence[Property], strategy: str, tried: int, bounds: Bounds,
    progress: Progress | None = None, anyway: Breaks | None = None, interrupted: Interrupted = never,
    *, may_stop: bool = True,
) -> Breaks:  # fmt: skip
    """Try so many walks, and search a model, for every property that it can violate; not far where walks have seen
    something violated that is not known to be so ``anyway``.
    """
    subject = Subject(model, world, tuple(judged), may_stop=may_stop)
    met: dict[str, Moves] = {}
    for _, walked in walks(subject, strategy, 0, tried):
        if interrupted():
            break
        for prop in judged:
            moves = _met(subject, walked, prop)
            if moves is not None and len(moves) < len(met.get(prop.name, walked.worlds)):
                met[prop.name] = moves
    is_short = anyway is not None and any(name not in anyway.moves for name in met)
    if is_short:
        bounds = msgspec.structs.replace(bounds, worlds=min(bounds.worlds or AFTER_WALKS, AFTER_WALKS))
    done = exhaust(subject, bounds, progress, symmetric=True, interrupted=interrupted)
    for prop in judged:
        moves = _nearest(done, prop)
        if moves is not None and (prop.name not in met or len(moves) < len(met[prop.name])):
            met[prop.name] = moves
    by_walks = is_short and done.bound not in ("", INTERRUPTED)
    bound = f"{bounds.worlds} worlds, as walks had seen it break" if by_walks else done.bound
    return Breaks(subject, {prop.name: met[prop.name] for prop in judged if prop.name in met}, bound)


def _met(subject: Subject, walked: Walk, prop: Property) -> Moves | None:
    """The walk up to where it violates a property; None if it does not."""
    if prop.when is When.ALWAYS:
        places = (place for place, world in enumerate(walked.worlds) if not subject.holds(prop, world))
        place = next(places, None)
        return None if place is None else walked.moves[:place]
    ends_so = walked.at_rest and prop.when is not When.SOMETIMES and not subject.holds(prop, walked.worlds[-1])
    return walked.moves if ends_so else None


def _nearest(done: Exhausted, prop: Property) -> Moves | None:
    """A shortest explored schedule that violates a property; of a search that was cut off any."""
    met = targets(done, prop)
    if done.subject.begin not in done.search.worlds:
        return next((moves for target in met if (moves := done.way(target)) is not None), None)
    lengths = [(done.distance(done.subject.begin, target), place) for place, target in enumerate(met)]
    ways = [(length, place) for length, place in lengths if length is not None]
    return done.path(met[min(ways)[1]]) if ways else None
