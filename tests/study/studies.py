"""Building blocks of the tests of results folders: rows, summaries and studies made of them."""

from __future__ import annotations

from pathlib import Path

import pytest

from sim.core.errors import BadInput
from sim.study.rows import Failure, Row
from sim.study.store import Manifest, ResultsFolder, versions
from sim.study.summary import summarise

ROWS = [
    Row(1, "new", "fine", 0, 0, None, 0.0, 1500.0, 0.1, True, 60_000.25, 812, 9000),
    Row(0, "old", "lost for ever", 3, 3, 1234.5, 600_000.0, 599_000.0, 598_000.0, True, 61_000.0, 700, 8000),
    Row(0, "new", "fine", 0, 0, None, 0.0, 0.0, 0.0, True, 60_000.0, 812, 9000),
    Row(2**40, "old", "lost temporarily", 0, 1, 2.0, 3.0, 4.0, 5.0, False, 6.0, 7, 8),
]
SUMMARY = summarise(
    ROWS,
    scenario="toy",
    settings={"restart": "kill", "delay_ms": 2.5},
    seeds="0..1",
    asked=4,
    exports=3,
    observed_minutes=10.0,
    expected={"old": "fails", "new": "holds"},
    failure=Failure(0, "old", ["1 s: the host reboots", "2 s: the import is removed"], "t1:abc", "sim replay t1:abc"),
    notes=["a note, with an é"],
    assumptions=["the network does not drop"],
)
MANIFEST = Manifest(
    command="sim explore toy --seeds 2",
    scenario="toy",
    settings={"restart": "kill", "delay_ms": 2.5},
    seeds="0..1",
    algorithms=["old", "new"],
    versions=versions(),
    scenario_digest="5eed",
)
NAMES = ["manifest.json", "notes.txt", "rows.parquet", "summary.json"]


def fill(folder: ResultsFolder, text: str = "new\n") -> None:
    folder.write_rows(ROWS)
    folder.write_summary(SUMMARY)
    folder.write_text("notes.txt", text)
    folder.write_manifest(MANIFEST)
    folder.finish()


def study(path: Path, text: str = "new\n", *, replace: bool = False) -> Path:
    fill(ResultsFolder.create(path, replace=replace), text)
    return path


def content(path: Path) -> dict[str, bytes]:
    return {str(file.relative_to(path)): file.read_bytes() for file in sorted(path.rglob("*")) if file.is_file()}


def refused(error: pytest.ExceptionInfo[BadInput], *words: str) -> None:
    """The message is one line and says what it should."""
    assert "\n" not in str(error.value)
    for word in words:
        assert word in str(error.value)
