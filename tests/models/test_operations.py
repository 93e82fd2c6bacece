"""Operations on objects and calls: each does what it says, and what the real agent did then comes out."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from models.kube.calls import ApiCall
from models.kube.objects import ENDPOINT_SLICES, LIGHTHOUSE_SLICES
from models.node.container import StartContainer
from models.scenarios.alone import alone
from models.scenarios.loading import load
from models.submariner.names import BROKER_NAMESPACE
from sim.core import BadInput
from tests.models.worlds import aggregate, conditions, copies, model, ran

SEPARATE: dict[str, Any] = {"broker": "separate", "exports": {"services": 1, "from": ["a"]}}
KEY = "demo/web-1"


def slices(made: Any, done: Any, api: Any, namespace: str = "demo") -> list[Any]:
    """The lighthouse slices that are left in a namespace."""
    return list(api.select(done.machine.get, ENDPOINT_SLICES, LIGHTHOUSE_SLICES, namespace))


def restarts(done: Any) -> int:
    return sum(isinstance(step.request, StartContainer) for step in done.recorded)


# -- objects -----------------------------------------------------------------------------------------------------------


def test_readiness_of_endpoints_reaches_the_importers(tmp_path: Path) -> None:
    script = [{"at_ms": 1000, "do": "change-readiness", "cluster": "a", "ready": False}]
    made = model(tmp_path, **SEPARATE, script=script)
    done = ran(made)
    for api, namespace in ((made.topology.broker_api, BROKER_NAMESPACE), (made.topology.cluster("b").api, "demo")):
        assert [slice_.ready for slice_ in slices(made, done, api, namespace)] == [False]
    script.append({"at_ms": 5000, "do": "change-readiness", "cluster": "a", "service": "web-1", "ready": True})
    made = model(tmp_path, **SEPARATE, script=script)
    done = ran(made)
    assert [slice_.ready for slice_ in slices(made, done, made.topology.cluster("b").api)] == [True]


READY = {"at_ms": 9000, "do": "change-readiness", "cluster": "a", "ready": False}


@pytest.mark.parametrize(
    ("what", "cluster", "names", "copied", "own", "imported"),
    [
        ("aggregate", "", None, [False, False], 1, 1),
        ("copy", "b", ("a",), [True, False], 1, 1),
        ("imported-slice", "b", ("a",), [True, True], 1, 1),
        ("own-slice", "a", None, [False, False], 1, 1),
    ],
)
def test_what_was_measured_of_deletions_out_of_band(
    tmp_path: Path, what: str, cluster: str, names: Any, copied: list[bool], own: int, imported: int
) -> None:
    """FACTS R5: each deletion, then a change of readiness; the aggregate and a copy never come back."""
    entry = {"at_ms": 1000, "do": "delete-object", "what": what, **({"cluster": cluster} if cluster else {})}
    made = model(tmp_path, **SEPARATE, script=[entry, READY])
    done = ran(made)
    found = aggregate(made, done)
    assert (found and found.clusters) == names
    assert [copy is not None for copy in copies(made, done)] == copied
    assert len(slices(made, done, made.topology.cluster("a").api)) == own
    assert len(slices(made, done, made.topology.cluster("b").api)) == imported
    assert conditions(made, done) == ["Ready=True", "Valid=True"]


def test_a_slice_deleted_on_the_broker_goes_from_the_importer(tmp_path: Path) -> None:
    entry = {"at_ms": 1000, "do": "delete-object", "what": "broker-slice", "cluster": "a", "service": "web-1"}
    made = model(tmp_path, **SEPARATE, script=[entry])
    done = ran(made)
    assert slices(made, done, made.topology.broker_api, BROKER_NAMESPACE) == []
    assert slices(made, done, made.topology.cluster("b").api) == []
    assert len(slices(made, done, made.topology.cluster("a").api)) == 1


@pytest.mark.parametrize("broker", ["a", "separate"])
def test_an_emptied_broker_stays_empty_until_agents_restart(tmp_path: Path, broker: str) -> None:
    """FACTS R21."""
    script: list[dict[str, Any]] = [{"at_ms": 1000, "do": "delete-object", "what": "everything-on-broker"}]
    made = model(tmp_path, **{**SEPARATE, "broker": broker}, script=script)
    done = ran(made)
    assert aggregate(made, done) is None
    assert slices(made, done, made.topology.broker_api, BROKER_NAMESPACE) == []
    script.append({"at_ms": 9000, "fault": "agent-crash", "clusters": ["a", "b"]})
    made = model(tmp_path, **{**SEPARATE, "broker": broker}, script=script)
    assert aggregate(made, ran(made)).clusters == ("a",)


def test_aggregates_can_be_deleted_on_a_separate_broker(tmp_path: Path) -> None:
    made = model(tmp_path, **SEPARATE, script=[{"at_ms": 1000, "do": "delete-aggregates"}])
    assert aggregate(made, ran(made)) is None


# -- calls -------------------------------------------------------------------------------------------------------------

EXPORT: dict[str, Any] = {"exported_at_start": "no", "script": [{"at_ms": 1000, "do": "export", "cluster": "a"}]}
WRITES = [
    "updateStatus serviceexports", "create serviceimports", "updateStatus serviceimports",
    "updateStatus serviceexports", "create serviceimports", "updateStatus serviceimports", "create serviceimports",
    "updateStatus serviceimports", "delete serviceimports", "create endpointslices", "create endpointslices",
    "update serviceimports", "updateStatus serviceexports", "update serviceimports",
]  # fmt: skip
"""The writes of an export in the order in which the real agent was killed at them (docs/FACTS.md M9 has the rest)."""


def killed(tmp_path: Path, write: int, when: str, release: str = "0.19.1") -> tuple[Any, Any]:
    kill = {"at_ms": 1, "fault": "kill-at-write", "cluster": "a", "write": write, "when": when}
    made = model(tmp_path, release, **{**EXPORT, "script": [kill, *EXPORT["script"]]})
    return made, ran(made, record=True)


@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("write", range(1, len(WRITES) + 1))
def test_the_agent_is_killed_at_just_that_write_and_the_export_is_complete(
    tmp_path: Path, write: int, when: str
) -> None:
    """Measured: with the fix every crash point of an export ends complete."""
    made, done = killed(tmp_path, write, when)
    at = [step for step in done.recorded if "killed just" in getattr(step.response, "reason", "")]
    assert [" ".join(s.request.words(None, None).split()[3:5]) for s in at] == [WRITES[write - 1]]
    assert (at[0].response.reason == "the agent was killed just before") == (when == "before")
    assert restarts(done) == 1
    assert aggregate(made, done).clusters == ("a",)
    assert aggregate(made, done).ports == ("http:80",)
    assert done.machine.get(made.topology.cluster("a").agent.metered().kill) is None


def test_a_kill_before_a_write_leaves_it_undone(tmp_path: Path) -> None:
    for when, there in (("before", False), ("after", True)):
        kill = {"at_ms": 1, "fault": "kill-at-write", "cluster": "a", "write": 2, "when": when}
        made = model(tmp_path, **{**EXPORT, "script": [kill, *EXPORT["script"]]})
        made.timing.delays["container-restart-a"] = type(made.timing.delays["call"])("constant 200000", "")
        done = ran(made)
        local = made.topology.cluster("a").api.object("serviceimports", "submariner-operator", "web-1-demo-a")
        assert (done.machine.get(local) is not None) == there


def test_calls_that_fit_fail_as_often_as_said_and_are_tried_again(tmp_path: Path) -> None:
    fault = {
        "at_ms": 1, "fault": "api-error", "cluster": "a", "verb": "create", "kind": "serviceimports", "times": 2,
    }  # fmt: skip
    made = model(tmp_path, **{**EXPORT, "script": [fault, *EXPORT["script"]]})
    done = ran(made, record=True)
    failed = [s for s in done.recorded if getattr(s.response, "reason", "") == "Unreachable"]
    assert [(s.domain, s.request.words(None, None).split()[3]) for s in failed] == [
        ("a/lighthouse-agent", "create")
    ] * 2
    assert aggregate(made, done).clusters == ("a",)
    assert restarts(done) == 0


def test_a_failing_list_of_slices_ends_the_agent(tmp_path: Path) -> None:
    """FACTS M6: the list in CreateOrUpdate panics; the one of an informer is tried again."""
    fault = {"at_ms": 1, "fault": "api-error", "cluster": "a", "verb": "list", "kind": "endpointslices"}
    for skip, expected in ((0, 0), (1, 1)):
        made = model(tmp_path, **{**EXPORT, "script": [{**fault, "skip": skip}, *EXPORT["script"]]})
        done = ran(made, record=True)
        assert restarts(done) == expected
    assert aggregate(made, done).clusters == ("a",)


def test_services_are_searched_together_where_calls_are_counted(tmp_path: Path) -> None:
    fault = {"at_ms": 1, "fault": "kill-at-write", "cluster": "a", "write": 3}
    model(tmp_path, exports={"services": 2, "from": ["a"]}, script=[fault])
    assert "counts calls" in alone(load(str(tmp_path / "test.yaml"), {})[0], symmetry=True)[1]


# -- watches -----------------------------------------------------------------------------------------------------------


def test_an_agent_cut_off_from_the_broker_catches_up(tmp_path: Path) -> None:
    cut = {"at_ms": 1000, "fault": "cut-broker", "cluster": "b", "for_ms": 60_000}
    unexport = {"at_ms": 2000, "do": "unexport", "cluster": "a"}
    made = model(tmp_path, **SEPARATE, script=[cut, unexport])
    meanwhile = ran(made, until_ms=50_000)
    assert aggregate(made, meanwhile) is None
    assert [copy is not None for copy in copies(made, meanwhile)] == [False, True]
    done = ran(made)
    assert done.at_rest
    assert copies(made, done) == [None, None]


def test_a_cut_outlasts_a_restart_of_the_agent(tmp_path: Path) -> None:
    script: list[dict[str, Any]] = [
        {"at_ms": 1000, "fault": "cut-broker", "cluster": "a", "for_ms": 60_000},
        {"at_ms": 2000, "fault": "agent-crash", "clusters": ["a"]},
    ]
    made = model(tmp_path, **SEPARATE, script=script)
    done = ran(made, record=True)
    calls = [s for s in done.recorded if isinstance(s.request, ApiCall) and "a/lighthouse-agent on broker" in
             s.request.link.name and 3000 < s.at_ms < 60_000]  # fmt: skip
    assert calls
    assert all(getattr(s.response, "reason", "") == "Unreachable" for s in calls)
    assert done.at_rest
    assert aggregate(made, done).clusters == ("a",)


@pytest.mark.parametrize(("gap", "exported"), [(True, False), (False, True)])
def test_an_export_replaced_in_a_watch_gap_is_not_seen(tmp_path: Path, gap: bool, exported: bool) -> None:
    """FACTS R13: the new ServiceExport has no condition, as its replacement looks like an update; else it has."""
    script: list[dict[str, Any]] = [
        {"at_ms": 2000, "do": "unexport", "cluster": "a"}, {"at_ms": 2020, "do": "export", "cluster": "a"},
    ]  # fmt: skip
    if gap:
        script.append({"at_ms": 1990, "fault": "watch-gap", "cluster": "a", "kind": "serviceexports"})
    made = model(tmp_path, **SEPARATE, script=script)
    done = ran(made)
    assert ("Ready=True" in conditions(made, done)) == exported
    assert aggregate(made, done).clusters == ("a",)


STALE = {"fault": "stale-list", "cluster": "a", "kind": "broker-endpointslices"}


@pytest.mark.parametrize(
    ("lag", "up", "ends"),
    [
        (True, True, "agg missing | broker EPS [a] | a: SE[Ready=True Valid=True] localSI copy=missing ownEPS=1"),
        (False, True, "agg {a} ports=http:80 | broker EPS [a] | a: SE[Ready=True Valid=True] localSI copy={a}"),
        (True, False, "agg {a} ports=http:80 | broker EPS [a] | a: SE[Ready=True Valid=True] localSI copy={a}"),
    ],
)
def test_a_stale_first_list_ends_as_measured(tmp_path: Path, lag: bool, up: bool, ends: str) -> None:
    """FACTS R22: the end state of all 25 measured runs; not where the server does not lag, or was restarted since."""
    script: list[dict[str, Any]] = [
        {"at_ms": 2000, "do": "unexport", "cluster": "a"}, {"at_ms": 4000, "do": "export", "cluster": "a"},
        {"at_ms": 9000, "fault": "agent-crash", "clusters": ["a"]},
    ]  # fmt: skip
    script += [{"at_ms": 1000, **STALE}] if lag else []
    script += [] if up else [{"at_ms": 6000, "fault": "broker-down", "for_ms": 500}]
    made = model(tmp_path, **SEPARATE, delays={"watch": "constant 300"}, script=script)
    done = ran(made)
    assert made.end_state(done.machine.get).startswith(ends)
    assert made.unspent(done.machine.get) == []


def test_a_stale_list_that_nobody_makes_is_said(tmp_path: Path) -> None:
    made = model(tmp_path, script=[{"at_ms": 1000, **STALE}])
    (waits,) = made.unspent(ran(made).machine.get)
    assert waits.endswith("it made none")


HANG = {"fault": "hanging-call", "cluster": "a", "verb": "create", "kind": "endpointslices", "api": "local"}


@pytest.mark.parametrize(
    ("release", "for_ms", "ends"),
    [
        ("0.19.0", 7_400, "agg missing | broker EPS [a] | a: noSE copy=missing ownEPS=1 importedEPS=[]"),
        ("0.19.1", 7_400, "agg missing | broker EPS [a] | a: noSE copy=missing ownEPS=1 importedEPS=[]"),
        ("0.19.1", 4_000, "agg missing | broker EPS [] | a: noSE copy=missing ownEPS=0 importedEPS=[]"),
        ("0.21", 7_400, "agg missing | broker EPS [] | a: noSE copy=missing ownEPS=0 importedEPS=[]"),
    ],
)
def test_a_call_that_hangs_longer_than_a_stop_waits_ends_as_measured(
    tmp_path: Path, release: str, for_ms: float, ends: str
) -> None:
    """FACTS R18: the end state of all 15 measured runs; not where the call ends in time, or the stop is tried again."""
    script = [
        {"at_ms": 1000, **HANG, "for_ms": for_ms}, {"at_ms": 1001, "do": "export", "cluster": "a"},
        {"at_ms": 1600, "do": "unexport", "cluster": "a"},
    ]  # fmt: skip
    made = model(tmp_path, release, **SEPARATE, exported_at_start="no", script=script)
    assert made.end_state(ran(made).machine.get).startswith(ends)


def test_a_controller_that_goes_on_and_the_next_one_make_two_slices(tmp_path: Path) -> None:
    """FACTS R18, lighthouse #1757: the Service changes while the first Create hangs."""
    change = {"do": "change-service", "cluster": "a", "ports": ["https:443"]}
    script = [{"at_ms": 1000, **HANG}, {"at_ms": 1001, "do": "export", "cluster": "a"}, {"at_ms": 1600, **change}]
    made = model(tmp_path, **SEPARATE, exported_at_start="no", script=script)
    assert len(slices(made, ran(made), made.topology.cluster("a").api)) == 2


