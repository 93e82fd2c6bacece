"""Each property is broken by a seeded bug and holds without it; each premise is seen in the runs that rest on it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec
import pytest

from models.kube.objects import ServiceImport
from models.properties import properties
from models.releases import RELEASES
from models.submariner.agent import local_import, remote_import
from models.submariner.agent.aggregator import remove_exporter
from models.submariner.agent.parts import per_cluster
from sim.core.property import Property, When, violated
from sim.timed.run import run, settle
from tests.models.worlds import model, ran

CRASH_A = {"at_ms": 5000, "fault": "agent-crash", "clusters": ["a"]}
REBOOT = {"at_ms": 5000, "fault": "host-reboot", "host": "host-1"}
UNEXPORT_A = {"at_ms": 5000, "do": "unexport", "cluster": "a"}


def broken(made: Any, **options: Any) -> set[str]:
    return set(ran(made, **options).judgement.violated.split())


def test_nothing_is_violated_by_the_fixed_agent(tmp_path: Path) -> None:
    assert broken(model(tmp_path, script=[CRASH_A])) == set()
    assert broken(model(tmp_path, data_plane="on", script=[REBOOT])) == set()


def test_the_bug_of_3188_breaks_l1_i1_i4_and_s1(tmp_path: Path) -> None:
    assert broken(model(tmp_path, "0.19.0", script=[CRASH_A])) == {"L1", "I1", "I4", "S1"}


def test_copies_that_are_not_made_break_i2(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def forgets(self: Any, obj: ServiceImport, *, is_create: bool) -> Any:
        return False
        yield

    monkeypatch.setattr(remote_import.RemoteImportSyncer, "changed", forgets)
    assert "I2" in broken(model(tmp_path))


def test_a_status_that_is_never_written_breaks_i4(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from models.submariner.agent import endpoint_slice_out

    def forgets(*_: Any) -> Any:
        return None
        yield

    monkeypatch.setattr(endpoint_slice_out, "set_condition", forgets)
    assert broken(model(tmp_path)) == {"I4"}


def test_ports_that_are_never_computed_break_i5(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from models.submariner.agent import endpoint_slice_out

    def skips(*_: Any) -> Any:
        return True
        yield

    monkeypatch.setattr(endpoint_slice_out, "update_ports", skips)
    assert "I5" in broken(model(tmp_path))


def test_an_agent_that_removes_its_exporter_when_it_should_join_breaks_s1_and_i1(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    original = local_import.LocalImportSyncer.changed

    def removes(self: Any, obj: ServiceImport, *, is_create: bool) -> Any:
        if self.agent.domain.cell("restarted") is not None and getattr(self, "_seen", False):
            yield from remove_exporter(self.agent, obj.label)
            return False
        self._seen = True
        return (yield from original(self, obj, is_create=is_create))

    monkeypatch.setattr(local_import.LocalImportSyncer, "changed", removes)
    assert {"I1", "S1"} <= broken(model(tmp_path, script=[CRASH_A]))


def test_flushed_routes_under_a_living_gateway_break_d2_and_what_carries_breaks_d1(tmp_path: Path) -> None:
    """vx-routes alone: the gateways still reach each other, so the Gateway says connected while workers are cut off."""
    flush = {"at_ms": 5000, "fault": "kernel-flush", "host": "host-1", "tables": ["vx-routes"]}
    assert broken(model(tmp_path, data_plane="on", script=[flush])) == {"D1", "D2"}


def test_an_answer_from_memory_breaks_d3(tmp_path: Path) -> None:
    assert "D3" in broken(model(tmp_path, "0.19.0", data_plane="on", script=[CRASH_A]))


IPS: dict[str, Any] = {
    "exports": {"services": 2, "from": ["a"]}, "clusterset_ips": 2, "ips_by_default": "yes", "exported_at_start": "no",
}  # fmt: skip
EXPORT = {"at_ms": 5000, "do": "export", "cluster": "a"}


def test_an_ip_that_goes_back_to_the_pool_though_it_is_used_breaks_i6(tmp_path: Path) -> None:
    """N6: the update of the new aggregate's status fails, and Distribute gives its IP away."""
    fails = {
        "at_ms": 4000, "fault": "api-error", "cluster": "a", "verb": "updateStatus", "kind": "serviceimports",
        "api": "broker",
    }  # fmt: skip
    assert broken(model(tmp_path, **IPS, script=[EXPORT])) == set()
    assert broken(model(tmp_path, **IPS, script=[fails, EXPORT])) == {"I6", "P1"}


