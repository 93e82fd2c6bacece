"""General scripts: all sequences of a few user operations and faults that make sense, in order of size.

What one cluster's user and faults do comes one after the other; what happens in different clusters at the same place
of their sequences races. Nothing here is about a known race.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import msgspec
from msgspec.structs import replace

FIRST_MS = 5000


class Standing(msgspec.Struct, frozen=True):
    """What is there in a cluster after some operations, as far as it decides what can come next."""

    has_users: bool
    exported: bool
    served: bool
    type: str
    crashes: int = 0
    outages: int = 0
    deletions: int = 0
    changes: int = 0


Move = tuple[str, dict[str, Any], Standing]
"""The words of an operation, its entry in a script, and what is there afterwards."""


def moves(cluster: str, now: Standing, *, has_broker: bool) -> Iterator[Move]:
    """What can happen next in a cluster."""
    if now.has_users:
        yield from _by_users(cluster, now)
    if now.crashes < 2:
        crash = {"fault": "agent-crash", "clusters": [cluster]}
        yield f"agent of {cluster} crashes", crash, replace(now, crashes=now.crashes + 1)
    if has_broker and not now.outages:
        yield "broker's API down", {"fault": "broker-down", "for_ms": 1000}, replace(now, outages=1)
    if has_broker and not now.deletions:
        yield "aggregates deleted by hand", {"do": "delete-aggregates"}, replace(now, deletions=1)


def _by_users(cluster: str, now: Standing) -> Iterator[Move]:
    """What users do to exports and Services, where the service is offered at all."""
    user: dict[str, Any] = {"cluster": cluster}
    if now.exported:
        yield f"unexport in {cluster}", {"do": "unexport", **user}, replace(now, exported=False)
    else:
        yield f"export in {cluster}", {"do": "export", **user}, replace(now, exported=True)
    if now.served:
        yield f"delete the Service in {cluster}", {"do": "delete-service", **user}, replace(now, served=False)
        if not now.changes:
            yield from _changes(cluster, now)
    else:
        yield f"create the Service in {cluster}", {"do": "create-service", **user}, replace(now, served=True)


def _changes(cluster: str, now: Standing) -> Iterator[Move]:
    entry: dict[str, Any] = {"do": "change-service", "cluster": cluster}
    other = "Headless" if now.type == "ClusterIP" else "ClusterIP"
    yield f"type becomes {other} in {cluster}", {**entry, "type": other}, replace(now, type=other, changes=1)
    if now.type == "ClusterIP":
        yield f"ports change in {cluster}", {**entry, "ports": ["https:443"]}, replace(now, changes=1)


Script = tuple[tuple[str, dict[str, Any]], ...]


def sequences(cluster: str, begin: Standing, length: int, *, has_broker: bool) -> list[Script]:
    """All sequences of so many operations in one cluster."""
    out: list[tuple[Script, Standing]] = [((), begin)]
    for _ in range(length):
        out = [
            ((*script, (words, entry)), after)
            for script, now in out
            for words, entry, after in moves(cluster, now, has_broker=has_broker)
        ]
    return [script for script, _ in out]


def timed(parts: Sequence[Script]) -> tuple[str, list[dict[str, Any]]]:
    """The words and the script of what happens in several clusters."""
    places = [
        (place, words, {"at_ms": FIRST_MS + place, **entry})
        for part in parts
        for place, (words, entry) in enumerate(part)
    ]
    places.sort(key=lambda each: each[0])
    turns: dict[int, list[str]] = {}
    for place, words, _ in places:
        turns.setdefault(place, []).append(words)
    said = ", then ".join(" with ".join(turns[place]) for place in sorted(turns))
    return said or "nothing", [entry for _, _, entry in places]


def faults(script: list[dict[str, Any]]) -> int:
    """How many faults and deletions out of band a script has."""
    return sum("fault" in entry or entry.get("do") == "delete-aggregates" for entry in script)