def test_a_call_hangs_no_longer_than_its_agent_lives(tmp_path: Path) -> None:
    script = [
        {"at_ms": 1000, **HANG, "for_ms": 60_000}, {"at_ms": 1001, "do": "export", "cluster": "a"},
        {"at_ms": 3000, "fault": "agent-crash", "clusters": ["a"]},
    ]  # fmt: skip
    made = model(tmp_path, **SEPARATE, exported_at_start="no", script=script)
    done = ran(made, until_ms=30_000)
    assert aggregate(made, done).ports == ("http:80",)


@pytest.mark.parametrize(
    ("waits", "watch", "left"),
    [("briefly", "constant 300", True), ("briefly", "constant 2", False), ("for the cache", "constant 300", False)],
)
def test_a_conflict_stays_where_a_check_waits_briefly_and_the_watch_is_slow(
    tmp_path: Path, waits: str, watch: str, left: bool
) -> None:
    """FACTS R16: not with a watch of a few ms, as in all 90 measured runs."""
    specs = {"a": {"ports": ["http:81"]}}
    exports = {"services": 1, "from": ["a", "b"], "spread": "from each", "specs": specs}
    script = [{"at_ms": 2000, "do": "change-service", "cluster": "b", "ports": ["http:81"]}]
    made = model(tmp_path, exports=exports, checks_wait=waits, delays={"watch": watch}, script=script)
    done = ran(made)
    said = [condition for number in (0, 1) for condition in conditions(made, done, number)]
    assert ("Conflict=True(ConflictingPorts)" in said) == left


