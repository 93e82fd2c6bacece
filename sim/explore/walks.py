"""Random walks: what cannot be searched can be sampled. Each walk is a schedule drawn from one seed.

Strategies: ``uniform`` takes any step that can be taken; ``pct`` (probabilistic concurrency testing: Burckhardt et
al. 2010) gives processes priorities and changes them at a few random moments, which finds a bug that needs d orderings
among n processes and k steps with probability at least 1 / (n k^(d-1)); ``remaining`` prefers processes that have more
left to do, by what earlier walks saw, which evens out over orderings; ``speeds`` gives each process a speed of its own,
so that some hardly step before all others are done.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator

from sim.core.cell import Value
from sim.explore.learning import Outcome
from sim.explore.subject import Moves, Subject

STEPS_MAX = 100_000
PCT_DEPTH = 3
Draw = Callable[[list[tuple[int, Outcome]], int], tuple[int, Outcome]]
"""Picks one of the steps that can be taken; told how many were taken before."""


class Walk:
    """One walk: its schedule, the worlds it went through (the last one at rest unless it was cut off)."""

    __slots__ = ("at_rest", "moves", "worlds")

    def __init__(self, moves: Moves, worlds: list[int], at_rest: bool) -> None:
        self.moves = moves
        self.worlds = worlds
        self.at_rest = at_rest


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


def pct(seed: int, steps: int, depth: int = PCT_DEPTH) -> Draw:
    """The process of the highest priority that can step; at ``depth - 1`` moments among ``steps`` it falls to the
    bottom.
    """
    chance = random.Random(seed)
    priority: dict[int, float] = {}
    falls = {chance.randrange(max(steps, 1)) for _ in range(depth - 1)}

    def draw(able: list[tuple[int, Outcome]], taken: int) -> tuple[int, Outcome]:
        for slot, _ in able:
            if slot not in priority:
                priority[slot] = 1 + chance.random()
        first = max(able, key=lambda move: priority[move[0]])[0]
        if taken in falls:
            priority[first] = chance.random() - taken
        first = max(able, key=lambda move: priority[move[0]])[0]
        return chance.choice([move for move in able if move[0] == first])

    return draw


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
    """(seed, walk) for each seed of a range."""
    expected: dict[int, int] = {}
    steps = 0
    for seed in range(first, end):
        draw = uniform(seed)
        if steps and strategy == "pct":
            draw = pct(seed, steps)
        elif steps and strategy == "remaining":
            draw = remaining(seed, expected)
        elif strategy == SPEEDS:
            draw = speeds(seed)
        walked = walk(subject, draw, steps_max)
        expected, steps = counted(walked), max(steps, len(walked.moves))
        yield seed, walked


SPEEDS = "speeds"
STRATEGIES = ("uniform", "pct", "remaining", SPEEDS)
"""How walks choose; a hunt takes all of them."""


def miss_bound(processes: int, steps: int, depth: int, count: int) -> float:
    """The probability that so many PCT walks miss a violation that needs ``depth`` orderings, at most."""
    hit = 1.0 / (max(processes, 1) * max(steps, 1) ** (depth - 1))
    return float((1.0 - hit) ** count)
