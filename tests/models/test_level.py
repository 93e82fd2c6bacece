"""The agent with one reconcile for each service: nothing that hunts found is wrong with it, and it needs its parts."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from benchmarks.proposed import MEANWHILE, UPGRADED, violated
from models.catalogue import CATALOGUE
from models.hunt import symptoms
from models.kube.calls import Versioned
from models.kube.objects import (
    CLUSTER_SET_IP,
    HEADLESS,
    EndpointSlice,
    Service,
    ServiceExport,
    ServiceImport,
    import_type,
)
from models.releases import RELEASES
from models.releases.parts import LEVEL_PARTS
from models.releases.release import Design
from models.submariner.agent.parts.sharing import oldest
from models.submariner.agents import upstream
from models.submariner.level.observed import Observed
from models.submariner.level.shares import shared
from models.submariner.level.slices import on_broker, own_slices
from models.submariner.names import BROKER_NAMESPACE
from sim.core import BadInput, Cell, Get
from sim.core.hunting import Configuration
from sim.core.property import Property, When
from sim.explore.check import Plan, check
from sim.explore.hunt import Effort, hunt
from sim.explore.verdict import Verdict
from sim.timed.run import settle
from tests.hunt.configurations import HUNTER, configuration
from tests.models.worlds import SHARED, aggregate, conditions, model, ran

PAGES = sorted(path.stem for path in Path("results/hunt").glob("*.yaml"))
LARGE = {"n5-lost", "n7-panic", "r6-own-slices", "r10-ports-or-timestamps", "r16-condition-conflict"}
"""Those of more than 10 000 worlds, but one."""
UNENDED = {"r23-one-ip-twice"}
LEFT_OPEN = dict.fromkeys(("n14-lost", "r26-ports-of-the-gone", "r27-stale"), "R27")
"""What no part of one agent can close (docs/HUNT.md)."""


def effort(worlds: int) -> Effort:
    return Effort(walks=10, worlds=worlds, doom_worlds=500, ends=1)


@pytest.mark.parametrize("name", PAGES)
def test_every_schedule_of_what_the_hunt_found_ends_right(name: str) -> None:
    """All that is left open was made by a cluster that is gone: its name, and nobody's loss."""
    cell = hunt(HUNTER, HUNTER.given(f"results/hunt/{name}.yaml"), "level", effort(2_000 if name in LARGE else 10_000))
    assert {found.cause.name for found in cell.found} == ({LEFT_OPEN[name]} if name in LEFT_OPEN else set())
    assert {found.symptom for found in cell.found} <= {symptoms.STALE}
    assert not any(found.is_for_good for found in cell.found)
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


@pytest.mark.parametrize("part", [*MEANWHILE, *UPGRADED])
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


@pytest.mark.parametrize(("part", "expected"), [("leaves-second", "I5"), ("oldest-decides", "L1"), ("tells-all", "X1")])
def test_parts_are_needed_on_scenarios_of_their_own(part: str, expected: str) -> None:
    """Over all schedules: of two aggregates of one service none is left; what a cluster that is gone has made keeps
    nobody out; and of two who differ both are told.
    """
    assert violated("level", part) == []
    assert violated(f"level without {part}", part) == [expected]


DIFFER = {"services": 1, "from": ["a", "b"], "spread": "from each", "specs": {"b": {"type": "Headless"}}}
CONFLICT = ["Conflict=True(ConflictingType)", "Ready=True", "Valid=True"]
AGREED = ["Conflict=False", "Ready=True", "Valid=True"]


def change(cluster: str, **to: str) -> dict[str, Any]:
    return {"at_ms": 5000, "do": "change-service", "cluster": cluster, **to}


@pytest.mark.parametrize(
    ("script", "type_", "clusters", "said"),
    [
        ([], CLUSTER_SET_IP, ("a", "b"), [CONFLICT, CONFLICT]),
        ([change("a", type="Headless")], HEADLESS, ("a", "b"), [AGREED, AGREED]),
        ([change("b", type="ClusterIP")], CLUSTER_SET_IP, ("a", "b"), [AGREED, AGREED]),
        ([{"at_ms": 5000, "do": "unexport", "cluster": "a"}], HEADLESS, ("b",), [[], AGREED]),
        ([{"at_ms": 5000, "do": "unexport", "cluster": "b"}], CLUSTER_SET_IP, ("a",), [AGREED, []]),
        ([{"at_ms": 5000, "do": "remove-cluster", "cluster": "b"}], CLUSTER_SET_IP, ("a", "b"), [CONFLICT, []]),
    ],
)  # fmt: skip
def test_the_oldest_decides_and_nobody_is_left_out(
    tmp_path: Path, script: list[Any], type_: str, clusters: tuple[str, ...], said: list[list[str]]
) -> None:
    """MCS (FACTS C31). What a type does not have goes with it."""
    made = model(tmp_path, "level", exports=DIFFER, script=script)
    done = ran(made)
    found = aggregate(made, done)
    assert (found.type, found.clusters, bool(found.ports)) == (type_, clusters, type_ == CLUSTER_SET_IP)
    assert [conditions(made, done, number) for number in (0, 1)] == said


