"""``sim check`` and the commands beside it, by the command line."""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Callable
from pathlib import Path

import pytest
import yaml

from sim.cli.searching import as_expected
from sim.explore.verdict import Verdict
from tests.cli.run import PYTHON, joined, sim

HASTY = ("--no-explain", "--walks", "20")


def token_in(text: str) -> str:
    found = re.search(r"check1\.\S+", text)
    assert found is not None, text
    return found[0]


@pytest.fixture(scope="module")
def incident() -> str:
    done = sim("check", "incident")
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_the_incident_is_checked_under_both_algorithms(incident: str, golden: Callable[[str, str], None]) -> None:
    golden("check.txt", re.sub(r"check1\.\S+", "TOKEN", incident))


def test_the_token_of_a_check_replays(incident: str) -> None:
    token = token_in(incident)
    done = sim("replay", token)
    assert done.returncode == 0, done.stderr
    assert "aggregate missing" in done.stdout
    assert "deletes" in done.stdout or "delete" in done.stdout
    full = sim("replay", token, "--full").stdout
    story = incident.partition("L1 is violated")[2].partition("    end ")[0]
    told = re.findall(r"^ +(\d+)  (.*(?:\n {9,}\S.*)*)", story, re.M)
    assert len(told) > 5
    for number, words in told:  # what the check told, the replay tells at the same step
        assert f"{number:>6}  {' '.join(words.split())}" in done.stdout
        assert " ".join(words.split()) in full
    assert len(full.splitlines()) > len(done.stdout.splitlines())
    assert not PYTHON.search("\n".join(full.splitlines()[1:-1]))
    state = sim("replay", token, "--at", "0")
    assert state.returncode == 0
    assert "after 0 steps" in state.stdout


def test_a_damaged_token_and_a_step_beyond_its_end_are_refused(incident: str) -> None:
    token = token_in(incident)
    for broken, word in ((token[:-3] + "xyz", "damaged"), (token.replace(".", "!", 1), "token")):
        done = sim("replay", broken)
        assert done.returncode == 2
        assert word in done.stderr
    done = sim("replay", token, "--at", "100000")
    assert done.returncode == 2
    assert "number of steps" in done.stderr


def test_shrink_takes_tokens_of_checks_and_of_runs(incident: str) -> None:
    done = sim("shrink", token_in(incident))
    assert done.returncode == 0, done.stderr
    assert "shrunk to" in joined(done)
    explored = sim("explore", "--seeds", "2", "--scenario", "restart", "--algorithm", "0.19.0", "--out", "none")
    found = re.search(r"run1\.\S+", explored.stdout)
    assert found is not None, explored.stdout
    done = sim("shrink", found[0])
    assert done.returncode == 0, done.stderr
    assert re.match(r"the run has \d+ steps; ", done.stdout)
    before, after = re.findall(r"(\d+) steps shrunk to (\d+)", joined(done))[0]
    assert int(after) <= int(before)
    assert sim("replay", token_in(done.stdout)).returncode == 0


GONE = [{"at_ms": 5000, "do": "unexport", "cluster": "a"}, {"at_ms": 6000, "fault": "agent-crash", "clusters": ["a"]}]


@pytest.fixture(scope="module")
def ghost(tmp_path_factory: pytest.TempPathFactory) -> str:
    """A check of an aggregate that goes on naming who exports no more."""
    path = tmp_path_factory.mktemp("ghost") / "ops.yaml"
    path.write_text(yaml.safe_dump(GONE))
    return sim("check", str(path), "--algorithm", "0.19.1", "--property", "I1", "--no-explain").stdout


def test_what_stays_violated_while_a_token_is_shrunk_is_what_it_violates(ghost: str) -> None:
    assert "I1 is violated" in ghost
    for named in ((), ("--property", "E1"), ("--property", "I8")):
        done = sim("shrink", token_in(ghost), "--tries", "5", *named)
        assert done.returncode == 0, done.stderr
        assert f"they violate {named[1] if named else 'I1'}: " in joined(done)
        again = sim("shrink", token_in(done.stdout), "--tries", "0", "--property", "I1")
        assert again.returncode == 0, again.stderr
    done = sim("shrink", token_in(ghost), "--property", "L1")
    assert done.returncode == 2
    assert "does not violate L1" in done.stderr and "one of those that it violates: I1, E1" in done.stderr


