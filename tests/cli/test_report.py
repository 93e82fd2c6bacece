"""``sim report FOLDER`` prints a whole study, and names what is wrong with one that is not."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.run import sim


@pytest.fixture(scope="module")
def study(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("study") / "out"
    assert sim("explore", "--seeds", "3", "--out", str(out)).returncode == 0
    return out


def test_a_whole_study_says_what_explore_said(study: Path) -> None:
    assert sim("report", str(study)).stdout == (study / "report.txt").read_text()
    assert sim("report", str(study), "--format", "json").stdout == (study / "summary.json").read_text()


@pytest.mark.parametrize("name", ["manifest.json", "rows.parquet", "summary.json"])
def test_a_file_cut_short_is_named_and_left_alone(study: Path, name: str) -> None:
    whole = (study / name).read_bytes()
    (study / name).write_bytes(whole[: len(whole) // 2])
    try:
        done = sim("report", str(study))
        assert done.returncode == 2
        assert name in done.stderr
        assert "Traceback" not in done.stderr
        assert (study / name).read_bytes() == whole[: len(whole) // 2]
    finally:
        (study / name).write_bytes(whole)


def test_what_is_no_study_is_bad_input(tmp_path: Path) -> None:
    done = sim("report", str(tmp_path / "nowhere"))
    assert done.returncode == 2
    assert "nowhere" in done.stderr
