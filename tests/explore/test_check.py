"""Checks of the real model: verdicts, the shortest loss, what walks reach, and the same bytes in every process."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from models.catalogue import CATALOGUE
from sim.core.property import When
from sim.explore.check import Plan, check, fails
from sim.explore.counterexample import counterexample, with_no_return
from sim.explore.deciding import Flip
from sim.explore.doom import Doom, point_of_no_return
from sim.explore.exhaust import ENOUGH, Bounds, exhaust
from sim.explore.findings import findings
from sim.explore.outcomes import outcomes
from sim.explore.shortest import targets
from sim.explore.shrink import shrink
from sim.explore.subject import Subject
from sim.explore.verdict import Verdict
from sim.explore.walks import STRATEGIES, walk, walks
from sim.timed.run import run, settle
from tests.models.worlds import BASE, EXPORTED_AGAIN


def subject(algorithm: str, *names: str, may_stop: bool = False, restarted: str = "[a]", **more: str) -> Subject:
    model = CATALOGUE.search("restart", {"restarted": restarted, **more}, algorithm)
    judged = tuple(prop for prop in model.checked() if prop.name in (names or ("L1",)))
    return Subject(model, settle(model), judged, may_stop=may_stop)


FIXED = subject("0.19.1")


@pytest.mark.parametrize("restarted", ["[a]", "[b]", "[a, b]"])
def test_the_fixed_agent_never_loses_an_import(restarted: str) -> None:
    made = subject("0.19.1", may_stop=True, restarted=restarted)
    out = check(made.model, made.world, made.judged, Plan())
    assert out.verdict is Verdict.EXHAUSTED
    known = {finding.name: finding.result for finding in findings(out)}
    assert {known[name] for name in ("L1", "I1", "I2", "I4", "I5")} == {"holds"}
    assert known["P1"] == "reached"


def test_the_old_agent_loses_it_and_the_shrunk_schedule_is_the_shortest() -> None:
    made = subject("0.19.0")
    quick = check(made.model, made.world, made.judged, Plan(may_stop=False))
    whole = check(made.model, made.world, made.judged, Plan(exhaustive=True, walks=0, may_stop=False))
    assert quick.verdict is whole.verdict is Verdict.VIOLATED
    assert quick.shown is not None
    assert whole.shown is not None
    assert len(quick.shown.moves) == len(whole.shown.moves)
    assert whole.is_shortest and not whole.is_compared  # though the agent is killed in it
    found = counterexample(whole, "token")
    assert found is not None
    assert any("takes submariner-k8s-broker/web-1-demo for a stray" in words for _, words in found.story)
    assert len(found.story) <= 8


@pytest.mark.parametrize("name", ["L1", "S1"])
def test_what_a_search_that_was_cut_off_has_met_is_a_violation(name: str) -> None:
    """At rest and always; what it has not met stays undetermined."""
    made = subject("0.19.0", name)
    seen = set()
    for worlds in (150, 1000, 2000):
        out = check(made.model, made.world, made.judged, Plan(Bounds(worlds=worlds), walks=0, may_stop=False))
        assert out.done is not None and out.done.bound
        met = any(targets(out.done, prop) for prop in out.subject.judged)
        assert out.verdict is (Verdict.VIOLATED if met else Verdict.UNDETERMINED)
        seen.add(met)
        if met:
            assert out.shown is not None and not out.is_shortest
            found = counterexample(out, "token")
            assert found is not None and found.how.startswith("met by the search before it was ended by --worlds")
            last = out.subject.follow(out.shown.moves)[-1]
            assert name == "S1" or not made.judged[0].holds(out.subject.tables.packing.get(last))
    assert seen == {False, True}


def test_the_point_of_no_return_is_the_exporter_s_read() -> None:
    """D(A)'s Get before the deletion (FACTS C15): then nothing adds the cluster again."""
    made = subject("0.19.0")
    out = check(made.model, made.world, made.judged, Plan(may_stop=False))
    found = counterexample(out, "token")
    assert found is not None
    told = with_no_return(out, found)
    assert told.no_return_is_exact
    story = dict(told.story)
    assert told.no_return_words == story[told.no_return or 0]
    (deletes,) = (number for number, words in told.story if words.startswith("agent a deletes ServiceImport"))
    assert told.saved_by == [f"step {deletes}: {story[deletes]}"]


def test_the_point_of_no_return_of_the_incident_takes_few_worlds(monkeypatch: pytest.MonkeyPatch) -> None:
    """A search ends where a good end was met, and walks that end well are followed from later worlds."""
    searched: list[int] = []

    def counted(*given: Any, **more: Any) -> Any:
        done = exhaust(*given, **more)
        searched.append(len(done.search.worlds))
        return done

    monkeypatch.setattr("sim.explore.doom.exhaust", counted)
    model = CATALOGUE.search("incident", {}, "0.19.0")
    out = check(model, settle(model), (model.checked()[0],), Plan())
    assert out.shown is not None and out.violated is not None
    wrong = fails(out.subject, out.violated)
    found = point_of_no_return(out.subject, out.shown.moves, out.shown.worlds, wrong, Bounds(), Bounds())
    assert found.is_exact
    assert sum(searched) < 6_000  # where every world that is asked of is searched to the end, more than 40 000
    some = exhaust(out.subject, begin=out.subject.begin, enough=lambda world: not wrong(world))
    assert some.bound == ENOUGH and any(not wrong(world) for world in some.search.at_rest)


