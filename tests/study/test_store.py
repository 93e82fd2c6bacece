"""The results folder: whole or not at all, never over another run, and checked when it is read."""

from __future__ import annotations

import errno
import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from sim.core.errors import BadInput
from sim.study.store import ResultsFolder, as_json, read, versions
from tests.study.studies import MANIFEST, NAMES, ROWS, SUMMARY, content, fill, refused, study


def test_what_is_written_is_read(tmp_path: Path) -> None:
    manifest, rows, summary = read(study(tmp_path / "results" / "toy"))
    assert rows == sorted(ROWS, key=lambda row: (row.seed, row.algorithm))
    assert summary == SUMMARY
    assert (manifest.command, manifest.versions) == (MANIFEST.command, versions())
    assert sorted(manifest.files) == NAMES[1:]
    assert sorted(content(tmp_path)) == [f"results/toy/{name}" for name in NAMES]


def test_no_rows_are_read_as_no_rows(tmp_path: Path) -> None:
    folder = ResultsFolder.create(tmp_path / "toy")
    folder.write_rows([])
    folder.write_summary(SUMMARY)
    folder.write_manifest(MANIFEST)
    folder.finish()
    assert read(tmp_path / "toy")[1] == []


def test_the_same_study_gives_the_same_bytes(tmp_path: Path) -> None:
    one = study(tmp_path / "one")
    other = ResultsFolder.create(tmp_path / "elsewhere" / "other")
    other.write_rows(ROWS[::-1])
    other.write_summary(SUMMARY)
    other.write_text("notes.txt", "new\n")
    other.write_manifest(MANIFEST)
    other.finish()
    assert content(one) == content(tmp_path / "elsewhere" / "other")


def test_json_has_sorted_keys_and_ends_its_last_line() -> None:
    text = as_json(MANIFEST)
    assert text.endswith("}\n")
    keys = [line.split('"')[1] for line in text.splitlines() if line.startswith('  "')]
    assert keys == sorted(keys)
    assert '"program": "multicluster-sim"' in text


def test_another_run_is_never_overwritten(tmp_path: Path) -> None:
    path = study(tmp_path / "toy")
    before = content(tmp_path)
    with pytest.raises(BadInput) as error:
        ResultsFolder.create(path)
    refused(error, str(path), "--out", "--replace")
    assert content(tmp_path) == before


@pytest.mark.parametrize("manifest", [None, "", '{"name": "someone else\'s"}', '{"program": "other"}', "[1, 2"])
def test_only_a_finished_study_is_replaced(tmp_path: Path, manifest: str | None) -> None:
    path = tmp_path / "toy"
    path.mkdir()
    (path / "precious.txt").write_text("mine")
    if manifest is not None:
        (path / "manifest.json").write_text(manifest)
    before = content(tmp_path)
    with pytest.raises(BadInput) as error:
        ResultsFolder.create(path, replace=True)
    refused(error, str(path), "manifest.json", "another --out")
    assert content(tmp_path) == before


def test_a_replaced_study_is_swapped_at_the_end(tmp_path: Path) -> None:
    path = study(tmp_path / "toy", "old\n")
    old = content(path)
    folder = ResultsFolder.create(path, replace=True)
    folder.write_rows(ROWS)
    folder.write_summary(SUMMARY)
    folder.write_text("other.txt", "new\n")
    folder.write_manifest(MANIFEST)
    assert content(path) == old
    folder.finish()
    assert sorted(content(tmp_path)) == [
        f"toy/{name}" for name in ("manifest.json", "other.txt", "rows.parquet", "summary.json")
    ]


def test_what_a_person_added_to_a_study_outlives_its_replacement(tmp_path: Path) -> None:
    path = study(tmp_path / "toy")
    (path / "README.md").write_text("what we learned")
    (path / "photos").mkdir()
    (path / "photos" / "board").write_text("...")
    study(path, "newer\n", replace=True)
    assert sorted(content(path)) == sorted([*NAMES, "README.md", "photos/board"])
    assert (path / "notes.txt").read_text() == "newer\n"
    read(path)


