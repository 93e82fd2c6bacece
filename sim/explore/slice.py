"""The slice of a schedule: the steps that the violation happened after, by what each read and the others wrote.

Happens-before is the order of each process together with the order of steps that are dependent. What is not before the
steps that wrote the cells of the violated property, in that order, cannot have mattered.
"""

from __future__ import annotations

from sim.core.property import Property
from sim.explore.learning import Outcome
from sim.explore.subject import Moves, Subject


def mattering(subject: Subject, moves: Moves, worlds: list[int], prop: Property) -> set[int]:
    """The places (from 0) of the steps in the slice of a violation of the property at the end of a schedule."""
    outcomes = [_outcome(subject, worlds[i], slot, choice) for i, (slot, choice) in enumerate(moves)]
    wanted = _last_writers(subject, worlds, prop)
    slice_: set[int] = set()
    for place in range(len(moves) - 1, -1, -1):
        if place in wanted or any(_before(outcomes[place], outcomes[later]) for later in slice_):
            slice_.add(place)
    return slice_


def _outcome(subject: Subject, world: int, slot: int, choice: object) -> Outcome:
    entry = subject.tables.entry(slot, world)
    assert entry is not None
    return next(o for o in entry.outcomes if o.choice == choice)


def _before(earlier: Outcome, later: Outcome) -> bool:
    """Whether the later step depends on what the earlier one wrote, or is of the same process."""
    return earlier.slot is later.slot or bool((earlier.wakes | earlier.wakes << 1) & later.footprint)


def _last_writers(subject: Subject, worlds: list[int], prop: Property) -> set[int]:
    """The last step that changed each cell of the property."""
    out = set()
    for cell in prop.cells:
        mask = subject.tables.packing.cell(cell).mask
        for place in range(len(worlds) - 2, -1, -1):
            if (worlds[place] ^ worlds[place + 1]) & mask:
                out.add(place)
                break
    return out
