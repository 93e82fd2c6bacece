"""Experiments made with the real agent (experiments.yaml): what was done, and how often it ended in which state.

The file has families: experiments that differ in the values of columns. ``$column``, or ``$column+number``, stands for
the value of a column anywhere in a family; a row with lists stands for every combination of their items.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from importlib import resources
from itertools import product
from typing import Any, Literal

import msgspec
import yaml

from models.scenarios.check import check
from models.scenarios.scenario import ScenarioFile

REFERENCE = re.compile(r"\$([a-z]+)(?:\+([0-9.]+))?")
CLUSTERS = ("a", "b", "c")
BASE: dict[str, Any] = {
    "about": "an experiment made with the real agent",
    "rtt_ms": 0,
    "data_plane": "off",
}


class Family(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Experiments that differ in the values of columns.

    ``variants`` are delays that the measured runs went through in equal parts. ``counted`` says what was counted: whole
    states of one service, each of several services as one, how many of them have an aggregate and ports there, or how
    many have none. ``forced`` says how an order was forced by holding calls: such a one is searched, not timed.
    ``because`` explains a difference.
    """

    name: str
    way: Literal["controllers", "processes"]
    source: str
    clusters: Any = 2
    broker: Any = "a"
    exports: dict[str, Any]
    script: list[Any]
    before: Any = "nothing"
    exported_at_start: Literal["yes", "no"] = "yes"
    rtt_ms: Any = 0
    observe_ms: float = 900_000
    delays: dict[str, Any] = {}
    variants: list[dict[str, str]] = []
    counted: Literal["states", "services", "aggregates", "missing"] = "states"
    forced: str = ""
    because: str = ""
    rows: list[dict[str, Any]]


class Experiment(msgspec.Struct, frozen=True):
    """One experiment under one release: a scenario for each variant, and how often each end state was measured."""

    name: str
    release: str
    family: Family
    scenarios: tuple[ScenarioFile, ...]
    measured: dict[str, int]
    because: str

    @property
    def is_random(self) -> bool:
        """Whether the delays were drawn from several distributions when it was measured."""
        return len(self.scenarios) > 1


class Content(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The file: end states by their names, and families."""

    states: dict[str, str]
    families: list[Family]
    shared: Any = None


def experiments() -> list[Experiment]:
    """All experiments, in the order of the file."""
    text = (resources.files(__package__ or "models.measured") / "experiments.yaml").read_text()
    content = msgspec.convert(yaml.safe_load(text), Content)
    return [made for family in content.families for row in family.rows for made in _row(content, family, row)]


def _row(content: Content, family: Family, row: dict[str, Any]) -> Iterator[Experiment]:
    """The experiments of one row: one for each combination of values, and for each release that it names."""
    fixed = {"measured", "release", "because"}
    columns = {name: value if isinstance(value, list) else [value] for name, value in row.items() if name not in fixed}
    releases = row["release"] if isinstance(row["release"], list) else [row["release"]]
    measured = {content.states.get(name, name): count for name, count in row["measured"].items()}
    for release, *values in product(releases, *columns.values()):
        chosen = dict(zip(columns, values, strict=True))
        name = str(_filled(family.name, chosen))
        scenarios = tuple(_scenario(family, chosen, name, delays) for delays in family.variants or [{}])
        yield Experiment(name, release, family, scenarios, measured, row.get("because", family.because))


def _scenario(family: Family, chosen: dict[str, Any], name: str, delays: dict[str, str]) -> ScenarioFile:
    clusters = CLUSTERS[: int(_filled(family.clusters, chosen))]
    raw = {
        **BASE,
        "name": name,
        "hosts": {f"host-{cluster}": [cluster] for cluster in clusters},
        "way": family.way,
        "broker": family.broker,
        "exports": {"services": 1, "spread": "from each", **family.exports},
        "script": family.script,
        "before": family.before,
        "exported_at_start": family.exported_at_start,
        "rtt_ms": family.rtt_ms,
        "observe_ms": family.observe_ms,
        "delays": {**family.delays, **delays},
    }
    scenario = msgspec.convert(_filled(raw, chosen), ScenarioFile)
    check(scenario)
    return scenario


def _filled(value: Any, chosen: dict[str, Any]) -> Any:
    """The value with the values of columns in it."""
    if isinstance(value, dict):
        return {key: _filled(inner, chosen) for key, inner in value.items()}
    if isinstance(value, list):
        return [_filled(inner, chosen) for inner in value]
    if not isinstance(value, str):
        return value
    whole = REFERENCE.fullmatch(value)
    if whole:
        return _plus(chosen[whole[1]], whole[2])
    return REFERENCE.sub(lambda found: _text(_plus(chosen[found[1]], found[2])), value)


def _text(value: Any) -> str:
    return "+".join(value) if isinstance(value, list) else str(value)


def _plus(value: Any, more: str | None) -> Any:
    return value if more is None else value + float(more)
