"""From which step of a schedule on its bad end could not be avoided, and what would have avoided it just before.

A world is doomed if every schedule from it ends at rest in a violation, with no operator doing anything. A world after
a doomed one is doomed, so the first is found by halving. Walks that end well settle most questions, the others are
searched within bounds.
"""

from __future__ import annotations

from collections.abc import Callable

import msgspec

from sim.core.cell import Value
from sim.explore.exhaust import Bounds, exhaust
from sim.explore.subject import Moves, Subject
from sim.explore.walks import STEPS_MAX, uniform

WALKS = 12
PUT_OFF = 150
"""For so many steps a process is put off while another can step."""


class Doom(msgspec.Struct):
    """The point of no return.

    ``step`` is the number, from 1, of the step after which every world is doomed; 0 if the first world is. ``instead``
    are steps that could have been taken instead of it and from which a walk ended well. ``is_exact`` is false where a
    bound was hit, so that the point may lie later.
    """

    step: int
    instead: list[tuple[int, Value]]
    is_exact: bool


def point_of_no_return(
    subject: Subject, moves: Moves, worlds: list[int], fails: Callable[[int], bool], bounds: Bounds
) -> Doom:
    """Where the schedule passes the point of no return, within the bounds of each search from one of its worlds."""
    exact = True

    def doomed(world: int, slot: int) -> bool:
        nonlocal exact
        if _ends_well(subject, world, slot, fails):
            return False
        done = exhaust(subject, bounds, begin=world)
        exact = exact and not done.bound
        return all(fails(end) for end in done.search.at_rest)

    low, high = 0, len(moves)  # the last world is doomed
    while low < high:
        middle = (low + high) // 2
        if doomed(worlds[middle], moves[middle][0]):
            high = middle
        else:
            low = middle + 1
    instead = []
    if low:
        for slot, outcome in subject.moves(worlds[low - 1]):
            after = subject.tables.after(worlds[low - 1], outcome)
            fatal, choice = moves[low - 1]
            if (slot, outcome.choice) != (fatal, choice) and _ends_well(subject, after, fatal, fails):
                instead.append((slot, outcome.choice))
    return Doom(low, instead, exact)


def _ends_well(subject: Subject, world: int, slot: int, fails: Callable[[int], bool]) -> bool:
    """Whether some walk from the world ends at rest without violation; every other one puts the slot off for long."""
    for seed in range(WALKS):
        draw, at = uniform(seed), world
        for taken in range(STEPS_MAX):
            able = subject.moves(at)
            if not able:
                if not fails(at):
                    return True
                break
            others = [move for move in able if move[0] != slot] if seed % 2 and taken < PUT_OFF else able
            at = subject.tables.after(at, draw(others or able, taken)[1])
    return False
