"""Each fault does what it says, and no more: the survival matrix of what lives on in which restart."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from models.faults import FAULTS
from models.node.kernel import TABLES
from models.scenarios.loading import load
from models.scenarios.scripts import operations
from sim.core import BadInput
from tests.models.worlds import aggregate, model, ran

ON = {"data_plane": "on", "way": "processes"}


def tables(made: Any, done: Any) -> set[str]:
    """The tables that some node of the clusters lacks in the end."""
    lacking = set()
    for cluster in made.topology.clusters:
        expected = {agent.kernel.node: set(agent.tables) for agent in cluster.route_agents}
        expected[cluster.gateway_kernel.node].add("xfrm")
        for kernel in cluster.kernels:
            lacking |= {t for t in expected[kernel.node] if not done.machine.get(kernel.table(t))}
    return lacking


def starts(done: Any, container: str) -> int:
    """How often a container started during the run; one that is resumed does not start."""
    states = ["running"] + [value for _, cell, value in done.changes if cell.name.endswith(f"container/{container}")]
    return sum(now == "running" and before not in ("running", "paused") for before, now in pairwise(states))


def reboot(means: str, **more: Any) -> dict[str, Any]:
    return {"at_ms": 5000, "fault": "host-reboot", "host": "host-1", "means": means, **more}


def test_a_reboot_with_fresh_containers_restarts_all_and_rebuilds_the_kernel(tmp_path: Path) -> None:
    made = model(tmp_path, **ON, script=[reboot("restart")])
    done = ran(made)
    assert starts(done, "a/lighthouse-agent") == 1
    assert starts(done, "b/lighthouse-agent") == 0
    assert tables(made, done) == set()


def test_a_resume_restarts_nothing_and_loses_nothing(tmp_path: Path) -> None:
    made = model(tmp_path, "0.19.0", **ON, script=[reboot("resume")])
    done = ran(made)
    assert starts(done, "a/lighthouse-agent") == 0
    assert tables(made, done) == set()
    assert aggregate(made, done).clusters == ("a",)  # the bug does not run


def test_a_resume_with_flushed_rules_leaves_them_lost_for_ever(tmp_path: Path) -> None:
    made = model(tmp_path, "0.19.0", **ON, script=[reboot("resume-flushed")])
    done = ran(made)
    assert done.at_rest
    assert starts(done, "a/route-agent") == 0
    assert tables(made, done) == {"rule-150", "table-150", "vx-routes"}
    assert aggregate(made, done).clusters == ("a",)
    gateway: Any = done.machine.get(made.topology.gateway_cell(made.topology.cluster("b")))
    assert dict(gateway.connections) == {"a": "error"}


@pytest.mark.parametrize("table", TABLES)
def test_no_table_comes_back_under_living_processes(tmp_path: Path, table: str) -> None:
    flush = {"at_ms": 5000, "fault": "kernel-flush", "host": "host-1", "tables": [table]}
    made = model(tmp_path, **ON, script=[flush])
    done = ran(made)
    assert done.at_rest
    assert tables(made, done) == {table}


def test_a_paused_agent_misses_nothing(tmp_path: Path) -> None:
    """Measured: pausing agents for 5 s never lost anything; what happened meanwhile is done after the resume."""
    pause = {"at_ms": 5000, "fault": "pause", "cluster": "a", "for_ms": 5000}
    unexport = {"at_ms": 6000, "do": "unexport", "cluster": "a"}
    made = model(tmp_path, "0.19.0", script=[pause])
    assert aggregate(made, ran(made)).clusters == ("a",)
    made = model(tmp_path, "0.19.0", script=[pause, unexport])
    done = ran(made)
    gone = [
        at for at, cell, value in done.changes if cell is made.topology.aggregate_cell("demo/web-1") and value is None
    ]
    assert len(gone) == 1
    assert gone[0] > 10_000
    assert aggregate(made, done) is None


def test_a_broker_outage_is_healed_by_retries_and_relists(tmp_path: Path) -> None:
    outage = {"at_ms": 5000, "fault": "broker-down", "for_ms": 20_000}
    made = model(tmp_path, exports={"services": 2, "from": ["b"]}, script=[outage])
    done = ran(made)
    assert done.at_rest
    assert done.judgement.outcome == "fine"
    unexport = {"at_ms": 6000, "do": "unexport", "cluster": "b"}
    made = model(tmp_path, exports={"services": 1, "from": ["b"]}, script=[outage, unexport])
    assert aggregate(made, ran(made)) is None


def test_an_agent_that_starts_without_the_broker_stays_cut_off_if_the_certificate_is_private(tmp_path: Path) -> None:
    """admiral #1363: the client without the CA is never looked at again."""
    script = [
        {"at_ms": 5000, "fault": "broker-down", "for_ms": 20_000},
        {"at_ms": 6000, "fault": "agent-crash", "clusters": ["b"]},
    ]
    base: dict[str, Any] = {"exports": {"services": 1, "from": ["b"]}, "way": "processes", "script": script}
    private = model(tmp_path, broker_certificate="private", **base)
    done = ran(private)
    assert done.machine.get(private.topology.cluster("b").agent.broker.link.cut) is not None
    assert not done.at_rest
    trusted = model(tmp_path, broker_certificate="trusted", **base)
    assert ran(trusted).judgement.outcome == "fine"


