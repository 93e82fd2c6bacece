"""The decisions whose flip would have saved it: steps which, had they come first, would have kept the fatal one from
being fatal.

A walk that ends well from just before the fatal step takes others first. Step by step it is asked of it whether the
fatal step, taken now, would still be one; the first step after which it is not decides. A step that is independent of
the fatal one decides nothing: before it or after it, the fatal step leads to the same world, which is doomed.
"""

from __future__ import annotations

import msgspec

from sim.core.cell import Value
from sim.core.trace import Step
from sim.explore.doom import WALKS, Fails, Taken, ending_well, ends_well
from sim.explore.learning import Outcome
from sim.explore.subject import Moves, Subject
from sim.explore.words import briefly, in_words


class Flip(msgspec.Struct, frozen=True):
    """A step that decides: of which slot, in which world it was taken, and what it does, in words; ``is_choice`` if the
    process could have chosen otherwise, and says what it chose.
    """

    slot: int
    world: int
    words: str
    is_choice: bool = False


def deciding(subject: Subject, moves: Moves, worlds: list[int], fails: Fails, step: int) -> list[Flip]:
    """The steps that, had they come before the step of that number, would have saved it, as far as walks show; of the
    same words only the first.
    """
    out: dict[tuple[int, str], Flip] = {}
    if step:
        fatal = _Fatal(subject, moves[step - 1], fails)
        for seed in range(WALKS):
            taken = ending_well(subject, worlds[step - 1], fatal.slot, fails, seed)
            flip = None if taken is None else fatal.averted(taken)
            if flip is not None:
                out.setdefault((flip.slot, flip.words), flip)
    return list(out.values())


class _Fatal:
    """The fatal step, and in which worlds it is still one."""

    def __init__(self, subject: Subject, move: tuple[int, Value], fails: Fails) -> None:
        self.subject = subject
        self.slot, self.choice = move
        self.fails = fails
        self._still: dict[int, bool] = {}

    def averted(self, taken: Taken) -> Flip | None:
        """The step of a walk that ends well after which the step is not fatal any more."""
        hindered: Flip | None = None
        here = self._outcome(taken[0][0])
        for world, slot, outcome in taken:
            after = self.subject.tables.after(world, outcome)
            there = self._outcome(after) if slot != self.slot else None
            if slot == self.slot and outcome.choice == self.choice and here is outcome:
                return hindered
            if there is None:  # perhaps only for a while
                hindered = hindered or self._flip(world, slot, outcome)
            elif self._is_concerned(world, here, slot, outcome, there) and not self._is_fatal(after, there):
                return self._flip(world, slot, outcome)
            else:
                hindered = None
            if slot == self.slot:
                return hindered
            here = there
        return hindered

    def _outcome(self, world: int) -> Outcome | None:
        """The step, where it can be taken."""
        entry = self.subject.tables.entry(self.slot, world)
        return None if entry is None else next((o for o in entry.outcomes if o.choice == self.choice), None)

    def _is_concerned(self, world: int, here: Outcome | None, slot: int, outcome: Outcome, there: Outcome) -> bool:
        """Whether it matters which of the two steps comes first: either is another one after the other."""
        if here is not there:
            return True
        entry = self.subject.tables.entry(slot, self.subject.tables.after(world, here))
        return entry is None or all(each is not outcome for each in entry.outcomes)

    def _is_fatal(self, world: int, outcome: Outcome) -> bool:
        """Whether no walk ends well after the step."""
        after = self.subject.tables.after(world, outcome)
        if after not in self._still:
            self._still[after] = not ends_well(self.subject, after, self.slot, self.fails)
        return self._still[after]

    def _flip(self, world: int, slot: int, outcome: Outcome) -> Flip:
        tables = self.subject.tables
        entry, at = tables.entry(slot, world), tables.packing.slots[slot]
        assert entry is not None, "the step was taken"
        step = Step(0.0, at.domain.name, at.process, entry.request, outcome.choice, outcome.response)
        return Flip(slot, world, in_words(step), len(entry.outcomes) > 1 and bool(briefly(step)))