@pytest.mark.parametrize(
    "script",
    [
        [{"at_ms": 5000, "fault": "agent-crash", "clusters": ["a"]}, change("a", type="Headless")],
        [change("a", type="Headless"), change("b", type="ClusterIP")],
        [{"at_ms": 5000, "do": "unexport", "cluster": "a"}, {"at_ms": 5000, "do": "export", "cluster": "a"}],
    ],
    ids=["the oldest changes and crashes", "both change", "the oldest becomes the youngest"],
)
def test_in_every_schedule_nobody_is_left_out(tmp_path: Path, script: list[Any]) -> None:
    made = model(tmp_path, "level", exports=DIFFER, script=script)
    topology = made.topology

    def decided(get: Get) -> bool:
        found: Any = topology.aggregate(get, "demo/web-1")
        (service,) = (get(topology.service_cell(e)) for e in topology.exports if e.cluster == oldest(found.timestamps))
        return bool(found.type == import_type(service))

    cells = (*topology.all_aggregate_cells(), *map(topology.service_cell, topology.exports))
    props = {prop.name: prop for prop in made.checked()}
    oldest_decides = Property("T1", "the type is that of the oldest exporter", When.AT_REST, cells, decided)
    judged = (props["I1"], props["I2"], props["I4"], props["I5"], oldest_decides)
    found = check(made, settle(made), judged, Plan(explain=False, may_stop=False, walks=0))
    assert found.verdict is Verdict.EXHAUSTED


@pytest.mark.parametrize(
    ("specs", "changes", "reason"),
    [
        ({"b": {"affinity": "ClientIP"}}, {}, "ConflictingSessionAffinity"),
        ({"b": {"affinity_config": "30 s"}}, {}, "ConflictingSessionAffinityConfig"),
        ({"b": {"ports": ["http:81"]}}, {}, "ConflictingPorts"),
        ({}, {"clusterset_ips": 2, "ips_by_default": "yes"}, "ConflictingClusterSetIPEnablement"),
    ],
)  # fmt: skip
def test_all_are_told_of_what_they_do_not_agree_on(
    tmp_path: Path, specs: dict[str, Any], changes: dict[str, Any], reason: str
) -> None:
    """Also the oldest, and also where only the youngest is of another opinion."""
    script = [{"at_ms": 5000, "do": "annotate-export", "cluster": "b", "use_ip": "false"}] if changes else []
    made = model(tmp_path, "level", exports={**DIFFER, "specs": specs}, script=script, **changes)
    done = ran(made)
    told = [f"Conflict=True({reason})", "Ready=True", "Valid=True"]
    assert [conditions(made, done, number) for number in (0, 1)] == [told, told]


def test_an_agent_of_upstreams_that_leaves_is_not_told_of(tmp_path: Path) -> None:
    """It knows nothing of what it offered before it was downgraded, so that stays, and counts no more."""
    script = [
        {"at_ms": 1000, "fault": "roll-out", "cluster": "b", "release": "0.19.1"},
        {"at_ms": 60_000, "do": "unexport", "cluster": "b"},
    ]
    made = model(tmp_path, "level", exports=DIFFER, script=script)
    done = ran(made)
    assert aggregate(made, done).clusters == ("a",)
    assert conditions(made, done) == AGREED


@pytest.mark.parametrize("type_", ["ClusterIP", "Headless"])
@pytest.mark.parametrize("strategy", ["Recreate", "RollingUpdate"])
def test_what_was_made_under_other_names_is_kept(tmp_path: Path, type_: str, strategy: str) -> None:
    """EndpointSlices of 0.19.1 have generated names."""
    roll_out = {"at_ms": 1000, "fault": "roll-out", "cluster": "a", "release": "level", "strategy": strategy}
    exports = {"services": 1, "from": ["a"], "specs": {"a": {"type": type_, "slices": 2 if type_ == HEADLESS else 1}}}
    made = model(tmp_path, "0.19.1", script=[roll_out], exports=exports)
    done = ran(made)
    before = slice_names(settle(made).values)
    assert slice_names(done.machine.values) == before
    assert len(before) == 2 * (2 if type_ == HEADLESS else 1)  # in a, and on the broker
    assert aggregate(made, done).clusters == ("a",)
    assert conditions(made, done) == ["Ready=True", "Valid=True"]


def slice_names(values: Mapping[Cell, Any]) -> list[tuple[str, str]]:
    """Namespaces and names of the own EndpointSlices of a that its API server has."""
    stored = (value for cell, value in values.items() if cell.name.startswith("a/etcd/"))
    return sorted((each.namespace, each.name) for each in stored if isinstance(each, EndpointSlice))


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


@pytest.mark.parametrize(("clusters", "type_"), [((), CLUSTER_SET_IP), (("b",), HEADLESS)])
def test_who_is_not_named_does_not_decide(tmp_path: Path, clusters: tuple[str, ...], type_: str) -> None:
    """Agents of upstream's leave their time behind where a removal is half applied (FACTS R9)."""
    agent: Any = model(tmp_path, "level").topology.cluster("a").agent
    found = ServiceImport(
        namespace=BROKER_NAMESPACE, name="web-1-demo", annotation="demo/web-1", type=HEADLESS, clusters=clusters,
        timestamps=(("b", 1),),
    )  # fmt: skip
    export = ServiceExport(namespace="demo", name="web-1", created=2)
    service = Service(namespace="demo", name="web-1", ports=("http:80",))
    seen = Observed("demo/web-1", Versioned(export, 0), service, (), (), None, found, ())
    assert shared(agent, seen, on_broker(agent, own_slices(agent, seen))).type == type_