def test_two_faults_are_two_of_the_budget(tmp_path: Path) -> None:
    crash = {"at_ms": 5000, "fault": "agent-crash", "clusters": ["a"]}
    made = model(tmp_path, script=[crash, {**crash, "at_ms": 9000}])
    done = ran(made)
    assert done.machine.get(made.budget) is None
    assert starts(done, "a/lighthouse-agent") == 2


@pytest.mark.parametrize(
    ("entry", "says"),
    [
        ({"at_ms": 1, "fault": "host-rebot", "host": "host-1"}, "did you mean 'host-reboot'"),
        ({"at_ms": 1, "fault": "host-reboot", "hots": "host-1"}, "hots"),
        ({"at_ms": "soon", "fault": "agent-crash", "clusters": ["a"]}, "at_ms"),
        ({"at_ms": 1, "do": "exprt", "cluster": "a"}, "did you mean 'export'"),
        ({"at_ms": 1}, "neither do nor fault"),
    ],
)
def test_a_wrong_entry_of_a_script_says_what_is_wrong(tmp_path: Path, entry: dict[str, Any], says: str) -> None:
    with pytest.raises(BadInput, match=says):
        model(tmp_path, script=[entry])


@pytest.mark.parametrize(
    ("entry", "says"),
    [
        ({"at_ms": 1, "fault": "host-reboot", "host": "host-3"}, "did you mean 'host-"),
        ({"at_ms": 1, "fault": "agent-crash", "clusters": ["c"]}, "unknown cluster"),
        (
            {"at_ms": 1, "fault": "pause", "cluster": "a", "container": "lighthose-agent"},
            "did you mean 'lighthouse-agent'",
        ),
        ({"at_ms": 1, "fault": "pause", "cluster": "a", "for_ms": -1}, "for_ms"),
        ({"at_ms": 1, "fault": "kernel-flush", "host": "host-1", "tables": ["rule-15"]}, "did you mean 'rule-150'"),
        ({"at_ms": 1, "do": "unexport", "cluster": "a", "service": "web-7"}, "web-1"),
    ],
)
def test_a_wrong_parameter_says_what_would_be_accepted(tmp_path: Path, entry: dict[str, Any], says: str) -> None:
    with pytest.raises(BadInput, match=says):
        model(tmp_path, script=[entry])


def test_every_fault_is_named_by_some_scenario_or_test() -> None:
    tests = ("test_faults.py", "test_operations.py", "test_roll_out.py", "../conformance/doing.py")
    here = "".join((Path(__file__).parent / name).read_text() for name in tests)
    shipped = [operation.name for name in ("incident", "restart") for operation in operations(load(name, {})[0])]
    assert all(name in here or name in shipped for name in FAULTS)


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"broker": "z"}, "unknown broker"),
        ({"exports": {"services": 1, "from": ["z"]}}, "unknown cluster"),
        ({"exports": {"services": 1, "from": []}}, "no cluster"),
        ({"exports": {"services": 0, "from": ["a"]}}, "exports.services is 0"),
        ({"hosts": {"host-1": ["a", "b"], "host-2": ["a"]}}, "stands twice"),
        ({"hosts": {"host-1": []}}, "at least one cluster"),
        ({"hosts": {"host-1": ["a", "c d/x"]}}, "no name of a cluster"),
        ({"observe_ms": 0}, "observe_ms is 0"),
        ({"script": [{"at_ms": 700_000, "fault": "agent-crash", "clusters": ["a"]}]}, "at_ms is 700000"),
        ({"script": [{"at_ms": -1, "fault": "agent-crash", "clusters": ["a"]}]}, "at_ms is -1"),
        ({"rtt_ms": "$n"}, "names no option"),
        ({"colour": "red"}, "colour"),
    ],
)
def test_a_scenario_that_cannot_be_meant_is_bad_input(tmp_path: Path, changes: dict[str, Any], says: str) -> None:
    with pytest.raises(BadInput, match=says):
        model(tmp_path, **changes)


def test_a_paused_container_says_so_and_a_paused_dns_does_not_answer(tmp_path: Path) -> None:
    pause = {"at_ms": 5000, "fault": "pause", "cluster": "b", "container": "coredns", "for_ms": 7000}
    made = model(tmp_path, **ON, script=[pause])
    done = ran(made)
    seen = made.topology.cluster("b").client.seen("demo/web-1")
    said = [value.dns for _, cell, value in done.changes if cell is seen]  # type: ignore[attr-defined]
    assert said == ["no DNS server", "a"]
    assert any("coredns paused" in line for line in made.state(ran(made, until_ms=8000).machine.get))