def test_what_must_hold_always_is_shrunk_to_where_it_is_first_violated(incident: str) -> None:
    done = sim("shrink", token_in(incident), "--property", "S1", "--tries", "100")
    assert done.returncode == 0, done.stderr
    found = re.search(r"(\d+) steps shrunk to (\d+), .*they violate S1", joined(done))
    assert found is not None and int(found[2]) < int(found[1])
    again = sim("shrink", token_in(done.stdout), "--tries", "0")  # it ends before it is at rest
    assert again.returncode == 0, again.stderr
    assert f"{found[2]} steps shrunk to {found[2]}, " in joined(again) and "violate S1" in joined(again)


def test_a_replay_tells_the_story_of_what_the_schedule_violates(ghost: str) -> None:
    story = re.findall(r"^ +(\d+)  (.*(?:\n {9,}\S.*)*)", ghost.partition("    end ")[0].partition("I1 is vi")[2], re.M)
    assert len(story) > 5
    replayed = sim("replay", token_in(ghost)).stdout
    for number, words in story:
        assert f"{number:>6}  {' '.join(words.split())}" in replayed


def test_shrinking_never_makes_a_schedule_longer(incident: str, ghost: str) -> None:
    for said in (incident, ghost):
        steps = re.search(r"is violated in (\d+) steps", said)
        assert steps is not None
        done = sim("shrink", token_in(said), "--tries", "0")
        assert f"{steps[1]} steps shrunk to {steps[1]}, " in joined(done)
        assert token_in(done.stdout) == token_in(said)
    done = sim("shrink", token_in(ghost), "--tries", "-5")
    assert done.returncode == 2
    assert "--tries" in done.stderr


def test_full_tells_every_step_of_the_counterexample_in_words() -> None:
    done = sim("check", "restart", "--algorithm", "0.19.0", "--full", *HASTY)
    steps = re.findall(r"^ +\d+ [* ] .*$", done.stdout, re.MULTILINE)
    assert f"violated in {len(steps)} steps" in done.stdout
    assert any(":main starts " in step for step in steps)
    assert not PYTHON.search("\n".join(steps))


def test_json_says_what_the_text_says() -> None:
    done = sim("check", "restart", "--format", "json", *HASTY)
    old, new = json.loads(done.stdout)
    assert (old["verdict"], new["verdict"]) == ("violated", "exhausted")
    assert old["as_expected"]
    assert old["counterexample"]["property"] == "L1"
    assert new["counterexample"] is None
    assert new["coverage"]["complete"]
    assert "Every reachable world was covered" in new["coverage"]["sentence"]


def test_the_answer_is_written_for_ci(tmp_path: Path) -> None:
    files = ("--junit", str(tmp_path / "j.xml"), "--sarif", str(tmp_path / "s.json"))
    assert sim("check", "restart", *HASTY, *files).returncode == 0
    assert (tmp_path / "j.xml").read_text().startswith("<?xml")
    assert json.loads((tmp_path / "s.json").read_text())["version"] == "2.1.0"
    assert sim("check", "restart", *HASTY, "--junit", str(tmp_path / "no" / "j.xml")).returncode == 2


def test_a_surprise_either_way_is_a_failure(tmp_path: Path) -> None:
    scenario = {
        "name": "surprise", "about": "declared the wrong way round", "hosts": {"h": ["a"]}, "broker": "a",
        "exports": {"services": 1, "from": ["a"]}, "observe_ms": 600_000,
        "script": [{"at_ms": 5000, "fault": "agent-crash", "clusters": ["a"]}],
        "expect": [{"release": "0.19.0", "verdict": "holds"}, {"release": "0.19.1", "verdict": "fails"}],
    }  # fmt: skip
    path = tmp_path / "surprise.yaml"
    path.write_text(yaml.safe_dump(scenario))
    for algorithm in ("0.19.0", "0.19.1"):
        done = sim("check", str(path), "--algorithm", algorithm, *HASTY)
        assert done.returncode == 1
        assert "NOT AS EXPECTED" in done.stdout


