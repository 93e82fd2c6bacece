"""API calls per export, unexport and restart: the simulated agents make as many of each kind as the real ones."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any

import pytest
import yaml

from models.catalogue import CATALOGUE
from models.kube.calls import ApiCall, ObjectWrite, Ping
from models.kube.informer import ListAndOpen
from models.submariner.names import BROKER_NAMESPACE
from sim.timed.run import run, settle

ROWS: list[dict[str, Any]] = yaml.safe_load((Path(__file__).parent / "measured_counts.yaml").read_text())
CASES = [(row, release) for row in ROWS for release in row["releases"]]
IDS = [f"{row['operation']} {release} {row['way']}" for row, release in CASES]
SETTINGS = {
    "export": {"operation": "export", "exported_at_start": "no"},
    "unexport": {"operation": "unexport"},
    "restart": {"operation": "restart-agent"},
}
LOGGED = ("serviceimports", "endpointslices")


def kind_and_namespace(request: Any) -> tuple[str, str]:
    """What a call is about."""
    where = request.object if isinstance(request, ObjectWrite) else getattr(request, "informer", request)
    return where.kind, where.namespace


def line(request: ApiCall, cluster: str, way: str) -> str | None:
    """The line of the table that a call belongs to, if the logs of this way of running have it."""
    if isinstance(request, Ping):
        return f"{cluster} local get discovery" if request.what == "discovery" else None
    kind, namespace = kind_and_namespace(request)
    informers = isinstance(request, ListAndOpen) or kind == "namespaces"
    if way == "controllers" and informers and kind not in LOGGED:
        return None
    on_broker = namespace == BROKER_NAMESPACE if way == "controllers" else request.link.name.endswith("on broker")
    return f"{cluster} {'broker' if on_broker else 'local'} {request.verb} {kind}"


def counted(operation: str, release: str, way: str) -> dict[str, int]:
    """The calls of all agents from the operation on, by line of the table."""
    model = CATALOGUE.model("operations", {"way": way, **SETTINGS[operation]}, release)
    steps = run(model, settle(model), 0, record=True).recorded
    made = (
        line(step.request, step.domain.split("/")[0], way)
        for step in steps
        if isinstance(step.request, ApiCall) and "lighthouse-agent" in step.domain
    )
    return dict(sorted(Counter(filter(None, made)).items()))


@pytest.mark.parametrize(("row", "release"), CASES, ids=IDS)
def test_the_agents_make_as_many_calls_as_the_real_ones(row: dict[str, Any], release: str) -> None:
    assert counted(row["operation"], release, row["way"]) == row["calls"], row["source"]


def test_the_table_is_complete_and_has_sources() -> None:
    assert {(row["operation"], release, row["way"]) for row, release in CASES} == {
        (operation, release, way)
        for operation in SETTINGS
        for release in ("0.19.0", "0.19.1")
        for way in ("controllers", "processes")
    }
    assert all(row["source"] for row in ROWS)


def test_a_call_more_is_seen() -> None:
    """The seeded bug: without the fix, R-c of a restart deletes, and the counts are not those of the fix."""
    (row,) = (row for row, release in CASES if IDS[CASES.index((row, release))] == "restart 0.19.1 processes")
    assert counted("restart", "0.19.0", "processes") != row["calls"]
