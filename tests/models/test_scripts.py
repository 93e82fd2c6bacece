"""Scripts: a file that is only one, what is wrong with an operation and where, overlaps, what came to nothing."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from models.catalogue import CATALOGUE
from models.faults import FAULTS
from models.faults.annotate_export import AnnotateExport
from models.faults.overlap import in_turn, joined
from models.model import ScenarioModel
from models.scenarios.loading import load
from models.scenarios.scripts import operations
from sim.core import BadInput
from tests.models.worlds import aggregate, conditions, model, ran

KIND = "serviceimports"


def alone(folder: Path, text: str, **settings: str) -> ScenarioModel:
    """A model of a file that is only a script."""
    path = folder / "ops.yaml"
    path.write_text(text)
    CATALOGUE.digest(str(path))
    return CATALOGUE.model(str(path), settings, "0.19.1")


def at(fault: str, at_ms: float, **fields: Any) -> Any:
    import msgspec

    return msgspec.convert({"fault": fault, "at_ms": at_ms, **fields}, FAULTS[fault])


@pytest.mark.parametrize(
    ("entries", "says", "accepted"),
    [
        ("[]", "empty list", "operations, as"),
        ("[5]", "operation 1 of .* is 5", "operations, as"),
        ("[null]", "operation 1 of .* is None", "operations, as"),
        ("[export]", "is 'export'", "operations, as"),
        ("[{1: 2, at_ms: 1, do: export, cluster: a}]", "has a field 1", "operations, as"),
        ("[{at_ms: 1}]", "neither do nor fault", "operations, as"),
        ("[{at_ms: 1, do: export, fault: pause, cluster: a}]", "both do: 'export' and fault: 'pause'", "one of them"),
        ("[{at_ms: 1, do: exprot, cluster: a}]", "operation 1 of ops 'exprot' .did you mean 'export'", "unexport"),
        ("[{at_ms: 1, do: pause, cluster: a}]", "operation 1 of ops: unknown do 'pause'", "fault: pause"),
        ("[{at_ms: 1, fault: resume, cluster: a}]", "operation 1 of ops: unknown fault 'resume'", "for_ms"),
        ("[{at_ms: 1, do: export}]", r"operation 1 of ops .do: export.: cluster is missing", "cluster: a text"),
        ("[{do: export, cluster: a}]", "at_ms is missing", "at_ms: a number"),
        (
            "[{at_ms: -1, do: export, cluster: a}]",
            "operation 1 of ops: at_ms is -1",
            "0 to 600000, which is observe_ms",
        ),
        ("[{at_ms: .nan, do: export, cluster: a}]", "at_ms is nan", "0 to 600000"),
        ("[{at_ms: 700000, do: export, cluster: a}]", "at_ms is 700000", "which is observe_ms; or a larger"),
        ("[{at_ms: soon, do: export, cluster: a}]", "at_ms is 'soon', which is not a number", "a number"),
        ("[{at_ms: true, do: export, cluster: a}]", "at_ms is True", "a number"),
        ("[{at_ms: 1, do: export, cluster: [a]}]", r"cluster is \['a'\]", "a text"),
        ("[{at_ms: 1, do: export, cluster: z}]", "operation 1 .*unknown cluster 'z'", r"a, b; or --set 'clusters="),
        ("[{at_ms: 1, do: export, cluster: a, colour: red}]", "no field 'colour'", "service"),
        ("[{at_ms: 1, do: export, cluster: a, service: web-9}]", "unknown service of a .*'web-9'", "web-1"),
        ("[{at_ms: 1, do: export, cluster: a, times: 3}]", "times is 3", "several operations"),
        ("[{at_ms: 1, fault: kill-at-write, cluster: a, write: 0}]", "operation 1 .*write is 0", "from 1"),
        ("[{at_ms: 1, fault: kill-at-write, cluster: a, write: 2.5}]", "write is 2.5", "a whole number"),
        ("[{at_ms: 1, fault: kill-at-write, cluster: a, write: 2, when: now}]", "when is 'now'", "after, before"),
        ("[{at_ms: 1, fault: api-error, cluster: a, skip: -1}]", "skip is -1", "from 0"),
        ("[{at_ms: 1, fault: pause, cluster: a, for_ms: -1}]", "operation 1 .*for_ms is -1", "ms"),
        ("[{at_ms: 1, fault: agent-crash, clusters: []}]", r"clusters are \[\]", "each once"),
        ("[{at_ms: 1, fault: agent-crash, clusters: [a, a]}]", "clusters are", "each once"),
        ("[{at_ms: 1, do: restart-agent, cluster: a, times: 0}]", "times is 0", "1 to 1000"),
        ("[{at_ms: 1, do: start-agent, cluster: a}]", "no stop-agent of a comes before", "stop-agent"),
        (
            "[{at_ms: 1, do: create-service, cluster: a}]",
            "no delete-service or delete-namespace of a",
            "delete-service",
        ),
        ("[{at_ms: 1, do: create-namespace, cluster: a}]", "no delete-namespace of a", "delete-namespace"),
        ("[{at_ms: 9, do: export, cluster: a}, {at_ms: 1, do: export, cluster: z}]", "operation 2 of ops", "a, b"),
    ],
)
def test_a_bad_script_says_what_where_and_what_would_be_accepted(
    tmp_path: Path, entries: str, says: str, accepted: str
) -> None:
    with pytest.raises(BadInput, match=says) as raised:
        alone(tmp_path, entries)
    assert accepted.replace("\\", "") in raised.value.accepted


def told(folder: Path, text: str, **settings: str) -> list[str]:
    with pytest.raises(BadInput) as raised:
        alone(folder, text, **settings)
    return [each.problem for each in (raised.value, *raised.value.more)]


def test_all_mistakes_of_a_script_are_told_at_once_each_with_its_place(tmp_path: Path) -> None:
    text = """
