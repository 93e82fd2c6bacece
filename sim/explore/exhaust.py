"""The reduced search within bounds: begun again when a part came up late, and gone on with on cycles."""

from __future__ import annotations

import gc
import resource
import time
from collections.abc import Callable
from itertools import zip_longest

import msgspec

from sim.core.cell import Value
from sim.core.model import NoImage
from sim.core.property import When
from sim.explore.checkpoint import Checkpoint
from sim.explore.cycles import close_cycles, successors
from sim.explore.frame import Edge, NewPart
from sim.explore.image import Image
from sim.explore.reduced import Reduced
from sim.explore.subject import Moves, Subject
from sim.explore.verdict import INTERRUPTED
from sim.explore.walks import uniform, walk

CHUNK = 500
ENOUGH = "what was looked for"
WALKS_FIRST = 12
KB_PER_MB = 1024


class Bounds(msgspec.Struct, frozen=True):
    """Where a search gives up; 0 is no bound. Of the seconds, ``spent_s`` had passed before it began."""

    worlds: int = 0
    seconds: float = 0.0
    memory_mb: float = 0.0
    spent_s: float = 0.0

    def after(self, seconds: float) -> Bounds:
        """What is left of them so many seconds later."""
        return msgspec.structs.replace(self, spent_s=self.spent_s + seconds)

    def hit(self, worlds: int, seconds: float) -> str:
        """The bound that is hit by so many worlds, or by so many seconds after the search began; empty if none is."""
        if self.worlds and worlds >= self.worlds:
            return f"--worlds {self.worlds}"
        if self.seconds and self.spent_s + seconds >= self.seconds:
            return f"--seconds {self.seconds:g}"
        if self.memory_mb and resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / KB_PER_MB >= self.memory_mb:
            return f"--memory {self.memory_mb:g}"
        return ""


NO_BOUNDS = Bounds()
Interrupted = Callable[[], bool]
"""Whether whoever listens to interrupts has heard one, so that what is under way is to end at its next pause."""


def never() -> bool:
    """Nobody listens: an interrupt is raised where it comes."""
    return False


Progress = Callable[[Reduced, float, Bounds], None]
"""Told of the search, the seconds since it began, and its bounds, every few hundred worlds."""


class Exhausted:
    """A search that has ended: everything was explored, or ``bound`` names what ended it."""

    def __init__(self, subject: Subject, search: Reduced, bound: str, seconds: float) -> None:
        self.subject = subject
        self.search = search
        self.bound = bound
        self.seconds = seconds

    def distance(self, world: int, target: int | str) -> int | None:
        """How many steps it is from an explored world to a target."""
        known = self.search.find(world)
        assert known is not None, "nothing is known of that world"
        number = self.search.targets.get(target)
        return next((known.steps + more for n, more in known.targets if n == number), None)

    def way(self, target: int | str) -> Moves | None:
        """An explored schedule to a target; of a search that was cut off not the shortest, and perhaps none."""
        if self.subject.begin in self.search.worlds:
            return self.path(target)
        before: list[tuple[int, Value]] = []
        for frame, below in zip_longest(self.search.stack, self.search.stack[1:]):
            for edge in frame.edges:
                if self.search.find(edge.after) and self.distance(edge.after, target) is not None:
                    return (*before, _step(edge), *self.path(target, edge.after))
            if below is not None:
                before.append(_step(next(edge for edge in reversed(frame.edges) if edge.after == below.world)))
        return None

    def path(self, target: int | str, begin: int | None = None) -> Moves:
        """A shortest explored schedule to a target that was reached."""
        world = self.subject.begin if begin is None else begin
        out: list[tuple[int, Value]] = []
        twins = self.search.twins
        while (left := self.distance(world, target)) is not None and left > 0:
            if twins is not None and world in twins.origins:
                return (*out, *self._renamed(*twins.origins[world], target))
            for edge in successors(self.search, world):
                if self.search.find(edge.after) and self.distance(edge.after, target) == left - 1:
                    out.append(_step(edge))
                    world = edge.after
                    break
        return tuple(out)

    def _renamed(self, image: Image, world: int, target: int | str) -> Moves:
        """A schedule from a world, renamed, to a target of the renamed world."""
        moves = self.path(target if isinstance(target, str) else image.origin(target), world)
        slots = image.packing.slots
        return tuple((image.slot(slots[slot]).index, image.renaming.value(choice)) for slot, choice in moves)


def _step(edge: Edge) -> tuple[int, Value]:
    return (edge.outcome.slot.index, edge.outcome.choice)


