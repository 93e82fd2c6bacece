"""Services searched one by one: their searches cost a sum where one search of all of them costs a product.

A run of all services, seen by one of them, is a run of that service alone if nothing that is done for another reads or
writes what is its own; DESIGN.md has the argument. What could break that is looked for in what was searched: a process
that ends its own container while it works on one service, as this ends the work on all; and one that at rest waits for
something else than work, as that would hold up the work on all.
"""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from sim.core.model import Alone
from sim.core.request import Pace
from sim.explore.check import Checked
from sim.explore.subject import Subject


class AloneChecked(msgspec.Struct, frozen=True):
    """What a check of one service found. ``settings`` restrict the scenario to it."""

    alone: Alone
    settings: dict[str, str]
    out: Checked


def entangled(subject: Subject, at_rest: Iterable[int]) -> str:
    """Why what was found of one service may not hold among others, in words; empty if it does.

    ``at_rest`` are the worlds at rest that were found.
    """
    tables, users = subject.tables, subject.model.users
    for outcome in tables.outcomes():
        if outcome.slot.domain in outcome.kills and outcome.slot.domain is not users:
            return f"{outcome.slot.name} can end its own container, and with it the work on every service"
    for world in at_rest:
        for slot in tables.packing.slots:
            stands, stood = world & slot.mask, subject.begin & slot.mask
            entry = tables.entry(slot.index, world) if stands not in (0, stood) else None
            if entry is not None and entry.request.pace is not Pace.TAKE and slot.domain is not users:
                return f"{slot.name} can wait for ever, and hold up the work on every service"
    return ""


def at_rest_of(out: Checked) -> list[int]:
    """The worlds at rest that a check found."""
    searched = [*(out.done.search.at_rest if out.done else ()), *(out.plain.found.at_rest if out.plain else ())]
    return [*searched, *(out.shown.worlds[-1:] if out.shown and not out.cycle else ())]
