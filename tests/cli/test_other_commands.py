"""``sim scenarios`` and ``sim calibrate``, the ways in, and what holds for every command."""

from __future__ import annotations

import json
import re
from pathlib import Path

from tests.cli.run import sim


def test_scenarios_lists_every_option_with_what_is_accepted() -> None:
    done = sim("scenarios")
    assert done.returncode == 0
    for text in ("incident:", "reboot=restart", "restart, resume, resume-flushed", "algorithms: 0.15, 0.16.0"):
        assert text in done.stdout
    everywhere = done.stdout.partition("every scenario:\n")[2].partition("algorithms:")[0].splitlines()
    named = [line.split()[1] for line in everywhere]
    assert [each.partition("=")[0] for each in named] == ["only", "copies", "delay.call"]
    for line in everywhere:
        asked = line.strip().partition("--set ")[2].partition("  ")[0].strip()
        assert sim("check", "restart", "--set", asked, "--worlds", "50", "--walks", "1").returncode != 2, asked


def test_algorithms_that_are_made_of_others_are_listed_as_they_are_accepted() -> None:
    said = sim("scenarios").stdout.partition("algorithms:")[2]
    mixed, without = re.findall(r'--algorithm "(.+?)"', said)
    guard = re.search(r"^without (.+?):", sim("necessity", "--worlds", "50", "--walks", "1").stdout, re.M)
    assert guard is not None
    for name in (mixed, without.replace("GUARD", guard[1])):
        done = sim("check", "restart", "--algorithm", name, "--worlds", "50", "--walks", "1")
        assert f", {name}: " in " ".join(done.stdout.split())


def test_explore_takes_its_scenario_as_an_argument_as_well() -> None:
    short = ("--seeds", "2", "--out", "none", "--algorithm", "0.19.1")
    assert "restart" in sim("explore", "restart", *short).stdout.splitlines()[0]
    assert sim("explore", "restart", *short).stdout == sim("explore", "--scenario", "restart", *short).stdout
    done = sim("explore", "restart", "--scenario", "incident", *short)
    assert done.returncode == 2
    assert "scenario restart and --scenario incident" in done.stderr


def test_calibrate_agrees_with_every_measured_step(tmp_path: Path) -> None:
    done = sim("calibrate", "--seeds", "21", "--out", str(tmp_path / "calibration"))
    assert done.returncode == 0, done.stdout
    rows = json.loads((tmp_path / "calibration" / "calibration.json").read_text())
    assert {row["way"] for row in rows} == {"processes", "controllers"}
    assert {row["operation"] for row in rows} >= {"export", "unexport", "restart"}
    assert all(row["agrees"] and row["runs"] >= 5 for row in rows)
    assert "DIFFERS" not in done.stdout


def test_calibrate_refuses_what_it_cannot_do(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    for arguments in (["--seeds", "0"], ["--seeds", "3", "--out", str(tmp_path / "file" / "x")]):
        done = sim("calibrate", *arguments)
        assert done.returncode == 2
        assert "Traceback" not in done.stderr


def test_no_command_shows_the_commands() -> None:
    done = sim("--help")
    assert done.returncode == 0
    for command in ("explore", "replay", "calibrate", "scenarios"):
        assert command in done.stdout
    assert sim("explor").returncode == 2


def test_outcomes_that_are_cut_off_show_what_they_have_come_to() -> None:
    """Each with a schedule, which replays; and nothing is said of those that are not there."""
    both = ("restart", "--set", "exported=[a, b]", "--set", "restarted=[a, b]", "--algorithm", "0.19.0")
    done = sim("outcomes", *both, "--worlds", "20000", "--format", "json")
    assert done.returncode == 3
    (found,) = json.loads(done.stdout)
    assert found["coverage"]["bound"] == "--worlds 20000"
    assert found["settings"]["restarted"] == "[a, b]"
    rows = found["outcomes"]
    assert rows
    assert all(row["worlds"] > 0 for row in rows)
    replayed = sim("replay", rows[0]["token"])
    assert replayed.returncode == 0
    assert rows[0]["end"][0] in " ".join(replayed.stdout.split())
    said = sim("outcomes", *both, "--worlds", "100").stdout
    assert "4 outcomes so far, there may be more: --worlds 100" in said  # from walks alone
    assert "what it and 80 random walks did not reach" in " ".join(said.split())


def test_outcomes_takes_a_script_alone(tmp_path: Path) -> None:
    script = tmp_path / "unexport.yaml"
    script.write_text("- {at_ms: 1000, do: unexport, cluster: a}\n")
    done = sim("outcomes", str(script), "--algorithm", "0.19.1", "--may-stop")
    assert done.returncode == 0
    assert "2 outcomes, all that there are with the above left out (" in done.stdout
    said = " ".join(done.stdout.split())
    assert "left out globalnet; clusterset IPs;" in said.partition("command")[0]
    assert "2 worlds at rest: those that read alike and violate the same are one outcome, whatever else" in said
    assert "coverage Scenario unexport under 0.19.1: clusters a, b, broker on a" in said
    assert "or fewer of these (the environment may stop before any)" in said
    assert "aggregate missing; copy in a missing, copy in b missing" in done.stdout
    assert "aggregate {a}; copy in a {a}, copy in b {a}" in done.stdout
    done = sim("outcomes", str(script), "--set", "nothing=1")
    assert done.returncode == 2
    script.write_text("")
    assert "a list of operations" in sim("outcomes", str(script)).stderr
