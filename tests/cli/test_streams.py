"""A full disk, or a reader that has gone, at the other end of standard output or error: one line, nothing lost."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from sim.study.store import read
from tests.cli.run import sim

FULL = Path("/dev/full")
needs_full = pytest.mark.skipif(not FULL.exists(), reason="the system has no full disk to write to")


def shell(line: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run a line of shell in which ``sim`` is the command; its arguments are ``$1`` and so on."""
    function = f'sim() {{ "{sys.executable}" -m sim "$@"; }}'
    command = ["bash", "-c", f"{function}\n{line}", "bash", *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=120)


@pytest.fixture(scope="module")
def study(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("study") / "out"
    assert sim("explore", "--seeds", "3", "--out", str(out)).returncode == 0
    return out


@needs_full
def test_explore_keeps_its_results_though_it_cannot_print(tmp_path: Path) -> None:
    done = shell('sim explore --seeds 3 --out "$1" > /dev/full', str(tmp_path / "out"))
    assert done.returncode == 2
    assert done.stderr.splitlines()[-1] == "error: cannot write to standard output: No space left on device"
    assert "Traceback" not in done.stderr
    assert len(read(tmp_path / "out")[1]) == 6


@needs_full
@pytest.mark.parametrize("command", ["replay", "report", "scenarios", "--help", "check --worlds 1"])
def test_every_command_says_in_one_line_that_it_cannot_print(command: str, study: Path) -> None:
    failure = read(study)[2].failure
    assert failure is not None
    argument = {"replay": failure.token, "report": str(study)}.get(command)
    done = shell(f'sim {command} "$@" > /dev/full', *([argument] if argument else []))
    assert done.returncode == 2, done.stderr
    assert done.stderr.splitlines()[-1] == "error: cannot write to standard output: No space left on device"
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("reader", ["true", "head -1"])
def test_explore_keeps_its_results_and_its_exit_code_though_its_reader_has_gone(reader: str, tmp_path: Path) -> None:
    done = shell(f'sim explore --seeds 3 --out "$1" | {reader}; exit ${{PIPESTATUS[0]}}', str(tmp_path / "out"))
    assert done.returncode == 0, done.stderr
    assert "error" not in done.stderr
    assert len(read(tmp_path / "out")[1]) == 6


@pytest.mark.parametrize("command", ["replay", "report"])
def test_a_reader_that_has_gone_has_read_enough(command: str, study: Path) -> None:
    failure = read(study)[2].failure
    assert failure is not None
    argument = failure.token if command == "replay" else str(study)
    done = shell(f'sim {command} "$1" | true; exit ${{PIPESTATUS[0]}}', argument)
    assert (done.returncode, done.stderr) == (0, "")


@needs_full
@pytest.mark.parametrize("end", ["2> /dev/full", "2>&1 | true", "2>&-"])
def test_progress_that_nobody_can_read_is_left_out(end: str, tmp_path: Path) -> None:
    shell(f'sim explore --seeds 3 --out "$1" {end}', str(tmp_path / "out"))
    assert len(read(tmp_path / "out")[1]) == 6