- {at_ms: 9, do: export, cluster: z}
- {at_ms: 5, do: exprot, cluster: a}
- {at_ms: 700000, do: export, cluster: a}
- {at_ms: 1, do: export}
- {at_ms: 2, fault: pause, cluster: a}
- {at_ms: 3, do: start-agent, cluster: a}
"""
    assert told(tmp_path, text) == [
        "operation 1 of ops (do: export): unknown cluster 'z'",
        "unknown do in operation 2 of ops 'exprot' (did you mean 'export'?)",
        "operation 3 of ops: at_ms is 700000",
        "operation 4 of ops (do: export): cluster is missing",
    ]  # whether the last has anything to do is asked once the others can be read
    assert told(tmp_path, "[5, {1: 2, 3: 4}, export]") == [
        f"operation 1 of {tmp_path}/ops.yaml is 5",
        f"operation 2 of {tmp_path}/ops.yaml has a field 1",
        f"operation 2 of {tmp_path}/ops.yaml has a field 3",
        f"operation 3 of {tmp_path}/ops.yaml is 'export'",
    ]


def test_all_mistakes_of_what_was_before_are_told_at_once(tmp_path: Path) -> None:
    path = tmp_path / "before.yaml"
    path.write_text(
        "{name: before, about: x, hosts: [a, b], broker: a, exports: {services: 1, from: [a]}, observe_ms: 1000,"
        " script: [], data_plane: off, earlier: [{do: exprt, cluster: a},"
        " {fault: pause, cluster: a}, {do: export, clster: a}]}"
    )
    with pytest.raises(BadInput) as caught:
        CATALOGUE.model(str(path), {}, "0.19.1")
    told = str(caught.value)
    for number, says in ((1, "exprt"), (2, "lasts"), (3, "did you mean 'cluster'?")):
        assert any(f"earlier operation {number} of " in line and says in line for line in told.splitlines()), told


def test_what_does_not_fit_the_model_is_told_of_all_operations(tmp_path: Path) -> None:
    text = """
