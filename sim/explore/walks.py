"""Random walks: what cannot be searched can be sampled. Each walk is a schedule drawn from one seed.

Strategies: ``uniform`` takes any step that can be taken; ``pct`` (probabilistic concurrency testing: Burckhardt et
al. 2010) gives processes priorities and changes them at a few random moments (:class:`Pct`); ``remaining`` prefers
processes that have more left to do, by what earlier walks saw, which evens out over orderings; ``speeds`` gives each
process a speed of its own, so that some hardly step before all others are done.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Sequence

from sim.core.cell import Value
from sim.explore.learning import Outcome
from sim.explore.subject import Moves, Subject

STEPS_MAX = 100_000
PCT_DEPTH = 3
PCT_BEFORE, PCT_SPARE = 4, 2
"""Uniform walks before the first one of PCT, which counts on so many times the steps of the longest of them."""
Draw = Callable[[list[tuple[int, Outcome]], int], tuple[int, Outcome]]
"""Picks one of the steps that can be taken; told how many were taken before."""


class Walk:
    """One walk: its schedule, the worlds it went through (the last one at rest unless it was cut off). ``planned`` is
    how many steps PCT counted on, 0 of any other walk.
    """

    __slots__ = ("at_rest", "moves", "planned", "worlds")

    def __init__(self, moves: Moves, worlds: list[int], at_rest: bool) -> None:
        self.moves = moves
        self.worlds = worlds
        self.at_rest = at_rest
        self.planned = 0

    @property
    def is_counted(self) -> bool:
        """Whether it is a walk of PCT that took no more steps than that counted on."""
        return self.at_rest and 0 < self.planned >= len(self.moves)


def walk(subject: Subject, draw: Draw, steps_max: int = STEPS_MAX) -> Walk:
    """A walk from the beginning until nothing can be done, or so many steps were taken."""
    at = subject.standing(subject.begin)
    worlds = [at.world]
    moves: list[tuple[int, Value]] = []
    while len(moves) < steps_max:
        able = at.able()
        if not able:
            return Walk(tuple(moves), worlds, True)
        slot, outcome = draw(able, len(moves))
        at.take(outcome)
        moves.append((slot, outcome.choice))
        worlds.append(at.world)
    return Walk(tuple(moves), worlds, False)


def uniform(seed: int) -> Draw:
    """Any step with equal probability."""
    chance = random.Random(seed)
    return lambda able, _taken: chance.choice(able)


class Pct:
    """The process of the highest priority that can step; but at a few moments the one whose turn it is falls instead,
    to a place below all others that was fixed for each of the moments. A fall counts as a step.

    A violation has depth d if there are steps s1 to sd such that it is met by every schedule that holds back the
    process of s1 from the beginning, and that of each other si from where si is its next step, and lets those that are
    held back step only where nobody else can, first the one that is held back for the smallest i. So does PCT if the
    process of s1 has the lowest priority of all to begin with, one of n chances, and if those of s2 to sd fall when
    their moment has come, in a sequence of at most k steps and d - 1 falls, to the place of that i: a chance of at
    least 1 / (n (k + d - 1)^(d - 1)) for each walk. That takes it that no schedule has more than k steps or more than n
    processes, and that nothing depends on which of several ways a process takes its step: these are picked evenly.

    ``first`` draws the priority of a process, between 0 and 1, when it is first able to step; ``falls`` are the
    moments, from 0; ``among`` picks among several ways.
    """

    def __init__(self, first: Callable[[int], float], falls: Sequence[int], among: random.Random) -> None:
        self.first = first
        self.falls = falls
        self.among = among
        self.priority: dict[int, float] = {}
        self.moment = 0

    def __call__(self, able: list[tuple[int, Outcome]], _taken: int) -> tuple[int, Outcome]:
        priority = self.priority
        for slot, _ in able:
            if slot not in priority:
                priority[slot] = self.first(slot)
        while True:
            highest = max(able, key=lambda move: priority[move[0]])[0]
            self.moment += 1
            if self.moment - 1 not in self.falls:
                return self.among.choice([move for move in able if move[0] == highest])
            priority[highest] = -1.0 - self.falls.index(self.moment - 1)


def pct(seed: int, steps: int, depth: int = PCT_DEPTH) -> Draw:
    """PCT of a depth, for walks of at most so many steps: priorities and falls are drawn evenly."""
    chance = random.Random(seed)
    moments = moments_of(steps, depth)
    return Pct(lambda _slot: chance.random(), [chance.randrange(moments) for _ in range(depth - 1)], chance)


def moments_of(steps: int, depth: int) -> int:
    """Among how many moments a fall is drawn."""
    return max(steps, 1) + depth - 1


def remaining(seed: int, expected: dict[int, int]) -> Draw:
    """A process with probability proportional to the steps that it is expected to have left."""
    chance = random.Random(seed)
    done: dict[int, int] = {}

    def draw(able: list[tuple[int, Outcome]], _taken: int) -> tuple[int, Outcome]:
        weights = [max(1, expected.get(slot, 1) - done.get(slot, 0)) for slot, _ in able]
        move = chance.choices(able, weights)[0]
        done[move[0]] = done.get(move[0], 0) + 1
        return move

    return draw


def speeds(seed: int) -> Draw:
    """A process with probability proportional to its speed, which is drawn once, over three powers of ten."""
    chance = random.Random(seed)
    speed: dict[int, float] = {}

    def draw(able: list[tuple[int, Outcome]], _taken: int) -> tuple[int, Outcome]:
        for slot, _ in able:
            if slot not in speed:
                speed[slot] = 1000.0 ** chance.random()
        return chance.choices(able, [speed[slot] for slot, _ in able])[0]

    return draw


def counted(walked: Walk) -> dict[int, int]:
    """How many steps each process took."""
    out: dict[int, int] = {}
    for slot, _ in walked.moves:
        out[slot] = out.get(slot, 0) + 1
    return out


def walks(
    subject: Subject, strategy: str, first: int, end: int, steps_max: int = STEPS_MAX
) -> Iterator[tuple[int, Walk]]:
    """(seed, walk) for each seed of a range. For how many steps PCT plans is fixed beforehand."""
    expected: dict[int, int] = {}
    planned = _planned(subject, steps_max) if strategy == PCT else 0
    for seed in range(first, end):
        draw = uniform(seed)
        if strategy == PCT:
            draw = pct(seed, planned)
        elif expected and strategy == "remaining":
            draw = remaining(seed, expected)
        elif strategy == SPEEDS:
            draw = speeds(seed)
        walked = walk(subject, draw, steps_max)
        expected, walked.planned = counted(walked), planned
        yield seed, walked


def _planned(subject: Subject, steps_max: int) -> int:
    """How many steps PCT counts on."""
    longest = 1
    for seed in range(PCT_BEFORE):
        walked = walk(subject, uniform(seed), steps_max)
        longest = max(longest, len(walked.moves))
        if not walked.at_rest:
            break
    return PCT_SPARE * longest


UNIFORM, PCT = "uniform", "pct"
SPEEDS = "speeds"
STRATEGIES = (UNIFORM, PCT, "remaining", SPEEDS)
"""How walks choose; a hunt takes all of them."""


def miss_bound(processes: int, steps: int, depth: int, count: int) -> float:
    """The probability that so many PCT walks miss a violation of a depth, at most."""
    hit = 1.0 / (max(processes, 1) * moments_of(steps, depth) ** (depth - 1))
    return float((1.0 - hit) ** count)
