"""A hunt in one configuration: walks and a search within bounds; what ends wrong is shrunk, and its cause found."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

import msgspec

from sim.core.hunting import Cause, Configuration, Hunter, Moment, Symptom
from sim.core.trace import Step
from sim.explore.doom import going_first, point_of_no_return
from sim.explore.exhaust import Bounds, Exhausted, exhaust
from sim.explore.following import Schedule, scheduled
from sim.explore.shrink import Shrunk, shrink
from sim.explore.slice import mattering
from sim.explore.subject import Moves, Subject
from sim.explore.walks import STRATEGIES, Walk, walks
from sim.timed.run import settle

STORY_MAX = 10
WALK_STEPS_MAX = 3_000
"""A walk that is longer is cut off: none that comes to rest is a tenth as long."""
RESTLESS = 6
"""So many walks, none of which comes to rest, and no more are made."""


class Effort(msgspec.Struct, frozen=True):
    """How much is done in one configuration: walks of each strategy, worlds of the search and of each search for a
    point of no return, and at most so many ends of each symptom that are looked into.
    """

    walks: int
    worlds: int
    doom_worlds: int
    ends: int


class Found(msgspec.Struct, frozen=True):
    """Something that went wrong in one configuration: the cause, and a shrunk schedule, in words and to be followed."""

    symptom: str
    gravity: int
    is_for_good: bool
    cause: Cause
    configuration: Configuration
    algorithm: str
    steps: int
    story: tuple[str, ...]
    trace: tuple[str, ...]
    end: tuple[str, ...]
    schedule: Schedule = ()


class Cell(msgspec.Struct, frozen=True):
    """What a hunt came to in one configuration under one algorithm; ``is_restless`` if no walk came to rest."""

    configuration: str
    words: str
    algorithm: str
    found: tuple[Found, ...]
    walked: int
    worlds: int
    bound: str
    is_restless: bool

    @property
    def verdict(self) -> str:
        """In a word or two."""
        if self.found:
            return "violated"
        if self.is_restless:
            return "never at rest"
        return "exhausted" if not self.bound else "nothing found within bounds"


def hunt(hunter: Hunter, configuration: Configuration, algorithm: str, effort: Effort) -> Cell:
    """Look for everything that can be wrong at rest."""
    case = Case(hunter, configuration, algorithm, effort)
    case.walk()
    case.search()
    for symptom, moves in case.ends.gravest(effort.ends):
        case.look_into(symptom, moves)
    return case.cell()


class Case:
    """One configuration under one algorithm while it is hunted in: what was walked, searched and found so far."""

    def __init__(self, hunter: Hunter, configuration: Configuration, algorithm: str, effort: Effort) -> None:
        self.hunter, self.configuration, self.effort = hunter, configuration, effort
        self.model = hunter.model(configuration, algorithm)
        self.symptoms = hunter.symptoms(self.model)
        judged = tuple(each.property for each in self.symptoms)
        self.subject = Subject(self.model, settle(self.model), judged, may_stop=False)
        self.ends = Ends(self.subject, self.symptoms)
        self.found: dict[tuple[str, ...], Found] = {}
        self._already = {e.name for e in self.symptoms if not self.subject.holds(e.property, self.subject.begin)}
        self._looked: set[tuple[str, Moves]] = set()
        self._walked = 0
        self._done: Exhausted | None = None

    def walk(self) -> None:
        """Walk with each strategy. Where none of the first few walks comes to rest, that is enough."""
        each = self.effort.walks * self.configuration.effort
        for strategy in STRATEGIES:
            for _, walked in walks(self.subject, strategy, 0, each, WALK_STEPS_MAX):
                self._walked += 1
                self.ends.saw(walked)
                if self._walked >= RESTLESS and not self.ends.rested:
                    return

    def search(self) -> None:
        """Search within the bound, where anything comes to rest."""
        if self.effort.worlds and self.ends.rested:
            self._done = exhaust(self.subject, Bounds(worlds=self.effort.worlds))
            self.ends.searched(self._done)

    @property
    def is_exhausted(self) -> bool:
        """Whether every schedule was searched."""
        return self._done is not None and not self._done.bound

    def look_into(self, symptom: Symptom, moves: Moves) -> None:
        """Shrink a schedule and find its cause, once."""
        if (symptom.name, moves) in self._looked:
            return
        self._looked.add((symptom.name, moves))
        each = _found(self, symptom, moves, begun=symptom.name in self._already)
        best = self.found.get(each.cause.key)
        if best is None or each.steps < best.steps:
            self.found[each.cause.key] = each

    def cell(self) -> Cell:
        """What it came to."""
        done, it = self._done, self.configuration
        worlds, bound = (len(done.search.worlds), done.bound) if done is not None else (0, "not searched")
        found = tuple(self.found.values())
        return Cell(it.name, it.words, self.model.algorithm, found, self._walked, worlds, bound, not self.ends.rested)


class Ends:
    """The wrong worlds at rest that were seen, with the shortest schedule to each kind."""

    def __init__(self, subject: Subject, symptoms: Iterable[Symptom]) -> None:
        self.subject = subject
        self.symptoms = tuple(symptoms)
        self.rested = 0
        self._best: dict[tuple[int, tuple[str, ...]], Moves] = {}
        self._judged: dict[int, tuple[int, ...]] = {}

    def saw(self, walked: Walk) -> None:
        """A walk has ended."""
        if walked.at_rest:
            self.rested += 1
            self._keep(walked.worlds[-1], walked.moves)

    def searched(self, done: Exhausted) -> None:
        """A search has ended, or was cut off."""
        for world in done.search.at_rest:
            moves = done.way(world) if self._wrong(world) else None
            if moves is not None:
                self._keep(world, moves)

    def _wrong(self, world: int) -> tuple[int, ...]:
        found = self._judged.get(world)
        if found is None:
            holds = self.subject.holds
            wrong = [n for n, each in enumerate(self.symptoms) if not holds(each.property, world)]
            found = self._judged[world] = tuple(wrong)
        return found

    def _keep(self, world: int, moves: Moves) -> None:
        wrong = self._wrong(world)
        if not wrong:
            return
        words = self.subject.model.outcome(self.subject.tables.packing.get(world))
        gravest = wrong[0]  # what else is wrong goes with it, or shows by itself elsewhere
        best = self._best.get((gravest, words))
        if best is None or len(moves) < len(best):
            self._best[gravest, words] = moves

    def gravest(self, most: int, only: str = "") -> Iterator[tuple[Symptom, Moves]]:
        """Symptoms with schedules, or one of them, the gravest first, at most so many of each; the shortest first."""
        for number, symptom in enumerate(self.symptoms):
            if only not in ("", symptom.name):
                continue
            of_it = [(len(moves), words, moves) for (n, words), moves in self._best.items() if n == number]
            for _, _, moves in sorted(of_it, key=lambda each: each[:2])[:most]:
                yield symptom, moves


def _found(case: Case, symptom: Symptom, moves: Moves, *, begun: bool) -> Found:
    """A schedule, shrunk, with its cause."""
    subject, model = case.subject, case.model
    words = subject.model.outcome(subject.tables.packing.get(subject.follow(moves)[-1]))

    def fails(world: int) -> bool:
        if subject.holds(symptom.property, world):
            return False
        return bool(subject.model.outcome(subject.tables.packing.get(world)) == words)

    def wrong(world: int) -> bool:
        return not subject.holds(symptom.property, world)

    shown: Shrunk = shrink(subject, moves, fails, tries_max=600)
    doom = point_of_no_return(subject, shown.moves, shown.worlds, wrong, Bounds(worlds=case.effort.doom_worlds))
    told = subject.told(shown.moves)
    first = going_first(subject, shown.moves, shown.worlds, wrong, doom.step)
    saved = [subject.tables.packing.slots[slot].name for slot, _ in first]
    moment = Moment(doom.step - 1 if doom.step else None, tuple(dict.fromkeys(saved)))
    end = told.machine.get
    story = model.story(told.steps, end, told.changes, symptom.property) if symptom.is_for_good else ()
    trace = _trace(subject, shown, symptom, told.steps, moment)
    return Found(
        symptom=symptom.name,
        gravity=symptom.gravity,
        is_for_good=symptom.is_for_good and not begun,
        cause=case.hunter.cause(model, symptom, told.steps, moment, told.machine.get),
        configuration=case.configuration,
        algorithm=model.algorithm,
        steps=len(shown.moves),
        story=tuple(f"step {int(at)}: {line}" for at, line in story) or _short(trace, told.steps),
        trace=tuple(f"{number:>4}  {words}" for number, words in trace),
        end=model.outcome(told.machine.get),
        schedule=scheduled(subject, shown.moves),
    )


def _trace(
    subject: Subject, shown: Shrunk, symptom: Symptom, steps: Sequence[Step], moment: Moment
) -> list[tuple[int, str]]:
    """The steps that the end happened after and that a person would name, by their numbers. Where something was not
    written that should have been, nothing happened after what settled it: then the changes up to there.
    """
    inside = mattering(subject, shown.moves, shown.worlds, symptom.property)
    if moment.step is not None and moment.step not in inside:
        inside |= {place for place in range(moment.step + 1) if _changes(steps[place])}
    named = [(place, step.request.words(step.choice, step.response)) for place, step in enumerate(steps)]
    return [(place + 1, words) for place, words in named if place in inside and words]


def _short(trace: Sequence[tuple[int, str]], steps: Sequence[Step]) -> tuple[str, ...]:
    """The trace in few lines: of the steps that change something the last ones, and what the script does."""
    mattering_ = [(number, words) for number, words in trace if _changes(steps[number - 1])]
    script = [line for line in mattering_ if steps[line[0] - 1].domain == "users"]
    told = sorted({*script, *mattering_[-max(0, STORY_MAX - len(script)) :]})
    return tuple(f"step {number}: {words}" for number, words in told)


def _changes(step: Step) -> bool:
    return step.request.matters(step.response)
