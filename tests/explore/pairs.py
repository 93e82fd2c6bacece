"""Two steps that can be taken in one world, in either order."""

from __future__ import annotations

from sim.explore.learning import Outcome
from sim.explore.tables import Tables

Move = tuple[int, Outcome]
"""A step with the slot of its process."""


def after(tables: Tables, world: int, move: Move) -> int | None:
    """The world after a step of this choice, if it can be taken."""
    entry = tables.entry(move[0], world)
    for outcome in entry.outcomes if entry is not None else ():
        if outcome.choice == move[1].choice:
            return tables.after(world, outcome)
    return None


def commute(tables: Tables, world: int, one: Move, two: Move) -> bool:
    """Whether both orders can be taken and come to the same world, or the second step undoes the first."""
    ends = []
    for first, second in ((one, two), (two, one)):
        between = after(tables, world, first)
        ends.append(after(tables, between, second) if between is not None else None)
    if two[1].kills and ends[0] == after(tables, world, two):
        return True
    return ends[0] is not None and ends[0] == ends[1]
