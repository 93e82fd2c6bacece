"""A schedule of one algorithm followed under another: what both have in it is done in its order."""

from __future__ import annotations

import msgspec

from sim.core.cell import Value
from sim.explore.learning import Entry, Outcome
from sim.explore.subject import Moves, Subject
from sim.explore.walks import Walk

AHEAD = 6
"""So many steps that the schedule does not have are taken on the way to one that it has."""


class Planned(msgspec.Struct, frozen=True):
    """A step of a schedule by names: of its domain, its process, the choice, and what it does, in words."""

    domain: str
    process: str
    choice: str
    words: str


Schedule = tuple[Planned, ...]


def scheduled(subject: Subject, moves: Moves) -> Schedule:
    """A schedule by names, to be followed in another model."""
    out = []
    for (slot, choice), world in zip(moves, subject.follow(moves), strict=False):
        entry = subject.tables.entry(slot, world)
        assert entry is not None
        outcome = next(each for each in entry.outcomes if each.choice == choice)
        at = subject.tables.packing.slots[slot]
        out.append(Planned(at.domain.name, at.process, repr(choice), _words(entry, outcome)))
    return tuple(out)


def followed(subject: Subject, schedule: Schedule, steps_max: int) -> Walk:
    """The walk that takes the steps of the schedule that can be taken, then all others first come, first served.

    A process may take steps that the schedule does not have, if they lead to the one that it has; a step that is not to
    be had is left out.
    """
    tables = subject.tables
    worlds: list[int] = [subject.begin]
    moves: list[tuple[int, Value]] = []
    for planned in schedule:
        for slot, outcome in _way(subject, worlds[-1], planned):
            moves.append((slot, outcome.choice))
            worlds.append(tables.after(worlds[-1], outcome))
    while len(moves) < steps_max:
        able = subject.moves(worlds[-1])
        if not able:
            return Walk(tuple(moves), worlds, True)
        slot, outcome = min(able, key=lambda move: (subject.rank(move[0]), move[0]))
        moves.append((slot, outcome.choice))
        worlds.append(tables.after(worlds[-1], outcome))
    return Walk(tuple(moves), worlds, False)


def _way(subject: Subject, world: int, planned: Planned) -> list[tuple[int, Outcome]]:
    """The steps of one process up to the planned one; none if that does not come soon."""
    tables, packing = subject.tables, subject.tables.packing
    slot = next((s for s in packing.slots if (s.domain.name, s.process) == (planned.domain, planned.process)), None)
    out: list[tuple[int, Outcome]] = []
    while slot is not None and len(out) < AHEAD:
        entry = tables.entry(slot.index, world)
        if entry is None or not entry.outcomes:
            return []
        for outcome in entry.outcomes:
            if repr(outcome.choice) == planned.choice and _words(entry, outcome) == planned.words:
                return [*out, (slot.index, outcome)]
        out.append((slot.index, entry.outcomes[0]))
        world = tables.after(world, entry.outcomes[0])
    return []


def _words(entry: Entry, outcome: Outcome) -> str:
    """What a step does; where that is of interest to nobody, only of what kind it is."""
    return entry.request.words(outcome.choice, outcome.response) or type(entry.request).__name__
