"""The agent with one reconcile for each service: nothing that hunts found is wrong with it, and it needs its parts."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from benchmarks.proposed import MEANWHILE, violated
from models.catalogue import CATALOGUE
from models.releases import RELEASES
from models.releases.parts import LEVEL_PARTS
from models.releases.release import Design
from models.submariner.agents import upstream
from sim.core import BadInput
from sim.core.hunting import Configuration
from sim.explore.hunt import Effort, hunt
from tests.hunt.configurations import HUNTER, configuration
from tests.models.worlds import SHARED, aggregate, conditions, model, ran

PAGES = sorted(path.stem for path in Path("results/hunt").glob("*.yaml"))
LARGE = {"n5-lost", "n7-panic", "r6-own-slices", "r10-ports-or-timestamps", "r16-condition-conflict", "r27-stale"}
"""Those of more than 10 000 worlds, but one."""
UNENDED = {"r23-one-ip-twice"}
LEFT_OPEN = {"r26-ports-of-the-gone": "R27", "r27-stale": "R27"}
"""What no part of one agent can close (docs/HUNT.md)."""


def effort(worlds: int) -> Effort:
    return Effort(walks=10, worlds=worlds, doom_worlds=500, ends=1)


@pytest.mark.parametrize("name", PAGES)
def test_every_schedule_of_what_the_hunt_found_ends_right(name: str) -> None:
    """All that is left open is told by a condition, or was made by a cluster that is gone."""
    cell = hunt(HUNTER, HUNTER.given(f"results/hunt/{name}.yaml"), "level", effort(2_000 if name in LARGE else 10_000))
    assert {found.cause.name for found in cell.found} == ({LEFT_OPEN[name]} if name in LEFT_OPEN else set())
    assert bool(cell.bound) is (name in LARGE | UNENDED)


NEEDED: list[tuple[str, Configuration]] = [
    ("queues-again", configuration("not exported yet; export in a, then a call of the agent of a fails")),
    ("queues-what-it-made", configuration("unexport in a, then agent of a crashes")),
    ("queues-known", configuration("a gap in its watch of serviceexports, then unexport in a")),
    ("watches-copies", HUNTER.given("results/hunt/r5-copy-copies-differ.yaml")),
]


@pytest.mark.parametrize(("part", "where"), NEEDED, ids=[part for part, _ in NEEDED])
def test_parts_are_needed(part: str, where: Configuration) -> None:
    assert hunt(HUNTER, where, f"level without {part}", effort(3_000)).found
    assert not hunt(HUNTER, where, "level", effort(3_000)).found


@pytest.mark.parametrize("part", MEANWHILE)
def test_nothing_goes_while_it_says_ready(part: str) -> None:
    """Whoever comes back would repair it: these parts are for what is so meanwhile."""
    assert violated("level", part) == []
    assert violated(f"level without {part}", part) == ["S1"]


def test_the_second_service_of_a_name_has_an_aggregate_of_another_name(tmp_path: Path) -> None:
    """Which it keeps when the first name becomes free."""
    made = model(tmp_path, "level", exports=SHARED, script=[])
    get = ran(made).machine.get
    assert [each.name for each in made.topology.aggregates(get, "demo/web-x")] == ["web-x-demo"]
    assert [each.name for each in made.topology.aggregates(get, "x-demo/web")] == ["web.x-demo"]
    fine = "aggregate {a}; copy in a {a}, copy in b {a}", "ServiceExport in a says Ready=True, Valid=True"
    assert made.outcome(get) == tuple(f"{key}: {words}" for key in ("demo/web-x", "x-demo/web") for words in fine)
    script = [{"at_ms": 5000, "do": "unexport", "cluster": "a", "service": "demo/web-x"}]
    made = model(tmp_path, "level", exports=SHARED, script=script)
    get = ran(made).machine.get
    assert not made.topology.aggregates(get, "demo/web-x")
    assert [each.name for each in made.topology.aggregates(get, "x-demo/web")] == ["web.x-demo"]


def test_services_that_share_no_name_have_no_second_one(tmp_path: Path) -> None:
    made = model(tmp_path, "level", script=[])
    assert made.topology.aggregate_names("demo/web-1") == ("web-1-demo",)


@pytest.mark.parametrize(("algorithm", "expected"), [("level", []), ("level without leaves-second", ["I5"])])
def test_of_two_aggregates_of_one_service_none_is_left(algorithm: str, expected: list[str]) -> None:
    """Over all schedules of a scenario in which one cluster finds the name taken, and the other finds it free."""
    assert violated(algorithm, "leaves-second") == expected


def test_what_was_made_under_other_names_is_replaced(tmp_path: Path) -> None:
    """EndpointSlices of 0.19.1 have generated names."""
    roll_out = {"at_ms": 1000, "fault": "roll-out", "cluster": "a", "release": "level"}
    made = model(tmp_path, "0.19.1", script=[roll_out])
    done = ran(made)
    names = {cell.name.rsplit("/", 1)[1] for cell in done.machine.values if "endpointslices/submariner" in cell.name}
    assert "web-1.demo.a" in names
    assert not any(name.startswith("web-1-") for name in names)
    assert aggregate(made, done).clusters == ("a",)
    assert conditions(made, done) == ["Ready=True", "Valid=True"]


def test_upstreams_agent_takes_over_again(tmp_path: Path) -> None:
    """A downgrade: what has a fixed name is found by its labels."""
    made = model(tmp_path, "level", script=[{"at_ms": 1000, "fault": "roll-out", "cluster": "a", "release": "0.19.1"}])
    done = ran(made)
    assert done.at_rest
    assert aggregate(made, done).clusters == ("a",)
    assert conditions(made, done) == ["Ready=True", "Valid=True"]


def test_who_waits_for_a_clusterset_ip_gets_the_one_that_is_given_back(tmp_path: Path) -> None:
    unexport = {"at_ms": 5000, "do": "unexport", "cluster": "a", "service": "web-1"}
    pool: dict[str, Any] = {"clusterset_ips": 1, "ips_by_default": "yes", "exports": {"services": 2, "from": ["a"]}}
    made = model(tmp_path, "level", script=[], **pool)
    done = ran(made)
    assert [aggregate(made, done, f"demo/web-{number}").ip for number in (1, 2)] == ["a/0", ""]
    made = model(tmp_path, "level", script=[unexport], **pool)
    done = ran(made)
    assert done.at_rest
    assert aggregate(made, done, "demo/web-2").ip == "a/0"


def test_logs_are_of_upstreams_design(tmp_path: Path) -> None:
    agent = model(tmp_path, "level").topology.cluster("a").agent
    with pytest.raises(BadInput, match="level is not of upstream's design"):
        upstream(agent)
    with pytest.raises(BadInput, match="globalnet is modelled for"):
        model(tmp_path, "level", globalnet="on")


def test_it_has_its_parts_and_no_other() -> None:
    assert RELEASES["level"].parts == tuple(LEVEL_PARTS)
    assert RELEASES["level"].design is Design.LEVEL
    assert set(CATALOGUE.guards("level")) == {"precondition", *LEVEL_PARTS}
