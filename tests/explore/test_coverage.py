"""What the coverage paragraph says of what did not happen, and how deep it looked: of every kind of search."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml
from msgspec.structs import replace

from models.catalogue import CATALOGUE
from sim.core.property import Property, When
from sim.explore.check import Checked, Plan, check
from sim.explore.coverage import coverage
from sim.explore.exhaust import Bounds
from sim.explore.findings import findings
from sim.explore.verdict import Coverage
from sim.timed.run import settle
from tests.models.worlds import BASE

KILL = {"at_ms": 5000, "fault": "kill-at-write", "cluster": "a"}
EXPORT = {"at_ms": 5001, "do": "export", "cluster": "a"}
PLANS = {
    "reduced": Plan(),
    "plain": Plan(plain=True),
    "walks": Plan(only_walks=True),
    "cut off": Plan(bounds=Bounds(worlds=800)),
}
IN_VAIN = "agent a killed before its 50th write: it made fewer"
NEVER_NAMED = Property("P9", "something that never is", When.SOMETIMES, (), lambda get: False)


def checked(path: Path, script: list[dict[str, Any]], plan: Plan, *more: Property, **changes: Any) -> Checked:
    given = {**BASE, "hosts": {"host-1": ["a"]}, "script": script, **changes}
    (path / "it.yaml").write_text(yaml.safe_dump(given))
    model = CATALOGUE.search(str(path / "it.yaml"), {}, "0.19.1")
    judged = tuple(prop for prop in model.checked() if prop.name == "L1")
    return check(model, settle(model), (*judged, *more), plan)


def covered(out: Checked) -> Coverage:
    return coverage([("", out)], out.subject.model.scope())


@pytest.mark.parametrize("how", ["reduced", "plain", "walks"])
def test_a_fault_that_never_fires_and_a_premise_that_is_never_reached_are_told(how: str, tmp_path: Path) -> None:
    out = checked(tmp_path, [{**KILL, "write": 50}], PLANS[how])
    made = covered(out)
    where = " in what was explored" if how == "walks" else ""
    assert made.complete is (how != "walks")
    assert made.in_vain == [IN_VAIN]
    assert f"Waited for in vain{where}: {IN_VAIN}." in made.sentence
    assert made.unreached == ["P1 (an agent restarts while an aggregate exists)"]
    assert f"Premises reached in no world that was explored: {made.unreached[0]}." in made.sentence
    assert "a/lighthouse-agent:s1-service-exports/worker" in made.idle
    assert f"Took no step{where}: {', '.join(made.idle[:3])} and {len(made.idle) - 3} more processes." in made.sentence
    assert not made.never


@pytest.mark.parametrize("how", ["cut off", "walks"])
def test_a_fault_that_fires_somewhere_is_no_vain_one(how: str, tmp_path: Path) -> None:
    out = checked(tmp_path, [{**KILL, "write": 1}, EXPORT], PLANS[how], exported_at_start="no")
    made = covered(out)
    assert not made.in_vain
    assert "in vain" not in made.sentence
    assert "a/lighthouse-agent:s1-service-exports/worker" not in made.idle


@pytest.mark.parametrize("how", PLANS)
def test_a_premise_is_reached_by_whatever_has_explored_it(how: str, tmp_path: Path) -> None:
    script = [{"at_ms": 5000, "fault": "agent-crash", "clusters": ["a"]}]
    plan = replace(PLANS[how], walks=0, depth=3) if how == "plain" else PLANS[how]
    out = checked(tmp_path, script, plan, NEVER_NAMED)
    result = {finding.name: finding.result for finding in findings(out)}
    assert result["P1"] == "reached"
    assert result["P9"] == ("not reached" if covered(out).complete else "not determined")
    assert covered(out).unreached == ["P9 (something that never is)"]


def test_how_deep_it_looked_is_told(tmp_path: Path) -> None:
    script = [{**KILL, "write": 50}]
    reduced, plain, walks = (covered(checked(tmp_path, script, PLANS[how])) for how in ("reduced", "plain", "walks"))
    assert (reduced.depth, plain.depth, walks.depth) == (3, 3, 3)
    assert "2 worlds at rest; the longest schedule followed has 3 steps)" in reduced.sentence
    assert "2 worlds at rest; the farthest is 3 steps away)" in plain.sentence
    assert "40 random walks only, of at most 3 steps (uniform)" in walks.sentence


def test_an_operation_that_is_never_carried_out_is_told_of_walks_too(tmp_path: Path) -> None:
    out = checked(tmp_path, [{**KILL, "write": 50}], Plan(walks=0, only_walks=True))
    assert "Never carried out in what was explored: agent a killed before its 50th write." in covered(out).sentence
