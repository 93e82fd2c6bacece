"""What is said at the top of a verdict, of what was carried out, and at the end of a replay."""

from __future__ import annotations

import re
from pathlib import Path

import yaml

from tests.cli.run import sim
from tests.cli.test_check import GONE, HASTY, token_in


def test_what_a_scenario_expects_is_said_of_what_it_judges() -> None:
    """The second cause of #3188: no import is lost, as is expected of 0.19.1; tables are another question."""
    flushed = ("--set", "reboot=resume-flushed", "--set", "data_plane=on", "--algorithm", "0.19.1", *HASTY)
    lost, tables = (sim("check", "incident", "--property", prop, *flushed) for prop in ("L1", "D2"))
    assert (lost.returncode, tables.returncode) == (0, 1)
    assert "(expected: holds; as expected)" in lost.stdout
    assert "0.19.1: VIOLATED" in tables.stdout and "expected" not in tables.stdout
    assert re.search(r"^D2 +violated in \d+ steps", tables.stdout, re.M)


def test_what_decides_nothing_and_is_violated_is_said_at_the_top() -> None:
    done = sim("check", "incident", "--set", "reboot=resume-flushed", "--set", "data_plane=on", "--algorithm", "0.19.1")
    assert done.returncode == 0
    head = " ".join(done.stdout.partition("\n\n")[0].split())
    assert "HOLDS" in head and "ATTENTION D2, D3 are violated in some schedule" in head
    assert "ATTENTION" not in sim("check", "restart", "--algorithm", "0.19.1", *HASTY).stdout


def test_properties_that_cannot_decide_here_are_refused_with_what_they_need() -> None:
    premise, left_out = (sim("check", "incident", "--property", name, *HASTY) for name in ("P1", "D2"))
    assert (premise.returncode, left_out.returncode) == (2, 2)
    assert "P1 is a premise" in premise.stderr and "P1" not in premise.stderr.partition("allowed:")[2]
    assert "property D2 is not judged here" in left_out.stderr and "--set data_plane=on" in left_out.stderr


def test_outcomes_say_what_was_carried_out(tmp_path: Path) -> None:
    path = tmp_path / "ops.yaml"
    killed = {"at_ms": 1, "fault": "kill-at-write", "cluster": "a", "write": 99}
    for operation, is_carried_out in ((GONE[0], True), (killed, False)):
        path.write_text(yaml.safe_dump([operation]))
        said = " ".join(sim("outcomes", str(path), "--algorithm", "0.19.1").stdout.split())
        assert "Never carried out" not in said
        assert ("Waited for in vain" in said) is not is_carried_out
        assert (
            "a/lighthouse-agent:s1-service-exports/worker" in said.partition("Took no step")[2]
        ) is not is_carried_out


def test_a_replay_has_every_line_that_the_story_ends_with() -> None:
    flushed = ("--set", "reboot=resume-flushed", "--set", "data_plane=on", "--algorithm", "0.19.1", "--property", "D2")
    done = sim("check", "incident", *flushed, *HASTY)
    for more in ((), ("--full",)):
        replayed = sim("replay", token_in(done.stdout), *more).stdout
        assert "at rest, kernel tables are missing" in replayed and "at rest, DNS of b says no address" in replayed


def test_what_is_left_out_is_never_told_as_missing() -> None:
    """A run, a schedule, and one of no steps, without the data plane."""
    shown = sim("explore", "restart", "--seeds", "2", "--out", "none", "--algorithm", "0.19.1")
    assert "one to look at" in shown.stdout and "is killed" in shown.stdout and "kernel tables" not in shown.stdout
    (token,) = re.findall(r"check1\.\S+", sim("outcomes", "restart", "--algorithm", "0.19.1").stdout)
    assert "kernel tables" not in sim("replay", token).stdout
    nothing = sim("outcomes", "script", "--algorithm", "0.19.1")
    assert "in 0 steps" in nothing.stdout
    replayed = sim("replay", token_in(nothing.stdout))
    assert (replayed.returncode, replayed.stderr) == (0, "")
    lost = sim("check", "script", "--set", "before=imports lost", "--algorithm", "0.19.1", *HASTY)
    assert "L1 is violated in 0 steps" in lost.stdout and "Traceback" not in lost.stderr


