"""Logs of real agents are accepted, and a log that tells of something else is not, for the reason given."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from sim.cli.accept import code_of, explained, told
from sim.core import BadInput
from tests.cli.run import sim

HERE = Path(__file__).parent
LOGS = sorted(path.name for path in HERE.glob("*.jsonl"))
RESTART = "controllers-restart-of-both.jsonl"
WORLDS = 100_000
Row = dict[str, Any]


def rows(name: str) -> list[Row]:
    return [json.loads(line) for line in (HERE / name).read_text().splitlines()]


def changed(tmp_path: Path, name: str, change: Callable[[list[Row]], None]) -> str:
    """A copy of a log with something changed."""
    lines = rows(name)
    change(lines)
    path = tmp_path / name
    path.write_text("\n".join(json.dumps(line) for line in lines))
    return str(path)


@pytest.mark.parametrize("name", LOGS)
def test_log_of_real_agents_is_accepted(name: str) -> None:
    answer = explained(str(HERE / name), "", WORLDS)
    assert answer.found.accepted, "\n".join(told(answer))
    assert answer.found.lines >= 8
    assert code_of([answer]) == 0


def test_same_answer_twice() -> None:
    first, second = (explained(str(HERE / RESTART), "", WORLDS) for _ in range(2))
    assert first == second


def test_same_answer_whatever_the_order_of_sets() -> None:
    """Many keys are due at the same time in a restart with five services: in which order they take turns is fixed."""
    first, second = (sim("accept", str(HERE / "processes-five-services.jsonl"), hash_seed=seed) for seed in ("3", "7"))
    assert first.returncode == 0
    assert first.stdout == second.stdout


def test_fixed_agent_cannot_have_deleted_the_aggregate() -> None:
    """The incident's log is none of 0.19.1: its R-c would not have asked for the deletion of the aggregate."""
    answer = explained(str(HERE / RESTART), "0.19.1", WORLDS)
    assert not answer.found.accepted
    assert "delete serviceimports submariner-k8s-broker/nginx-default" in answer.found.says


def index_of(lines: list[Row], verb: str, resource: str) -> int:
    """The first such call that went well."""
    wanted = (verb, resource, "ok")
    return next(i for i, row in enumerate(lines) if (row.get("verb"), row.get("resource"), row.get("result")) == wanted)


def test_left_out_write_is_missed(tmp_path: Path) -> None:
    def leave_out(lines: list[Row]) -> None:
        del lines[index_of(lines, "updateStatus", "serviceexports")]

    answer = explained(changed(tmp_path, RESTART, leave_out), "", WORLDS)
    assert not answer.found.accepted
    assert any(
        "Valid=False(ServiceUnavailable)" in reason or "updateStatus" in reason for reason in answer.found.reasons
    )


def test_other_answer_is_no_answer(tmp_path: Path) -> None:
    def lose(lines: list[Row]) -> None:
        line = lines[index_of(lines, "get", "serviceimports")]
        line["result"] = "NotFound"
        del line["digest"]

    assert not explained(changed(tmp_path, "controllers-r2.jsonl", lose), "", WORLDS).found.accepted


def test_other_value_is_named(tmp_path: Path) -> None:
    def change(lines: list[Row]) -> None:
        at = index_of(lines, "updateStatus", "serviceexports")
        lines[at]["digest"] = "Ready=True Valid=False(SomethingElse)"

    answer = explained(changed(tmp_path, RESTART, change), "", WORLDS)
    assert not answer.found.accepted
    assert any("SomethingElse" in reason for reason in answer.found.reasons)


def test_call_of_nobody_is_not_explained(tmp_path: Path) -> None:
    def add(lines: list[Row]) -> None:
        at = index_of(lines, "updateStatus", "serviceexports")
        lines.insert(at, {**lines[at], "verb": "delete", "resource": "serviceexports", "digest": ""})

    answer = explained(changed(tmp_path, RESTART, add), "", WORLDS)
    assert not answer.found.accepted
    assert "delete serviceexports" in answer.found.says


def test_name_with_a_slash_is_refused(tmp_path: Path) -> None:
    def garble(lines: list[Row]) -> None:
        lines[3]["name"] = "a/b"

    with pytest.raises(BadInput, match="no name of an object"):
        explained(changed(tmp_path, RESTART, garble), "", WORLDS)


def test_a_stop_that_gives_up_too_early_is_none_of_the_agents(tmp_path: Path) -> None:
    """FACTS R18: the list that follows upon the stop comes 5 s after the call before it, or not at all."""

    def sooner(lines: list[Row]) -> None:
        for row in lines[1:]:
            row["t_ms"] -= 1_500 if row["t_ms"] > 7_000 else 0

    answer = explained(changed(tmp_path, "controllers-stop-given-up.jsonl", sooner), "", WORLDS)
    assert not answer.found.accepted
    assert "list endpointslices" in answer.found.says
