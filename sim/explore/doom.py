"""From which step of a schedule on its bad end could not be avoided, and who would have avoided it by going first.

A world is doomed if every schedule from it ends at rest in a violation, with no operator doing anything. A world after
a doomed one is doomed, so the first is found by halving. A walk that ends well says of a world that it is not doomed,
and what is left of such a walk often ends well from a later world of the schedule too; so the first world from which no
walk ends well is found, and only that one is searched. If the search finds a good end after all, that is one walk more
to follow.
"""

from __future__ import annotations

import time
from collections.abc import Callable

import msgspec

from sim.core.cell import Value
from sim.explore.exhaust import Bounds, Exhausted, Interrupted, Progress, exhaust, never
from sim.explore.learning import Outcome
from sim.explore.shrink import Begun, completed
from sim.explore.subject import Moves, Subject
from sim.explore.walks import STEPS_MAX, uniform

WALKS, FEW_WALKS = 12, 4
PUT_OFF = 150
"""For so many steps a process is put off while another can step."""
TRUSTED = 2
"""So many times a search may find a good end where no walk did; then no world is taken for doomed without a search."""
Fails = Callable[[int], bool]
Taken = list[tuple[int, int, Outcome]]
"""The steps of a walk: the world before each, the slot, and what it did."""


class Doom(msgspec.Struct):
    """The point of no return.

    ``step`` is the number, from 1, of the step after which every world is doomed; 0 if the first world is. ``is_exact``
    is false where a bound was hit, so that the point may lie later, and where an interrupt came, so that nothing is
    known of it.
    """

    step: int
    is_exact: bool


def point_of_no_return(
    subject: Subject,
    moves: Moves,
    worlds: list[int],
    fails: Fails,
    bounds: Bounds,
    proof: Bounds | None = None,
    progress: Progress | None = None,
    interrupted: Interrupted = never,
) -> Doom:
    """Where the schedule passes the point of no return: looked for with walks and searches within ``bounds``, each from
    one of its worlds, and proved by one more within ``proof`` if those were cut off. Seconds are those of all of them.
    """
    found = _Found(subject, moves, worlds, fails, progress, interrupted)
    low, is_exact, disproved = 0, False, 0
    while not is_exact:
        trusts = disproved < TRUSTED
        low, is_exact = found.halved(low, None if trusts else bounds)
        if interrupted():
            return Doom(low, is_exact=False)
        if is_exact:
            break
        doomed = True
        if trusts:
            doomed, is_exact = found.judged(low, bounds)
        if doomed and not is_exact and proof is not None:
            doomed, is_exact = found.judged(low, proof)
        if doomed:
            break
        low, is_exact, disproved = low + 1, False, disproved + 1
    return Doom(low, is_exact)


