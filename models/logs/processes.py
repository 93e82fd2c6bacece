"""Logs of whole agent processes (docs/FACTS.md M1): requests as a proxy saw them, with what was sent and answered."""

from __future__ import annotations

import re
from typing import Any

import msgspec
from msgspec.structs import replace

from models.kube.calls import NAMESPACE_NOT_FOUND
from models.logs.entry import OK, UNREACHABLE, Entry, Facts, LogFile

KINDS = {
    "SE": "serviceexports",
    "SI": "serviceimports",
    "EPS": "endpointslices",
    "Service": "services",
    "Namespace": "namespaces",
}
RESULTS = {404: "NotFound", 409: "Conflict"}
SILENT = ("watch",)
MARKS = (
    (r"SIGKILL agent (\w+)", "KILL"),
    (r"start agent (\w+)", "START"),
    (r"stopped \(signal\) agent (\w+)", "PAUSED"),
    (r"continued agent (\w+)", "RESUMED"),
    (r"deleted on the broker: (.*)", "DELETED"),
    (r"all ServiceImports deleted on the broker", "DELETED"),
    (r"SIGKILL API server (\w+)", "API_DOWN"),
    (r"API server (\w+) ready", "API_UP"),
    (r"agent (\w+) cut off", "CUT_OFF"),
    (r"connection back", "BACK"),
    (r"broker unreachable for agent (\w+)", "BROKER_CUT"),
    (r"broker reachable again", "BROKER_BACK"),
)
WATCHED = ("services", "namespaces", "endpointslices")


class Told(msgspec.Struct):
    """What is told of an object, or of a list of them."""

    cl: list[str] | None = None
    ts: list[str] | None = None
    ports: int | None = None
    src: str | None = None
    ready: list[bool] | None = None
    cond: str | None = None
    n: int | None = None
    items: list[str] | None = None
    reason: str | None = None


class Row(msgspec.Struct):
    """A line of this format."""

    t_ms: float
    verb: str
    agent: str = ""
    dur_ms: float = 0.0
    api: str = ""
    res: str | None = None
    obj: str | None = None
    code: int = 200
    q: str = ""
    sent: Told | None = None
    got: Told | None = None
    note: str = ""


def read(path: str, head: dict[str, Any], lines: list[tuple[int, dict[str, Any]]]) -> LogFile:
    """A log of this format, its lines parsed as JSON, each with its number."""
    text = str(head.get("topology", ""))
    letters = re.findall(r"\b([A-Z])\b", text.split(";", maxsplit=1)[0]) or ["A", "B"]
    found = re.search(r"broker namespace on ([A-Z])", text)
    clusters = {letter: f"cluster-{letter.lower()}" for letter in letters}
    entries, left_out, noted_ms = [], 0, 0.0
    for number, line in lines:
        entry = _entry(line, number)
        if entry is not None and entry.verb == "DELETED":  # noted when it was over
            entry = replace(entry, at_ms=noted_ms, lasts_ms=entry.at_ms - noted_ms)
        if line.get("agent") == "driver":
            noted_ms = float(line["t_ms"])
        if entry is None:
            left_out += 1
        else:
            entries.append(entry)
    return LogFile(
        path, f"{head.get('experiment', '')} {head.get('variant', '')}".strip(), str(head.get("code", "")),
        str(head.get("script", "")), str(head.get("end_state", "")), clusters,
        clusters[found.group(1)] if found else "separate", True, tuple(entries), left_out,
    )  # fmt: skip


def _entry(line: dict[str, Any], number: int) -> Entry | None:
    at_ms, agent, verb = float(line["t_ms"]), str(line.get("agent", "")), str(line["verb"])
    if verb == "note":
        return _mark(number, at_ms, str(line.get("note", "")))
    kind = KINDS.get(str(line.get("res") or ""), str(line.get("res") or ""))
    if verb in SILENT or kind in ("discovery",) or (kind == "namespaces" and verb == "list"):
        return None
    place = str(line.get("obj") or "")
    namespace, _, name = place.rpartition("/") if "/" in place else ("", "", place)
    note = str(line.get("note", ""))
    if verb == "event" and (note not in ("ADDED", "MODIFIED", "DELETED")):
        return None
    query, got = str(line.get("q", "")), line.get("got") or {}
    code = int(line.get("code", 200))
    places = tuple(map(str, got.get("items") or ())) if "n" in got else None
    names = tuple(place.split("/")[-1] for place in places) if places is not None else None
    result = OK if 200 <= code < 300 else RESULTS.get(code, UNREACHABLE)
    if result == "Conflict" and got.get("reason") == "AlreadyExists":
        result = "AlreadyExists"
    if result == "NotFound" and verb == "create":  # nothing else is looked for
        result = NAMESPACE_NOT_FOUND.reason
    return Entry(
        number, at_ms, agent, verb, kind, namespace, name, result, float(line.get("dur_ms", 0.0)),
        {"L": "local", "B": "broker"}.get(str(line.get("api")), ""), names, got.get("n"), "rv=" in query,
        "sel:svc" in query, _facts(kind, line.get("sent")), _facts(kind, got) if result == OK else None, note, True,
        places,
    )  # fmt: skip


def _mark(number: int, at_ms: float, note: str) -> Entry | None:
    for pattern, verb in MARKS:
        found = re.fullmatch(pattern, note)
        if found:
            whom = found.group(1) if found.groups() else ""
            return Entry(number, at_ms, whom or "driver", verb, note=whom)
    return None


def _facts(kind: str, told: Any) -> Facts | None:
    if not told or "n" in told or "reason" in told:
        return None
    if kind == "serviceexports":
        # Conditions with a reason are written Type=Status:Reason here.
        conditions = [re.sub(r"^(\w+=\w+):(.+)$", r"\1(\2)", one) for one in _split(str(told.get("cond", "")))]
        return Facts(conditions=tuple(sorted(conditions)))
    if kind == "serviceimports":
        return Facts(
            clusters=tuple(told.get("cl") or ()), timestamps=tuple(told.get("ts") or ()), ports=told.get("ports")
        )
    if kind == "endpointslices" and "src" in told:
        return Facts(cluster=told.get("src"), ports=told.get("ports"), ready=tuple(told.get("ready") or ()))
    return None


def _split(text: str) -> list[str]:
    """Conditions, separated by commas as the reasons within one are."""
    return re.split(r",(?=[A-Z]\w*=)", text) if text else []
