"""When things must have happened in a log, as far as its times tell: a guide for the search for an explanation.

An explanation has an order and no times, and a step that leaves no line is put where it is first needed. Its time is
known all the same: a process goes on when its call was answered, a key is due a while after it was queued, a change is
heard of when it was made. Worked out along each way, never before it really was.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import islice
from math import ceil
from typing import Any

from sim.core.cell import Cell, Channel
from sim.core.model import LogLine
from sim.core.request import Await, Pace, Request, Take
from sim.core.timing import Timing
from sim.explore.learning import Outcome
from sim.explore.packing import Field, Slot
from sim.explore.tables import Tables

Times = dict[Any, Any]
"""By slot: when the process came to its request. By channel: when each of its items was sent. By channel and key: when
each time that the key is queued is due. By domain: when its last step was."""
LONG_AGO, NEVER = float("-inf"), float("inf")
TIMES = "times"
"""In times, after a channel and a key: how often it was queued since its failures were forgotten."""
FORGOT, ABOUT_MS = "forgot", 10.0
"""In times, after a channel and a key: how often it had been queued when its failures were forgotten last, and when;
and within what time it is open which of two things comes first.
"""
SLEPT = "slept"
"""In times: the processes that have slept since their last line, so that theirs are the earliest possible."""


def _looked(since: float, came: float, period_ms: float) -> float:
    """When something is seen by one who looks every so often since some time, and does not see it at once."""
    if not period_ms or since == LONG_AGO:
        return came
    return since + period_ms * max(1, ceil((came - since) / period_ms))


class Clocks:
    """Works out the times along the ways of one search; ``timing`` has how long keys wait in work queues."""

    def __init__(self, tables: Tables, lines: Sequence[LogLine], timing: Timing) -> None:
        self._tables = tables
        self._lines = lines
        self._timing = timing
        self._channels: dict[int, tuple[Channel, ...]] = {}
        self._slots: dict[int, tuple[Slot, ...]] = {}
        self._known = (0, 0)
        self._fields: dict[Channel, Field] = {}
        self.awaited: dict[Cell, None] = {}  # what processes wait for: when it came is kept

    def after(
        self, times: Times, before: int, after: int, step: tuple[Request, Outcome] | None, line: int,
        merged: tuple[tuple[Channel, Any], ...] = (),
    ) -> Times:  # fmt: skip
        """The times after a step of a process, or of nobody, which explains a line or (-1) none; ``merged`` are the
        keys that it queued and that were queued already.
        """
        out = dict(times)
        at = self._lines[line].end_ms if line >= 0 or step is None else self.of(times, *step)
        outcome = step[1] if step is not None else None
        changed = before ^ after
        slept: frozenset[Slot] = times.get(SLEPT, frozenset())
        sleeps = step is not None and line < 0 and (step[1].slot in slept or step[0].pace is Pace.SLEEP)
        for slot in self._slots_in(changed):
            if not before & slot.mask:
                out[slot] = at
                slept = slept | {slot} if sleeps else slept - {slot}
        if outcome is not None:
            out[outcome.slot] = at
            slept = slept | {outcome.slot} if sleeps else slept - {outcome.slot}
            domain = outcome.slot.domain
            out[domain] = max(at, times.get(domain, LONG_AGO))
        if slept != times.get(SLEPT, frozenset()):
            out[SLEPT] = slept
        for channel in self._channels_in(changed):
            field = self._tables.packing.cells[channel]
            had, has = field.value(before) or (), field.value(after) or ()
            if channel.keyed:
                self._queued(out, channel, had, has, at)
            else:
                self._sent(out, channel, len(had), len(has), at)
        for cell in self.awaited:
            if changed & self._tables.packing.cells[cell].mask:
                out[cell] = at
        for place in merged:
            out[(*place, TIMES)] = out.get((*place, TIMES), 0) + 1
        for channel, item in outcome.forgets if outcome is not None else ():
            out[channel, item, FORGOT] = (out.pop((channel, item, TIMES), 0), at)
        return out

    def comes(self, times: Times, slot: Slot) -> float:
        """When a process came to the request that it makes."""
        found: float = times.get(slot, LONG_AGO)
        return found

    def waits_since(self, times: Times, slot: Slot) -> float:
        """Since when a process has been waiting at the latest: never, if it had slept nobody knows how long."""
        return NEVER if slot in times.get(SLEPT, frozenset()) else times.get(slot, NEVER)

    def due(self, times: Times, channel: Channel, key: Any) -> float:
        """When a queued key is due at the earliest."""
        dues = times.get((channel, key))
        found: float = dues[0][0] if dues else LONG_AGO
        return found

    def due_at_latest(self, times: Times, channel: Channel, key: Any) -> float:
        """When a queued key is due at the latest: it makes a difference whether it was queued before its failures were
        forgotten, which happens when an item ends, as its last write is heard of.
        """
        dues = times.get((channel, key))
        found: float = dues[0][1] if dues else LONG_AGO
        return found

    def of(self, times: Times, request: Request, outcome: Outcome) -> float:
        """When a step that leaves no line is taken."""
        slot = outcome.slot
        at: float = times.get(slot, LONG_AGO)
        if isinstance(request, Take):
            if request.channel.keyed:
                return max(at, self.due(times, request.channel, outcome.choice))
            sent = times.get(request.channel)
            return max(at, sent[0]) if sent else at
        if request.pace is Pace.WAIT:  # what it waited for has just come
            came = times.get(request.cell) if isinstance(request, Await) else None
            came = max(at, times.get(slot.domain, LONG_AGO) if came is None else came)
            return _looked(at, came, getattr(request, "period_ms", 0.0))
        return at

    def _queued(self, out: Times, channel: Channel, had: tuple[Any, ...], has: tuple[Any, ...], at: float) -> None:
        for key in dict.fromkeys((*had, *has)):
            more = has.count(key) - had.count(key)
            dues = out.get((channel, key), ())
            if more > 0:
                out[channel, key] = (*dues, self._dues(out, channel, key, at))
                out[channel, key, TIMES] = out.get((channel, key, TIMES), 0) + 1
            elif more < 0:
                left = dues[-more:]
                if left:
                    out[channel, key] = left
                else:
                    out.pop((channel, key), None)

    def _dues(self, times: Times, channel: Channel, key: Any, at: float) -> tuple[float, float]:
        """When a key is due, at the earliest and at the latest, that is queued now."""
        queued = times.get((channel, key, TIMES), 0)
        before, forgotten = times.get((channel, key, FORGOT), (0, LONG_AGO))
        delays = self._timing.back_offs[channel.wait].delays
        least, most = (delays[min(often, len(delays) - 1)] for often in (queued, queued + before))
        return at + least, at + (most if at - forgotten < ABOUT_MS else least)

    def _sent(self, out: Times, channel: Channel, had: int, has: int, at: float) -> None:
        sent = out.get(channel, ())
        if has > had:
            sent = (*sent, *[at] * (has - had))
        elif has < had:
            sent = sent[had - has :]
        if sent:
            out[channel] = sent
        else:
            out.pop(channel, None)

    def _channels_in(self, changed: int) -> tuple[Channel, ...]:
        self._refresh()
        found = self._channels.get(changed)
        if found is None:
            found = self._channels[changed] = tuple(
                channel for channel, field in self._fields.items() if changed & field.mask
            )
        return found

    def _slots_in(self, changed: int) -> tuple[Slot, ...]:
        self._refresh()
        found = self._slots.get(changed)
        if found is None:
            found = self._slots[changed] = tuple(slot for slot in self._tables.packing.slots if changed & slot.mask)
        return found

    def _refresh(self) -> None:
        packing = self._tables.packing
        known = (len(packing.cells), len(packing.slots))
        if known != self._known:
            for cell in islice(packing.cells, self._known[0], None):
                if isinstance(cell, Channel):
                    self._fields[cell] = packing.cells[cell]
            self._known = known
            self._channels.clear()
            self._slots.clear()
