"""From which step of a schedule on its bad end could not be avoided, and what would have avoided it just before.

A world is doomed if every schedule from it ends at rest in a violation, with no operator doing anything. A world after
a doomed one is doomed, so the first is found by halving. Walks that end well settle most questions, the others are
searched within bounds.
"""

from __future__ import annotations

import time
from collections.abc import Callable

import msgspec

from sim.core.cell import Value
from sim.explore.exhaust import Bounds, Interrupted, Progress, exhaust, never
from sim.explore.subject import Moves, Subject
from sim.explore.walks import STEPS_MAX, uniform

WALKS = 12
PUT_OFF = 150
"""For so many steps a process is put off while another can step."""


class Doom(msgspec.Struct):
    """The point of no return.

    ``step`` is the number, from 1, of the step after which every world is doomed; 0 if the first world is. ``instead``
    are steps that could have been taken instead of it and from which a walk ended well. ``is_exact`` is false where a
    bound was hit, so that the point may lie later, and where an interrupt came, so that nothing is known of it.
    """

    step: int
    instead: list[tuple[int, Value]]
    is_exact: bool


def point_of_no_return(
    subject: Subject,
    moves: Moves,
    worlds: list[int],
    fails: Callable[[int], bool],
    bounds: Bounds,
    proof: Bounds | None = None,
    progress: Progress | None = None,
    interrupted: Interrupted = never,
) -> Doom:
    """Where the schedule passes the point of no return: looked for with searches within ``bounds``, each from one of
    its worlds, and proved by one more within ``proof`` if those were cut off. Seconds are those of all of them.
    """
    began = time.monotonic()

    def judged(world: int, slot: int, bounds: Bounds) -> tuple[bool, bool]:
        """Whether a world is doomed as far as is known, and whether that is certain."""
        if _ends_well(subject, world, slot, fails):
            return False, True
        left = bounds.after(time.monotonic() - began)
        done = exhaust(subject, left, progress, begin=world, interrupted=interrupted)
        doomed = all(fails(end) for end in done.search.at_rest)
        return doomed, not (doomed and done.bound)

    low, high, is_exact = 0, len(moves), True  # the last world is doomed
    while True:
        while low < high and not interrupted():
            middle = (low + high) // 2
            doomed, certain = judged(worlds[middle], moves[middle][0], bounds)
            if doomed:
                high, is_exact = middle, certain
            else:
                low = middle + 1
        if interrupted():
            return Doom(low, [], False)
        if is_exact or proof is None:
            break
        doomed, is_exact = judged(worlds[low], moves[low][0], proof)
        if doomed:
            break
        low, high, is_exact = low + 1, len(moves), True
    return Doom(low, _instead(subject, moves, worlds, fails, low), is_exact)


def _instead(
    subject: Subject, moves: Moves, worlds: list[int], fails: Callable[[int], bool], step: int
) -> list[tuple[int, Value]]:
    """The steps that could have been taken instead of the one of that number, and from which a walk ends well."""
    out = []
    if step:
        fatal = moves[step - 1]
        for slot, outcome in subject.moves(worlds[step - 1]):
            after = subject.tables.after(worlds[step - 1], outcome)
            if (slot, outcome.choice) != fatal and _ends_well(subject, after, fatal[0], fails):
                out.append((slot, outcome.choice))
    return out


def _ends_well(subject: Subject, world: int, slot: int, fails: Callable[[int], bool]) -> bool:
    """Whether some walk from the world ends at rest without violation; every other one puts the slot off for long."""
    for seed in range(WALKS):
        draw, at = uniform(seed), subject.standing(world)
        for taken in range(STEPS_MAX):
            able = at.able()
            if not able:
                if not fails(at.world):
                    return True
                break
            others = [move for move in able if move[0] != slot] if seed % 2 and taken < PUT_OFF else able
            at.take(draw(others or able, taken)[1])
    return False