@pytest.mark.parametrize("expect", [{}, {"expect": []}])
def test_where_nothing_is_declared_both_releases_are_to_hold(expect: dict[str, list[str]], tmp_path: Path) -> None:
    scenario = {
        "name": "plain", "about": "nothing is declared", "hosts": {"h": ["a"]}, "broker": "a",
        "exports": {"services": 1, "from": ["a"]}, "observe_ms": 600_000,
        "script": [{"at_ms": 5000, "fault": "agent-crash", "clusters": ["a"]}], **expect,
    }  # fmt: skip
    path = tmp_path / "plain.yaml"
    path.write_text(yaml.safe_dump(scenario))
    done = sim("check", str(path), *HASTY)
    assert done.returncode == 1
    said = " ".join(done.stdout.split())
    assert "0.19.0: VIOLATED (expected: holds; NOT AS EXPECTED)" in said
    assert "0.19.1: HOLDS: every reachable world was covered (expected: holds; as expected)" in said


def test_outcomes_and_necessity_say_what_was_asked() -> None:
    asked = ("--set", "before=imports lost", "--worlds", "100")
    for words in (("outcomes", "--algorithm", "0.19.1", *asked), ("necessity", *asked)):
        done = sim(*words)
        assert done.returncode in (0, 3)
        said = done.stdout.partition("\n\n")[0]
        assert "before=imports lost services=1" in said
        assert said.endswith(f"command   sim {shlex.join(words)}")


def test_a_bound_leaves_it_undetermined() -> None:
    done = sim("check", "restart", "--algorithm", "0.19.1", "--worlds", "50", *HASTY)
    assert done.returncode == 3
    assert "UNDETERMINED" in done.stdout
    assert "--only-walks --walks 2000 --strategy pct looks for a violation" in " ".join(done.stdout.split())
    assert "ended by --worlds 50" in " ".join(done.stdout.split())


def test_what_holds_within_a_depth_says_so_and_is_no_surprise_where_it_was_to_fail() -> None:
    for algorithm, code, expected in (
        ("0.19.1", 0, "(expected: holds; as expected)"),
        ("0.19.0", 3, "(expected: fails)"),
    ):
        done = sim("check", "restart", "--algorithm", algorithm, "--search", "plain", "--walks", "0", "--depth", "8")
        said = " ".join(done.stdout.split())
        assert done.returncode == code
        assert f"{algorithm}: HOLDS within the bounds: --depth 8 {expected}" in said
        assert "L1 holds within the bounds every export" in said


def test_what_is_undetermined_is_neither_as_expected_nor_not() -> None:
    """Whether the release is declared to fail or to hold."""
    done = sim("check", "restart", "--worlds", "50", "--no-explain", "--walks", "0", "--format", "json")
    assert done.returncode == 3
    said = [(each["expected"], each["verdict"], each["as_expected"]) for each in json.loads(done.stdout)]
    assert said == [("fails", "undetermined", None), ("holds", "undetermined", None)]
    assert as_expected(Verdict.HOLDS, "holds") is as_expected(Verdict.VIOLATED, "fails") is True
    assert as_expected(Verdict.EXHAUSTED, "fails") is as_expected(Verdict.VIOLATED, "") is False


def test_profile_names_steps_and_what_they_clash_over() -> None:
    done = sim("profile", "restart", "--algorithm", "0.19.1")
    assert done.returncode == 0, done.stderr
    assert "><" in done.stdout
    assert "values of" in done.stdout


