"""End states are written as those of real runs were, to the letter."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from tests.models.worlds import model, ran

BOTH = {"services": 1, "from": ["a", "b"], "spread": "from each"}
ONE_AFTER_THE_OTHER: dict[str, Any] = {
    "exported_at_start": "no",
    "script": [
        {"at_ms": 1000, "do": "export", "cluster": "a"},
        {"at_ms": 20_000, "do": "export", "cluster": "b"},
        {"at_ms": 40_000, "do": "unexport", "cluster": "a"},
    ],
}
TWO_SLICES = {"services": 1, "from": ["a"], "specs": {"a": {"type": "Headless", "slices": 2}}}
CASES: list[tuple[str, dict[str, Any], str]] = [
    (
        "nothing",
        {"way": "processes", "exports": {"services": 1, "from": ["b"]}},
        "agg=B/1p ts=B beps=B | A: copy=B/1p lsi=- eps=B se=- | B: copy=B/1p lsi=+ eps=B se=Ready=True,Valid=True",
    ),
    (
        "both exported",
        {"way": "processes", "exports": BOTH},
        ("agg=A+B/1p ts=A+B beps=AB | A: copy=A+B/1p lsi=+ eps=AB se=Ready=True,Valid=True | B: copy=A+B/1p lsi=+ "
        "eps=AB se=Ready=True,Valid=True"),
    ),
    (
        "both exported",
        {"way": "controllers", "exports": BOTH},
        ("agg {a,b} ports=http:80 | broker EPS [a,b] | a: SE[Ready=True Valid=True] localSI copy={a,b} ports=http:80 "
        "ownEPS=1 importedEPS=[b] | b: SE[Ready=True Valid=True] localSI copy={a,b} ports=http:80 ownEPS=1 "
        "importedEPS=[a]"),
    ),
    (
        "type conflict, the winner unexports",
        {
            "way": "controllers",
            "broker": "separate",
            "exports": {**BOTH, "specs": {"b": {"type": "Headless"}}},
            **ONE_AFTER_THE_OTHER,
        },
        ("agg missing | broker EPS [] | a: noSE copy=missing ownEPS=0 importedEPS=[] | b: "
        "SE[Conflict=True(ConflictingType) Ready=False(ExportFailed) Valid=True] localSI copy=missing ownEPS=0 "
        "importedEPS=[]"),
    ),
    (
        "the same",
        {
            "way": "processes",
            "exports": {**BOTH, "specs": {"b": {"type": "Headless"}}},
            **ONE_AFTER_THE_OTHER,
        },
        ("agg=- beps=- | A: copy=- lsi=- eps=- se=- | B: copy=- lsi=+ eps=- "
        "se=Conflict=True:ConflictingType,Ready=False:ExportFailed,Valid=True"),
    ),
    (
        "headless with two slices",
        {"way": "controllers", "exports": TWO_SLICES},
        ("agg {a} ports=headless | broker EPS [a,a] | a: SE[Ready=True Valid=True] localSI copy={a} ports=headless "
        "ownEPS=2 importedEPS=[] | b: noSE copy={a} ports=headless ownEPS=0 importedEPS=[a,a]"),
    ),
]  # fmt: skip


@pytest.mark.parametrize(("what", "changes", "expected"), CASES, ids=[case[0] for case in CASES])
def test_the_notation_is_that_of_the_real_runs(
    tmp_path: Path, what: str, changes: dict[str, Any], expected: str
) -> None:
    made = model(tmp_path, **changes)
    assert made.end_state(ran(made).machine.get) == expected


def test_timestamps_are_told_where_they_differ_and_empty_ports_as_such(tmp_path: Path) -> None:
    made = model(tmp_path, exports=BOTH)
    done = ran(made)
    cell = made.topology.aggregate_cell("demo/web-1")
    stored: Any = done.machine.get(cell)
    less = replace(stored, clusters=("b",), ports=())
    done.machine.put(cell, less)
    assert made.end_state(done.machine.get).startswith("agg {b} ports=empty ts=[a,b] | broker EPS [a,b]")