class _Found:
    """What is known of the worlds of a schedule."""

    def __init__(
        self, subject: Subject, moves: Moves, worlds: list[int], fails: Fails, progress: Progress | None,
        interrupted: Interrupted,
    ) -> None:  # fmt: skip
        self.subject = subject
        self.moves = moves
        self.worlds = worlds
        self.fails = fails
        self.progress = progress
        self.interrupted = interrupted
        self.began = time.monotonic()
        self.last = len(moves)  # the last world is doomed
        self._well: set[int] = set()  # a walk from these ends well
        self._tried: dict[int, int] = {}  # so many walks from a world did not end well
        self._guide: tuple[int, Moves] | None = None  # what ends well from the latest world from which something does

    def halved(self, low: int, bounds: Bounds | None) -> tuple[int, bool]:
        """The first doomed world from one on, and whether that is certain; without bounds whatever no walk saves is
        taken for doomed.
        """
        high, is_exact = self.last, True
        while low < high and not self.interrupted():
            middle = (low + high) // 2
            if bounds is None:
                doomed, certain = not self.well(middle, FEW_WALKS), False
            else:
                doomed, certain = self.judged(middle, bounds)
            if doomed:
                high, is_exact = middle, certain
            else:
                low = middle + 1
        return low, is_exact

    def judged(self, place: int, bounds: Bounds) -> tuple[bool, bool]:
        """Whether a world is doomed as far as walks and a search show, and whether that is certain."""
        if place == self.last or self.well(place, WALKS):
            return place == self.last, True
        begin, fails = self.worlds[place], self.fails
        left = bounds.after(time.monotonic() - self.began)
        done = exhaust(
            self.subject, left, self.progress, begin=begin, enough=lambda end: not fails(end),
            interrupted=self.interrupted,
        )  # fmt: skip
        good = next((end for end in done.search.at_rest if not fails(end)), None)
        if good is not None:
            self._note(place, _way(done, begin, good))
        return good is None, good is not None or not done.bound

    def well(self, place: int, walks: int) -> bool:
        """Whether one of so many walks from a world ends well, or one that follows what ended well before."""
        if place not in self._well and place < self.last and not self._follows(place):
            slot = self.moves[place][0]
            for seed in range(self._tried.get(place, 0), walks):
                taken = ending_well(self.subject, self.worlds[place], slot, self.fails, seed)
                if taken is not None:
                    self._note(place, tuple((index, outcome.choice) for _, index, outcome in taken))
                    break
            else:
                self._tried[place] = walks
        return place in self._well

    def _follows(self, place: int) -> bool:
        if self._guide is None or self._guide[0] > place:
            return False
        begun = Begun(self.moves[:place], self.worlds[: place + 1])
        made = completed(self.subject, self._left(place), lambda world: not self.fails(world), STEPS_MAX, begun)
        if made is not None:
            self._note(place, made.moves[place:])
        return made is not None

    def _note(self, place: int, moves: Moves) -> None:
        self._well.add(place)
        if self._guide is None or self._guide[0] <= place:
            self._guide = place, moves

    def _left(self, place: int) -> Moves:
        """What is left of the walk to follow: of each process, without as many steps as the schedule has of it."""
        assert self._guide is not None
        begun, moves = self._guide
        done: dict[int, int] = {}
        for slot, _ in self.moves[begun:place]:
            done[slot] = done.get(slot, 0) + 1
        out = []
        for slot, choice in moves:
            if done.get(slot, 0):
                done[slot] -= 1
            else:
                out.append((slot, choice))
        return tuple(out)


def _way(done: Exhausted, begin: int, end: int) -> Moves:
    """A schedule of a search from a world to one at rest."""
    moves = done.path(end, begin) if begin in done.search.worlds else done.way(end)
    assert moves is not None, "the search has come to that world"
    return moves


def going_first(
    subject: Subject, moves: Moves, worlds: list[int], fails: Fails, step: int
) -> list[tuple[int, Value]]:  # fmt: skip
    """The steps that could have been taken instead of the one of that number, and from which a walk ends well."""
    out = []
    if step:
        fatal = moves[step - 1]
        for slot, outcome in subject.moves(worlds[step - 1]):
            after = subject.tables.after(worlds[step - 1], outcome)
            if (slot, outcome.choice) != fatal and ends_well(subject, after, fatal[0], fails):
                out.append((slot, outcome.choice))
    return out


def ends_well(subject: Subject, world: int, slot: int, fails: Fails) -> bool:
    """Whether some walk from the world ends at rest without violation; every other one puts the slot off for long."""
    return any(ending_well(subject, world, slot, fails, seed) is not None for seed in range(WALKS))


def ending_well(subject: Subject, world: int, slot: int, fails: Fails, seed: int) -> Taken | None:
    """The steps of one walk from a world if it ends at rest without violation."""
    draw, at = uniform(seed), subject.standing(world)
    out: Taken = []
    while len(out) < STEPS_MAX:
        able = at.able()
        if not able:
            return None if fails(at.world) else out
        others = [move for move in able if move[0] != slot] if seed % 2 and len(out) < PUT_OFF else able
        taken = draw(others or able, len(out))
        out.append((at.world, *taken))
        at.take(taken[1])
    return None
