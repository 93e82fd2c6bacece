"""``sim predict``: shares of end states, with intervals, in the notation of real runs; and what it refuses."""

from __future__ import annotations

import json
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
