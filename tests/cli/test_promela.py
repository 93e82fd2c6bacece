"""``sim promela`` by the command line: what it writes is a model whose states Spin counts as many of."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from tests.cli.run import sim
from tests.explore import spin

UNEXPORT = ("operations", "--set", "operation=unexport", "--set", "cluster=b")


def test_the_model_goes_to_a_file_or_is_printed(tmp_path: Path) -> None:
    path = tmp_path / "my model.pml"
    done = sim("promela", *UNEXPORT, "--out", str(path))
    assert done.returncode == 0, done.stderr
    said, command = done.stdout.splitlines()
    text = path.read_text()
    head = text.partition("\n")[0]
    assert said.startswith("operations, 0.19.0: ")
    assert said.split()[2] == head.split()[1]  # how many worlds
    assert command.replace(f"'{path}'", "FILE") in head
    assert sim("promela", *UNEXPORT).stdout == text
    assert [left.name for left in tmp_path.iterdir()] == [path.name]


@pytest.mark.skipif(bool(spin.MISSING), reason=f"not installed: {', '.join(spin.MISSING)}")
def test_the_command_that_is_printed_counts_the_worlds(tmp_path: Path) -> None:
    done = sim("promela", *UNEXPORT, "--out", str(tmp_path / "model.pml"))
    said, command = done.stdout.splitlines()
    shell = shutil.which("sh")
    assert shell is not None
    counted = subprocess.run(
        [shell, "-c", command.replace("-O3", "-O0")], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert counted.returncode == 0, counted.stderr
    assert f"{said.split()[2]} states, stored" in counted.stdout


@pytest.mark.parametrize(
    ("words", "problem"),
    [
        (("restart",), "the process 'users:operation 001 agent-crash' kills a domain"),
        (("nowhere",), "unknown scenario 'nowhere'"),
        (("operations", "--out", ""), "--out is empty"),
        (("operations", "--out", "/proc/no/model.pml"), "/proc/no/model.pml: No such file or directory"),
        (("operations", "--algorithm", "x.y"), "unknown algorithm 'x.y'"),
    ],
)
def test_what_cannot_be_written_ends_in_a_clear_line(words: tuple[str, ...], problem: str) -> None:
    done = sim("promela", *words)
    assert done.returncode == 2
    assert done.stderr.splitlines()[0] == f"error: {problem}"
    assert not done.stdout
