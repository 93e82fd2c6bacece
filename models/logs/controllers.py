"""Logs of the controllers in one process (docs/FACTS.md M1): a line for each call, with a digest of the object."""

from __future__ import annotations

import re
from typing import Any

import msgspec

from models.logs.entry import OK, UNREACHABLE, Entry, Facts, LogFile
from models.submariner.names import BROKER_NAMESPACE

DIGEST = re.compile(r"(\w+)=(\[[^\]]*\]|\S*)")
CONDITION = re.compile(r"[A-Z]\w*=\S+")
SEPARATE = "separate"


class Row(msgspec.Struct):
    """A line of this format."""

    t_ms: float
    agent: str
    verb: str
    resource: str
    namespace: str
    name: str
    result: str
    digest: str = ""


def read(path: str, head: dict[str, Any], lines: list[tuple[int, dict[str, Any]]]) -> LogFile:
    """A log of this format, its lines parsed as JSON, each with its number."""
    topology = str(head.get("topology", ""))
    letters = re.findall(r"\b([A-Z])\b(?! exports)", topology.split(";", maxsplit=1)[0]) or ["A"]
    clusters = {letter.lower(): letter.lower() for letter in letters}
    for _, line in lines:
        letter = str(line["agent"]).split("#")[0]
        if "#" in str(line["agent"]):
            clusters.setdefault(letter, letter)
    co_located = re.search(r"broker (on A|coloc)", topology) is not None
    entries = tuple(_entry(line, number) for number, line in lines)
    return LogFile(
        path, str(head.get("experiment", "")), str(head.get("code", "")), str(head.get("script", "")),
        str(head.get("end_state", "")), clusters, "a" if co_located else SEPARATE, False, entries,
    )  # fmt: skip


def _entry(line: dict[str, Any], number: int) -> Entry:
    kind, verb = str(line["resource"]), str(line["verb"])
    digest = str(line.get("digest", ""))
    namespace = str(line["namespace"])
    lists = re.search(r"\bn=(\d+) \[([^\]]*)\]", digest)
    names = tuple(name for name in lists.group(2).split(",") if name) if lists else None
    facts = None if lists or not digest or digest == "precond" else _facts(kind, digest)
    result = str(line["result"])
    informer = digest.startswith("informer")
    return Entry(
        number, float(line["t_ms"]), str(line["agent"]), verb, kind, namespace, str(line["name"]),
        result if not result.startswith("error") else UNREACHABLE,
        api="broker" if namespace == BROKER_NAMESPACE else "", lists=names,
        count=int(lists.group(1)) if lists else None, informer=informer,
        of_service=informer and kind == "endpointslices" and namespace not in ("", BROKER_NAMESPACE),
        sent=facts if verb in ("create", "update", "updateStatus") else None,
        got=facts if verb == "get" and result == OK else None,
    )  # fmt: skip


def _facts(kind: str, digest: str) -> Facts:
    if kind == "serviceexports":
        return Facts(conditions=tuple(sorted(CONDITION.findall(digest))))
    found = dict(DIGEST.findall(digest))

    def several(name: str) -> tuple[str, ...] | None:
        text = found.get(name)
        return None if text is None else tuple(re.split(r"[ ,]+", text.strip("[]"))) if text.strip("[]") else ()

    if kind == "serviceimports":
        return Facts(
            clusters=several("clusters"), timestamps=several("ts"), type=found.get("type"), ports=several("ports")
        )
    ready = found.get("ready")
    return Facts(
        cluster=found.get("cluster"), ports=several("ports"), ready=None if ready is None else (ready == "true",)
    )
