"""``sim check --checkpoint FILE`` by the command line: killed, interrupted, gone on with; and what it refuses."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.cli.run import sim

HASTY = """
import os, signal, sys
import sim.explore.checkpoint as checkpoint
from sim.cli import run
checkpoint.EVERY_S, checkpoint.SPARE = 0.0, 0
write, left = checkpoint.write_whole, int(sys.argv.pop(1))
def dies(path, data):
    global left
    left -= 1
    if left == 0:
        path.with_name(f".{path.name}.partial").write_bytes(data[:100])
        os.kill(os.getpid(), signal.SIGKILL)
    write(path, data)
checkpoint.write_whole = dies
run()
"""
"""The command, which writes at every pause, and is killed in the middle of the write of that number; 0: never."""
SHORT = ("check", "incident", "--algorithm", "0.19.1", "--walks", "20")
LONG = ("check", "incident", "--algorithm", "0.19.0", "--exhaustive", "--worlds", "40000", "--no-explain")


def hasty(dies: int, *arguments: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-c", HASTY, str(dies), *arguments]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def wait_for(path: Path, older: bytes = b"") -> None:
    began = time.monotonic()
    while not path.exists() or path.read_bytes() == older:
        assert time.monotonic() - began < 60
        time.sleep(0.02)


def test_killed_in_the_middle_of_a_write_it_goes_on_from_the_one_before(tmp_path: Path) -> None:
    kept = ("--checkpoint", str(tmp_path / "file"))
    whole = sim(*SHORT)
    with hasty(2, *SHORT, *kept) as process:
        assert process.communicate(timeout=60)[0] == ""
    assert process.returncode == -signal.SIGKILL
    for said in ("goes on: ", "holds the whole search: "):
        done = sim(*SHORT, *kept)
        assert (done.returncode, done.stdout) == (whole.returncode, whole.stdout)
        assert said in done.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["file"]


def test_killed_and_interrupted_at_any_moment_it_ends_with_the_same_report(tmp_path: Path) -> None:
    file = tmp_path / "file"
    kept = ("--checkpoint", str(file))
    whole = sim(*LONG)
    with hasty(0, *LONG, *kept) as process:
        wait_for(file)
        time.sleep(0.3)
        process.kill()
    with hasty(0, *LONG, *kept) as process:
        wait_for(file, file.read_bytes())
        process.send_signal(signal.SIGINT)
        _, said = process.communicate(timeout=60)
        assert process.returncode in (1, 0), said  # walks have found the violation
    assert "the search is written first" in said
    assert f"interrupted: the same command goes on from {file}" in said
    done = sim(*LONG, *kept)
    assert (done.returncode, done.stdout) == (whole.returncode, whole.stdout)


def test_several_algorithms_have_a_file_each(tmp_path: Path) -> None:
    both = ("check", "restart", "--exhaustive", "--no-explain", "--checkpoint", str(tmp_path / "file"))
    done = sim(*both)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["file.0.19.0", "file.0.19.1"]
    again = sim(*both)
    assert (again.returncode, again.stdout) == (done.returncode, done.stdout)
    assert again.stderr.count("holds the whole search") == 2
    one = ("check", "restart", "--algorithm", "0.19.1", "--walks", "3", "--checkpoint", str(tmp_path / "file.0.19.1"))
    other = sim(*one)
    assert other.returncode == 2
    assert "belongs to another search: its number of walks is 40, not 3" in other.stderr


@pytest.mark.parametrize(
    ("arguments", "word"),
    [
        (("--search", "plain"), "the reduced search"),
        (("--only-walks",), "the reduced search"),
        (("--checkpoint", "/nowhere/file"), "cannot be written"),
        (("--checkpoint", ""), "names no file"),
    ],
)
def test_what_cannot_be_kept_is_refused(arguments: tuple[str, ...], word: str, tmp_path: Path) -> None:
    done = sim("check", "incident", "--checkpoint", str(tmp_path / "file"), *arguments)
    assert done.returncode == 2, done.stdout
    assert "Traceback" not in done.stderr
    assert word in done.stderr
    assert not list(tmp_path.iterdir())
