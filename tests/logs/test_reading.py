"""What is no log is refused with the file, the line and what is wrong, never with a traceback."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from sim.cli.accept import explained
from sim.core import BadInput
from tests.cli.run import sim
from tests.logs.test_accepting import HERE, RESTART, changed

PROCESSES = "processes-re-export.jsonl"


def lines_of(name: str) -> list[str]:
    return (HERE / name).read_text().splitlines()


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (b"", "is empty"),
        (b"\n \n", "is empty"),
        (bytes(range(256)), "is no text"),
        (b"\x00\x01\n", "line 1"),
        (b'{"topology": "A,B"', "line 1"),
        (b"[]\n[]\n", r"line 1: \[\] is no object"),
        (b'{"code": "0.19.0"}\n{}\n', "line 1: .*topology"),
        (b'{"topology": "A,B"}\n', "no line after its head"),
        (b'\n{"topology": "A,B"}\n\n{"t_ms": 1', "line 4"),
        (b'{"topology": "A,B"}\n' + b"[" * 100_000, "line 2"),
    ],
)
def test_what_is_no_log_is_named(tmp_path: Path, text: bytes, says: str) -> None:
    path = tmp_path / "some.jsonl"
    path.write_bytes(text)
    with pytest.raises(BadInput, match=says):
        explained(str(path), "", 10)


@pytest.mark.parametrize(
    ("name", "change", "says"),
    [
        (RESTART, {"t_ms": "soon"}, "t_ms"),
        (RESTART, {"t_ms": None}, "t_ms"),
        (RESTART, {"t_ms": 0}, "before that of the line above"),
        (RESTART, {"verb": "frobnicate"}, "the verb is frobnicate"),
        (RESTART, {"verb": ""}, "the verb is missing"),
        (RESTART, {"resource": "pods"}, "the resource is pods"),
        (RESTART, {"agent": "user@z"}, "user@z is of no cluster"),
        (RESTART, {"agent": ""}, "nobody is of no cluster"),
        (RESTART, {"digest": []}, "digest"),
        (PROCESSES, {"got": "x"}, "got"),
        (PROCESSES, {"sent": {"ts": [1]}}, "ts"),
        (PROCESSES, {"code": 2.5}, "code"),
        (PROCESSES, {"agent": "C"}, "C is of no cluster"),
    ],
)
def test_garbled_line_is_named(tmp_path: Path, name: str, change: dict[str, Any], says: str) -> None:
    def garble(rows: list[dict[str, Any]]) -> None:
        rows[6].update(change)

    with pytest.raises(BadInput, match=f"line 7: .*{says}"):
        explained(changed(tmp_path, name, garble), "", 10)


def test_an_agent_that_runs_does_not_start(tmp_path: Path) -> None:
    def again(rows: list[dict[str, Any]]) -> None:
        at = next(i for i, row in enumerate(rows) if row.get("verb") == "START")
        rows.insert(at + 1, rows[at])

    with pytest.raises(BadInput, match="starts, and it runs"):
        explained(changed(tmp_path, RESTART, again), "", 10)


def test_exit_code_and_no_traceback(tmp_path: Path) -> None:
    path = tmp_path / "half.jsonl"
    path.write_text("\n".join(lines_of(RESTART)[:5]) + "\n" + json.dumps({"t_ms": 1})[:4])
    done = sim("accept", str(path))
    assert done.returncode == 2
    assert "half.jsonl, line 6" in done.stderr
    assert "Traceback" not in done.stderr
