"""A broken data plane is told: what happened to the machine, what gateways and clients found out, what is missing."""

from __future__ import annotations

from models.catalogue import CATALOGUE
from models.properties.connected_carries import carries_nothing
from models.properties.dns_answers import misled
from models.properties.kernel_as_asked import missing
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
        "kernel tables are missing, which nothing looks after: a/gateway-node and b/gateway-node without rule-150",
    )


def test_what_dns_says_is_told_beside_the_aggregate() -> None:
    lines = searched("incident", "0.19.1", "D3", {"reboot": "resume-flushed", "data_plane": "on"})
    in_order(lines, "are flushed", "asks DNS for demo/web-1: no address", "and its aggregate names a")


def test_a_run_without_a_loss_is_told_where_its_data_plane_is_broken() -> None:
    model = CATALOGUE.model("incident", {"reboot": "resume-flushed"}, "0.19.1")
    done = run(model, settle(model), 0, record=True)
    in_order(model.tell(done.recorded, done.machine.get, done.changes), "are flushed", "kernel tables are missing")
    get, topology = done.machine.get, model.topology
    assert {table for _, table in missing(topology, get)} == {"rule-150", "table-150", "vx-routes"}
    assert any(misled(topology, get)) and not any(carries_nothing(topology, get))


def test_a_search_looks_at_the_data_plane_where_it_is_asked_to() -> None:
    for scenario in ("incident", "script"):
        with_it, without = (CATALOGUE.search(scenario, more, "0.19.1") for more in ({"data_plane": "on"}, {}))
        assert with_it.topology.data_plane and not without.topology.data_plane
        assert CATALOGUE.search_plan(scenario, {}).settings["data_plane"] == "off"
        assert {"D1", "D2", "D3"} <= {prop.name for prop in with_it.checked()}
