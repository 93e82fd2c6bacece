"""``sim explore`` as a user runs it: what it prints, writes and exits with."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from sim.study.store import read
from tests.cli.run import sim

VERSION = re.compile(r"run1\.\S+")


def test_the_default_scenario_says_what_a_design_review_asks(golden: Callable[[str, str], None]) -> None:
    done = sim("explore", "--seeds", "30", "--out", "none")
    assert done.returncode == 0, done.stderr
    golden("explore.txt", VERSION.sub("TOKEN", done.stdout))
    assert max(map(len, VERSION.sub("TOKEN", done.stdout).splitlines())) <= 100


@pytest.mark.parametrize(
    ("settings", "code", "says"),
    [
        (["--set", "reboot=resume"], 0, "0.19.0 loses the import for ever in none of 6 seeds, as expected"),
        (["--set", "reboot=resume-flushed"], 0, "D2"),
        (["--set", "broker=separate", "--set", "rtt_ms=50"], 0, "in none of 6 seeds, as expected"),
        (["--set", "monitor=on"], 0, "temporarily in 6"),
        (["--set", "way=controllers", "--set", "services=1"], 0, "0.19.1 in none of 6, as expected"),
        (["--set", "delay.container-start=constant 1"], 0, "container-start constant 1"),
        (["--algorithm", "0.19.1"], 0, "0.19.1 loses the import for ever in none of 6 seeds, as expected"),
    ],
)
def test_variants_by_option(settings: list[str], code: int, says: str) -> None:
    done = sim("explore", "--seeds", "6", "--out", "none", *settings)
    assert done.returncode == code, done.stdout + done.stderr
    assert says in " ".join(done.stdout.split())


def test_an_algorithm_that_should_hold_and_fails_exits_with_1(tmp_path: Path) -> None:
    scenario = tmp_path / "wrong.yaml"
    shipped = Path("models/scenarios/incident.yaml").read_text()
    scenario.write_text(shipped.replace("{release: 0.19.0, verdict: fails", "{release: 0.19.0, verdict: holds"))
    done = sim("explore", "--scenario", str(scenario), "--seeds", "3", "--out", "none")
    assert done.returncode == 1
    assert "not as expected" in done.stdout


def test_what_only_a_search_judges_is_named(tmp_path: Path) -> None:
    scenario = tmp_path / "judged.yaml"
    shipped = Path("models/scenarios/restart.yaml").read_text()
    scenario.write_text(f"{shipped}\nsearch: {{judged: [L1, I2, I4]}}\n")
    few = ("--seeds", "1", "--out", "none", "--algorithm", "0.19.1")
    said = " ".join(sim("explore", str(scenario), *few).stdout.split())
    note = "note: what is expected here is about lost imports alone, and so is the exit code; sim check judges I2, I4"
    assert f"{note} in this scenario" in said
    plain = " ".join(sim("explore", "restart", *few).stdout.split())
    assert "sim check judges I2" not in plain
    assert "what none shows may happen all the same; sim check judges every schedule" in plain
    lost = sim("explore", "--seeds", "1", "--out", "none", "--algorithm", "0.19.0").stdout
    assert "sim check judges every schedule" not in " ".join(lost.split())
    assert "The exit code speaks of lost imports alone" in " ".join(sim("explore", "--help").stdout.split())


def test_a_run_that_did_not_come_to_rest_is_undetermined() -> None:
    private = ["--set", "broker_certificate=private", "--algorithm", "0.19.1"]
    done = sim("explore", "--seeds", "12", "--out", "none", *private)
    assert done.returncode == 3
    assert "not at rest" in done.stdout


def test_the_same_command_writes_the_same_bytes_whatever_the_hash_seed_and_the_jobs(tmp_path: Path) -> None:
    names = []
    for name, hash_seed, jobs in (("one", "1", "1"), ("two", "2", "2")):
        made = sim("explore", "--seeds", "50", "--out", str(tmp_path / name), "--jobs", jobs, hash_seed=hash_seed)
        assert made.returncode == 0, made.stderr
        names.append({path.name: path.read_bytes() for path in sorted((tmp_path / name).iterdir())})
    assert names[0].keys() == names[1].keys()
    assert {"manifest.json", "rows.parquet", "summary.json", "report.txt", "lanes.png", "outcomes.svg"} <= names[
        0
    ].keys()
    for name, content in names[0].items():
        assert content == names[1][name], name


def test_json_is_the_summary_and_nothing_else(tmp_path: Path) -> None:
    done = sim("explore", "--seeds", "5", "--format", "json", "--out", str(tmp_path / "out"))
    assert json.loads(done.stdout) == json.loads((tmp_path / "out" / "summary.json").read_text())


def test_results_are_complete_and_never_overwritten(tmp_path: Path) -> None:
    assert sim("explore", "--seeds", "3", cwd=tmp_path).returncode == 0
    assert sim("explore", "--seeds", "3", cwd=tmp_path).returncode == 0
    assert sorted(path.name for path in (tmp_path / "results").iterdir()) == ["incident-0-3-1", "incident-0-3-2"]
    manifest, rows, summary = read(tmp_path / "results" / "incident-0-3-1")
    assert len(rows) == summary.done == 6
    assert manifest.seeds == "0:3"
    again = sim("explore", "--seeds", "3", "--out", str(tmp_path / "results" / "incident-0-3-1"))
    assert again.returncode == 2
    assert "incident-0-3-1" in again.stderr


def test_the_largest_seed_is_a_seed(tmp_path: Path) -> None:
    last = 2**63 - 1
    done = sim("explore", "--seeds", f"{last}:{last + 1}", "--algorithm", "0.19.1", "--out", str(tmp_path / "out"))
    assert done.returncode == 0, done.stderr
    assert [row.seed for row in read(tmp_path / "out")[1]] == [last]


def test_two_runs_at_once_need_no_name(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "sim", "explore", "--seeds", "20"]
    both = [subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd=tmp_path) for _ in range(2)]
    for process in both:
        _, err = process.communicate(timeout=120)
        assert process.returncode == 0, err
    assert sorted(path.name for path in (tmp_path / "results").iterdir()) == ["incident-0-20-1", "incident-0-20-2"]


BAD = [
    (["--seeds", "-5"], "negative"),
    (["--seeds", "5:2"], "reversed"),
    (["--seeds", "7:7"], "empty"),
    (["--seeds", "0"], "empty"),
    (["--seeds", "99999999999"], "99999999999"),
    (["--seeds", "many"], "neither a count nor a range"),
    (["--seeds", "٣"], "neither a count nor a range"),
    (["--seeds", "1_0"], "neither a count nor a range"),
    (["--seeds", " 5 "], "neither a count nor a range"),
    (["--seeds", "9" * 5000], "neither a count nor a range"),
    (["--seeds", "9223372036854775807:9223372036854775809"], "a seed is at most 9223372036854775807"),
    (["--seeds", "18446744073709551615:18446744073709551616"], "a seed is at most 9223372036854775807"),
    (["--scenario", "incidnet"], "did you mean 'incident'"),
    (["--scenario", "/no/such.yaml"], "/no/such.yaml"),
    (["--algorithm", "0.19.2"], "did you mean '0.19."),
    (["--set", "servces=3"], "did you mean 'services'"),
    (["--set", "services"], "key=value"),
    (["--set", "services=many"], "a whole number"),
    (["--set", "services=0"], "at least 1"),
    (["--set", "services=[1"], "services=[1"),
    (["--set", "reboot=sometimes"], "restart, resume, resume-flushed"),
    (["--set", "services=2", "--set", "services=3"], "twice"),
    (["--set", "delay.call=fast"], "uniform"),
    (["--set", "delay.cal=constant 1"], "did you mean 'call'"),
    (["--set", "delay.call=uniform 9 1"], "low_ms must not exceed high_ms"),
    (["--jobs", "0"], "--jobs 0"),
    (["--format", "xml"], "xml"),
    (["--out", "/proc/nope/out"], "/proc/nope/out"),
    (["--out", ""], "--out is empty"),
    (["--nonsense"], "--nonsense"),
]


@pytest.mark.parametrize(("arguments", "says"), BAD, ids=[" ".join(arguments)[:60] for arguments, _ in BAD])
def test_bad_input_ends_in_one_clear_line_and_exit_2(arguments: list[str], says: str, tmp_path: Path) -> None:
    done = sim("explore", *([] if "--seeds" in arguments else ["--seeds", "2"]), *arguments, cwd=tmp_path)
    assert done.returncode == 2, done.stdout + done.stderr
    assert says in done.stderr
    assert "Traceback" not in done.stderr
    assert max(map(len, done.stderr.splitlines())) < 400
    assert not done.stdout
    assert not (tmp_path / "results").exists() or not any((tmp_path / "results").iterdir())


@pytest.mark.parametrize("text", ["", "[1, 2]", "name: x", "a: b: c", "\x00", "hosts: {h: [a]}\nname: 5"])
def test_a_damaged_scenario_file_is_bad_input(tmp_path: Path, text: str) -> None:
    scenario = tmp_path / "bad.yaml"
    scenario.write_text(text)
    done = sim("explore", "--seeds", "1", "--out", "none", "--scenario", str(scenario))
    assert done.returncode == 2
    assert "Traceback" not in done.stderr


def test_a_run_in_which_only_a_copy_is_lost_is_a_failing_one_and_is_told() -> None:
    few = ("--seeds", "1", "--out", "none", "--algorithm", "0.19.1")
    lost = sim("explore", "results/hunt/r5-copy-copies-differ.yaml", *few).stdout
    said = " ".join(lost.split())
    assert "shortest failing run: 0.19.1" in said
    assert "somebody deletes the copy of aggregate web-1-demo in a" in said
    fine = sim("explore", "restart", *few).stdout
    assert "no run lost an import; one to look at: 0.19.1" in " ".join(fine.split())