def test_the_premise_of_i6_is_missed_where_no_two_services_have_ips(tmp_path: Path) -> None:
    assert broken(model(tmp_path, **{**IPS, "clusterset_ips": 1}, script=[EXPORT])) >= {"P6"}
    assert broken(model(tmp_path, **{**IPS, "clusterset_ips": 0}, script=[EXPORT])) == {"P6"}


def test_an_aggregate_that_names_nobody_and_a_conflict_of_types_break_c1(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """N7: as S6 of 0.22 reads it between Create and UpdateStatus."""
    other: dict[str, Any] = {
        "exports": {"services": 1, "from": ["a", "b"], "spread": "from each", "specs": {"b": {"type": "Headless"}}},
        "search": {"judged": ["C1"]}, "script": [CRASH_A],
    }  # fmt: skip

    made = model(tmp_path, "0.22", **other)
    settled = settle(made)
    (c1,) = [prop for prop in made.checked() if prop.name == "C1"]
    assert c1.holds(run(made, settled, 0).machine.get)
    monkeypatch.setattr(per_cluster, "type_and_named_of", lambda found: (found.type, False) if found else None)
    assert not c1.holds(run(made, settled, 0).machine.get)


def test_the_premise_is_missed_where_nothing_restarts_and_reached_where_something_does(tmp_path: Path) -> None:
    resume = {**REBOOT, "means": "resume"}
    assert broken(model(tmp_path, data_plane="on", script=[resume])) == {"P1"}
    assert "P1" not in broken(model(tmp_path, script=[CRASH_A]))
    assert broken(model(tmp_path)) == set()  # nothing that restarts is asked for, so no premise is missed


def test_a_run_that_is_cut_short_is_not_judged_at_rest(tmp_path: Path) -> None:
    made = model(tmp_path, "0.19.0", observe_ms=5400, script=[CRASH_A])
    done = ran(made)
    assert not done.at_rest
    assert "I1" not in done.judgement.violated.split()


def test_every_property_has_a_sentence_and_names_the_cells_that_it_reads(tmp_path: Path) -> None:
    made = model(tmp_path, data_plane="on")
    done = ran(made)
    for prop in properties(made.topology):
        assert prop.sentence
        allowed = set(prop.cells)

        def get(cell: Any, allowed: set[Any] = allowed, prop: Property = prop) -> Any:
            assert cell in allowed, f"{prop.name} reads {cell} and does not say so"
            return done.machine.get(cell)

        prop.holds(get)


def test_always_is_judged_in_every_world_and_sometimes_in_any() -> None:
    from sim.core import Domain

    cell = Domain("toy").cell("light")
    always = Property("A", "the light is on", When.ALWAYS, (cell,), lambda get: get(cell) == "on")
    sometimes = Property("S", "the light is off", When.SOMETIMES, (cell,), lambda get: get(cell) is None)
    flicker: list[tuple[float, Any, Any]] = [(1.0, cell, None), (2.0, cell, "on")]
    assert violated([always, sometimes], {cell: "on"}, flicker, lambda _: "on", at_rest=True) == ["A"]
    assert violated([always, sometimes], {cell: "on"}, [], lambda _: "on", at_rest=True) == ["S"]
    at_one_instant: list[tuple[float, Any, Any]] = [(1.0, cell, None), (1.0, cell, "on")]
    assert violated([always], {cell: "on"}, at_one_instant, lambda _: "on", at_rest=True) == []


def test_a_release_is_its_filter_and_nothing_else(tmp_path: Path) -> None:
    """The two releases differ in one predicate: the old agent with the new filter behaves as the new one."""
    old, new = RELEASES["0.19.0"], RELEASES["0.19.1"]
    assert (
        msgspec.structs.replace(old, name=new.name, summary=new.summary, is_taken_for_copy=new.is_taken_for_copy) == new
    )
    local = ServiceImport(namespace="o", name="l", label="demo/web")
    aggregate = ServiceImport(namespace="b", name="g", annotation="demo/web")
    copy = ServiceImport(namespace="demo", name="web")
    assert [old.is_taken_for_copy(x) for x in (local, aggregate, copy)] == [False, True, True]
    assert [new.is_taken_for_copy(x) for x in (local, aggregate, copy)] == [False, False, True]


def test_an_export_whose_service_is_deleted_is_not_lost(tmp_path: Path) -> None:
    made = model(tmp_path, script=[{"at_ms": 5000, "do": "delete-service", "cluster": "a"}])
    done = ran(made)
    assert (done.judgement.outcome, done.judgement.violated) == ("fine", "")