# -- what is not accepted ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("entry", "says"),
    [
        ({"fault": "kill-at-write", "cluster": "a", "write": 0}, "write is 0"),
        ({"fault": "kill-at-write", "cluster": "c", "write": 1}, "unknown cluster"),
        ({"fault": "kill-at-write", "cluster": "a", "write": 1, "when": "while"}, "when"),
        ({"fault": "api-error", "cluster": "a", "verb": "lst"}, "did you mean 'list'"),
        ({"fault": "api-error", "cluster": "a", "kind": "service"}, "did you mean 'services'"),
        ({"fault": "api-error", "cluster": "a", "times": -1}, "times is -1"),
        ({"fault": "cut-broker", "cluster": "z"}, "unknown cluster"),
        ({"fault": "watch-gap", "cluster": "a", "kind": "pods"}, "kind"),
        ({"fault": "watch-gap", "cluster": "a", "kind": "services", "for_ms": -1}, "for_ms"),
        ({"fault": "stale-list", "cluster": "a", "kind": "pods"}, "kind"),
        ({"fault": "hanging-call", "cluster": "a", "times": 2}, "no field 'times'"),
        ({"fault": "hanging-call", "cluster": "a", "for_ms": -1}, "for_ms"),
        ({"fault": "stale-list", "cluster": "a", "kind": "namespaces"}, "deletes or creates a namespace"),
        ({"do": "change-readiness", "cluster": "a", "ready": "maybe"}, "ready"),
        ({"do": "delete-object", "what": "pod"}, "what"),
        ({"do": "delete-object", "what": "copy"}, "unknown cluster"),
        ({"do": "delete-object", "what": "aggregate", "cluster": "a"}, "no cluster"),
        ({"do": "delete-object", "what": "aggregate", "service": "web-2"}, "web-1"),
    ],
)
def test_a_wrong_parameter_says_what_would_be_accepted(tmp_path: Path, entry: dict[str, Any], says: str) -> None:
    with pytest.raises(BadInput) as caught:
        model(tmp_path, script=[{"at_ms": 1, **entry}])
    assert says in f"{caught.value.problem} {caught.value.accepted}"