def exhaust(
    subject: Subject, bounds: Bounds = NO_BOUNDS, progress: Progress | None = None, begin: int | None = None,
    watch: Callable[[Reduced], None] | None = None, keep: Checkpoint | None = None, *, symmetric: bool = False,
    interrupted: Interrupted = never, enough: Callable[[int], bool] | None = None,
) -> Exhausted:  # fmt: skip
    """Search from the beginning, or from another packed world; an interrupt ends it like a bound.

    Where ``interrupted`` is given, whoever listens is asked, and what is raised all the same is passed on.

    ``watch`` is handed each search before it begins. ``keep`` writes the search to its file from time to time; what the
    file holds is gone on with. With ``symmetric`` worlds that differ only by a renaming of the model are searched once.

    A world at rest that is ``enough`` ends the search, soon after it was met.

    Raises:
        BadInput: the file of ``keep`` does not fit.
    """
    watched = tuple(prop for prop in subject.judged if prop.when is When.ALWAYS)
    tables = subject.tables
    for prop in watched:
        for cell in prop.cells:
            tables.packing.cell(cell)  # so that during the search only steps that are learned take bits

    def seen(world: int) -> tuple[str, ...]:
        return tuple(prop.name for prop in watched if not subject.holds(prop, world))

    def made() -> Reduced:
        return Reduced(tables, subject.turn, seen if watched else None)

    subject.begin_symmetry(wanted=symmetric and begin is None and keep is None)
    if begin is None:
        _walk_first(subject)
    collecting = gc.isenabled()
    gc.disable()  # no cycles of references are made, and the collector would go through every world again and again
    try:
        under_way = _UnderWay(bounds, progress, keep, interrupted, enough)
        search = keep.resumed(made) if keep is not None else None
        while True:
            try:
                if search is None:
                    tables.forget()
                    search = made()
                    if watch is not None:
                        watch(search)
                    search.begin(subject.begin if begin is None else begin)
                bound = under_way.go(search)
                return Exhausted(subject, search, bound, under_way.seconds())
            except NewPart:
                search = None
            except NoImage as error:
                subject.end_symmetry(str(error))
                search = None
    finally:
        tables.symmetry = None
        if collecting:
            gc.enable()


def _walk_first(subject: Subject) -> None:
    """Walk a little, so that much of what has to be known before a search begins is known."""
    for seed in range(WALKS_FIRST):
        try:
            walk(subject, uniform(seed), steps_max=5000)
        except NoImage as error:
            subject.end_symmetry(str(error))


class _UnderWay:
    """The bounds of a search, looked at every few hundred worlds."""

    def __init__(
        self, bounds: Bounds, progress: Progress | None, keep: Checkpoint | None, interrupted: Interrupted,
        enough: Callable[[int], bool] | None = None,
    ) -> None:  # fmt: skip
        self.bounds = bounds
        self.enough = enough
        self.progress = progress
        self.keep = keep
        self.interrupted = interrupted
        self.began = time.monotonic()

    def seconds(self) -> float:
        """Since this command began to search."""
        return time.monotonic() - self.began

    def go(self, search: Reduced) -> str:
        """Search to the end or to a bound; returns the bound."""
        keep = self.keep
        if keep is None:
            return self._to_the_end(search)
        bound = "" if keep.done else self._hit(search) if keep.goes_on else ""
        if not bound and not keep.done:
            bound = self._to_the_end(search)
            if not bound:
                keep.write(search, self.seconds(), done=True)
        keep.say_ended(bound)
        return bound

    def _to_the_end(self, search: Reduced) -> str:
        try:
            bound = self._until(search)
            if not bound:
                for _ in close_cycles(search):
                    bound = self._until(search) or self._look(search)
                    if bound:
                        break
            if self.keep is not None and bound:
                self.keep.write(search, self.seconds())
        except KeyboardInterrupt:
            if self.interrupted():
                raise
            bound = INTERRUPTED
        return bound

    def _until(self, search: Reduced) -> str:
        while not search.run(self._chunk(search)):
            bound = self._look(search)
            if bound:
                return bound
        return ""

    def _look(self, search: Reduced) -> str:
        """Tell of the search and write it if that is due; returns the bound that it has hit."""
        seconds, keep = self.seconds(), self.keep
        if self.progress is not None:
            before_s = keep.before_s if keep is not None else 0.0
            self.progress(search, seconds + before_s, self.bounds.after(-before_s))
        bound = self._hit(search)
        if not bound and keep is not None:
            keep.write_if_due(search, seconds)
        return bound

    def _chunk(self, search: Reduced) -> int:
        """How many worlds to explore before looking at the bounds again."""
        most = self.bounds.worlds
        return max(1, min(CHUNK, most - len(search.worlds) - len(search.stack))) if most else CHUNK

    def _hit(self, search: Reduced) -> str:
        if self.enough is not None and any(map(self.enough, search.at_rest)):
            return ENOUGH
        if self.interrupted():
            return INTERRUPTED
        return self.bounds.hit(len(search.worlds) + len(search.stack), self.seconds())
