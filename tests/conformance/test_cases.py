"""Upstream's unit tests as scenarios: run in time, and over all schedules where these are few."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from models.catalogue import CATALOGUE
from models.model import ScenarioModel
from sim.explore.exhaust import Bounds, exhaust
from sim.explore.subject import Subject
from sim.timed.run import run, settle
from tests.conformance.checking import Seen, happened, holds, is_of_run, of_worlds
from tests.conformance.doing import end_of, scenario
from tests.conformance.reading import Case, cases

CASES = cases()
RELEASE = "0.19.1"


def model(case: Case, folder: Path) -> ScenarioModel:
    """The case as a model."""
    path = folder / f"case-{len(case.turns)}.yaml"
    path.write_text(yaml.safe_dump(scenario(case)))
    return CATALOGUE.model(str(path), {}, RELEASE)


@pytest.mark.parametrize("case", CASES, ids=[f"{case.number}-{case.title}" for case in CASES])
def test_in_time(case: Case, tmp_path: Path) -> None:
    for turn in range(1, len(case.turns) + 1):
        until = case.up_to(turn)
        made = model(until, tmp_path)
        done = run(made, settle(made), 1, until_ms=end_of(until), record=True)
        assert done.at_rest is (end_of(until) is None)
        for said in case.turns[turn - 1][1]:
            told = Seen(made.topology, done.machine.get).told()
            is_so = (
                happened(said, made.topology, done) if is_of_run(said) else holds(said, made.topology, done.machine.get)
            )
            assert is_so, f"{said}: {told}"


WORLDS_MAX = 5_000
RACES = {
    "27": "R16: clearing looks for the conflict in a cache that may not have it yet",
    "29": "R16: clearing looks for the conflict in a cache that may not have it yet",
    "33": "R16: clearing looks for the conflict in a cache that may not have it yet",
    "47": "R5: the last slice that is known goes, which ends the export, before its successor is made",
    "70": "an import that vanishes is forgotten after the last look at the aggregate, and nobody looks again",
}
"""Cases whose expectation some schedules do not meet, and why: mostly a race of docs/FACTS.md C16."""


@pytest.mark.parametrize("case", CASES, ids=[f"{case.number}-{case.title}" for case in CASES])
def test_over_all_schedules(case: Case, tmp_path: Path) -> None:
    """What is expected in the end holds in every world at rest: of all where the case says so, else of those that the
    first few thousand worlds reach.
    """
    path = tmp_path / "case.yaml"
    path.write_text(yaml.safe_dump(scenario(case)))
    made = CATALOGUE.search(str(path), {}, RELEASE)
    subject = Subject(made, settle(made), (), may_stop=False)
    done = exhaust(subject, Bounds(worlds=0 if case.wholly else WORLDS_MAX))
    assert bool(done.bound) is not case.wholly
    failed = []
    for world in done.search.at_rest:
        assert not subject.moves(world)
        get = subject.tables.packing.get(world)
        failed += [
            f"{said}: {Seen(made.topology, get).told()}"
            for said in of_worlds(case.turns[-1][1])
            if not holds(said, made.topology, get)
        ]
    assert bool(failed) == (case.number in RACES), failed
