"""How large a whole space may be, by how far a search of it has come.

Breadth first there is how many worlds were met at each depth. Only once the levels shrink is there something to go by:
their growth, which falls from level to level, is then taken to go on falling as it did. On models of which the whole is
known this came within a fifth of it, mostly, when three quarters of it were met; before the largest level it was wrong
by any factor, so nothing is said there.

Depth first there are the steps that were taken, and are left to take, from each world on the way. Were all of a world's
alike, the share of the whole that is done would follow (Knuth 1975, of trees). They are not, as worlds are met again
and more steps may join later: what comes out is too low at first, and later now too low and now too high. How far off
it was for searches that ended is published in ``results/growth/estimates.txt``.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sim.explore.frame import Frame

SHRINKING = 2
"""So many levels in a row must be smaller than the one before."""
FEWEST, PART = 6, 3
"""The growth of so many levels at least, and of this part of all, is what is gone by."""
DEEPEST, MOST = 3000, 1e15


def share_done(stack: Iterable[Frame]) -> float:
    """Which part of a search depth first is done, by the worlds on the way, the first one first."""
    done, part = 0.0, 1.0
    for frame in stack:
        steps = len(frame.edges) + len(frame.todo)
        if steps > 1:
            done += part * (len(frame.edges) - 1) / steps
            part /= steps
    return done


def whole_depth_first(worlds: int, stack: Sequence[Frame]) -> int | None:
    """About how many worlds there are, by how many were explored and by those on the way; None if it cannot be told."""
    done = share_done(stack)
    return max(worlds + len(stack), round(worlds / done)) if done else None


def whole(levels: Sequence[int]) -> int | None:
    """About how many worlds there are, by those met at each depth, the last of which may still be growing; None if it
    cannot be told.
    """
    full = levels[:-1]
    growth = [math.log(after / before) for before, after in itertools.pairwise(full)]
    if len(growth) < FEWEST or any(more >= 0 for more in growth[-SHRINKING:]):
        return None
    at, slope = _line(growth[-max(FEWEST, len(growth) // PART) :])
    at, slope = min(at, growth[-1] / 2), min(slope, 0.0)
    size, total = float(full[-1]), float(sum(full))
    for _ in range(DEEPEST):
        at += slope
        size *= math.exp(at)
        total += size
        if size < 1 or total > MOST:
            break
    return max(round(total), sum(levels)) if size < 1 else None


def _line(values: Sequence[float]) -> tuple[float, float]:
    """The last point of the straight line that fits the values best, and its slope."""
    count = len(values)
    middle, mean = (count - 1) / 2, sum(values) / count
    slope = sum((place - middle) * (value - mean) for place, value in enumerate(values))
    slope /= sum((place - middle) ** 2 for place in range(count))
    return mean + slope * (count - 1 - middle), slope
