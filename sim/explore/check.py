"""A check: walks find a violation quickly, an exhaustive search rules one out."""

from __future__ import annotations

import time
from collections.abc import Callable

import msgspec

from sim.core.model import Model
from sim.core.property import Property, When
from sim.core.world import World
from sim.explore.again import check_again
from sim.explore.checkpoint import Checkpoint
from sim.explore.eventually import Result
from sim.explore.exhaust import Bounds, Exhausted, Interrupted, exhaust, never
from sim.explore.for_good import ForGood, for_good
from sim.explore.plainly import Plainly, Say, plainly
from sim.explore.shortest import nearest, shortest, targets
from sim.explore.shrink import Shrunk, shrink
from sim.explore.subject import Moves, Subject
from sim.explore.taken import Taken
from sim.explore.verdict import INTERRUPTED, Verdict
from sim.explore.walks import PCT, UNIFORM, walks

ENOUGH_WALKS = 8
"""After the first violation so many walks more look for a shorter one."""


class Plan(msgspec.Struct, frozen=True):
    """How to check.

    ``exhaustive`` searches on after a violation, so that the shortest is known; ``walks`` is how many walks are tried
    first; ``only_walks`` leaves out the search; ``explain`` looks for the point of no return. ``alone`` searches
    services one by one where nothing forbids it, with ``symmetry`` one for all that are alike; with
    ``cluster_symmetry`` worlds of a reduced search that differ only by a renaming of clusters are searched once. With
    ``further`` as many walks of another strategy are tried where so many worlds were too few.
    """

    bounds: Bounds = Bounds(worlds=2_000_000)
    plain: bool = False
    depth: int = 0
    exhaustive: bool = False
    walks: int = 40
    strategy: str = UNIFORM
    only_walks: bool = False
    may_stop: bool = True
    explain: bool = True
    alone: bool = True
    symmetry: bool = True
    cluster_symmetry: bool = True
    further: bool = True


class Asker(msgspec.Struct, frozen=True):
    """Who asks for a check: ``progress`` has whom to tell of a search, by what that looks for (empty for the first);
    ``walked`` is told of so many walks more; ``interrupted`` says whether to end with what is covered.
    """

    progress: Callable[[str], Say] | None = None
    walked: Callable[[int], None] | None = None
    interrupted: Interrupted = never

    def told(self, purpose: str = "") -> Say | None:
        """Whom to tell of a search."""
        return self.progress(purpose) if self.progress is not None else None


NOBODY = Asker()


class Checked:
    """What a check found: the violation, if any, and the search, if one was made."""

    def __init__(self, subject: Subject, plan: Plan, done: Exhausted | None = None) -> None:
        self.subject = subject
        self.plan = plan
        self.walked = 0
        self.longest = 0  # of these walks, in steps
        self.planned = self.counted = 0  # how many steps PCT counted on, and how many of its walks took no more
        self.began = time.monotonic()
        self.seconds = 0.0  # how long it took
        self.walk_bound = ""  # what has ended the walks, and with them the check
        self.second_bound = ""  # what has ended the second search, for the shortest schedule
        self.done = done
        self.plain: Plainly | None = None
        self.shown: Shrunk | None = None
        self.violated: Property | None = None
        self.is_shortest = False
        self.is_compared = False  # with all that a search has, where that need not have the shortest
        self.is_met = False  # whether a search that was cut off has met the violation
        self.cycle = 0  # so many last steps of the shown schedule may be repeated for ever
        self.taken = Taken(subject.model, subject.tables)
        self.reached: set[str] = set()  # the premises that walks have reached; only ever asked for membership
        self.for_good: dict[str, ForGood] = {}  # what is known of the judged properties that must hold eventually

    @property
    def verdict(self) -> Verdict:
        """The verdict so far."""
        if self.violated is not None:
            return Verdict.VIOLATED
        if any(known.result is Result.UNDETERMINED for known in self.for_good.values()):
            return Verdict.UNDETERMINED
        if self.is_within_depth:
            return Verdict.HOLDS if all(map(self.holds_within_depth, self.subject.judged)) else Verdict.UNDETERMINED
        if self.plain is not None:
            return Verdict.UNDETERMINED if self.plain.bound else Verdict.EXHAUSTED
        return Verdict.EXHAUSTED if self.done is not None and not self.done.bound else Verdict.UNDETERMINED

    @property
    def is_within_depth(self) -> bool:
        """Whether every world within the depth that was asked for was seen, and no further one."""
        return self.plain is not None and self.plain.bound.startswith("--depth")

    def holds_within_depth(self, prop: Property) -> bool:
        """Whether worlds within the depth tell of a property: one that must hold at rest needs one that is."""
        assert self.plain is not None
        return prop.when is not When.AT_REST or bool(self.plain.found.at_rest)

    def left(self) -> Bounds:
        """The bounds of what is asked next."""
        return self.plan.bounds.after(self.seconds or time.monotonic() - self.began)


