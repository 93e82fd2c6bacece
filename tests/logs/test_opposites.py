"""What explains a log is needed: with the cause, or one call that it leads to, altered, the log is not accepted."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from sim.cli.accept import explained
from tests.logs.test_accepting import Row, changed

WORLDS, WORLDS_AT_THE_BOUND = 40_000, 1_500
AGAIN, WRITTEN = "controllers-namespace-again.jsonl", "controllers-written-by-user.jsonl"
MISSING, STALE = "controllers-annotation-missing.jsonl", "controllers-stale-list.jsonl"
REFUSED, CLASH = "processes-refused-list.jsonl", "controllers-one-name-of-two.jsonl"
ONCE, LEFTOVER = "controllers-once-per-process.jsonl", "controllers-leftover-copy.jsonl"
FAILED = "controllers-list-failed.jsonl"
PAUSED, GAP, LEGACY = (
    "processes-namespace-again-paused.jsonl", "processes-cut-off.jsonl", "processes-name-of-legacy-import.jsonl",
)  # fmt: skip
LOST, LATE = "processes-watches-lost-before.jsonl", "processes-watches-late.jsonl"
LOCAL = "nginx-default-a"


def drop_user(lines: list[Row]) -> None:
    """The namespace did not go, so that the Service has the IP that it had."""
    lines[:] = [row for row in lines if not str(row.get("agent", "")).startswith("user@")]


def drop_update(lines: list[Row]) -> None:
    """The local ServiceImport keeps the IP of the Service before."""
    at = next(i for i, row in enumerate(lines) if (row.get("verb"), row.get("name")) == ("update", LOCAL))
    del lines[at]


def update_twice(lines: list[Row]) -> None:
    """It is written again, though the Service did not change again."""
    at = next(i for i, row in enumerate(lines) if (row.get("verb"), row.get("name")) == ("get", LOCAL))
    written = next(row for row in lines if (row.get("verb"), row.get("name")) == ("update", LOCAL))
    last = max(i for i, row in enumerate(lines) if (row.get("verb"), row.get("name")) == ("get", LOCAL))
    assert last > at
    lines.insert(last + 1, {**written, "seq": lines[last]["seq"], "t_ms": lines[last]["t_ms"]})


def drop_writer(lines: list[Row]) -> None:
    """Nobody has written the ServiceExport before the first conflict."""
    at = next(i for i, row in enumerate(lines) if row.get("result") == "Conflict")
    del lines[at - 1]


def sixth_try(lines: list[Row]) -> None:
    """An agent that tries again after five conflicts."""
    at = max(i for i, row in enumerate(lines) if row.get("result") == "Conflict")
    lines[at + 1 : at + 1] = [{**row, "t_ms": lines[at]["t_ms"]} for row in lines[at - 2 : at + 1]]


def write_twice(lines: list[Row]) -> None:
    """The annotation is written once more, though it is there."""
    broker = [i for i, row in enumerate(lines) if row.get("namespace") == "submariner-k8s-broker"]
    at = next(i for i in broker if lines[i]["verb"] == "update" and lines[i]["resource"] == "serviceimports")
    lines.insert(at + 1, dict(lines[at]))


def longer_list(lines: list[Row]) -> None:
    """One slice more than anybody made or deleted."""
    row = next(row for row in lines if "nginx-stale]" in str(row.get("digest")))
    row["digest"] = "informer n=3 [nginx-759xq,nginx-other,nginx-stale]"


def answered(lines: list[Row]) -> None:
    """The list that was refused is answered: then it is not made again."""
    row = next(row for row in lines if row.get("code") == 429 and row["verb"] == "list")
    row["code"], row["got"] = 200, {"items": ["submariner-k8s-broker/t4-demo"], "n": 1}


def other_slice(lines: list[Row]) -> None:
    """Ports are looked up by the service that is handled, and not by that which the aggregate says it is of (R8)."""
    row = next(row for row in reversed(lines) if row.get("digest") == "n=1 [a-b-ssjrv]")
    row["digest"] = "n=1 [a-bcqvs]"


def delete_twice(lines: list[Row]) -> None:
    """What an agent does once per process and service it does again (FACTS H12)."""
    at = next(i for i, row in enumerate(lines) if row.get("verb") == "delete")
    lines.insert(at + 1, dict(lines[at]))


def no_copy(lines: list[Row]) -> None:
    """The copy that was left over is not there, though it is listed."""
    row = next(row for row in lines if (row.get("verb"), row.get("resource")) == ("get", "serviceimports"))
    row["result"], row["digest"] = "NotFound", ""


def delete_copy(lines: list[Row]) -> None:
    """R-c deletes the copy of an aggregate that its list had."""
    row = next(row for row in lines if (row.get("verb"), row.get("namespace")) == ("get", "default"))
    row["verb"], row["digest"] = "delete", ""


def nothing_left(lines: list[Row]) -> None:
    """No EndpointSlice is left over, and one is deleted."""
    row = next(row for row in lines if "nginx-29v6n]" in str(row.get("digest")))
    row["digest"] = "informer n=0 []"


def keep_slice(lines: list[Row]) -> None:
    """The list that failed is answered with nothing, though the copy is there."""
    row = lines[-1]
    row["result"], row["digest"] = "ok", "n=0 []"


def call_while_paused(lines: list[Row]) -> None:
    """An agent that is stopped makes a call."""
    of = next(row for row in lines if row.get("agent") == "B" and row["verb"] == "get")
    at = next(i for i, row in enumerate(lines) if "continued" in str(row.get("note")))
    of["t_ms"] = lines[at]["t_ms"] - 100.0
    lines.remove(of)
    lines.insert(at, of)


def server_stays(lines: list[Row]) -> None:
    """The API server is not restarted, so that nothing that happened in the gap is missed."""
    lines[:] = [row for row in lines if "API server" not in str(row.get("note"))]


def was_there(lines: list[Row]) -> None:
    """The Service was there before: then nothing lets S2 have S1 look at the export once more."""
    lines[:] = [row for row in lines if (row.get("res"), row.get("verb")) != ("Service", "event")]


def still_there(lines: list[Row]) -> None:
    """The Service is listed again that was deleted while the watch was lost."""
    row = next(row for row in lines if (row.get("agent"), row.get("verb"), row.get("res")) == ("A", "list", "Service"))
    row["got"]["items"], row["got"]["n"] = ["demo/t3"], 1


def made_again(lines: list[Row]) -> None:
    """An agent creates what it finds gone, though nothing exports it any more."""
    row = next(
        row for row in lines[1:] if str(row.get("obj")).endswith("t3-demo-cluster-a") and row["verb"] == "delete"
    )
    row["verb"], row["code"], row["sent"] = "create", 201, {"cl": ["cluster-a"], "ports": 1}


def never_there(lines: list[Row]) -> None:
    """The watch that is late tells of no aggregate that went before the log began, so no copy of it is deleted."""
    lines[:] = [row for row in lines if not (row.get("verb") == "event" and "t2-demo" in str(row.get("obj")))]


def known_before(lines: list[Row]) -> None:
    """Nothing is heard late of the other cluster's EndpointSlice, so that it was copied before."""
    lines[:] = [row for row in lines if not (row.get("verb") == "event" and row.get("agent") == "A"
                                             and "broker/t3-9mhdz" in str(row.get("obj")))]  # fmt: skip


