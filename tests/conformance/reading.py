"""Reading of cases: numbered scenarios in given, when and then."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import msgspec

APART_MS = 120_000
CASES = Path(__file__).parent / "cases.txt"


class Case(msgspec.Struct):
    """A case: the scenario at the beginning, and what is done and expected in turn."""

    number: str
    title: str
    given: list[str]
    turns: list[tuple[list[str], list[str]]]  # (when, then)


def cases() -> list[Case]:
    """All cases of the file."""
    text = "\n".join(line for line in CASES.read_text().splitlines() if not line.startswith("#"))
    return [_case(block) for block in re.split(r"\n\s*\n", text.strip())]


def _case(block: str) -> Case:
    head, *lines = block.splitlines()
    number, title = head.split(". ", 1)
    made = Case(number, title, [], [])
    word = ""
    for line in lines:
        word = line[:6].strip() or word
        said = line[6:].strip()
        if word == "given":
            made.given += said.split("; ")
        elif word == "when":
            if line[:6].strip() and (not made.turns or made.turns[-1][1]):
                made.turns.append(([], []))
            made.turns[-1][0].append(said)
        else:
            if not made.turns:
                made.turns.append(([], []))
            made.turns[-1][1].append(said)
    return made


def scenario(case: Case) -> dict[str, Any]:
    """The scenario of a case, with the script of all its turns."""
    specs, exported, absent = {}, [], []
    for said in case.given:
        found = re.fullmatch(r"(no )?service on (\w+)(?:: (.*?))?(, exported)?", said)
        assert found is not None, said
        cluster = found[2]
        specs[cluster] = terms(found[3].removesuffix(", exported") if found[3] else "")
        exported += [cluster] if said.endswith(", exported") else []
        absent += [cluster] if found[1] else []
    assert not exported or set(exported) == set(specs), "all are exported at the beginning, or none"
    done: list[dict[str, Any]] = [{"do": "delete-service", "cluster": cluster} for cluster in absent]
    script = [{"at_ms": 1000 + turn * APART_MS, **each} for turn, each in enumerate([*done, *_script(case)])]
    return {
        "name": f"case-{case.number.lower()}", "about": case.title, "broker": "a", "data_plane": "off",
        "hosts": {"host-1": ["a"], "host-2": ["b"]}, "observe_ms": 3_000_000, "way": "controllers",
        "exports": {"services": 1, "from": sorted(specs), "spread": "from each", "specs": specs},
        "exported_at_start": "yes" if exported else "no", "script": script,
    }  # fmt: skip


def _script(case: Case) -> list[dict[str, Any]]:
    return [operation(said) for when, _ in case.turns for said in when]


def terms(said: str) -> dict[str, Any]:
    """What a service is like: type, ports, affinity with its config, number of slices."""
    out: dict[str, Any] = {}
    for part in filter(None, said.split(", ")):
        key, *values = part.split()
        if key == "type":
            out["type"] = values[0]
        elif key == "ports":
            out["ports"] = values
        elif key == "slices":
            out["slices"] = int(values[0])
        else:
            assert key == "affinity", part
            out["affinity"], out["affinity_config"] = values[0], "".join(values[1:])
    return out


def operation(said: str) -> dict[str, Any]:
    """One line of "when" as an operation of a script."""
    for pattern, made in (
        (r"(\w+) (exports|unexports)", lambda m: {"do": m[2].removesuffix("s"), "cluster": m[1]}),
        (r"(\w+) (deletes|creates) service", lambda m: {"do": f"{m[2].removesuffix('s')}-service", "cluster": m[1]}),
        (r"(\w+) changes service: (.*)", lambda m: {"do": "change-service", "cluster": m[1], **terms(m[2])}),
        (r"agent of (\w+) restarts", lambda m: {"fault": "agent-crash", "clusters": [m[1]]}),
        (r"agent of (\w+) is paused", lambda m: {"fault": "pause", "cluster": m[1], "for_ms": 10 * APART_MS}),
    ):
        found = re.fullmatch(pattern, said)
        if found is not None:
            out: dict[str, Any] = made(found)
            return out
    raise AssertionError(said)
