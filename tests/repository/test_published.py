"""What is published was made by this code, and documents say what was published."""

from __future__ import annotations

import re
from pathlib import Path

import msgspec
import pytest

from sim.study.campaign import Plan, chunk
from sim.study.store import read
from sim.study.token import decode, version

ROOT = Path(__file__).parents[2]
STUDY = ROOT / "results" / "incident"


def test_the_study_was_made_by_this_code() -> None:
    manifest, rows, summary = read(STUDY)
    assert manifest.versions["code"] == version(), "the models or the driver have changed: run `make study`"
    assert len(rows) == summary.done == 2000
    assert summary.failure is not None
    assert decode(summary.failure.token).seed == summary.failure.seed


def test_its_rows_come_out_again() -> None:
    manifest, rows, _ = read(STUDY)
    again = chunk(Plan("incident", (), tuple(manifest.algorithms), 0, 25), 0, 25)
    assert sorted(again, key=lambda row: (row.seed, row.algorithm)) == rows[:50]


@pytest.mark.parametrize("document", ["README.md"])
def test_every_block_of_a_document_that_names_a_file_is_in_that_file(document: str) -> None:
    text = (ROOT / document).read_text()
    blocks = re.findall(r"<!-- from (\S+) -->\n```text\n(.*?)```", text, flags=re.DOTALL)
    assert blocks
    for name, block in blocks:
        published = (ROOT / name).read_text()
        for line in block.splitlines():
            assert line.strip() in ("", "...") or line in published, (
                f"{document} quotes a line that {name} has not: {line}"
            )


def test_the_calibration_was_made_for_what_is_measured_now() -> None:
    from models.measured.operations import measured

    rows = msgspec.json.decode((ROOT / "results" / "calibration" / "calibration.json").read_bytes())
    assert len(rows) == sum(len(operation.milestones) for operation in measured())
    assert all(row["agrees"] for row in rows)
