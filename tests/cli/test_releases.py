"""``sim releases``: a matrix that a person can read, and that every cell's command confirms."""

from __future__ import annotations

import json
import shlex

import pytest

from tests.cli.run import sim

FEW = ("--quick", "--release", "0.18.1", "--release", "0.19.1", "--defect", "3188", "--defect", "23", "--defect", "27")


def test_the_matrix_says_of_each_pair_what_is_known() -> None:
    done = sim("releases", *FEW, "--jobs", "2")
    assert done.returncode == 0
    lines = done.stdout.splitlines()
    assert max(map(len, lines)) <= 120
    assert lines[0].split() == ["defect", "0.18.1", "0.19.1"]
    cells = {line.split()[0]: line.split()[1:] for line in lines[1:4]}
    assert list(cells) == ["3188", "23", "27"]
    assert cells["3188"][0].isdigit()
    assert cells["3188"][1] == "-"
    assert cells["23"][1] == "-"
    assert cells["27"][0] == "n/a"
    assert "see it: python -m sim check defect-3188 --algorithm 0.18.1" in done.stdout
    assert "n/a, session affinity is not compared before 0.19: 0.18.1" in done.stdout


def test_the_same_bytes_with_any_number_of_processes() -> None:
    one, two = (sim("releases", *FEW, "--format", "json", "--jobs", jobs) for jobs in ("1", "2"))
    assert one.returncode == 0
    assert one.stdout == two.stdout


def test_the_command_of_a_cell_finds_the_same() -> None:
    done = sim("releases", *FEW[:5], "--defect", "23", "--format", "json")
    cells = json.loads(done.stdout)["cells"]
    assert [cell["answer"] for cell in cells] == ["found", "exhausted: cannot happen"]
    for cell, head in zip(
        cells, (f"violated in {cells[0]['steps']} steps", "HOLDS: every reachable world was covered"), strict=True
    ):
        again = sim(*shlex.split(cell["command"])[3:])
        assert head in again.stdout
    replayed = sim("replay", cells[0]["token"])
    assert replayed.returncode == 0


@pytest.mark.parametrize(
    ("words", "said"),
    [(("--defect", "R98"), "unknown"), (("--release", "0.20"), "unknown"), (("--jobs", "0"), "whole number")],
)
def test_what_there_is_not_is_refused(words: tuple[str, ...], said: str) -> None:
    done = sim("releases", *words)
    assert done.returncode == 2
    assert said in done.stderr


def test_the_command_of_a_cell_walks_as_the_cell_did() -> None:
    done = sim("releases", "--quick", "--release", "0.19.0", "--defect", "R24", "--format", "json")
    (cell,) = json.loads(done.stdout)["cells"]
    assert cell["command"].endswith("--strategy pct")
    assert f"violated in {cell['steps']} steps" in sim(*shlex.split(cell["command"])[3:]).stdout
