"""``sim releases``: a matrix that a person can read, and that every cell's command confirms."""

from __future__ import annotations

import json
import shlex

import pytest

from sim.cli.releases import breaks
from sim.report.matrix import WIDTH, Answer, Breaks, Cell, Matrix, render
from sim.study.find import catalogue
from tests.cli.run import sim

FEW = ("--quick", "--release", "0.18.1", "--release", "0.19.1", "--defect", "3188", "--defect", "23", "--defect", "27")


def test_the_matrix_says_of_each_pair_what_is_known() -> None:
    done = sim("releases", *FEW, "--jobs", "2")
    assert done.returncode == 0
    lines = done.stdout.splitlines()
    assert max(map(len, lines)) <= 120
    assert lines[0].split() == ["defect", "breaks", "0.18.1", "0.19.1"]
    breaks = {line.split()[0]: line.split()[1] for line in lines[1:4]}
    assert breaks == {"3188": "L1", "23": "I3", "27": "X1"}
    assert "breaks L1: every export is named by its aggregate and by all copies of it" in done.stdout
    assert "violated by a walk: 0.18.1\n" in done.stdout
    cells = {line.split()[0]: line.split()[2:] for line in lines[1:4]}
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
    assert [cell["answer"] for cell in cells] == ["violated by a walk", "exhausted: cannot happen"]
    for cell, head in zip(
        cells, (f"violated in {cells[0]['steps']} steps", "HOLDS: every reachable world was covered"), strict=True
    ):
        again = sim(*shlex.split(cell["command"])[3:])
        assert head in again.stdout
    replayed = sim("replay", cells[0]["token"])
    assert replayed.returncode == 0


def test_who_violated_it_is_told_where_the_search_of_that_release_would_be_bounded() -> None:
    """And the walks come again, as their seeds do."""
    asked = ("releases", "--quick", "--release", "0.18.1", "--release", "proposed", "--defect", "R18", "--defect", "27")
    one, two = (sim(*asked, "--format", "json", hash_seed=seed) for seed in ("1", "2"))
    assert one.stdout == two.stdout
    made = json.loads(one.stdout)
    answers = {(cell["defect"], cell["algorithm"]): cell["answer"] for cell in made["cells"]}
    assert answers == {
        ("R18", "0.18.1"): "violated by the search", ("R18", "proposed"): "not found within bounds",
        ("27", "0.18.1"): "n/a", ("27", "proposed"): "violated by a walk",
    }  # fmt: skip
    assert {id_: [each["name"] for each in broken] for id_, broken in made["breaks"].items()} == {
        "R18": ["I8"], "27": ["X1"],
    }  # fmt: skip


def test_all_releases_fit_beside_each_other() -> None:
    algorithms = catalogue().algorithms()
    defects = catalogue().defects()
    cells = [Cell(each.id, name, Answer.WALKED, "L1", 335) for each in defects for name in algorithms]
    breaks = {each.id: [Breaks("I10", "something")] for each in defects}
    lines = render(Matrix("1", algorithms, defects, True, cells, breaks)).splitlines()
    assert max(map(len, lines)) <= WIDTH
    assert len(lines[0].split()) == len(algorithms) + 2


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


def test_what_a_defect_breaks_is_known_before_anything_is_searched() -> None:
    """Also where the first algorithms have no such property."""
    algorithms = list(catalogue().algorithms())
    for defect in catalogue().defects():
        judged = catalogue().search_plan(defect.scenario, {}).judged
        assert [each.name for each in breaks(defect, algorithms)] == list(judged), defect.id
