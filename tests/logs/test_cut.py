"""A log that is accepted is accepted wherever it is cut: what its lines do not tell yet of its beginning is guessed."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from sim.cli.accept import explained, told
from sim.explore.accepting import OPEN
from tests.logs.test_accepting import HERE, LOGS, Row, changed, rows

WORLDS, CUTS = 20_000, 6


@pytest.mark.parametrize("name", LOGS)
def test_cut_log_is_accepted(tmp_path: Path, name: str) -> None:
    lines = (HERE / name).read_text().splitlines()
    places = sorted({2, 3, 4, *(2 + (len(lines) - 2) * number // CUTS for number in range(1, CUTS))})
    for end in places:
        path = tmp_path / f"{end}-{name}"
        path.write_text("\n".join(lines[:end]))
        answer = explained(str(path), "", WORLDS)
        assert answer.found.accepted, "\n".join(told(answer))


def two_clusters(script: str, calls: list[Row]) -> list[Row]:
    head = {"experiment": "", "code": "0.19.1", "topology": "A,B; broker on A", "script": script, "end_state": ""}
    return [head, *({"seq": n, "namespace": "", "name": "", "result": "ok", **call} for n, call in enumerate(calls))]


def start_of_a(slices: list[str], imports: list[str]) -> list[Row]:
    """An agent starts and makes its first lists."""
    starts = {"t_ms": 0.0, "agent": "a#2", "verb": "START", "resource": ""}
    lists = {"agent": "a#2", "verb": "list", "digest": f"informer n={len(slices)} [{','.join(slices)}]"}
    shown = {"agent": "a#2", "verb": "list", "digest": f"n={len(imports)} [{','.join(imports)}]"}
    return two_clusters("restart of A", [
        starts, {**lists, "t_ms": 200.0, "resource": "endpointslices"},
        {**shown, "t_ms": 300.0, "resource": "serviceimports"},
    ])  # fmt: skip


def answered(tmp_path: Path, lines: list[Row]) -> str:
    path = tmp_path / "made.jsonl"
    path.write_text("\n".join(json.dumps(line) for line in lines))
    return "\n".join(told(explained(str(path), "", WORLDS)))


def test_exports_are_guessed_from_the_first_lists(tmp_path: Path) -> None:
    of_b = start_of_a(["web-1", "web-2"], ["web", "web-default"])
    assert "accepted, 3 lines" in answered(tmp_path, of_b)


def test_no_guess_explains_what_cannot_be(tmp_path: Path) -> None:
    """An own ServiceImport of the agent that starts, whose ServiceExport it would have looked at first."""
    alone = start_of_a(["web-1", "web-2"], ["web", "web-default", "web-default-a"])
    first_list = {**alone[3], "t_ms": 400.0, "resource": "endpointslices", "digest": "informer n=3 [web-1,web-2,web-3]"}
    assert "NOT accepted" in answered(tmp_path, [*alone, first_list])


def test_a_call_that_was_open_at_the_end_is_undetermined(tmp_path: Path) -> None:
    """What it was answered may be due to a call that began later and is not in the log any more."""

    def answer_later(lines: list[Row]) -> None:
        at = next(i for i, row in enumerate(lines) if row.get("verb") == "get" and row.get("res") == "SE")
        lines[at]["code"], lines[at]["got"] = 404, {"reason": "NotFound"}
        lines[at]["dur_ms"] = 1000.0
        del lines[at + 1 :]

    name = "processes-two-agents.jsonl"
    assert rows(name)
    found = explained(changed(tmp_path, name, answer_later), "", WORLDS).found
    assert found.bound == OPEN


def test_a_call_that_was_over_is_refused(tmp_path: Path) -> None:
    def answer(lines: list[Row]) -> None:
        at = next(i for i, row in enumerate(lines) if row.get("verb") == "get" and row.get("res") == "SE")
        lines[at]["code"], lines[at]["got"] = 404, {"reason": "NotFound"}

    found = explained(changed(tmp_path, "processes-two-agents.jsonl", answer), "", WORLDS).found
    assert not found.accepted
    assert found.bound != OPEN


def test_where_no_line_fits_a_likely_cause_is_told(tmp_path: Path) -> None:
    """A log that was cut at its beginning begins in the midst of work, which is not explained."""
    lines = (HERE / "controllers-leftover-copy.jsonl").read_text().splitlines()
    path = tmp_path / "tail.jsonl"
    path.write_text("\n".join([lines[0], *lines[len(lines) // 2 :]]))
    answer = explained(str(path), "", 2_000)
    assert (answer.found.accepted, answer.found.explained) == (False, 0)
    assert "must begin while nothing is under way" in " ".join(" ".join(told(answer)).split())


@pytest.mark.parametrize("name", LOGS)
def test_a_log_without_its_beginning_is_answered(tmp_path: Path, name: str) -> None:
    """The watches of both agents may have broken before it, among others."""
    lines = (HERE / name).read_text().splitlines()
    path = tmp_path / "tail.jsonl"
    path.write_text("\n".join([lines[0], *lines[len(lines) // 2 :]]))
    assert told(explained(str(path), "", 50))