def check(
    model: Model, world: World, judged: tuple[Property, ...], plan: Plan, asker: Asker = NOBODY,
    keep: Checkpoint | None = None,
) -> Checked:  # fmt: skip
    """Check a model from a settled world; ``keep`` is as in :func:`sim.explore.exhaust.exhaust`."""
    subject = Subject(model, world, judged, may_stop=plan.may_stop)
    out = Checked(subject, plan)
    out.walk_bound = _walk(out, asker, plan.strategy)
    if (out.violated is None or plan.exhaustive) and not plan.only_walks and not out.walk_bound:
        if plan.plain:
            out.plain = plainly(subject, out.left(), plan.depth, asker.told(), asker.interrupted)
            _first_found(out)
        else:
            out.done = exhaust(subject, out.left(), asker.told(), keep=keep, symmetric=plan.cluster_symmetry,
                               interrupted=asker.interrupted)  # fmt: skip
            _shortest(out, asker)
            if plan.further and out.violated is None and out.done.bound.startswith("--worlds"):
                # These choose in another way than the first; a time that is up, or an interrupt, ends them.
                _walk(out, msgspec.structs.replace(asker, walked=None), UNIFORM if plan.strategy == PCT else PCT)
        if out.violated is None:
            _eventually(out, asker)
    exact = out.plain.found.exact if out.plain is not None else None
    out.taken.note(exact)
    check_again(subject.tables, exact)
    out.seconds = time.monotonic() - out.began
    return out


def _eventually(out: Checked, asker: Asker) -> None:
    """Judge what must hold eventually: nothing at rest violates it, but a schedule that goes on for ever might."""
    subject = out.subject
    for prop in subject.judged:
        if prop.when is When.EVENTUALLY:
            told = asker.told(f"every schedule that goes on for ever ({prop.name})")
            known = for_good(subject, prop, out.done, out.left(), out.plan.depth, told, asker.interrupted)
            out.for_good[prop.name] = known
            if known.result is Result.VIOLATED and out.violated is None:
                out.violated, out.cycle = prop, len(known.cycle)
                out.shown = _as_it_is(subject, (*known.stem, *known.cycle))


def _as_it_is(subject: Subject, moves: Moves) -> Shrunk:
    """A schedule that is shown as it was found."""
    faults = sum(subject.rank(slot) for slot, _ in moves)
    return Shrunk((faults, len(moves)), moves, subject.follow(moves))


def _walk(out: Checked, asker: Asker, strategy: str) -> str:
    """Look for a violation at rest by walks, within the bounds, and shrink the shortest of the first few; returns the
    bound that has ended them, if one has.
    """
    subject = out.subject
    found: tuple[int, Moves, Property] | None = None
    since, bound, most = 0, "", out.walked + out.plan.walks
    for _, walked in walks(subject, strategy, 0, out.plan.walks):
        out.walked += 1
        if asker.walked is not None:
            asker.walked(1)
        out.longest = max(out.longest, len(walked.moves))
        out.planned = walked.planned
        out.counted += walked.is_counted
        out.reached |= {prop.name for prop in premises(out) if any(subject.holds(prop, w) for w in walked.worlds)}
        since += found is not None
        violated = subject.violations(walked.worlds[-1]) if walked.at_rest else []
        if violated and (found is None or len(walked.moves) < found[0]):
            found = (len(walked.moves), walked.moves, violated[0])
        if since >= ENOUGH_WALKS or out.walked == most:
            break
        bound = INTERRUPTED if asker.interrupted() else out.left().hit(0, 0.0)
        if bound:
            break
    out.taken.note()
    if found is not None:
        out.violated = found[2]
        out.shown = shrink(subject, found[1], fails(subject, found[2]))
    return bound


