"""The table of measured end states: whole, and what nobody counted is not told as a count."""

from __future__ import annotations

from itertools import product

import pytest

from benchmarks import outcome_table
from models.measured.outcomes import MeasuredRow, rows

CLUSTERS = (["a"], ["b"], ["a", "b"])


@pytest.mark.parametrize("way", ["controllers", "processes"])
def test_every_row_of_the_incident_is_there(way: str) -> None:
    """FACTS M3: exported from A, B or both; A, B or both restarted, at once."""
    found = [(r.exported, r.restarted) for r in rows() if r.way == way and r.release == "0.19.0"]
    assert [pair for pair in product(CLUSTERS, CLUSTERS) if pair not in found] == []


UNCOUNTED = [row for row in rows() if None in row.measured.values()]


@pytest.mark.parametrize("row", UNCOUNTED, ids=MeasuredRow.title)
def test_a_row_without_counts_comes_out_and_is_told_without_counts(
    row: MeasuredRow, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(outcome_table, "RUNS", 24)
    seen, must_agree = outcome_table.simulate(row)
    assert must_agree
    assert set(seen) == set(row.measured)
    (state,) = row.measured
    line = outcome_table.told(row, state, seen[state], seen.total())
    assert "measured, not counted" in line
    assert "simulated   24 of 24   100.0%" in line
    assert "never measured" in outcome_table.told(row, "other", 3, 24)


def test_there_are_two_rows_without_counts() -> None:
    assert [(row.exported, row.restarted, row.measured) for row in UNCOUNTED] == [
        (["a"], ["a", "b"], {"missing": None}),
        (["a", "b"], ["b"], {"{a,b}": None}),
    ]


def test_columns_stand_below_each_other() -> None:
    lines = [outcome_table.told(row, state, 3, 24) for row in (*UNCOUNTED, rows()[0]) for state in row.measured]
    assert len({line.index("simulated") for line in lines}) == 1
