"""The agent in single operations, each a conformance case of upstream's own unit tests or of the measured runs."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from models.kube.calls import ApiCall, Delete, DeleteCollection, ObjectWrite
from models.kube.pending import CREATE, Operation
from models.submariner.agent.slice_controller import Stop
from models.submariner.agents import upstream
from sim.core import Machine, Step, Take
from sim.timed.run import settle
from tests.models.worlds import aggregate, conditions, copies, model, ran

CRASH_A = {"at_ms": 5000, "fault": "agent-crash", "clusters": ["a"]}
EXPORT_A = {"at_ms": 5000, "do": "export", "cluster": "a"}
UNEXPORT_A = {"at_ms": 5000, "do": "unexport", "cluster": "a"}


def is_complete(made: Any, done: Any) -> bool:
    found = aggregate(made, done)
    return bool(
        found
        and found.clusters == ("a",)
        and found.ports == ("http:80",)
        and all(copy and copy.clusters == ("a",) and copy.ports == found.ports for copy in copies(made, done))
        and conditions(made, done) == ["Ready=True", "Valid=True"]
    )


def test_an_export_reaches_the_broker_and_every_cluster(tmp_path: Path) -> None:
    made = model(tmp_path, exported_at_start="no", script=[EXPORT_A])
    done = ran(made)
    assert done.at_rest
    assert is_complete(made, done)


def test_an_unexport_leaves_nothing_behind(tmp_path: Path) -> None:
    made = model(tmp_path, script=[UNEXPORT_A])
    done = ran(made)
    left = [c.name for c in done.machine.values if "/etcd/" in c.name and ("import" in c.name or "-a1" in c.name)]
    assert left == []


def test_two_exporters_are_both_named_and_one_may_leave(tmp_path: Path) -> None:
    both = {"services": 1, "from": ["a", "b"], "spread": "from each"}
    made = model(tmp_path, exports=both)
    assert aggregate(made, ran(made)).clusters == ("a", "b")
    made = model(tmp_path, exports=both, script=[UNEXPORT_A])
    found = aggregate(made, ran(made))
    assert found.clusters == ("b",)
    assert [cluster for cluster, _ in found.timestamps] == ["b"]


def test_a_restart_flaps_valid_and_heals(tmp_path: Path) -> None:
    """Measured: S1 works before S2 has listed, so every restart writes Valid=False and Valid=True."""
    made = model(tmp_path, script=[CRASH_A])
    done = ran(made)
    said: list[Any] = [
        value.is_true("Valid")  # type: ignore[attr-defined]
        for _, cell, value in done.changes
        if cell is made.topology.export_cell(made.topology.exports[0])
    ]
    assert said == [False, True]
    assert is_complete(made, done)


def test_the_old_agent_loses_the_import_of_a_restarted_broker_cluster_and_says_ready(tmp_path: Path) -> None:
    made = model(tmp_path, "0.19.0", script=[CRASH_A])
    done = ran(made)
    assert aggregate(made, done) is None
    assert copies(made, done) == [None, None]
    assert conditions(made, done) == ["Ready=True", "Valid=True"]


def test_the_old_agent_loses_nothing_with_a_broker_of_its_own(tmp_path: Path) -> None:
    made = model(tmp_path, "0.19.0", broker="separate", script=[CRASH_A])
    assert is_complete(made, ran(made))


def test_after_a_loss_a_slow_restart_recovers_what_a_fast_one_loses_again(tmp_path: Path) -> None:
    """Measured after a loss: missing 300 of 300 with fast calls; named again once calls take up to 200 ms."""
    again = [CRASH_A, {**CRASH_A, "at_ms": 60_000}]
    made = model(tmp_path, "0.19.0", script=again)
    assert aggregate(made, ran(made)) is None
    slow = model(tmp_path, "0.19.0", script=again, delays={"call": "uniform 0 200"})
    assert any(aggregate(slow, ran(slow, seed)) is not None for seed in range(12))


def test_a_quick_re_export_over_a_slow_link_loses_the_import_with_the_fix(tmp_path: Path) -> None:
    """R1, measured: with 150 ms round trips and no pause, 20 of 20 were missing, with Ready=True."""
    script = [{**UNEXPORT_A, "cluster": "b"}, {**EXPORT_A, "cluster": "b", "at_ms": 5001}]
    exports = {"services": 1, "from": ["b"]}
    slow = model(tmp_path, exports=exports, rtt_ms=150, script=script)
    done = ran(slow)
    assert aggregate(slow, done) is None
    assert "Ready=True" in conditions(slow, done)
    near = model(tmp_path, exports=exports, rtt_ms=0, script=script)
    assert aggregate(near, ran(near)).clusters == ("b",)


def writes(steps: list[Step]) -> list[float]:
    """When the agent of a writes, by the number of the write."""
    kinds = (ObjectWrite, Delete, DeleteCollection)
    return [s.at_ms for s in steps if s.domain == "a/lighthouse-agent" and isinstance(s.request, kinds)]


@pytest.mark.parametrize("way", ["before", "after"])
def test_a_crash_at_any_write_of_an_export_ends_complete_with_the_fix(tmp_path: Path, way: str) -> None:
    """Measured: killed before or after each of the 14 writes and restarted, the fixed agent always ended complete."""
    steady = {"watch": "constant 1", "call": "constant 0.1"}
    made = model(tmp_path, exported_at_start="no", script=[EXPORT_A], delays=steady)
    times = writes(ran(made, record=True).recorded)
    assert len(times) == 14
    for at_ms in times:
        crash = {**CRASH_A, "at_ms": at_ms + (0.02 if way == "after" else -0.02)}
        made = model(tmp_path, exported_at_start="no", script=[EXPORT_A, crash], delays=steady)
        done = ran(made)
        assert done.at_rest
        assert is_complete(made, done), f"killed {way} the write at {at_ms} ms"


def test_a_crash_inside_an_unexport_leaves_everything_for_ever(tmp_path: Path) -> None:
    """R12, measured: killed between the deletion of the local ServiceImport and the next write."""
    steady = {"watch": "constant 1", "call": "constant 0.1"}
    made = model(tmp_path, script=[UNEXPORT_A], delays=steady)
    first = writes(ran(made, record=True).recorded)[0]
    crashed = model(tmp_path, script=[UNEXPORT_A, {**CRASH_A, "at_ms": first + 5}], delays=steady)
    done = ran(crashed)
    assert done.at_rest
    assert aggregate(crashed, done).clusters == ("a",)


def test_every_api_call_of_a_run_says_what_it_did(tmp_path: Path) -> None:
    made = model(tmp_path, script=[CRASH_A])
    calls = [s for s in ran(made, record=True).recorded if isinstance(s.request, ApiCall)]
    assert calls
    assert all(step.words().split(" on ")[0] for step in calls)


def test_a_controller_that_was_stopped_in_an_item_takes_no_more(tmp_path: Path) -> None:
    """FACTS C10: what is queued at the end of the item is dropped, be it a retry or the next operation of its key."""
    made = model(tmp_path)
    machine = Machine()
    machine.load(settle(made))
    agent = upstream(made.topology.cluster("a").agent)
    controller = agent.slice_controller("demo/web-1", headless=False)
    slice_: Any = machine.get(controller.informer.entry("demo/web-1-k8s0"))
    for _ in range(2):
        controller.append(machine, Operation(CREATE, slice_))
    worker = machine.process(agent.domain.name, f"{controller.name}/worker")
    assert worker is not None
    machine.step(worker, slice_.key)
    machine.step(worker)
    assert Stop(controller).carry_out(machine, None) is False
    while not isinstance(worker.request, Take):
        machine.step(worker)
    assert machine.get(controller.queue) in (None, ())
    assert Stop(controller).carry_out(machine, None) is True