def premises(out: Checked) -> list[Property]:
    """The premises of the model that walks have not reached."""
    every = (*out.subject.model.checked(), *out.subject.judged)
    return [prop for prop in every if prop.when is When.SOMETIMES and prop.name not in out.reached]


def _shortest(out: Checked, asker: Asker) -> None:
    """The shortest violation of a search, which replaces what walks have found if it is shorter.

    Where something is killed, what that did before counts as steps, though the kill undoes it, so that a search may
    have only a longer schedule to the same world, as it may where steps are taken at once; then a second search says
    which is the shortest.
    """
    done, subject = out.done, out.subject
    assert done is not None
    if subject.begin not in done.search.worlds:
        _met(out, done)
        return
    best = nearest(done)
    if best is None:
        return
    longer = any(outcome.kills for outcome in subject.tables.outcomes()) or bool(subject.tables.at_once)
    told = asker.told("the shortest schedule of all")
    again = shortest(done, out.left(), told, asker.interrupted) if longer and not done.bound else None
    if isinstance(again, str):
        out.second_bound, again = again, None
    out.is_shortest = not (done.bound or longer) or again is not None
    out.is_compared = not (done.bound or out.is_shortest)
    if again is not None:
        if out.shown is None or len(again[0]) < len(out.shown.moves):
            out.shown, out.violated = _as_it_is(subject, again[0]), again[1]
    elif out.shown is None or best[0] < len(out.shown.moves):
        made = _as_it_is(subject, done.path(best[1]))
        is_at_rest = best[2].when is not When.ALWAYS
        out.shown = shrink(subject, made.moves, fails(subject, best[2])) if longer and is_at_rest else made
        out.violated = best[2]


def _met(out: Checked, done: Exhausted) -> None:
    """What a search that was cut off has met, where walks have found nothing: a violation is one all the same."""
    subject = out.subject
    met = ((prop, done.way(target)) for prop in subject.judged for target in targets(done, prop))
    prop, moves = next(((prop, moves) for prop, moves in met if moves is not None), (None, ()))
    if prop is None:
        return
    out.violated, out.is_met = prop, True
    is_always = prop.when is When.ALWAYS
    out.shown = _as_it_is(subject, moves) if is_always else shrink(subject, moves, fails(subject, prop))


def _first_found(out: Checked) -> None:
    """The first violation of a plain search, which is a shortest one."""
    plain, subject = out.plain, out.subject
    assert plain is not None
    ends = [(len(plain.path(world)), world, prop) for prop in subject.judged for world in violating(out, prop)[:1]]
    if ends:
        steps, world, prop = min(ends, key=lambda end: end[:2])
        out.is_shortest = True
        if out.shown is None or steps < len(out.shown.moves):
            out.shown = _as_it_is(subject, plain.path(world))
            out.violated = prop


def violating(out: Checked, prop: Property) -> list[int]:
    """The worlds of a plain search that violate a property, as far as they were kept, the nearest first."""
    plain = out.plain
    assert plain is not None
    if prop.when is When.ALWAYS:
        return [world for world in plain.found.violations if not out.subject.holds(prop, world)]
    return [world for world in plain.found.at_rest if not out.subject.holds(prop, world)]


def fails(subject: Subject, prop: Property) -> Callable[[int], bool]:
    """Whether a world at rest violates the property."""
    return lambda world: not subject.holds(prop, world)