def test_what_could_still_save_it_is_told_of_the_script_by_what_it_does(monkeypatch: pytest.MonkeyPatch) -> None:
    """The namespace comes before the agent, whose watch broke, has listed; the gap in the watch has begun then."""
    model = CATALOGUE.search("defect-R4", {}, "0.19.1")
    wanted = tuple(prop for prop in model.checked() if prop.name == "I2")
    out = check(model, settle(model), wanted, Plan(may_stop=False))
    found = counterexample(out, "token")
    assert found is not None
    (told,) = with_no_return(out, found).saved_by
    listed = r"step \d+: b/lighthouse-agent:namespaces on b list namespaces in \(cluster\) \(informer\)"
    assert re.fullmatch(listed, told)
    slots = out.subject.tables.packing.slots
    gap = next(slot for slot in slots if model.operation(slot.process) == "agent b misses what happens to namespaces")
    assert out.shown is not None
    worlds = out.shown.worlds
    begun = next(world for world in worlds if gap.value(world) and gap.value(world).responses)
    flips = [Flip(gap.index, world, "ends") for world in (worlds[0], begun)]
    monkeypatch.setattr("sim.explore.counterexample.deciding", lambda *_given: flips)
    named = ['"agent b misses what happens to namespaces"']
    assert with_no_return(out, found).saved_by == [*named, *(f"what is left of {each}" for each in named)]
    names = out.subject.machine().processes[model.users]
    assert {*map(model.operation, names)} == {*model.scope().script}
    assert model.operation("monitor b demo/web-1") == ""


def test_searches_that_are_cut_off_are_made_good_by_one_proof() -> None:
    """The same point with searches that see next to nothing, and one at the end that sees enough."""
    made = subject("0.19.0")
    out = check(made.model, made.world, made.judged, Plan(may_stop=False))
    assert out.shown is not None and out.violated is not None
    moves, worlds, wrong = out.shown.moves, out.shown.worlds, fails(out.subject, out.violated)
    whole = point_of_no_return(out.subject, moves, worlds, wrong, Bounds())
    some = point_of_no_return(out.subject, moves, worlds, wrong, Bounds(worlds=300), Bounds(worlds=10**6))
    assert (some.step, some.is_exact) == (whole.step, True)
    none = point_of_no_return(out.subject, moves, worlds, wrong, Bounds(worlds=300))
    assert none.step <= whole.step
    assert not none.is_exact


@pytest.mark.parametrize("algorithm", ["0.19.0", "0.19.1"])
@pytest.mark.parametrize("chosen", [{}, {"before": "slices touched"}])
def test_walks_reach_nothing_that_the_search_does_not(algorithm: str, chosen: Any) -> None:
    """Worlds at rest of walks of all kinds, and of timed runs, are among those of the reduced search."""
    made = subject(algorithm, may_stop=False, **chosen)
    done = exhaust(made)
    at_rest = set(done.search.at_rest)
    for strategy in STRATEGIES:
        assert all(walked.worlds[-1] in at_rest for _, walked in walks(made, strategy, 0, 40))
    ends = {made.model.outcome(made.tables.packing.get(world)) for world in at_rest}
    for seed in range(10):
        timed = run(made.model, made.world, seed)
        assert made.model.outcome(timed.machine.get) in ends


def test_a_visible_property_is_judged_in_every_world() -> None:
    """S1 is violated where the import goes and comes back as well; the seeded bug is the release without the fix."""
    made = subject("0.19.0", "S1")
    assert made.judged[0].when is When.ALWAYS
    whole = check(made.model, made.world, made.judged, Plan(exhaustive=True, walks=0, may_stop=False))
    assert whole.verdict is Verdict.VIOLATED
    assert whole.shown is not None
    assert not made.judged[0].holds(whole.subject.tables.packing.get(whole.shown.worlds[-1]))
    fixed = subject("0.19.1", "S1")
    assert check(fixed.model, fixed.world, fixed.judged, Plan(walks=0)).verdict is Verdict.EXHAUSTED


def test_a_bound_that_is_hit_is_named_and_leaves_the_verdict_open() -> None:
    made = subject("0.19.1", restarted="[a, b]")
    out = check(made.model, made.world, made.judged, Plan(Bounds(worlds=1000), walks=2))
    assert out.verdict is Verdict.UNDETERMINED
    assert out.done is not None
    assert out.done.bound == "--worlds 1000"
    assert {finding.result for finding in findings(out) if finding.name == "L1"} == {"not determined"}


def test_shrinking_makes_a_losing_walk_shorter_and_keeps_it_losing() -> None:
    made = subject("0.19.0")
    losing = next(walked for _, walked in walks(made, "uniform", 0, 100) if made.violations(walked.worlds[-1]))
    shrunk = shrink(made, losing.moves, lambda world: bool(made.violations(world)))
    assert len(shrunk.moves) < len(losing.moves)
    assert made.violations(made.follow(shrunk.moves)[-1])