@pytest.mark.parametrize(
    ("arguments", "word"),
    [
        (("check", "incidnet"), "incident"),
        (("check", "--property", "L9"), "L1"),
        (("check", "--worlds", "-1"), "at least 0"),
        (("check", "--strategy", "best"), "uniform, pct, remaining"),
        (("check", "--algorithm", "0.19.1 without hope"), "unknown"),
        (("outcomes", "--set", "restarted=[c]"), "accepted"),
        (("compare", "0.19.0", "0.20"), "0.19.1"),
    ],
)
def test_bad_input_is_one_clear_error(arguments: tuple[str, ...], word: str) -> None:
    done = sim(*arguments)
    assert done.returncode == 2, done.stdout
    assert "Traceback" not in done.stderr
    assert word in done.stderr


def test_a_counterexample_and_a_small_search_are_drawn(tmp_path: Path) -> None:
    picture, graph = tmp_path / "loss.mmd", tmp_path / "worlds.dot"
    args = ("check", "restart", *HASTY, "--algorithm")
    done = sim(*args, "0.19.0", "--mermaid", str(picture))
    assert done.returncode == 0  # as the scenario expects
    assert picture.read_text().startswith("sequenceDiagram")
    done = sim(*args, "0.19.1", "--worlds", "60", "--dot", str(graph))
    assert done.returncode == 3
    assert graph.read_text().startswith("digraph worlds {")
    for bad in (("0.19.1", "--mermaid"), ("0.19.0", "--dot"), ("0.19.1", "--algorithm", "0.19.0", "--dot")):
        done = sim(*args, *bad, str(tmp_path / "no"))
        assert done.returncode == 2
        assert not (tmp_path / "no").exists()


def test_what_cannot_be_drawn_costs_neither_the_verdict_nor_what_can_be_written(tmp_path: Path) -> None:
    cannot = ("--mermaid", str(tmp_path / "no.mmd"), "--junit", str(tmp_path / "no" / "j.xml"))
    asked = ("check", "restart", "--algorithm", "0.19.1", "--worlds", "60", *HASTY)
    graph = tmp_path / "worlds.dot"
    done = sim(*asked, *cannot, "--dot", str(graph))
    assert done.returncode == 2
    assert "UNDETERMINED: ended by --worlds 60" in " ".join(done.stdout.split())
    assert done.stderr.count("error: ") == 2
    assert "error: --mermaid: 0.19.1 violates nothing here" in done.stderr
    assert [path.name for path in tmp_path.iterdir()] == [graph.name]
    large = sim(*asked, "--worlds", "0", "--format", "json", "--dot", str(graph))
    assert large.returncode == 2
    assert "allowed: at most 200 worlds" in large.stderr
    assert json.loads(large.stdout)[0]["verdict"] == "exhausted"


def test_what_holds_for_good_is_asked_with_its_name() -> None:
    done = sim("check", "restart", "--algorithm", "0.19.1", "--property", "E1")
    assert done.returncode == 0
    assert re.search(r"E1 holds from some world on: every schedule comes to rest", " ".join(done.stdout.split()))


def test_services_are_searched_one_by_one_and_those_that_are_alike_once() -> None:
    done = sim("check", "restart", "--algorithm", "0.19.1", "--set", "services=12")
    said = " ".join(done.stdout.split())
    assert done.returncode == 0
    assert "web-1 (also for web-2, web-3, web-4 and 8 others): Every reachable world was covered" in said
    every = sim("check", "restart", "--algorithm", "0.19.1", "--set", "services=2", "--no-symmetry")
    assert "web-1: Every reachable" in " ".join(every.stdout.split())
    assert "web-2: Every reachable" in " ".join(every.stdout.split())
    outcomes = sim("outcomes", "restart", "--algorithm", "0.19.1", "--set", "services=2").stdout
    assert "restart, 0.19.1: web-1 (also for web-2): 1 outcome, " in outcomes
    together = sim("check", "restart", "--algorithm", "0.19.1", *HASTY, "--set", "services=2", "--together",
                   "--worlds", "500")  # fmt: skip
    assert "The services are searched together: that was asked for." in " ".join(together.stdout.split())
    assert together.returncode == 3


