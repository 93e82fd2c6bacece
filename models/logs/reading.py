"""Reading a log in either format, and saying of one that is neither which line is wrong, and how."""

from __future__ import annotations

import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec

from models.logs import controllers, processes
from models.logs.entry import Entry, LogFile
from models.logs.who import cluster_of
from sim.core import BadInput

ACCEPTED = "a file of JSON lines, the first one with experiment, code and topology (docs/FACTS.md M12)"
VERBS = (
    "get", "list", "watch", "create", "update", "updateStatus", "patch", "delete", "deletecollection", "event", "note",
)  # fmt: skip
"""Marks are in capitals and not listed: one that is not known does nothing."""
KINDS = ("serviceexports", "serviceimports", "endpointslices", "services", "namespaces", "discovery")
NO_CLUSTER = ("driver", "net", "user@broker")
"""Who is of no cluster."""


class Head(msgspec.Struct):
    """The first line of a log."""

    topology: str
    experiment: str = ""
    code: str = ""
    script: str = ""
    end_state: str = ""
    variant: str = ""


def read(path: str) -> LogFile:
    """A log in either format.

    Raises:
        BadInput: it cannot be read or is in neither format.
    """
    rows = _rows(path)
    head = _checked(path, *rows[0], Head)
    if len(rows) < 2:
        raise BadInput(f"log {path} has no line after its head", ACCEPTED)
    reader = controllers if "resource" in rows[1][1] else processes
    last_ms = -math.inf
    for number, row in rows[1:]:
        _checked(path, number, row, reader.Row)
        if not math.isfinite(row["t_ms"]) or not math.isfinite(row.get("dur_ms", 0.0)):
            raise BadInput(f"log {path}, line {number}: t_ms or dur_ms is no time", "a number of milliseconds")
        if row["t_ms"] < last_ms:
            raise BadInput(
                f"log {path}, line {number}: t_ms is before that of the line above", "lines in order of time"
            )
        last_ms = row["t_ms"]
    log: LogFile = reader.read(path, msgspec.to_builtins(head), rows[1:])
    _check_entries(log)
    return log


def _rows(path: str) -> list[tuple[int, dict[str, Any]]]:
    """The lines that are not blank, each with its number in the file."""
    try:
        text = Path(path).read_text(encoding="utf-8")
    except OSError as error:
        raise BadInput(f"log {path}: {error.strerror}", "a file that can be read") from None
    except UnicodeDecodeError:
        raise BadInput(f"log {path} is no text", ACCEPTED) from None
    rows: list[tuple[int, dict[str, Any]]] = []
    for number, line in enumerate(text.split("\n"), start=1):
        if not line.strip():
            continue
        try:
            row = msgspec.json.decode(line)
        except (msgspec.DecodeError, RecursionError) as error:
            raise BadInput(f"log {path}, line {number}: {error}", ACCEPTED) from None
        if not isinstance(row, dict):
            raise BadInput(f"log {path}, line {number}: {line[:40]} is no object", ACCEPTED)
        rows.append((number, row))
    if not rows:
        raise BadInput(f"log {path} is empty", ACCEPTED)
    return rows


def _checked(path: str, number: int, row: dict[str, Any], type_: Callable[..., Any]) -> Any:
    try:
        return msgspec.convert(row, type_)
    except msgspec.ValidationError as error:
        raise BadInput(f"log {path}, line {number}: {error}", ACCEPTED) from None


def _check_entries(log: LogFile) -> None:
    """Refuse what no line of a log can be, as it would be left out, or nobody's.

    Raises:
        BadInput: a line is of nobody known, is no call, or is about no object.
    """
    running: set[str] = set()
    for entry in log.entries:
        where = f"log {log.path}, line {entry.number}"
        if "/" in entry.namespace or "/" in entry.name:
            raise BadInput(f"{where}: {entry.name} is no name of an object", ACCEPTED)
        if not entry.verb.isupper():
            if entry.verb not in VERBS:
                raise BadInput(f"{where}: the verb is {entry.verb or 'missing'}", f"one of {', '.join(VERBS)}")
            if entry.kind not in KINDS:
                raise BadInput(f"{where}: the resource is {entry.kind or 'missing'}", f"one of {', '.join(KINDS)}")
        of_somebody = entry.agent not in NO_CLUSTER and entry.verb not in ("DELETED", "EMPTIED")
        if of_somebody and not cluster_of(log, entry.agent):
            raise BadInput(f"{where}: {entry.agent or 'nobody'} is of no cluster", f"one of {', '.join(log.clusters)}")
        _check_mark(log, entry, running, where)


def _check_mark(log: LogFile, entry: Entry, running: set[str], where: str) -> None:
    if entry.verb == "START":
        if entry.agent in running:
            raise BadInput(f"{where}: {entry.agent} starts, and it runs", "its end before it starts again")
        running.add(entry.agent)
    elif entry.verb == "KILL":
        running.discard(entry.agent)
    elif entry.verb in ("API_DOWN", "API_UP") and entry.note not in log.clusters:
        raise BadInput(f"{where}: no API server is of {entry.note}", f"one of {', '.join(log.clusters)}")
