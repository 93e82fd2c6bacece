"""The story of a loss names its causes, in order, in at most 8 lines; and every line is so."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from models.catalogue import CATALOGUE
from models.telling.wrong import first_wrong
from sim.explore.check import Plan, check
from sim.explore.counterexample import counterexample
from sim.explore.exhaust import Bounds
from sim.explore.subject import Subject
from sim.explore.verdict import Counterexample
from sim.explore.walks import uniform, walk
from sim.timed.run import run, settle
from tests.models.worlds import SHARED, model, ran


def story(scenario: str, algorithm: str, seed: int, **settings: str) -> list[str]:
    model = CATALOGUE.model(scenario, settings, algorithm)
    done = run(model, settle(model), seed, record=True)
    return model.tell(done.recorded, done.machine.get, done.changes)


def in_order(lines: list[str], *parts: str) -> None:
    at = 0
    for part in parts:
        at = next((i for i in range(at, len(lines)) if part in lines[i]), -1) + 1
        assert at, f"{part!r} is missing or out of order in {lines}"


@pytest.mark.parametrize("seed", range(12))
def test_the_incident_goes_from_the_reboot_to_what_is_still_said(seed: int) -> None:
    lines = story("incident", "0.19.0", seed)
    assert len(lines) <= 8
    in_order(
        lines,
        "host host-1 goes down",
        "lists all ServiceImports and takes submariner-k8s-broker/",
        "agent a deletes ServiceImport submariner-k8s-broker/",
        "at rest, ServiceExport",
    )
    times = [float(line.split(" s ")[0]) for line in lines]
    assert times == sorted(times)
    services = {word.strip(":,") for line in lines for word in line.split() if "web-" in word}
    assert len({word.split("web-")[1][0] for word in services}) == 1  # one service, whatever else was lost


def test_the_re_export_goes_back_to_the_user() -> None:
    lines = story("re-export", "0.19.1", 0)
    in_order(
        lines, "a user deletes", "a user creates", "it names b already", "agent b deletes ServiceImport", "at rest"
    )
    assert not any("its own API server" in line for line in lines)


def test_a_run_without_a_loss_is_told_by_what_happened() -> None:
    lines = story("incident", "0.19.1", 0)
    in_order(lines, "host host-1 goes down", "client")
    assert not any("at rest" in line for line in lines)


def test_a_loss_that_was_repaired_is_told_as_well() -> None:
    lines = story("incident", "0.19.0", 0, monitor="on")
    in_order(lines, "host host-1 goes down", "deletes ServiceImport submariner-k8s-broker/")
    assert not any("at rest" in line for line in lines)


def shortest(scenario: str, algorithm: str, judged: str, strategy: str = "uniform") -> list[str]:
    """The lines of a schedule that violates a property, with the numbers of its steps."""
    return searched(scenario, algorithm, judged, {}, strategy)


def searched(
    scenario: str, algorithm: str, judged: str, settings: dict[str, str], strategy: str = "uniform"
) -> list[str]:
    """The same of a scenario with settings."""
    found = violation(scenario, algorithm, judged, settings, strategy)
    assert len(found.story) <= 8
    return [f"{number}: {words}" for number, words in found.story]


def violation(
    scenario: str, algorithm: str, judged: str, settings: dict[str, str], strategy: str = "uniform",
    worlds: int = 30_000,
) -> Counterexample:  # fmt: skip
    """A schedule that violates a property."""
    plan = Plan(Bounds(worlds=worlds), may_stop=False, walks=100 if strategy == "uniform" else 500, strategy=strategy)
    model = CATALOGUE.search(scenario, settings, algorithm)
    props = tuple(prop for prop in model.checked() if prop.name == judged)
    found = counterexample(check(model, settle(model), props, plan), "")
    assert found is not None
    return found


def test_of_a_copy_that_nobody_makes_it_is_told_what_took_it_and_what_did_not_make_it_again() -> None:
    in_order(
        shortest("defect-R20", "0.18.1", "I2"),
        "a user deletes namespace demo of b, and with it the copy of aggregate web-1-demo",
        "a user creates namespace demo in b",
        "agent b turns to namespace demo, which has come, and has noted nothing to copy into it",
        "at rest, b has no copy of aggregate web-1-demo, which names a",
    )
    in_order(
        shortest("defect-R4", "0.19.1", "I2"),
        "the agent of b loses its watch of namespaces",
        "and with it the copy of aggregate web-1-demo",
        "agent b lists namespaces: demo is there, and it never heard that it went",
        "at rest, b has no copy",
    )


def test_a_copy_that_is_deleted_by_hand_and_that_nobody_hears_of() -> None:
    lines = shortest("results/hunt/r5-copy-copies-differ.yaml", "0.19.1", "I2")
    assert [line.split(": ", 1)[1] for line in lines] == [
        "somebody deletes the copy of aggregate web-1-demo in a",
        "at rest, a has no copy of aggregate web-1-demo, which names a; nothing tells agent a to mend it",
    ]


def test_of_a_copy_that_a_reconcile_deletes_too_late_it_is_told_who_looked_and_who_queued() -> None:
    """R-c looks while the aggregate is away (R19): what deletes the copy was queued before the last that it heard."""
    in_order(
        shortest("results/hunt/r19-copies-differ.yaml", "0.19.1", "I2"),
        "a/lighthouse-agent is killed",
        "somebody deletes aggregate web-1-demo",
        "agent a writes aggregate web-1-demo: it names a",
        "agent a has not heard of aggregate web-1-demo: it takes its copy for a stray one",
        "agent a queues the deletion of its copy",
        "agent a deletes the copy of aggregate web-1-demo in a",
        "at rest, a has no copy",
    )


def test_of_a_copy_that_is_left_it_is_told_what_failed() -> None:
    """Who would have deleted it gives up (R25)."""
    in_order(
        shortest("defect-R25", "0.19.1", "I2", "pct"),
        "agent a deletes aggregate web-1-demo",
        "agent b lists aggregates: web-1-demo is missing",
        "b/lighthouse-agent on b list serviceimports in all namespaces: Unreachable",
        "at rest, b still has a copy of aggregate web-1-demo, which is gone",
    )


def test_copies_are_told_of_only_where_they_are_asked_for() -> None:
    """A property of exports alone is not violated by a copy; and where an export is lost, that comes first."""
    model = CATALOGUE.search("results/hunt/r5-copy-copies-differ.yaml", {}, "0.19.1")
    subject = Subject(model, settle(model), (), may_stop=False)
    told = subject.told(walk(subject, uniform(0)).moves)
    props = {prop.name: prop for prop in model.checked()}
    lines = {name: model.story(told.steps, told.machine.get, told.changes, props[name]) for name in ("I1", "I2", "L1")}
    assert not lines["I1"]
    assert lines["I2"] == lines["L1"] == model.story(told.steps, told.machine.get, told.changes) != []
    assert any("at rest, ServiceExport" in line for line in shortest("restart", "0.19.0", "L1"))


STORIES = {
    ("r12-stale", "0.19.1", "I1"): (
        "a user deletes ServiceExport demo/web-1 in a",
        "a/lighthouse-agent is killed",
        "agent a (s1-service-exports) lists ServiceExports: demo/web-1 is missing",
        "agent a (s5-local-imports) lists local ServiceImports: web-1-demo-a is missing",
        "at rest, aggregate web-1-demo names a, which has no ServiceExport demo/web-1",
    ),
    ("n2-stale", "0.19.1", "E1"): (
        "a/lighthouse-agent is killed",
        "a user deletes ServiceExport demo/web-1 in a",
        "at rest, aggregate web-1-demo names a, which has no ServiceExport demo/web-1",
    ),
    ("r13-condition-ready", "0.19.1", "I4"): (
        "the agent of a loses its watch of serviceexports",
        "a user deletes ServiceExport demo/web-1 in a",
        "a user creates ServiceExport demo/web-1 in a",
        "agent a (s1-service-exports) lists ServiceExports: demo/web-1 is there",
        "at rest, ServiceExport demo/web-1 of a says nothing, and aggregate web-1-demo names a",
    ),
    ("r14-condition-ready", "0.19.1", "I13"): (
        "a user deletes Service demo/web-1 in a",
        "agent a sets Ready=True of ServiceExport demo/web-1",
        "at rest, ServiceExport demo/web-1 of a says Ready=True, Valid=False(ServiceUnavailable), and aggregate web",
    ),
    ("n8-ports-or-timestamps", "0.22", "I5"): (
        "a user changes Service demo/web-1 in a: it is Headless, with ports http:80",
        "agent a (s6-remote-imports) reads aggregate web-1-demo: it names a",
        "agent a writes aggregate web-1-demo: it names a, with no ports",
        "at rest, aggregate web-1-demo names a and has no ports; its Service in a has ports http:80",
    ),
    ("r5-broker-s-slice-no-slices", "0.19.1", "I7"): (
        "a user deletes EndpointSlice submariner-k8s-broker/web-1-a1 in a",
        "at rest, aggregate web-1-demo names a, and the broker has no EndpointSlice of a",
    ),
    ("r18-slices-left", "0.19.1", "I8"): (
        "a user deletes ServiceExport demo/web-1 in a",
        "the call that hung is served",
        "agent a writes EndpointSlice web-1-a2 on the broker",
        "at rest, the broker has EndpointSlice web-1-a2 of a, which has no ServiceExport demo/web-1",
    ),
}


@pytest.mark.parametrize(("page", "release", "judged"), STORIES)
def test_of_an_object_that_is_wrong_it_is_told_who_wrote_it_last_and_what_others_heard(
    page: str, release: str, judged: str
) -> None:
    in_order(shortest(f"results/hunt/{page}.yaml", release, judged), *STORIES[page, release, judged])


def test_of_what_must_hold_always_the_end_is_not_called_rest() -> None:
    lines = shortest("restart", "0.19.0", "S1")
    in_order(lines, "agent a deletes ServiceImport submariner-k8s-broker/web-1-demo", "then, ServiceExport demo/web-1")
    assert not any("at rest" in line for line in lines)


@pytest.mark.parametrize(("clusters", "words"), [
    ("[a, b]", "the copies of ServiceImport demo/web-1 are deleted in every cluster"),
    ("[a]", "the copy of ServiceImport demo/web-1 is deleted in a"),
    ("[a, b, c]", "the copies of ServiceImport demo/web-1 are deleted in a and b"),
])  # fmt: skip
def test_copies_are_said_to_go_where_they_go(tmp_path: Path, clusters: str, words: str) -> None:
    """The agent of c is away."""
    path = tmp_path / "ops.yaml"
    gone = [{"at_ms": 1000, "do": "stop-agent", "cluster": "c"}] if "c" in clusters else []
    path.write_text(
        yaml.safe_dump([*gone, {"at_ms": 5000, "do": "delete-object", "what": "own-slice", "cluster": "a"}])
    )
    lines = story(str(path), "0.19.1", 0, clusters=clusters)
    assert any(line.endswith(words) for line in lines), lines


@pytest.mark.parametrize("monitor", ["on", "off"])
def test_what_is_covered_names_the_monitor(monitor: str) -> None:
    about = CATALOGUE.search("incident", {"monitor": monitor}, "0.19.1").scope().about
    assert ("a monitor unexports and exports again what its aggregate does not name" in about) is (monitor == "on")


def test_a_service_whose_name_of_an_aggregate_another_one_has_is_told_whose_it_is(tmp_path: Path) -> None:
    """R8: demo/web-x and x-demo/web would have the same aggregate."""
    made = model(tmp_path, "0.19.1", exports=SHARED, script=[])
    get = ran(made).machine.get
    wrong = first_wrong(made.topology, "L1", get)
    assert wrong is not None
    assert wrong.words == "aggregate web-x-demo is that of x-demo/web, and a exports demo/web-x"
    assert any("demo/web-x: aggregate {a} of x-demo/web; copy in a missing" in line for line in made.outcome(get))


def test_who_is_left_out_because_of_its_type_says_so() -> None:
    found = violation("gone-exporter", "0.19.1", "L1", {})
    told = "\n".join(words for _, words in found.story)
    assert "agent a (s5-local-imports) reads aggregate web-1-demo: it names b\n" in told
    assert "sets Conflict of ServiceExport demo/web-1: its type is not that of the aggregate\n" in told


def test_of_two_aggregates_of_one_service_both_are_told_by_their_names() -> None:
    found = violation("shared-name", "level without leaves-second", "I5", {}, worlds=300_000)
    in_order(
        [words for _, words in found.story],
        "agent a (services) reads aggregate web.x-demo: it is missing",
        "agent a (services) reads aggregate web.x-demo: it names b",
        "at rest, aggregates web-x-demo and web.x-demo are both of x-demo/web",
    )
