"""Building blocks of the tests of models: scenarios as text, runs of them, and what stands in the end."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml

from models.catalogue import CATALOGUE
from models.model import ScenarioModel
from sim.timed.run import Run, run, settle

BASE: dict[str, Any] = {
    "name": "test",
    "about": "a scenario of a test",
    "hosts": {"host-1": ["a"], "host-2": ["b"]},
    "broker": "a",
    "exports": {"services": 1, "from": ["a"]},
    "way": "controllers",
    "rtt_ms": 0,
    "data_plane": "off",
    "observe_ms": 120_000,
    "expect": [],
    "script": [],
}

SHARED = {"services": 2, "from": ["a"], "names": ["web-x", "web"], "namespaces": ["demo", "x-demo"],
          "only_in": {"web-x": ["demo"], "web": ["x-demo"]}}  # fmt: skip
"""Two services that upstream's agents give one aggregate."""
EXPORTED_AGAIN: list[dict[str, Any]] = [
    {"at_ms": 5000, "do": "unexport", "cluster": "a"},
    {"at_ms": 5200, "do": "export", "cluster": "a"},
    {"at_ms": 5300, "fault": "agent-crash", "clusters": ["a"]},
]
"""A script that may lose an export, and whose crash may bring it back."""


def model(folder: Path, release: str = "0.19.1", **changes: Any) -> ScenarioModel:
    """A model of the base scenario with some fields changed."""
    path = folder / "test.yaml"
    path.write_text(yaml.safe_dump({**BASE, **changes}))
    return CATALOGUE.model(str(path), {}, release)


def ran(made: ScenarioModel, seed: int = 0, **options: Any) -> Run:
    """One run of the model from its settled world."""
    return run(made, settle(made), seed, **options)


def aggregate(made: ScenarioModel, done: Run, service: str = "demo/web-1") -> Any:
    """The aggregate in the end, or None."""
    return done.machine.get(made.topology.aggregate_cell(service))


def copies(made: ScenarioModel, done: Run, service: str = "demo/web-1") -> list[Any]:
    """The copies in the end, by cluster."""
    return [done.machine.get(made.topology.copy_cell(cluster, service)) for cluster in made.topology.clusters]


def conditions(made: ScenarioModel, done: Run, number: int = 0) -> list[str]:
    """The conditions of an export in the end."""
    stored: Any = done.machine.get(made.topology.export_cell(made.topology.exports[number]))
    return [condition.words() for condition in stored.conditions] if stored else []
