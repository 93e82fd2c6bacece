"""``sim predict``: shares of end states, with intervals, in the notation of real runs; and what it refuses."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from tests.cli.run import sim

RE_EXPORT = """
- {at_ms: 5000, do: unexport, cluster: a}
- {at_ms: 5050, do: export, cluster: a}
"""
THERE = (
    "agg {a} ports=http:80 | broker EPS [a] | a: SE[Ready=True Valid=True] localSI copy={a} ports=http:80 ownEPS=1 "
    "importedEPS=[] | b: noSE copy={a} ports=http:80 ownEPS=0 importedEPS=[a]"
)
GONE = (
    "agg missing | broker EPS [a] | a: SE[Ready=True Valid=True] localSI copy=missing ownEPS=1 importedEPS=[] | b: "
    "noSE copy=missing ownEPS=0 importedEPS=[a]"
)
SETTINGS = ["--set", "way=controllers", "--set", "broker=separate", "--set", "rtt_ms=20", "--algorithm", "0.19.1"]


@pytest.fixture
def script(tmp_path: Path) -> str:
    path = tmp_path / "again.yaml"
    path.write_text(RE_EXPORT)
    return str(path)


def test_a_script_has_a_distribution_of_end_states(script: str) -> None:
    done = sim("predict", script, *SETTINGS, "--seeds", "40", "--format", "json")
    assert done.returncode == 0, done.stderr
    (found,) = json.loads(done.stdout)
    assert (found["algorithm"], found["runs"], found["seeds"], found["not_at_rest"]) == ("0.19.1", 40, "0:40", 0)
    assert [state["state"] for state in found["states"]] == [THERE, GONE]
    counts = [state["share"]["count"] for state in found["states"]]
    assert sum(counts) == 40
    assert counts == sorted(counts, reverse=True)
    assert all(s["share"]["low"] < s["share"]["count"] / 40 < s["share"]["high"] for s in found["states"])


def test_one_run_of_each_end_state_replays(script: str) -> None:
    found = json.loads(sim("predict", script, *SETTINGS, "--seeds", "40", "--format", "json").stdout)[0]
    for state in found["states"]:
        done = sim("replay", state["token"])
        assert done.returncode == 0
        assert state["command"].endswith(state["token"])
        again = sim("predict", script, *SETTINGS, "--seeds", f"{state['seed']}:{state['seed'] + 1}", "--format", "json")
        assert [only["state"] for only in json.loads(again.stdout)[0]["states"]] == [state["state"]]


def test_text_says_shares_intervals_commands_and_what_is_assumed(script: str) -> None:
    done = sim("predict", script, *SETTINGS, "--seeds", "20", "--jobs", "1")
    assert done.returncode == 0
    for text in (THERE, "95 % interval", "python -m sim replay run1.", "assumed, not measured:", "not modelled:"):
        assert text in done.stdout
    assert sim("predict", script, *SETTINGS, "--seeds", "20", "--jobs", "2").stdout == done.stdout
    reboot = sim("predict", "incident", "--seeds", "2", "--algorithm", "0.19.1")
    assert "assumed, not measured: api-server-start" in reboot.stdout


def test_a_run_that_is_not_at_rest_is_not_counted_as_known(tmp_path: Path) -> None:
    path = tmp_path / "late.yaml"
    path.write_text("- {at_ms: 599990, do: unexport, cluster: a}\n")
    done = sim("predict", str(path), "--seeds", "3", "--algorithm", "0.19.1")
    assert done.returncode == 3
    assert "NOT AT REST" in done.stdout
    assert "3 runs were not at rest" in done.stdout


def test_services_that_end_alike_are_told_once(tmp_path: Path) -> None:
    path = tmp_path / "nothing.yaml"
    path.write_text("- {at_ms: 1000, do: unexport, cluster: a, service: web-2}\n")
    done = sim("predict", str(path), "--seeds", "2", "--algorithm", "0.19.1", "--set", "services=3")
    assert (
        "2 x agg=A/1p ts=A beps=A | A: copy=A/1p lsi=+ eps=A se=Ready=True,Valid=True | B: copy=A/1p lsi=- eps=A se=-"
        in done.stdout
    )
    assert "|| 1 x agg=- beps=- | A: copy=- lsi=- eps=- se=- | B: copy=- lsi=- eps=- se=-" in done.stdout


def test_services_are_told_by_themselves_with_what_did_not_happen_and_how_to_read_it(tmp_path: Path) -> None:
    path = tmp_path / "some.yaml"
    path.write_text(
        "- {at_ms: 1000, do: unexport, cluster: a, service: web-2}\n"
        "- {at_ms: 1500, fault: kill-at-write, cluster: b, write: 900}\n"
    )
    options = ("predict", str(path), "--seeds", "2", "--algorithm", "0.19.1", "--set", "services=3")
    done = sim(*options)
    for text in (
        "script: 1 s: a user unexports web-2 in a; 1.5 s: agent b killed before its 900th write",
        "3 services in each run, by themselves",
        "  66.7%  2 runs, 15.8% - 100.0%       agg=A/1p ts=A beps=A",
        "did not happen in 2 of 2 runs: agent b killed before its 900th write: it made fewer",
        "How to read an end state:",
        "lsi: whether its local ServiceImport is there",
    ):
        assert text in done.stdout
    (found,) = json.loads(sim(*options, "--format", "json").stdout)
    assert [(each["services"], each["of"]) for each in found["services"]] == [(4, 6), (2, 6)]
    assert found["in_vain"] == [{"what": "agent b killed before its 900th write: it made fewer", "runs": 2}]


def test_a_bad_script_is_refused_without_a_traceback(tmp_path: Path) -> None:
    path = tmp_path / "bad.yaml"
    for text in ("- &x [*x]\n", "- {at_ms: 1, fault: kill-at-write, cluster: a, write: 0}\n", "[]"):
        path.write_text(text)
        done = sim("predict", str(path))
        assert done.returncode == 2
        assert done.stderr.startswith("error: ")
        assert "\nallowed: " in done.stderr
        assert "Traceback" not in done.stderr


def test_each_mistake_of_a_script_has_a_line_of_its_own_with_what_is_allowed(tmp_path: Path) -> None:
    path = tmp_path / "bad.yaml"
    path.write_text("[{at_ms: 1, do: export}, {at_ms: 2, do: export, cluster: a, colour: red}]")
    lines = sim("predict", str(path)).stderr.splitlines()
    assert [line.split(":")[0] for line in lines] == ["error", "allowed", "error", "allowed"]


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["nothing-like-it"], "unknown scenario"),
        (["restart", "--seeds", "0"], "empty"),
        (["restart", "--jobs", "0"], "--jobs 0"),
        (["restart", "--set", "x=1"], "unknown option"),
        (["restart", "--algorithm", "9"], "unknown algorithm"),
    ],
)
def test_what_is_refused(arguments: list[str], says: str) -> None:
    done = sim("predict", *arguments)
    assert done.returncode == 2
    assert says in done.stderr
    assert "Traceback" not in done.stderr


def test_what_is_violated_beside_the_end_states_is_said() -> None:
    done = sim("predict", "flushed", "--set", "second=coredns", "--seeds", "5")
    assert re.search(r"^violated in 5 of 5 runs: D1, a connection that a Gateway calls connected", done.stdout, re.M)
    assert "violated in" not in sim("predict", "flushed", "--seeds", "5").stdout
