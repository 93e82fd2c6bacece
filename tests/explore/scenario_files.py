"""Small scenarios at random: topologies, exports, faults and user scripts, as files that the program reads."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import strategies as st

from models.catalogue import CATALOGUE
from sim.core import BadInput
from sim.core.property import When
from sim.explore.subject import Subject
from sim.timed.run import settle
from tests.models.worlds import BASE

UPSTREAM = ["0.19.0", "0.19.1", "0.19.1 without skips-annotated", "0.19.1 without precondition"]
RELEASES = [*UPSTREAM, "level"]
BEFORE = ["nothing", "slices touched", "imports lost", "slices touched, imports lost"]

SHARED = {"services": 2, "names": ["web-1", "web-1-demo"], "namespaces": ["demo", "a"], "from": ["a"]}
DIFFER = {"services": 1, "from": ["a", "b"], "spread": "from each", "specs": {"b": {"affinity": "ClientIP"}}}
"""Exports whose names collide, and that exporters do not agree on."""


@st.composite
def operations(draw: st.DrawFn, clusters: list[str]) -> dict[str, Any]:
    """One operation, at one of three moments, so that some come in order and some race."""
    cluster = draw(st.sampled_from(clusters))
    at = {"at_ms": draw(st.sampled_from([1000, 2000, 3000]))}
    kind = draw(st.sampled_from(["unexport", "export", "agent-crash", "pause", "broker-down", "delete-aggregates"]))
    if kind in ("unexport", "export"):
        return {**at, "do": kind, "cluster": cluster}
    if kind == "delete-aggregates":
        return {**at, "do": kind}
    if kind == "agent-crash":
        return {**at, "fault": kind, "clusters": [cluster]}
    return {**at, "fault": kind, **({"cluster": cluster} if kind == "pause" else {}), "for_ms": 1000}


@st.composite
def scenarios(draw: st.DrawFn, services: int = 1) -> dict[str, Any]:
    """A scenario of one or two clusters, with so many services."""
    clusters = draw(st.sampled_from([["a"], ["a", "b"]]))
    exporters = draw(st.lists(st.sampled_from(clusters), min_size=1, unique=True).map(sorted))
    script = draw(st.lists(operations(clusters), max_size=2))
    return {
        "name": "random",
        "about": "a scenario at random",
        "hosts": {f"host-{cluster}": [cluster] for cluster in clusters},
        "broker": "a",
        "exports": {"services": services, "from": exporters, "spread": draw(st.sampled_from(["in turn", "from each"]))},
        "observe_ms": 300_000,
        "exported_at_start": draw(st.sampled_from(["yes", "no"])),
        "before": draw(st.sampled_from(BEFORE)),
        "script": script,
    }


def subject(
    drawn: dict[str, Any], release: str, folder: Path, only: str = "", *, may_stop: bool = True,
    when: When = When.AT_REST,
) -> Subject:  # fmt: skip
    """The scenario ready to be searched, judged by all properties of worlds at rest, or by those of another kind."""
    path = folder / "random.yaml"
    path.write_text(yaml.safe_dump(drawn))
    model = CATALOGUE.search(str(path), {"only": only} if only else {}, release)
    path.unlink()
    judged = tuple(prop for prop in model.checked() if prop.when is when)
    return Subject(model, settle(model), judged, may_stop=may_stop)


def check_refused(folder: Path, changes: dict[str, Any], release: str, settings: dict[str, str], reason: str) -> None:
    """The base scenario with some fields changed can be searched, and is refused with these settings."""
    path = folder / "needed.yaml"
    path.write_text(yaml.safe_dump({**BASE, **changes}))
    assert CATALOGUE.search(str(path), {}, release).scope().about
    with pytest.raises(BadInput, match=re.escape(reason)):
        CATALOGUE.search(str(path), settings, release)
