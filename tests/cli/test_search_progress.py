"""A line every few seconds, of each search of a command."""

from __future__ import annotations

import pytest

from sim.cli.searching import SearchProgress
from sim.explore.reduced import Reduced
from sim.explore.tables import Tables
from tests.explore.programs import Lab


def test_every_search_of_a_command_tells_of_itself(capsys: pytest.CaptureFixture[str]) -> None:
    tables = Tables()
    begin = tables.packing.load(Lab(((), (("bump", 1),) * 3), ((), ())).machine())
    search = Reduced(tables, lambda _slot: 0)
    search.begin(begin)
    told = SearchProgress()
    for seconds in (1.0, 2.5, 3.0, 30.0, 1.0, 2.5, 4.0):
        told(search, seconds)
    lines = capsys.readouterr().err.splitlines()
    assert len(lines) == 3
    assert lines[0].endswith("0% of the branches there taken (more may come up)")
