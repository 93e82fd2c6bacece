"""Reading a results folder: what is missing, cut short or altered is named."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sim.core.errors import BadInput
from sim.study.store import ResultsFolder, as_json, read
from tests.study.studies import MANIFEST, ROWS, SUMMARY, refused, study


def test_reading_what_is_no_study(tmp_path: Path) -> None:
    with pytest.raises(BadInput) as error:
        read(tmp_path / "missing")
    refused(error, str(tmp_path / "missing"), "does not exist")
    (tmp_path / "file").write_text("a file")
    for path in (tmp_path, tmp_path / "file"):
        with pytest.raises(BadInput) as error:
            read(path)
        refused(error, str(path), "manifest.json")


@pytest.mark.parametrize("name", ["rows.parquet", "summary.json", "notes.txt"])
@pytest.mark.parametrize("damage", ["missing", "empty", "cut short", "one bit"])
def test_a_damaged_file_is_named(tmp_path: Path, name: str, damage: str) -> None:
    file = study(tmp_path / "toy") / name
    data = file.read_bytes()
    if damage == "missing":
        file.unlink()
    else:
        damaged = {"empty": b"", "cut short": data[: len(data) // 2], "one bit": bytes([data[0] ^ 1]) + data[1:]}
        file.write_bytes(damaged[damage])
    with pytest.raises(BadInput) as error:
        read(tmp_path / "toy")
    refused(error, str(file), "No such file" if damage == "missing" else "damaged")


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(st.integers(0, len(as_json(MANIFEST)) - 3))
def test_a_manifest_cut_short_anywhere_is_named(tmp_path: Path, length: int) -> None:
    tmp_path.joinpath("manifest.json").write_text(as_json(MANIFEST)[:length])
    with pytest.raises(BadInput) as error:
        read(tmp_path)
    refused(error, str(tmp_path / "manifest.json"))


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(st.binary(max_size=60))
def test_a_manifest_of_anything_is_refused(tmp_path: Path, data: bytes) -> None:
    tmp_path.joinpath("manifest.json").write_bytes(data)
    with pytest.raises(BadInput) as error:
        read(tmp_path)
    refused(error, str(tmp_path / "manifest.json"))


@pytest.mark.parametrize("name", ["rows.parquet", "summary.json"])
@pytest.mark.parametrize("data", [b"", b"PAR1 and more", b"{}", b"\xff\xfe"])
def test_a_file_that_agrees_with_the_manifest_but_is_no_result_is_named(tmp_path: Path, name: str, data: bytes) -> None:
    folder = ResultsFolder.create(tmp_path / "toy")
    folder.write_rows(ROWS)
    folder.write_summary(SUMMARY)
    folder.write_bytes(name, data)
    folder.write_manifest(MANIFEST)
    folder.finish()
    with pytest.raises(BadInput) as error:
        read(tmp_path / "toy")
    refused(error, str(tmp_path / "toy" / name))


def test_a_manifest_that_names_too_little_is_not_complete(tmp_path: Path) -> None:
    folder = ResultsFolder.create(tmp_path / "toy")
    folder.write_summary(SUMMARY)
    folder.write_manifest(MANIFEST)
    folder.finish()
    with pytest.raises(BadInput) as error:
        read(tmp_path / "toy")
    refused(error, "rows.parquet", "not complete")


TASKS = Path("/proc/self/task")
"""The threads of a process, where Linux tells of them."""
READ = """
import os, sys
import pyarrow.parquet
from pathlib import Path
from sim.study.store import read

before = len(os.listdir("/proc/self/task"))
read(Path(sys.argv[1]))
print(len(os.listdir("/proc/self/task")) - before, "pandas" in sys.modules)
"""


@pytest.mark.skipif(not TASKS.exists(), reason="the system does not tell of threads")
def test_reading_leaves_no_thread_behind_which_could_abort_the_command_at_its_end(tmp_path: Path) -> None:
    command = [sys.executable, "-c", READ, str(study(tmp_path / "toy"))]
    done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=120)
    assert done.stdout == "0 False\n"
