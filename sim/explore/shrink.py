"""Shrinking a schedule that ends in a violation: fewest faults, then fewest steps, then in the order of arrival.

First the environment does less, where it may choose to: a process of it takes another choice, at the end. Then a
shorter candidate is made by leaving out steps; what cannot be taken any more is skipped, and what is left to do is
done first come, first served. It is kept if it still ends at rest in a violation. What comes out cannot be shortened by
leaving out any one step; it need not be the shortest of all. Where a property must hold always, a schedule ends in the
first world that violates it.
"""

from __future__ import annotations

from collections.abc import Callable

from sim.core.cell import Value
from sim.explore.learning import Outcome
from sim.explore.subject import Moves, Subject
from sim.explore.walks import STEPS_MAX

Fails = Callable[[int], bool]
"""Whether a world at rest, or any world, is a violation of the kind that is being shrunk."""


class Shrunk:
    """A schedule that fails, and the cost by which it was chosen."""

    __slots__ = ("cost", "moves", "worlds")

    def __init__(self, cost: tuple[int, int], moves: Moves, worlds: list[int]) -> None:
        self.cost = cost
        self.moves = moves
        self.worlds = worlds


def shrink(
    subject: Subject, moves: Moves, fails: Fails, tries_max: int = 4000, *, anywhere: bool = False
) -> Shrunk:  # fmt: skip
    """The schedule made smaller, as long as it takes at most so many tries; ``anywhere`` is as in :func:`completed`."""
    best = completed(subject, moves, fails, len(moves) + 1, anywhere=anywhere)
    assert best is not None, "the schedule to be shrunk does not fail"
    best, tries = _fewer_faults(subject, best, fails, tries_max, anywhere=anywhere)
    size = max(1, len(best.moves) // 2)
    while size:
        at, progress = 0, False
        while at < len(best.moves) and tries < tries_max:
            tries += 1
            begun = Begun(best.moves[:at], best.worlds[: at + 1])
            made = completed(subject, best.moves[at + size :], fails, len(best.moves), begun, anywhere=anywhere)
            if made is not None and made.cost < best.cost:
                best, progress = made, True
            else:
                at += size
        if tries >= tries_max or (size == 1 and not progress):
            break
        size = size if progress and size == 1 else max(1, size // 2)
    return best


def _fewer_faults(
    subject: Subject, best: Shrunk, fails: Fails, tries_max: int, *, anywhere: bool
) -> tuple[Shrunk, int]:
    """The schedule with fewer steps of the environment, if leaving out one process of it after the other shows one; and
    after how many tries. What it chose first it chooses otherwise, once all else that is wanted is done.
    """
    tries, left = 0, _otherwise(subject, best)
    while left and tries < tries_max:
        tries += 1
        made = completed(subject, left.pop(0), fails, len(best.moves), anywhere=anywhere)
        if made is not None and made.cost < best.cost:
            best, left = made, _otherwise(subject, made)
    return best, tries


def _otherwise(subject: Subject, shown: Shrunk) -> list[Moves]:
    """The schedule without each process of the environment that chose, the last first; which chooses otherwise then."""
    others: dict[int, list[Value]] = {}
    for (slot, choice), world in zip(shown.moves, shown.worlds, strict=False):
        entry = subject.tables.entry(slot, world) if subject.rank(slot) else None
        if entry is not None and len(entry.outcomes) > 1:
            others.setdefault(slot, [each.choice for each in entry.outcomes if each.choice != choice])
    return [
        (*(move for move in shown.moves if move[0] != slot), (slot, other))
        for slot, choices in reversed(others.items())
        for other in choices
    ]


class Begun:
    """Steps taken so far, and the worlds before, between and after them."""

    def __init__(self, moves: Moves, worlds: list[int]) -> None:
        self.moves = list(moves)
        self.worlds = worlds


def completed(
    subject: Subject, wanted: Moves, fails: Fails, steps_max: int, begun: Begun | None = None, *, anywhere: bool = False
) -> Shrunk | None:
    """What was begun, the steps that are wanted and can be taken, then all others first come, first served; None if
    that holds. With ``anywhere`` it ends in the first world that fails, else at rest.
    """
    begun = begun or Begun((), [subject.begin])
    moves, worlds = begun.moves, begun.worlds
    at = subject.standing(worlds[-1])

    def take(slot: int, outcome: Outcome) -> None:
        at.take(outcome)
        moves.append((slot, outcome.choice))
        worlds.append(at.world)

    def made() -> Shrunk:
        faults = sum(subject.rank(slot) for slot, _ in moves)
        return Shrunk((faults, len(moves)), tuple(moves), worlds)

    for slot, choice in wanted:
        if anywhere and fails(at.world):
            return made()
        entry = at.entries[slot] if slot < len(at.entries) else None
        outcome = next((o for o in entry.outcomes if o.choice == choice), None) if entry is not None else None
        if outcome is not None:
            take(slot, outcome)
    while len(moves) <= min(steps_max, STEPS_MAX):
        if anywhere and fails(at.world):
            return made()
        able = at.able()
        if not able:
            return made() if fails(at.world) else None
        take(*subject.first(able))
    return None