def test_a_part_of_what_is_judged_is_no_surprise() -> None:
    """What a file declares is of all together: a part may hold where the whole fails, and fails with it."""
    for judged, code in ((("L1",), 0), (("D1",), 1), (("L1", "D1", "D2", "D3"), 0)):
        asked = [word for name in judged for word in ("--property", name)]
        done = sim("check", "flushed", "--set", "second=coredns", *asked, *HASTY)
        assert done.returncode == code
        assert ("expected" in done.stdout.partition("\n\n")[0]) is (len(judged) == 4)
    assert "expected: holds" in sim("check", "flushed", "--property", "D1", *HASTY).stdout
    explored = sim("explore", "flushed", "--set", "second=coredns", "--seeds", "2", "--out", "none")
    assert "not as expected" not in explored.stdout


def test_a_run_that_needs_the_data_plane_is_shrunk_with_it(tmp_path: Path) -> None:
    path = tmp_path / "ops.yaml"
    script = [{"at_ms": 5000, "fault": "kernel-flush", "host": "host-1"}, {**GONE[0], "at_ms": 6000}]
    path.write_text(yaml.safe_dump(script))
    predicted = sim("predict", str(path), "--seeds", "1", "--algorithm", "0.19.1").stdout
    token = re.search(r"run1\.\S+", predicted)
    assert token is not None
    done = sim("shrink", token[0])
    assert "they violate D2" in " ".join(done.stdout.split()), done.stderr


def test_the_hint_about_the_data_plane_is_accepted_as_it_stands(tmp_path: Path) -> None:
    refused = sim("check", "incident", "--property", "D2", *HASTY).stderr
    hint = re.search(r"search: \{data_plane: .*?\}", refused)
    assert hint is not None
    path = tmp_path / "mine.yaml"
    path.write_text(
        f"name: mine\nabout: of a hint\nhosts: [a, b]\nbroker: a\nobserve_ms: 600000\n"
        f"exports: {{services: 1, from: [a]}}\nscript: []\n{hint[0]}\n"
    )
    assert "D2  holds" in sim("check", str(path), "--algorithm", "0.19.1", "--property", "D2", *HASTY).stdout


def test_many_faults_do_not_push_the_end_out_of_a_story(tmp_path: Path) -> None:
    path = tmp_path / "ops.yaml"
    path.write_text(yaml.safe_dump([{"at_ms": 5000 + n, "fault": "kernel-flush", "host": "host-1"} for n in range(9)]))
    done = sim("check", str(path), "--set", "data_plane=on", "--property", "D2", "--algorithm", "0.19.1",
               "--only-walks", "--whole-script")  # fmt: skip
    assert "at rest, kernel tables are missing" in " ".join(done.stdout.split())


def test_what_the_end_violates_is_said_by_replay_and_shrink(tmp_path: Path) -> None:
    """A loss beside flushed tables: each of the two is said, whichever the story is of."""
    path = tmp_path / "ops.yaml"
    again = {"at_ms": 9000, "do": "export", "cluster": "a"}
    script = [{"at_ms": 5000, "fault": "kernel-flush", "host": "host-1"}, {**GONE[0], "at_ms": 8000}, again]
    path.write_text(yaml.safe_dump(script))
    done = sim("check", str(path), "--set", "data_plane=on", "--whole-script", "--algorithm", "0.19.1", *HASTY)
    assert "L1 is violated" in done.stdout
    said = sim("replay", token_in(done.stdout)).stdout.splitlines()[-2]
    assert said.startswith("violated at rest: L1 (") and "D2 (every kernel table" in said
    shrunk = sim("shrink", token_in(done.stdout), "--property", "D2", "--tries", "20").stdout
    assert re.search(r"^   end  demo/web-1: aggregate ", shrunk, re.M)
    also = re.search(r"also +the end violates (.*)", shrunk)
    ended = sim("replay", token_in(shrunk)).stdout.splitlines()[-2]
    others = set(re.findall(r"([LIDE]\d+) \(", ended)) - {"D2"}
    assert (also is not None) is bool(others) and all(name in (also or [""])[0] for name in others)
    run_ = sim("explore", "--seeds", "1", "--set", "reboot=resume-flushed", "--out", "none").stdout
    token = re.search(r"run1\.\S+", run_)
    assert token is not None
    assert "violated: D2 (every kernel table" in sim("replay", token[0]).stdout.splitlines()[-2]
