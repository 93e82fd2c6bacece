"""General scripts: all sequences of a few moves that make sense, in order of size.

What one cluster's user and faults do comes one after the other; what happens in different clusters at the same place
of their sequences races.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from models.hunt.moves import Entries, Standing, moves

FIRST_MS, PLACE_MS = 5000, 10
Script = tuple[tuple[str, Entries], ...]


def sequences(cluster: str, begin: Standing, families: Sequence[tuple[str, ...]]) -> list[Script]:
    """All sequences of moves in one cluster; at each place a move of the families that are given for it."""
    out: list[tuple[Script, Standing]] = [((), begin)]
    for at_place in families:
        out = [
            ((*script, (words, entries)), after)
            for script, now in out
            for words, entries, after in moves(cluster, now, at_place)
        ]
    return [script for script, _ in out]


def timed(parts: Sequence[Script]) -> tuple[str, list[dict[str, Any]]]:
    """The words and the script of what happens in several clusters."""
    placed: list[tuple[int, str, dict[str, Any]]] = []
    turns: dict[int, list[str]] = {}
    for part in parts:
        for place, (words, entries) in enumerate(part):
            turns.setdefault(place, []).append(words)
            for number, entry in enumerate(entries):
                at_ms = FIRST_MS + PLACE_MS * place + number
                placed.append((at_ms, words, {"at_ms": at_ms, **entry}))
    placed.sort(key=lambda each: each[0])
    said = ", then ".join(" with ".join(turns[place]) for place in sorted(turns))
    return said or "nothing", [entry for _, _, entry in placed]


def faults(script: list[dict[str, Any]]) -> int:
    """How many faults and deletions out of band a script has."""
    by_hand = ("delete-aggregates", "delete-object")
    return sum("fault" in entry or entry.get("do") in by_hand for entry in script)