- {at_ms: 1, do: export, cluster: a, service: web-9}
- {at_ms: 2, fault: kill-at-write, cluster: a, write: 0}
- {at_ms: 3, do: unexport, cluster: a}
"""
    first, second = told(tmp_path, text)
    assert "web-9" in first
    assert "write is 0" in second


@pytest.mark.parametrize("said", ["true", "false", '"false"'])
def test_an_annotation_is_given_as_a_truth_value_or_a_text(said: str, tmp_path: Path) -> None:
    made = alone(tmp_path, f"[{{at_ms: 1000, do: annotate-export, cluster: a, use_ip: {said}}}]")
    (operation,) = operations(made.file)
    assert isinstance(operation, AnnotateExport)
    assert operation.use_ip == said.strip('"')


def test_two_operations_may_be_the_same(tmp_path: Path) -> None:
    crash = "{at_ms: 5000, fault: agent-crash, clusters: [a]}"
    gone = "{at_ms: 1000, fault: failing-calls, cluster: b, verb: get, for_ms: 50}"
    done = ran(alone(tmp_path, f"[{gone}, {crash}, {gone}, {crash}]"))
    assert done.at_rest


def test_a_cluster_leaves_where_there_is_no_data_plane(tmp_path: Path) -> None:
    script = "[{at_ms: 1000, do: remove-cluster, cluster: b}]"
    assert alone(tmp_path, script, data_plane="off").operations
    with pytest.raises(BadInput, match="there is a data plane"):
        alone(tmp_path, script)


def test_words_that_yaml_takes_for_truth_values_are_accepted(tmp_path: Path) -> None:
    path = tmp_path / "switches.yaml"
    path.write_text(
        "{name: switches, about: x, hosts: [a, b], broker: a, exports: {services: 1, from: [a]}, observe_ms: 1000,"
        " data_plane: off, exported_at_start: no, monitor: on, script: []}"
    )
    made = load(str(path), {})[0]
    assert (made.data_plane, made.exported_at_start, made.monitor) == ("off", "no", "on")


def test_calls_are_told_with_what_sets_them_apart(tmp_path: Path) -> None:
    fault = "fault: hanging-call, cluster: a, verb: update, kind: serviceimports, api: broker, skip: 2"
    (operation,) = alone(tmp_path, f"[{{at_ms: 1000, {fault}}}]").operations
    assert operation.words() == (
        "the next update serviceimports call of agent a hangs, of those to the broker, after 2 that go through"
    )


def test_a_file_that_contains_itself_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="contains itself"):
        alone(tmp_path, "- &x {at_ms: 1, do: export, cluster: a, more: *x}")


def test_clusters_that_a_script_names_have_the_services_and_export_when_it_says_so(tmp_path: Path) -> None:
    made = alone(tmp_path, "[{at_ms: 5000, do: export, cluster: b}]")
    assert [(e.cluster, e in made.topology.exported_at_start) for e in made.topology.exports] == [
        ("a", True), ("b", False),
    ]  # fmt: skip
    assert aggregate(made, ran(made)).clusters == ("a", "b")
    assert "from b later" in made.scope().about


def test_a_script_may_have_three_clusters(tmp_path: Path) -> None:
    text = "[{at_ms: 5000, do: unexport, cluster: c}]"
    made = alone(tmp_path, text, clusters="[a, b, c]", exported="[a, c]")
    assert [cluster.name for cluster in made.topology.clusters] == ["a", "b", "c"]
    assert aggregate(made, ran(made)).clusters == ("a",)


def test_an_operation_on_services_of_a_cluster_without_any_is_told(tmp_path: Path) -> None:
    made = model(tmp_path, script=[{"at_ms": 1000, "do": "export", "cluster": "b"}])
    assert made.timeline() == ["1 s: a user exports every service in b (nothing to do: b has no service)"]


def test_an_unexport_of_what_is_not_exported_is_told(tmp_path: Path) -> None:
    text = "[{at_ms: 5000, do: unexport, cluster: b}, {at_ms: 5100, do: export, cluster: b}]"
    first, second = alone(tmp_path, text).timeline()
    assert first.endswith("(nothing to do: b does not export then)")
    assert second == "5.1 s: a user exports every service in b"
    text = "[{at_ms: 5000, do: export, cluster: b}, {at_ms: 9000, do: unexport, cluster: b}]"
    assert not any("nothing to do" in line for line in alone(tmp_path, text).timeline())


def test_a_service_may_be_named_with_its_namespace(tmp_path: Path) -> None:
    exports = {"services": 1, "from": ["a"], "namespaces": ["one", "two"]}
    made = model(
        tmp_path, exports=exports, script=[{"at_ms": 1, "do": "unexport", "cluster": "a", "service": "two/web-1"}]
    )
    done = ran(made)
    assert aggregate(made, done, "one/web-1") is not None
    assert aggregate(made, done, "two/web-1") is None


def test_faults_that_meet_are_one(tmp_path: Path) -> None:
    """The end of the first does not end the second."""
    first, second, later = (at("broker-down", at_ms, for_ms=5000) for at_ms in (1000, 4000, 20_000))
    assert joined([first, second, later]) == [at("broker-down", 1000, for_ms=8000), later]
    inside = at("broker-down", 2000, for_ms=10)
    assert joined([first, inside]) == [first]
    others = [at("pause", 1000, cluster="a"), at("pause", 1000, cluster="b"), at("agent-crash", 1000, clusters=["a"])]
    assert joined(others) == others


def test_the_end_of_failing_calls_leaves_others_failing(tmp_path: Path) -> None:
    script = [
        {
            "at_ms": 1,
            "fault": "failing-calls",
            "cluster": "a",
            "verb": "create",
            "kind": "serviceimports",
            "for_ms": 90_000,
        },
        {"at_ms": 2, "fault": "failing-calls", "cluster": "a", "verb": "list", "kind": "serviceimports", "for_ms": 10},
        {"at_ms": 1000, "do": "export", "cluster": "a"},
    ]
    made = model(tmp_path, exported_at_start="no", script=script)
    assert aggregate(made, ran(made, until_ms=60_000)) is None
    assert aggregate(made, ran(made)).clusters == ("a",)


def test_an_agent_is_killed_at_each_of_two_writes(tmp_path: Path) -> None:
    kills = [{"at_ms": 1, "fault": "kill-at-write", "cluster": "a", "write": n, "when": "after"} for n in (2, 5)]
    script = [*kills, {"at_ms": 1000, "do": "export", "cluster": "a"}]
    made = model(tmp_path, exported_at_start="no", script=script)
    done = ran(made, record=True)
    assert sum("killed just" in getattr(step.response, "reason", "") for step in done.recorded) == 2
    assert made.unspent(done.machine.get) == []


def test_what_a_script_waited_for_in_vain_is_told(tmp_path: Path) -> None:
    script = [
        {"at_ms": 1, "fault": "kill-at-write", "cluster": "a", "write": 99},
        {"at_ms": 1, "fault": "api-error", "cluster": "a", "verb": "create", "kind": "endpointslices", "skip": 7},
        {"at_ms": 1, "fault": "api-error", "cluster": "a", "verb": "create", "kind": "serviceimports"},
        {"at_ms": 1000, "do": "export", "cluster": "a"},
    ]
    made = model(tmp_path, exported_at_start="no", script=script)
    assert made.unspent(ran(made).machine.get) == [
        "agent a killed before its 99th write: it made fewer",
        "the next create endpointslices call of agent a fails, after 7 that go through: there were fewer",
    ]


def test_times_and_durations_are_told(tmp_path: Path) -> None:
    made = alone(tmp_path, yaml.safe_dump([{"at_ms": 1500, "fault": "pause", "cluster": "a", "for_ms": 2500}]))
    assert made.timeline() == ["1.5 s: lighthouse-agent a pauses, for 2.5 s"]


def test_a_user_does_one_thing_after_the_other(tmp_path: Path) -> None:
    """Of one time, in the order of the script: made again, the export is there, however long the calls take."""
    script = [{"at_ms": 1000, "do": "unexport", "cluster": "a"}, {"at_ms": 1000, "do": "export", "cluster": "a"}]
    made = model(tmp_path, script=script, delays={"user-call": "uniform 0 50"})
    for seed in range(10):
        assert conditions(made, ran(made, seed)) == ["Ready=True", "Valid=True"]


def test_users_of_other_clusters_and_faults_do_not_wait(tmp_path: Path) -> None:
    entries = [
        {"at_ms": 1, "do": "unexport", "cluster": "a"}, {"at_ms": 2, "fault": "pause", "cluster": "a"},
        {"at_ms": 3, "do": "unexport", "cluster": "b"}, {"at_ms": 4, "do": "restart-agent", "cluster": "a", "times": 2},
        {"at_ms": 5, "do": "export", "cluster": "a"},
    ]  # fmt: skip
    made = model(tmp_path, exports={"services": 1, "from": ["a", "b"], "spread": "from each"}, script=entries)
    turns = [[operation.at_ms for operation in turn] for turn in in_turn(made.operations).values()]
    assert turns == [[1, 5], [2], [3], [4]]


def test_what_is_done_while_the_api_server_is_down_is_said_to_be_in_vain(tmp_path: Path) -> None:
    script = [
        {"at_ms": 1000, "fault": "broker-down", "for_ms": 5000},
        {"at_ms": 2000, "do": "unexport", "cluster": "a"},
        {"at_ms": 6000, "do": "change-readiness", "cluster": "a", "ready": False},
    ]
    made = model(tmp_path, script=script)
    assert made.timeline()[1:] == [
        "2 s: a user unexports every service in a (in vain: the API server of a is down)",
        "6 s: the endpoints of every service in a become not ready",
    ]
    assert aggregate(made, ran(made)).clusters == ("a",)


def test_a_file_that_was_changed_is_read_again(tmp_path: Path) -> None:
    """In one process too, as in a notebook."""
    first = alone(tmp_path, "- {at_ms: 1000, do: unexport, cluster: a}\n")
    second = alone(tmp_path, "- {at_ms: 2000, do: export, cluster: a}\n")
    assert [operation.name for operation in first.operations] == ["unexport"]
    assert [operation.name for operation in second.operations] == ["export"]
