"""A broken data plane is told: what happened to the machine, what gateways and clients found out, what is missing."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from models.catalogue import CATALOGUE
from models.properties.connected_carries import carries_nothing
from models.properties.dns_answers import misled
from models.properties.kernel_as_asked import missing
from sim.core import BadInput
from sim.explore.check import Plan, check
from sim.explore.verdict import Verdict
from sim.timed.run import run, settle
from tests.models.test_story import in_order, searched


def test_a_runtime_that_resumes_flushed_containers_leaves_tables_missing() -> None:
    """The second cause of #3188, of every schedule: nothing starts anew, so nothing puts back what is gone."""
    lines = searched("incident", "0.19.1", "D2", {"reboot": "resume-flushed", "data_plane": "on"})
    in_order(
        lines,
        "host host-1 suspends its containers",
        "rule-150, table-150, vx-routes are flushed on host host-1",
        "host host-1 resumes its containers; none of them starts anew",
        "gateway a judges its connection to b: error",
        "kernel tables are missing, and nobody looks after them: a/gateway-node and b/gateway-node without rule-150",
    )


def test_what_dns_says_is_told_beside_the_aggregate() -> None:
    lines = searched("incident", "0.19.1", "D3", {"reboot": "resume-flushed", "data_plane": "on"})
    in_order(
        lines, "are flushed", "asks DNS for demo/web-1: no address", "which a exports; Gateway of b says error of a"
    )


def test_a_run_without_a_loss_is_told_where_its_data_plane_is_broken() -> None:
    model = CATALOGUE.model("incident", {"reboot": "resume-flushed"}, "0.19.1")
    done = run(model, settle(model), 0, record=True)
    in_order(model.tell(done.recorded, done.machine.get, done.changes), "are flushed", "kernel tables are missing")
    get, topology = done.machine.get, model.topology
    assert {table for _, table in missing(topology, get)} == {"rule-150", "table-150", "vx-routes"}
    assert any(misled(topology, get)) and not any(carries_nothing(topology, get))


@pytest.mark.parametrize(("first", "second", "verdict"), [
    ("gateway-node/route-agent", "worker-node/route-agent", Verdict.EXHAUSTED),
    ("gateway-node/route-agent", "coredns", Verdict.VIOLATED),
    ("gateway", "worker-node/route-agent", Verdict.VIOLATED),
])  # fmt: skip
def test_only_restarts_of_both_route_agents_mend_what_was_flushed(first: str, second: str, verdict: Verdict) -> None:
    """Of every schedule: each route agent installs its own tables when it starts, and nobody else does (FACTS D5)."""
    model = CATALOGUE.search("flushed", {"first": first, "second": second}, "0.19.1")
    props = tuple(prop for prop in model.checked() if prop.name in ("D1", "D2", "D3"))
    assert check(model, settle(model), props, Plan(may_stop=False)).verdict is verdict


def test_a_connection_is_called_connected_that_carries_nothing() -> None:
    """Where the gateway's tables are back and those of the workers are not."""
    lines = searched("flushed", "0.19.1", "D1", {"second": "coredns"})
    in_order(lines, "are flushed", "a/gateway-node/route-agent exits", "b/gateway-node/route-agent exits",
             "connections are called connected and carry nothing: a to b, b to a")  # fmt: skip


@pytest.mark.parametrize(("operation", "said"), [
    ({"do": "restart-container", "cluster": "a", "container": "lighthouse-agent"}, "do: restart-agent"),
    ({"do": "restart-container", "cluster": "a", "container": "router"}, "accepted: client, coredns, gateway, "),
    ({"do": "restart-container", "cluster": "a", "container": "gateway"}, ""),
    ({"fault": "kernel-flush", "host": "host-1"}, ""),
])  # fmt: skip
def test_what_is_of_the_data_plane_is_refused_where_that_is_left_out(
    operation: dict[str, str], said: str, tmp_path: Path
) -> None:
    path = tmp_path / "ops.yaml"
    path.write_text(yaml.safe_dump([{"at_ms": 1, **operation}]))
    if said:
        with pytest.raises(BadInput, match=said):
            CATALOGUE.search(str(path), {"data_plane": "on"}, "0.19.1")
    else:
        CATALOGUE.search(str(path), {"data_plane": "on"}, "0.19.1")
        with pytest.raises(BadInput, match="--set data_plane=on"):
            CATALOGUE.search(str(path), {}, "0.19.1")


def test_a_search_looks_at_the_data_plane_where_it_is_asked_to() -> None:
    for scenario in ("incident", "script"):
        with_it, without = (CATALOGUE.search(scenario, more, "0.19.1") for more in ({"data_plane": "on"}, {}))
        assert with_it.topology.data_plane and not without.topology.data_plane
        assert CATALOGUE.search_plan(scenario, {}).settings["data_plane"] == "off"
        assert {"D1", "D2", "D3"} <= {prop.name for prop in with_it.checked()}


def test_a_hunt_that_is_given_a_scenario_looks_at_what_a_search_of_it_does() -> None:
    hunter = CATALOGUE.hunter()
    topology = hunter.model(hunter.given("incident"), "0.19.1").topology  # type: ignore[attr-defined]
    assert not topology.data_plane and len(topology.exports) == 1
