"""Every end state that the real agent showed is an outcome of the search."""

from __future__ import annotations

import pytest

from models.catalogue import CATALOGUE
from models.judgement import Judge
from models.measured.outcomes import MeasuredRow, rows
from sim.explore.exhaust import NO_BOUNDS, Bounds
from sim.explore.outcomes import Outcomes, outcomes
from sim.timed.run import settle

LARGE = {("a", "a,b"), ("b", "a,b"), ("a,b", "a,b")}
"""Exported and restarted, under 0.19.0: tens of thousands of worlds and more; for `make deep`."""
ENOUGH = Bounds(worlds=400_000)
"""Where both export and both restart there are millions of worlds. What is found within a bound is found."""


def row_id(row: MeasuredRow) -> str:
    return row.title()


def searched(
    exported: str, restarted: str, release: str, before: str = "nothing", bounds: Bounds = NO_BOUNDS
) -> Outcomes:
    settings = {"exported": f"[{exported}]", "restarted": f"[{restarted}]", "before": before}
    model = CATALOGUE.search("restart", settings, release)
    return outcomes(model, settle(model), bounds)


def states(found: Outcomes) -> set[str]:
    """The end states of the aggregate, in the notation of the measurements."""
    model = found.subject.model
    cell = model.topology.aggregate_cell("demo/web-1")  # type: ignore[attr-defined]
    get = found.subject.tables.packing.get
    return {Judge._state(get(world)(cell)) for world in found.done.search.at_rest}


def small(row: MeasuredRow) -> bool:
    return row.release == "0.19.1" or (",".join(row.exported), ",".join(row.restarted)) not in LARGE


@pytest.mark.parametrize("row", [row for row in rows() if small(row) and row.way == "controllers"], ids=row_id)
def test_every_measured_end_state_is_found(row: MeasuredRow) -> None:
    found = searched(",".join(row.exported), ",".join(row.restarted), row.release)
    assert set(row.measured) <= states(found)


@pytest.mark.deep
@pytest.mark.parametrize("row", [row for row in rows() if not small(row) and row.way == "controllers"], ids=row_id)
def test_every_measured_end_state_is_found_in_large_spaces(row: MeasuredRow) -> None:
    found = searched(",".join(row.exported), ",".join(row.restarted), row.release, bounds=ENOUGH)
    assert set(row.measured) <= states(found)


def test_forced_orders_of_the_real_agent_are_found() -> None:
    """FACTS M3: with touched EndpointSlices the aggregate can come back without ports; with fresh ones it cannot."""
    assert states(searched("a", "a", "0.19.0")) == {"missing", "{a}"}
    assert states(searched("a", "a", "0.19.0", "slices touched")) == {"missing", "{a}", "{a},no-ports"}


def test_a_restart_after_a_loss_recovers_or_loses_again_even_with_the_fix() -> None:
    """FACTS M3: 597 of 600 recovered with the fix, 3 were missing (R2, against itself)."""
    assert states(searched("a", "a", "0.19.1", "imports lost")) == {"missing", "{a}"}
    touched = states(searched("a", "a", "0.19.1", "slices touched, imports lost"))
    assert {"missing", "{a}", "{a},no-ports"} <= touched
