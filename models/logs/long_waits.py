"""Agents that were silent for as long as upstream waits when it stops S7 (docs/FACTS.md C10, R18): a stop that was
under way then may have given up.

Only the calls that follow upon a stop end such a silence: the list of the slices to delete (H6), and that of the next
controller (H5). The time in which a stop may give up begins just before such a line and ends with it.
"""

from __future__ import annotations

from models.kube.objects import ENDPOINT_SLICES
from models.logs.entry import Entry, LogFile

DRAIN_MS = 4_990.0
"""5 s, less what a clock may be off."""
LONG, NO_MORE = "WAITED_LONG", "WAITS_NO_MORE"
"""The marks between which a stop may give up."""


def with_long_waits(entries: list[Entry]) -> list[Entry]:
    """The lines, with marks around each that a stop may have given up before."""
    last_ms: dict[str, float] = {}
    out: list[Entry] = []
    for entry in entries:
        before_ms = last_ms.get(entry.agent, entry.at_ms)
        last_ms[entry.agent] = entry.at_ms + max(0.0, entry.lasts_ms)
        if not _follows_a_stop(entry) or entry.at_ms - before_ms < DRAIN_MS:
            out.append(entry)
            continue
        marks = [
            Entry(entry.number, entry.at_ms, "net", verb, note=entry.agent, lasts_ms=-1.0) for verb in (LONG, NO_MORE)
        ]
        out += [marks[0], entry, marks[1]]
    return out


def gives_up(log: LogFile, agent: str) -> bool:
    """Whether a stop of an agent, by its name in the log, may have given up."""
    return any(entry.verb == LONG and entry.note == agent for entry in with_long_waits(list(log.entries)))


def _follows_a_stop(entry: Entry) -> bool:
    listed = entry.verb == "list" and entry.kind == ENDPOINT_SLICES and entry.api != "broker"
    return listed and not entry.is_outside and (entry.of_service or not entry.informer)