def test_a_walk_does_not_step_what_is_frozen(tmp_path: Path) -> None:
    """Though what its processes can do was learned before anything was frozen."""
    path = tmp_path / "pause.yaml"
    script = [{"at_ms": 1, "do": "unexport", "cluster": "a"}, {"at_ms": 2, "fault": "pause", "cluster": "a"}]
    path.write_text(
        yaml.safe_dump({
            "name": "pause", "about": "a pause at any moment", "hosts": {"h": ["a"]}, "broker": "a",
            "exports": {"services": 1, "from": ["a"]}, "observe_ms": 600_000, "script": script,
        })
    )  # fmt: skip
    model = CATALOGUE.search(str(path), {}, "0.19.1")
    made = Subject(model, settle(model), (model.checked()[0],), may_stop=False)
    for _, walked in walks(made, "uniform", 0, 20):
        made.told(walked.moves)  # a machine takes only steps that can be taken
        machine = made.machine()
        for domain, name, choice in made.named(walked.moves):
            process = machine.process(domain, name)
            assert process is not None
            assert machine.is_enabled(process) or machine.is_on_its_way(process)
            machine.step(process, choice)


@settings(max_examples=30, deadline=None)
@given(st.data())
def test_hypothesis_is_one_more_driver(data: st.DataObject) -> None:
    """Its choices are a schedule like any other: the fixed agent keeps the import under each of them."""
    made = FIXED
    walked = walk(made, lambda able, _taken: data.draw(st.sampled_from(able)))
    assert walked.at_rest
    assert not made.violations(walked.worlds[-1])


DIGEST = """
import hashlib, sys
from tests.explore.test_check import subject
from sim.explore.exhaust import exhaust
made = subject(sys.argv[1], restarted="[a]")
done = exhaust(made)
text = repr((list(done.search.worlds), done.search.at_rest, done.search.steps))
print(hashlib.sha256(text.encode()).hexdigest())
"""


def test_a_search_does_not_depend_on_the_process_or_its_hash_seed() -> None:
    made = set()
    for hash_seed in ("0", "1", "77"):
        done = subprocess.run(
            [sys.executable, "-c", DIGEST, "0.19.1"], capture_output=True, text=True, check=True,
            env={**os.environ, "PYTHONHASHSEED": hash_seed, "PYTHONPATH": os.pathsep.join(["."])},
        )  # fmt: skip
        made.add(done.stdout)
    assert len(made) == 1


def test_outcomes_come_with_a_schedule_that_leads_there() -> None:
    made = subject("0.19.0")
    found = outcomes(made.model, made.world, Bounds())
    assert not found.bound
    for outcome in found.outcomes:
        world = found.subject.follow(outcome.moves)[-1]
        assert made.model.outcome(found.subject.tables.packing.get(world)) == outcome.words
        assert len(outcome.moves) == outcome.steps


@pytest.mark.parametrize(("asked", "kept"), [(Bounds(worlds=70, seconds=9), (70, 70)), (Bounds(), (20_000, 400_000))])
def test_the_point_of_no_return_keeps_to_the_bounds_of_the_check(
    asked: Bounds, kept: tuple[int, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[Bounds] = []

    def stub(*given: Any) -> Doom:
        told.extend(given[4:6])
        return Doom(0, True)

    monkeypatch.setattr("sim.explore.counterexample.point_of_no_return", stub)
    made = subject("0.19.0")
    out = check(made.model, made.world, made.judged, Plan(bounds=asked, only_walks=True, may_stop=False))
    example = counterexample(out, "token")
    assert example is not None
    with_no_return(out, example)
    assert [(each.worlds, each.seconds) for each in told] == [(worlds, asked.seconds) for worlds in kept]


def test_where_a_search_was_cut_off_walks_of_another_strategy_follow(tmp_path: Path) -> None:
    """A re-export and a crash, of which uniform walks show no loss."""
    path = tmp_path / "mine.yaml"
    path.write_text(yaml.safe_dump({**BASE, "broker": "b", "script": EXPORTED_AGAIN}))
    found = {}
    for number, further in ((40, False), (40, True), (0, True)):
        model = CATALOGUE.search(str(path), {}, "0.19.1")
        judged = tuple(prop for prop in model.checked() if prop.name == "L1")
        plan = Plan(Bounds(worlds=2000), walks=number, further=further, may_stop=False)
        out = check(model, settle(model), judged, plan)
        assert out.done is not None and out.done.bound == "--worlds 2000"
        found[number, further] = out
    said = [(out.verdict, 0 < out.walked <= 40) for out in found.values()]
    assert said == [(Verdict.UNDETERMINED, True), (Verdict.VIOLATED, False), (Verdict.UNDETERMINED, False)]
    told = counterexample(found[40, True], "token")
    assert told is not None and told.how.endswith("; the search for a shorter one was ended by --worlds 2000")
    assert found[0, True].walked == 0
