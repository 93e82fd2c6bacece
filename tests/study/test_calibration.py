"""The report of a calibration, and what it says of measurements that it leaves out."""

from __future__ import annotations

from sim.core.model import Measured
from sim.study.calibration import compare, render
from sim.study.find import catalogue


def left_out() -> list[Measured]:
    return [measured for measured in catalogue().measured() if not measured.milestones]


def test_what_is_not_compared_is_told_with_the_reason() -> None:
    """The bulk export of one service: its agent did more than those that were measured step by step."""
    (measured,) = left_out()
    assert (measured.operation, measured.way, measured.source) == ("export of 1 in bulk", "processes", "FACTS M8")
    assert compare(measured, 3) == []
    text = " ".join(render([]).split())
    assert f"left out: export of 1 in bulk, processes (FACTS M8): {measured.branch_name}" in text
    assert "1.9 s and 35 requests" in text


def test_the_report_is_a_hundred_columns_wide() -> None:
    assert max(map(len, render([]).splitlines())) <= 100
