"""The slice of a schedule: the steps that the violation happened after, by what each read and the others wrote.

Happens-before is the order of each process together with the order of steps that are dependent; and who sent an item,
or started a process, is before who took it, or what the process did; and who added an item to a list is before who
removed the one ahead of it. Footprints say nothing of the latter, as adding to a stream, or at the end of a list, does
not disturb who takes from it. What is not before the steps that wrote the cells of the violated property,
in that order, cannot have mattered.
"""

from __future__ import annotations

from typing import Any

from sim.core.cell import Channel, Value
from sim.core.property import Property
from sim.core.request import Take, list_start
from sim.explore.learning import Entry, Outcome
from sim.explore.subject import Moves, Subject


def mattering(subject: Subject, moves: Moves, worlds: list[int], prop: Property) -> set[int]:
    """The places (from 0) of the steps in the slice of a violation of the property at the end of a schedule."""
    entries = _entries(subject, moves, worlds)
    outcomes = [_outcome(entry, choice) for entry, (_, choice) in zip(entries, moves, strict=True)]
    senders = _senders(subject, [entry.request for entry in entries], moves, worlds)
    adders = _adders(subject, worlds)
    wanted = _last_writers(subject, worlds, prop)
    slice_: set[int] = set()
    for place in range(len(moves) - 1, -1, -1):
        if place in wanted or any(_before(outcomes[place], outcomes[later]) for later in slice_):
            slice_.add(place)
        if place in slice_:
            wanted |= {senders.get(place, place), adders.get(place, place), _starter(subject, moves, worlds, place)}
    return slice_


def _entries(subject: Subject, moves: Moves, worlds: list[int]) -> list[Entry]:
    """What each step was one of, learned when every part that any of them looks at is known."""
    tables = subject.tables
    while True:
        tables.forget()
        parts = tables.accesses.new_parts
        entries = []
        for (slot, _), world in zip(moves, worlds, strict=False):
            entry = tables.entry(slot, world)
            assert entry is not None, "the step was taken"
            entries.append(entry)
        if parts == tables.accesses.new_parts:
            return entries


def _outcome(entry: Entry, choice: object) -> Outcome:
    return next(o for o in entry.outcomes if o.choice == choice)


def _before(earlier: Outcome, later: Outcome) -> bool:
    """Whether the later step depends on what the earlier one wrote, or is of the same process."""
    return earlier.slot is later.slot or bool((earlier.wakes | earlier.wakes << 1) & later.footprint)


def _starter(subject: Subject, moves: Moves, worlds: list[int], place: int) -> int:
    """The last step before a step that changed where its process stands: its own, or who started it; that step if it is
    the first of all.
    """
    mask = subject.tables.packing.slots[moves[place][0]].mask
    return next((i for i in range(place - 1, -1, -1) if (worlds[i] ^ worlds[i + 1]) & mask), place)


def _senders(subject: Subject, requests: list[Any], moves: Moves, worlds: list[int]) -> dict[int, int]:
    """For each step that takes an item, the step that put it where it was taken, if one of the schedule did."""
    out: dict[int, int] = {}
    for channel in dict.fromkeys(request.channel for request in requests if isinstance(request, Take)):
        field = subject.tables.packing.cell(channel)
        from_: list[tuple[Value, int]] = [(item, -1) for item in field.value(worlds[0]) or ()]
        for place, request in enumerate(requests):
            if isinstance(request, Take) and request.channel is channel:
                taken = next(i for i, (item, _) in enumerate(from_) if not channel.keyed or item == moves[place][1])
                if from_[taken][1] >= 0:
                    out[place] = from_[taken][1]
                del from_[taken]
            from_ = _follow(channel, from_, field.value(worlds[place + 1]) or (), place)
    return out


def _follow(
    channel: Channel, from_: list[tuple[Value, int]], items: tuple[Value, ...], place: int
) -> list[tuple[Value, int]]:
    """The items of a channel after a step, each with who put it there, by those that were left before."""
    if channel.keyed:
        known = dict(from_)
        return [(item, known.get(item, place)) for item in items]
    kept = len(from_) if items[: len(from_)] == tuple(item for item, _ in from_) else 0
    return [*from_[:kept], *((item, place) for item in items[kept:])]


def _adders(subject: Subject, worlds: list[int]) -> dict[int, int]:
    """For each step that removes the first item of a list, the step that added the next one, if one of the schedule
    did.
    """
    out: dict[int, int] = {}
    accesses, packing = subject.tables.accesses, subject.tables.packing
    for cell, field in packing.cells.items():
        if list_start not in accesses.parts(cell):
            continue
        from_ = [-1 for _ in field.value(worlds[0]) or ()]
        for place in range(len(worlds) - 1):
            before, after = field.value(worlds[place]) or (), field.value(worlds[place + 1]) or ()
            if after == before[1:] and before:
                del from_[0]
                if after and from_[0] >= 0:
                    out[place] = from_[0]
            elif after[: len(before)] == before:
                from_ += [place] * (len(after) - len(before))
            else:
                from_ = [place] * len(after)
    return out


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
