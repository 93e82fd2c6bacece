"""What is published: under the next free number, by a command that can be pasted, alike however many processes draw."""

from __future__ import annotations

import shlex
from pathlib import Path

import pytest

from sim.core.errors import BadInput
from sim.study.campaign import Plan, chunk
from sim.study.conclude import conclude
from sim.study.publish import command_of, folder_for, publish
from tests.study.studies import content

PLAN = Plan("incident", (("services", "2"),), ("0.19.0", "0.19.1"), 0, 3)


def test_two_runs_at_once_take_different_numbers(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    with folder_for(PLAN, None, replace=False) as one, folder_for(PLAN, None, replace=False) as other:
        assert [one.path.name, other.path.name] == ["incident-0-3-1", "incident-0-3-2"]


def test_a_folder_that_was_named_is_not_another(tmp_path: Path) -> None:
    with (
        folder_for(PLAN, tmp_path / "mine", replace=False),
        pytest.raises(BadInput, match="another run is writing"),
        folder_for(PLAN, tmp_path / "mine", replace=False),
    ):
        pass


def test_a_place_that_cannot_be_written_is_told_and_not_tried_for_ever(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "results").write_text("a file")
    monkeypatch.chdir(tmp_path)
    with pytest.raises(BadInput, match="results"):
        folder_for(PLAN, None, replace=False)


def test_one_process_draws_what_many_draw(tmp_path: Path) -> None:
    rows = chunk(PLAN, 0, 3)
    summary, shown = conclude(PLAN, rows)
    for jobs in (1, 3):
        with folder_for(PLAN, tmp_path / str(jobs), replace=False) as folder:
            publish(folder, PLAN, rows, summary, shown, jobs)
    assert content(tmp_path / "1") == content(tmp_path / "3")
    stems = ("lanes", "outcomes", "time-without-dns", "time-without-import")
    assert {f"{stem}.{kind}" for stem in stems for kind in ("png", "svg")} <= content(tmp_path / "1").keys()


def test_a_study_of_no_runs_is_published_without_figures(tmp_path: Path) -> None:
    summary, shown = conclude(PLAN, [])
    with folder_for(PLAN, tmp_path / "none", replace=False) as folder:
        publish(folder, PLAN, [], summary, shown, 2)
    assert sorted(content(tmp_path / "none")) == ["manifest.json", "report.txt", "rows.parquet", "summary.json"]


def test_the_command_survives_a_shell() -> None:
    plan = Plan("my worlds/a b.yaml", (("delay.call", "uniform 0 5"), ("exporters", "[b]")), ("0.19.0",), 2, 4)
    words = shlex.split(command_of(plan))
    assert words[words.index("--scenario") + 1] == "my worlds/a b.yaml"
    assert words[-4:] == ["--set", "delay.call=uniform 0 5", "--set", "exporters=[b]"]
    assert command_of(PLAN) == (
        "python -m sim explore --seeds 0:3 --scenario incident --algorithm 0.19.0 --algorithm 0.19.1 --set services=2"
    )
