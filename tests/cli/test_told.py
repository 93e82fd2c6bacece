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
    assert "P1 is a premise" in premise.stderr
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