AT_THE_BOUND = (drop_writer, sixth_try, other_slice)
"""What the search does not refute within the bound, but does not accept either."""


@pytest.mark.parametrize(
    ("name", "change", "says"),
    [
        (AGAIN, drop_user, ""),
        (AGAIN, drop_update, ""),
        (AGAIN, update_twice, "update serviceimports submariner-operator"),
        (WRITTEN, drop_writer, "Conflict"),
        (WRITTEN, sixth_try, "serviceexports default/nginx"),
        (MISSING, write_twice, "update serviceimports submariner-k8s-broker"),
        (STALE, longer_list, "list endpointslices"),
        (REFUSED, answered, ""),
        (CLASH, other_slice, "list endpointslices submariner-k8s-broker"),
        (ONCE, delete_twice, "delete serviceimports submariner-k8s-broker/nginx-default-b"),
        (LEFTOVER, no_copy, "list serviceimports"),
        (LEFTOVER, delete_copy, "delete serviceimports default/nginx"),
        (FAILED, nothing_left, "delete endpointslices default/nginx-29v6n"),
        (FAILED, keep_slice, "list serviceimports"),
        (PAUSED, call_while_paused, "get serviceexports demo/t8"),
        (GAP, server_stays, ""),
        (LEGACY, was_there, "get serviceexports demo/t36"),
        (LOST, still_there, "list services"),
        (LOST, made_again, "get serviceexports demo/t3"),
        (LATE, never_there, ""),
        (LATE, known_before, "get endpointslices demo/t3-9mhdz"),
    ],
)
def test_altered_log_is_not_accepted(tmp_path: Path, name: str, change: Callable[[list[Row]], None], says: str) -> None:
    worlds = WORLDS_AT_THE_BOUND if change in AT_THE_BOUND else WORLDS
    found = explained(changed(tmp_path, name, change), "", worlds).found
    assert not found.accepted
    assert says in found.says
    assert bool(found.bound) == (change in AT_THE_BOUND)
