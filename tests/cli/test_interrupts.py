"""SIGINT at any moment of ``sim explore``: exit 3, what is done is kept, and never half a study."""

from __future__ import annotations

import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from sim.study.store import read
from tests.cli.interrupting import interrupted


def begin(tmp_path: Path, *arguments: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "sim", "explore", "--out", str(tmp_path / "out"), *arguments]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def end(process: subprocess.Popen[str]) -> tuple[str, str]:
    out, err = process.communicate(timeout=60)
    assert process.returncode == 3, err
    assert "Traceback" not in err
    return out, err


@pytest.mark.parametrize("arguments", [[], ["--jobs", "1"], ["--algorithm", "0.19.0"]], ids=str)
def test_while_runs_are_made_those_that_are_done_are_kept(arguments: list[str], tmp_path: Path) -> None:
    with begin(tmp_path, "--seeds", "100000", *arguments) as process:
        assert process.stderr is not None
        process.stderr.readline()  # the first line of progress: some runs are done
        time.sleep(0.2)
        process.send_signal(signal.SIGINT)
        out, err = end(process)
    assert "interrupt again to give up" in err
    _, rows, summary = read(tmp_path / "out")
    assert 0 < len(rows) == summary.done < 100_000
    assert f"interrupted: {summary.done} of {summary.asked} runs done" in out
    assert "exit 3" in out.splitlines()[-1]


def test_in_a_large_world_the_runs_that_are_done_are_kept(tmp_path: Path) -> None:
    """A chunk of many seeds would take minutes, and nothing would be done before."""
    with begin(tmp_path, "--seeds", "1000", "--set", "services=100") as process:
        assert process.stderr is not None
        process.stderr.readline()
        process.send_signal(signal.SIGINT)
        began = time.monotonic()
        end(process)
    assert time.monotonic() - began < 20
    assert 0 < len(read(tmp_path / "out")[1]) < 200


def test_while_figures_are_drawn_the_study_is_finished_first(tmp_path: Path) -> None:
    """All runs are made then; to lose them for a picture would be a pity."""
    with begin(tmp_path, "--seeds", "10") as process:
        assert process.stdout is not None
        while not process.stdout.readline().startswith("exit 0"):
            pass  # what is left is to publish
        process.send_signal(signal.SIGINT)
        end(process)
    _, rows, summary = read(tmp_path / "out")
    assert len(rows) == summary.done == summary.asked == 20
    assert (tmp_path / "out" / "lanes.png").exists()


def test_the_second_one_gives_up_and_leaves_nothing(tmp_path: Path) -> None:
    with begin(tmp_path, "--seeds", "100", "--set", "services=200", "--jobs", "1") as process:
        assert process.stderr is not None
        process.stderr.readline()
        process.send_signal(signal.SIGINT)
        while "interrupt again" not in (line := process.stderr.readline()):
            assert line, "it ended without a word of the interrupt"
        process.send_signal(signal.SIGINT)
        _, err = end(process)
    assert err.splitlines()[-1] == "interrupted"
    assert list(tmp_path.iterdir()) == []


def test_other_commands_say_that_they_were_interrupted() -> None:
    command = [sys.executable, "-m", "sim", "calibrate", "--seeds", "10000"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        time.sleep(2)
        process.send_signal(signal.SIGINT)
        _, err = end(process)
    assert err.splitlines()[-1] == "interrupted"


@pytest.mark.parametrize("jobs", ["1", "2"])
def test_a_prediction_is_of_the_runs_that_are_done(jobs: str) -> None:
    asked = (
        "predict",
        "restart",
        "--seeds",
        "100000",
        "--jobs",
        jobs,
        "--algorithm",
        "0.19.0",
        "--algorithm",
        "0.19.1",
    )
    code, out, err = interrupted(asked, lambda line: " of 200000 runs" in line)
    done = re.search(r"INTERRUPTED: (\d+) of 100000 runs", out)
    assert code == 3 and done is not None
    assert 0 < int(done[1]) < 100_000
    assert "replay python -m sim replay run1." in out
    assert "interrupted: 0.19.1 was not run" in err