def test_clusters_that_are_alike_are_searched_once(tmp_path: Path) -> None:
    scenario = {
        "name": "alike", "about": "two clusters that are alike", "hosts": {"h": ["a"], "i": ["b"]},
        "broker": "separate", "exports": {"services": 1, "from": ["a", "b"], "spread": "from each"},
        "observe_ms": 600_000, "script": [{"at_ms": 5000, "fault": "agent-crash", "clusters": ["a", "b"]}],
    }  # fmt: skip
    path = tmp_path / "alike.yaml"
    path.write_text(yaml.safe_dump(scenario))
    asked = ("check", str(path), "--algorithm", "0.19.1", "--whole-script", "--format", "json", *HASTY)
    once, apart = (json.loads(sim(*asked, *more).stdout)[0] for more in ((), ("--no-cluster-symmetry",)))
    assert once["verdict"] == apart["verdict"] == "exhausted"
    assert once["findings"] == apart["findings"]
    assert once["coverage"]["at_rest"] == apart["coverage"]["at_rest"]
    assert once["coverage"]["worlds"] < apart["coverage"]["worlds"]
    assert "a renaming of clusters (a for b, b for a) are searched once" in once["coverage"]["sentence"]
    assert "renaming" not in apart["coverage"]["sentence"]


def test_the_token_of_a_service_alone_replays() -> None:
    done = sim("check", "incident", "--algorithm", "0.19.0", *HASTY, "--set", "services=2")
    assert done.returncode == 0
    assert "web-2" in sim("replay", token_in(done.stdout)).stdout


def test_a_property_that_is_judged_only_where_it_is_asked_for_can_be_asked_for() -> None:
    done = sim("check", "restart", "--algorithm", "0.19.1", "--property", "I8", "--property", "L1", *HASTY)
    assert done.returncode == 0
    assert re.search(r"^I8 +holds +the broker has EndpointSlices of exporting clusters only", done.stdout, re.M)
    assert "I8" not in sim("check", "restart", "--algorithm", "0.19.1", *HASTY).stdout
    wrong = sim("check", "restart", "--property", "I99").stderr
    assert "unknown property 'I99'" in wrong
    assert "I13" in wrong


def test_the_headline_says_that_some_schedules_never_come_to_rest() -> None:
    done = sim("check", "defect-R18", "--algorithm", "0.21", "--format", "json", *HASTY)
    assert json.loads(done.stdout)[0]["coverage"]["restless"]
    said = " ".join(sim("check", "defect-R18", "--algorithm", "0.21", *HASTY).stdout.split())
    assert "0.21: HOLDS at rest: every reachable world was covered; some schedules never come to rest" in said
    calm = " ".join(sim("check", "restart", "--algorithm", "0.19.1", *HASTY).stdout.split())
    assert "0.19.1: HOLDS: every reachable world was covered (" in calm


def test_a_schedule_is_called_the_shortest_of_all_only_where_that_is_known() -> None:
    old = ("check", "restart", "--algorithm", "0.19.0")
    killed = " ".join(sim(*old, "--exhaustive", *HASTY).stdout.split())
    assert "steps: the shortest of all schedules" in killed
    assert "and shrunk; --exhaustive looks for a shorter one" in " ".join(sim(*old, *HASTY).stdout.split())
    for kind in ("reduced", "plain"):
        bounded = sim(*old, "--exhaustive", "--search", kind, "--worlds", "100", *HASTY).stdout
        assert "and shrunk; the search for a shorter one was ended by --worlds 100" in " ".join(bounded.split())
    calm = sim("check", "defect-R5", "--algorithm", "0.17.0", "--exhaustive", *HASTY).stdout
    assert "L1 is violated in 8 steps: the shortest of all schedules" in calm


def test_a_picture_is_of_one_algorithm(tmp_path: Path) -> None:
    done = sim("check", "incident", "--mermaid", str(tmp_path / "picture.mmd"))
    assert done.returncode == 2
    assert "incident is checked under 0.19.0, 0.19.1, and a picture shows one" in done.stderr