@pytest.mark.parametrize("replace", [False, True])
def test_replace_is_accepted_where_nothing_is(tmp_path: Path, replace: bool) -> None:
    (tmp_path / "empty").mkdir()
    read(study(tmp_path / "empty", replace=replace))
    read(study(tmp_path / "missing", replace=replace))
    assert sorted(entry.name for entry in tmp_path.iterdir()) == ["empty", "missing"]
    assert sorted(content(tmp_path / "empty")) == NAMES


def test_an_empty_folder_is_filled_where_it_is(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    inode = (tmp_path / "empty").stat().st_ino
    assert study(tmp_path / "empty").stat().st_ino == inode


@pytest.mark.parametrize("start", ["missing", "empty", "old study"])
def test_an_unfinished_study_leaves_what_was_there(tmp_path: Path, start: str) -> None:
    path = tmp_path / "toy"
    if start == "empty":
        path.mkdir()
    if start == "old study":
        study(path, "old\n")
    before = content(tmp_path)
    with pytest.raises(KeyboardInterrupt), ResultsFolder.create(path, replace=True) as folder:
        folder.write_rows(ROWS)
        raise KeyboardInterrupt
    assert content(tmp_path) == before
    assert path.exists() == (start != "missing")


KILLED = """
import os, signal, sys
sys.path[:0] = sys.argv[2:]
from pathlib import Path
from sim.study.store import ResultsFolder
folder = ResultsFolder.create(Path(sys.argv[1]), replace=True)
folder.write_text("summary.json", "half a study")
os.fsync = lambda _: os.kill(os.getpid(), signal.SIGKILL)
folder.write_text("notes.txt", "half a file")
"""


@pytest.mark.parametrize("start", ["missing", "empty", "old study"])
def test_a_kill_leaves_no_half_study_and_the_next_run_cleans_up(tmp_path: Path, start: str) -> None:
    path = tmp_path / "toy"
    if start == "empty":
        path.mkdir()
    if start == "old study":
        study(path, "old\n")
    before = content(path)
    root = Path(__file__).parents[2]
    killed = subprocess.run([sys.executable, "-c", KILLED, path, root], check=False, timeout=60)
    assert killed.returncode == -9
    visible = {name: data for name, data in content(path).items() if not name.startswith(".")}
    assert visible == before
    study(path, replace=True)
    assert sorted(content(tmp_path)) == [f"toy/{name}" for name in NAMES]
    read(path)


@pytest.mark.parametrize("killed_at", range(4))
def test_a_kill_in_the_swap_leaves_the_new_study_for_the_next_reader(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, killed_at: int
) -> None:
    """The swap renames three times and deletes once; the process ends before one of them."""
    path = study(tmp_path / "toy", "old\n")
    folder = ResultsFolder.create(path, replace=True)
    folder.write_rows(ROWS)
    folder.write_summary(SUMMARY)
    folder.write_text("notes.txt", "new\n")
    folder.write_manifest(MANIFEST)
    calls = 0

    def killable(function: Any) -> Any:
        def call(*args: Any, **others: Any) -> Any:
            nonlocal calls
            calls += 1
            if calls == killed_at + 1:
                raise KeyboardInterrupt
            return function(*args, **others)

        return call

    with monkeypatch.context() as patched, pytest.raises(KeyboardInterrupt):
        patched.setattr(Path, "rename", killable(Path.rename))
        patched.setattr(shutil, "rmtree", killable(shutil.rmtree))
        folder.finish()
        folder.finish()
    read(path)
    assert (path / "notes.txt").read_text() == ("old\n" if killed_at == 0 else "new\n")
    folder.abandon()
    study(path, "newest\n", replace=True)
    assert sorted(content(tmp_path)) == [f"toy/{name}" for name in NAMES]


def test_a_folder_that_cannot_be_renamed_is_replaced_all_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = study(tmp_path / "toy", "old\n")
    rename = Path.rename

    def as_on_an_overlay(self: Path, new: Path) -> Path:
        if self == path:
            raise OSError(errno.EXDEV, os.strerror(errno.EXDEV))
        return rename(self, new)

    monkeypatch.setattr(Path, "rename", as_on_an_overlay)
    study(path, "new\n", replace=True)
    assert (path / "notes.txt").read_text() == "new\n"
    assert sorted(content(tmp_path)) == [f"toy/{name}" for name in NAMES]


def test_two_runs_do_not_write_the_same_folder(tmp_path: Path) -> None:
    first = ResultsFolder.create(tmp_path / "toy")
    with pytest.raises(BadInput) as error:
        ResultsFolder.create(tmp_path / "toy")
    refused(error, "another run is writing", str(tmp_path / "toy"))
    fill(first)
    read(tmp_path / "toy")


LEFT_ALONE = """
import os, signal, sys
sys.path[:0] = sys.argv[2:]
from pathlib import Path
from sim.study.store import ResultsFolder
folder = ResultsFolder.create(Path(sys.argv[1]))
ready, tell = os.pipe()
worker = os.fork()
if worker == 0:
    os.write(tell, b".")
    signal.pause()
os.read(ready, 1)
print(worker, flush=True)
os.kill(os.getpid(), signal.SIGKILL)
"""


def test_a_worker_that_outlives_its_killed_parent_does_not_keep_the_folder_locked(tmp_path: Path) -> None:
    command = [sys.executable, "-c", LEFT_ALONE, str(tmp_path / "toy"), str(Path(__file__).parents[2])]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        worker = int(process.stdout.readline())
        try:
            process.wait(timeout=60)
            read(study(tmp_path / "toy"))
        finally:
            os.kill(worker, signal.SIGKILL)


def test_a_study_that_appeared_meanwhile_is_not_overwritten(tmp_path: Path) -> None:
    folder = ResultsFolder.create(tmp_path / "toy")
    folder.write_manifest(MANIFEST)
    (tmp_path / "toy").mkdir()
    (tmp_path / "toy" / "theirs").write_text("theirs")
    with pytest.raises(BadInput) as error:
        folder.finish()
    refused(error, "another run")
    folder.abandon()
    assert content(tmp_path) == {"toy/theirs": b"theirs"}


def test_a_folder_that_cannot_be_made_is_the_users_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("a file")
    with pytest.raises(BadInput) as error:
        ResultsFolder.create(tmp_path / "file" / "sub")
    refused(error, str(tmp_path / "file" / "sub"), "Not a directory")
    with pytest.raises(BadInput) as error:
        ResultsFolder.create(tmp_path / "file")
    refused(error, "is a file")
    assert content(tmp_path) == {"file": b"a file"}


@pytest.mark.parametrize("failing", ["write", "fsync", "replace"])
def test_a_full_disk_is_one_clear_line_and_nothing_is_lost(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, failing: str
) -> None:
    path = study(tmp_path / "toy", "old\n")
    before = content(tmp_path)

    def full(*_: Any) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with pytest.raises(BadInput) as error, ResultsFolder.create(path, replace=True) as folder:
        folder.write_text("first.txt", "fits")
        if failing == "write":
            # A real full device: what is written to the file goes there.
            monkeypatch.setattr(Path, "open", lambda *_: open("/dev/full", "wb"))  # noqa: PTH123, SIM115
        elif failing == "fsync":
            monkeypatch.setattr(os, "fsync", full)
        else:
            monkeypatch.setattr(Path, "replace", full)
        folder.write_rows(ROWS)
    monkeypatch.undo()
    refused(error, str(path / "rows.parquet"), "No space left on device")
    assert content(tmp_path) == before
    read(path)


def test_versions_name_what_can_change_a_result() -> None:
    assert {"python", "multicluster-sim", "numpy", "simpy", "msgspec"} <= set(versions())
