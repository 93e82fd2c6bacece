"""Every release exports, unexports and restarts to the right end, and differs from others where upstream's do."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import pytest

from models.catalogue import CATALOGUE
from models.kube.objects import SERVICE_IMPORTS
from models.kube.pending import CREATE, DELETE, LastState, Operation, OperationQueue
from models.releases import JUDGED, RELEASES
from models.releases.guards import GUARDS, without
from sim.core import Machine, Stage
from sim.explore.check import Plan, check
from sim.explore.exhaust import Bounds
from sim.explore.verdict import Verdict
from sim.timed.run import settle
from tests.models.worlds import aggregate, conditions, copies, model, ran

EXPORT_A = {"at_ms": 5000, "do": "export", "cluster": "a"}
UNEXPORT_A = {"at_ms": 5000, "do": "unexport", "cluster": "a"}
CRASH_B = {"at_ms": 5000, "fault": "agent-crash", "clusters": ["b"]}
BOTH = {"services": 1, "from": ["a", "b"], "spread": "from each"}
every_release = pytest.mark.parametrize("release", RELEASES)


def test_since_0_22_every_exporter_is_told_who_differs_about_a_clusterset_ip(tmp_path: Path) -> None:
    """FACTS C21: S6 compares the settings of all imports; before, H5 tells only who differs from the aggregate."""
    differs = {"at_ms": 5000, "do": "annotate-export", "cluster": "b", "use_ip": "false"}
    told = {}
    for release in ("0.21", "0.22"):
        made = model(tmp_path, release, exports=BOTH, clusterset_ips=1, ips_by_default="yes", script=[differs])
        done = ran(made)
        told[release] = [any("Enablement" in c for c in conditions(made, done, n)) for n in (0, 1)]
    assert told == {"0.21": [False, True], "0.22": [True, True]}


def test_clusterset_ips_came_with_0_19(tmp_path: Path) -> None:
    """A release before that gives none, whatever the scenario has (FACTS C21)."""
    for release, gives in (("0.15", False), ("0.18.1", False), ("0.19.0", True), ("0.22", True)):
        made = model(
            tmp_path, release, clusterset_ips=1, ips_by_default="yes", exported_at_start="no", script=[EXPORT_A]
        )
        assert bool(aggregate(made, ran(made)).ip) is gives


def is_complete(made: Any, done: Any) -> bool:
    found = aggregate(made, done)
    return bool(
        done.at_rest
        and (found.clusters, found.ports) == (("a",), ("http:80",))
        and all((copy.clusters, copy.ports) == (found.clusters, found.ports) for copy in copies(made, done))
        and conditions(made, done) == ["Ready=True", "Valid=True"]
        and (done.judgement.outcome, done.judgement.violated) == ("fine", "")
    )


@every_release
@pytest.mark.parametrize("way", ["controllers", "processes"])
def test_an_export_is_complete_at_rest(tmp_path: Path, release: str, way: str) -> None:
    made = model(tmp_path, release, exported_at_start="no", way=way, script=[EXPORT_A])
    assert is_complete(made, ran(made))


@every_release
def test_an_unexport_leaves_nothing_behind(tmp_path: Path, release: str) -> None:
    made = model(tmp_path, release, script=[UNEXPORT_A])
    done = ran(made)
    left = [c.name for c in done.machine.values if "/etcd/" in c.name and ("import" in c.name or "-a1" in c.name)]
    assert left == []
    assert done.judgement.outcome == "fine"


@every_release
def test_a_restart_away_from_the_broker_changes_nothing(tmp_path: Path, release: str) -> None:
    made = model(tmp_path, release, script=[CRASH_B])
    assert is_complete(made, ran(made))


@every_release
@pytest.mark.parametrize("type_", ["ClusterIP", "Headless"])
def test_two_exporters_are_both_named_and_one_may_leave(tmp_path: Path, release: str, type_: str) -> None:
    specs = {"a": {"type": type_}, "b": {"type": type_}}
    made = model(tmp_path, release, exports={**BOTH, "specs": specs}, script=[UNEXPORT_A])
    world = settle(made)
    named: Any = dict(world.cells)[made.topology.aggregate_cell("demo/web-1")]
    assert named.clusters == ("a", "b")
    done = ran(made)
    assert aggregate(made, done).clusters == ("b",)
    assert (done.judgement.outcome, done.judgement.violated) == ("fine", "")


@every_release
def test_each_guard_can_be_removed(release: str) -> None:
    for guard in GUARDS:
        assert without(RELEASES[release], guard) != RELEASES[release]


def test_a_scenario_that_says_nothing_is_judged_without_and_with_the_fix() -> None:
    assert tuple(CATALOGUE.expected("operations", {})) == JUDGED


# -- what upstream says of its releases: which defect is in which ------------------------------------------------------

OLD = ("0.15", "0.16.0", "0.16.7", "0.17.0", "0.17.2", "0.17.3", "0.18.0", "0.18.1")
MAPS = {"0.15", "0.16.0", "0.16.7", "0.17.0", "0.17.2", "0.18.0"}
ALL_LABELS = {"0.16.0", "0.16.7", "0.17.0", "0.17.2", "0.18.0", "0.18.1"}
FOUND = {
    "3188": {*OLD, "0.19.0"},
    "21": {"0.15", "0.16.0", "0.17.0"},
    "22": MAPS,
    "23": ALL_LABELS,
    "17": {"0.15", "0.16.0"},
    "27": {"0.19.0", "0.19.1", "0.21", "proposed"},
    "R1": {*OLD, "0.19.0", "0.19.1", "0.21"},
    "R7": {*OLD, "0.19.0", "0.19.1"},
    "R12": {*OLD, "0.19.0", "0.19.1", "0.21"},
    "R8": set(RELEASES) - {"level"},
    "R13": set(RELEASES) - {"proposed", "level"},
    "R21": set(RELEASES) - {"proposed", "level"},
    "R18": {*OLD, "0.19.0", "0.19.1"},
    "R26": {"0.22"},
    "N12": set(RELEASES) - {"proposed", "level"},
    "N13": set(RELEASES) - {"proposed", "level"},
    "N14": set(RELEASES) - {"level"},
}
IMPOSSIBLE = (
    {("21", "0.22")}
    | {("3188", release) for release in ("0.19.1", "0.21", "0.22", "proposed", "level")}
    | {("23", release) for release in RELEASES if release not in ALL_LABELS}
    | {(defect, "level") for defect in ("22", "27", "17", "R1", "R7", "R8", "R12", "R13", "R21", "R18")}
    | {(defect, "level") for defect in ("N12", "N13", "N14")}
    | {("N12", "proposed")}
)


@cache
def verdict(defect: str, release: str, worlds: int = 3000, walks: int = 40) -> Verdict:
    known = next(each for each in CATALOGUE.defects() if each.id == defect)
    plan = CATALOGUE.search_plan(known.scenario, {})
    searched = CATALOGUE.search(known.scenario, {}, release)
    judged = tuple(prop for prop in searched.checked() if prop.name in plan.judged)
    bounds = Plan(Bounds(worlds), walks=walks, may_stop=plan.may_stop, further=False)
    return check(searched, settle(searched), judged, bounds).verdict


@pytest.mark.parametrize("defect", FOUND)
@every_release
def test_known_defects_are_in_the_releases_that_have_them(defect: str, release: str) -> None:
    known = next(each for each in CATALOGUE.defects() if each.id == defect)
    if release in known.not_for:
        assert release not in FOUND[defect]
        return
    found = verdict(defect, release)
    assert (found is Verdict.VIOLATED) is (release in FOUND[defect])
    assert (found is Verdict.EXHAUSTED) is ((defect, release) in IMPOSSIBLE)


@pytest.mark.parametrize("release", ["0.15", "0.16.7", "0.17.3", "0.19.1"])
def test_a_reconcile_can_only_delete_what_came_in_between_where_operations_are_queued(release: str) -> None:
    """R19, in both ways over all schedules: where the worker looks whether the object is there, it cannot happen."""
    known = verdict("R19", release, worlds=60_000, walks=2)
    assert known is (Verdict.EXHAUSTED if release in MAPS else Verdict.VIOLATED)


@pytest.mark.deep
def test_a_quick_re_export_is_safe_in_the_design_of_2025() -> None:
    assert verdict("R1", "0.22", worlds=0, walks=1) is Verdict.EXHAUSTED


def test_every_defect_can_be_searched_and_judges_what_there_is() -> None:
    for known in CATALOGUE.defects():
        plan = CATALOGUE.search_plan(known.scenario, {})
        names = [prop.name for prop in CATALOGUE.search(known.scenario, {}, "0.19.1").checked()]
        assert plan.judged
        assert set(plan.judged) <= set(names)
        assert set(known.not_for) <= set(RELEASES)


# -- the parts ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("release", "returns"), [("0.16.0", True), ("0.18.0", True), ("0.17.3", False)])
def test_a_resync_brings_back_what_was_deleted_out_of_band(tmp_path: Path, release: str, returns: bool) -> None:
    """And comes to rest when it has; without one a deleted copy stays away (FACTS R5)."""
    made = model(tmp_path, release)
    cluster = made.topology.cluster("b")

    def steal() -> Stage:
        yield cluster.user.delete(SERVICE_IMPORTS, "demo", "web-1")
        return None

    machine = Machine()
    machine.load(settle(made))
    assert not machine.enabled()
    machine.start(made.users, "thief", steal)
    steps = 0
    while able := machine.enabled():
        machine.step(*able[0])
        steps += 1
        assert steps < 100
    assert (machine.get(made.topology.copy_cell(cluster, "demo/web-1")) is not None) is returns


def test_maps_keep_the_last_state_and_queues_keep_everything() -> None:
    create, delete, again = Operation(CREATE, "x"), Operation(DELETE, "x"), Operation(CREATE, "y")
    maps, queue = LastState(), OperationQueue()
    assert maps.appended((delete,), create) == (create,)
    assert maps.appended((create,), delete) == (create, delete)
    assert maps.appended((create, delete), again) == (again,)
    assert queue.appended((delete,), create) == (delete, create)
