"""Upstream's unit tests as scenarios: run in time, and over all schedules where these are few."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import pytest
import yaml

from models.catalogue import CATALOGUE
from models.kube.objects import Condition
from models.model import ScenarioModel
from models.properties.copies_follow import is_followed
from models.submariner.names import BROKER_NAMESPACE
from models.topology import Topology
from sim.core import Get
from sim.explore.exhaust import Bounds, exhaust
from sim.explore.subject import Subject
from sim.timed.run import run, settle
from tests.conformance.reading import Case, cases, scenario

KEY = "demo/web-1"
CASES = cases()


def model(case: Case, turns: int, folder: Path) -> ScenarioModel:
    """The case up to a turn."""
    path = folder / f"case-{turns}.yaml"
    path.write_text(yaml.safe_dump(scenario(msgspec.structs.replace(case, turns=case.turns[:turns]))))
    return CATALOGUE.model(str(path), {}, "0.19.1")


@pytest.mark.parametrize("case", CASES, ids=[f"{case.number}-{case.title}" for case in CASES])
def test_in_time(case: Case, tmp_path: Path) -> None:
    for turn in range(len(case.turns)):
        made = model(case, turn + 1, tmp_path)
        done = run(made, settle(made), 1)
        assert done.at_rest
        for said in case.turns[turn][1]:
            assert holds(said, made.topology, done.machine.get), f"{said}: {told(made.topology, done.machine.get)}"


def told(topology: Topology, get: Get) -> list[Any]:
    """What there is, for a message."""
    exports = [get(topology.export_cell(export)) for export in topology.exports]
    return [get(topology.aggregate_cell(KEY)), *exports]


def holds(said: str, topology: Topology, get: Get) -> bool:
    """Whether a line of "then" is true."""
    aggregate: Any = get(topology.aggregate_cell(KEY))
    checks: tuple[tuple[str, Callable[[re.Match[str]], bool]], ...] = (
        (r"no aggregate", lambda m: aggregate is None),
        (r"aggregate names (.*)", lambda m: aggregate is not None and aggregate.clusters == tuple(m[1].split())),
        (r"aggregate has ports (.*)", lambda m: set(aggregate.ports) == set(m[1].split())),
        (
            r"aggregate has affinity (\w+) ?(\w*)",
            lambda m: (aggregate.affinity, aggregate.affinity_config) == (m[1], m[2]),
        ),
        (r"copies follow", lambda m: is_followed(topology, get, KEY)),
        (r"(\d+) slices on broker", lambda m: len(slices(topology, get)) == int(m[1])),
        (r"(\w+) of (\w+) is absent", lambda m: condition(topology, get, m[2], m[1]) is None),
        (
            r"(\w+) of (\w+) is (\w+) ?(\S*)",
            lambda m: condition(topology, get, m[2], m[1]) == Condition(m[1], m[3], m[4]),
        ),
    )
    for pattern, check in checks:
        found = re.fullmatch(pattern, said)
        if found is not None:
            return check(found)
    raise AssertionError(said)


def condition(topology: Topology, get: Get, cluster: str, type_: str) -> Condition | None:
    (export,) = [export for export in topology.exports if export.cluster == cluster]
    stored: Any = get(topology.export_cell(export))
    found: Condition | None = stored.condition(type_)
    return found


def slices(topology: Topology, get: Get) -> list[Any]:
    """The EndpointSlices on the broker."""
    from models.kube.objects import ENDPOINT_SLICES, LIGHTHOUSE_SLICES

    return list(topology.broker_api.select(get, ENDPOINT_SLICES, LIGHTHOUSE_SLICES, BROKER_NAMESPACE))


WORLDS_MAX = 3_000
RACES = {
    "27": "R16: clearing looks for the conflict in a cache that may not have it yet",
    "29": "R16: clearing looks for the conflict in a cache that may not have it yet",
    "56": "R12: the agent is killed once the local ServiceImport is deleted, before it is paused",
}
"""Cases whose expectation some schedules do not meet, and the race of docs/FACTS.md C16 that it is."""


@pytest.mark.parametrize("case", CASES, ids=[f"{case.number}-{case.title}" for case in CASES])
def test_over_all_schedules(case: Case, tmp_path: Path) -> None:
    """What is expected in the end holds in every world at rest, of all or of the first few thousand worlds."""
    path = tmp_path / "case.yaml"
    path.write_text(yaml.safe_dump(scenario(case)))
    made = CATALOGUE.search(str(path), {}, "0.19.1")
    subject = Subject(made, settle(made), (), may_stop=False)
    done = exhaust(subject, Bounds(worlds=WORLDS_MAX))
    failed = []
    for world in done.search.at_rest:
        get = subject.tables.packing.get(world)
        failed += [
            f"{said}: {told(made.topology, get)}" for said in case.turns[-1][1] if not holds(said, made.topology, get)
        ]
    assert bool(failed) == (case.number in RACES), failed
