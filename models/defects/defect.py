"""A known defect: a scenario, what is judged, and how far to search."""

from __future__ import annotations

from functools import lru_cache
from importlib import resources
from typing import Any

import msgspec
import yaml

from models.releases import RELEASES
from sim.core import unknown
from sim.core.model import Defect, Reach

PREFIX = "defect-"
BASE: dict[str, Any] = {"broker": "separate", "data_plane": "off", "observe_ms": 600_000, "expect": []}
"""What scenarios of defects have in common, where they say nothing else."""


class DefectFile(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One file. ``known`` says where the defect was seen or derived; ``not_for`` why a release, or each of several as
    in ``0.15 to 0.18.1``, is not asked.

    ``scenario`` has the fields of a scenario file, its search plan among them; ``reach`` and ``quick`` are how far to
    search, where it is not as usual.
    """

    id: str
    title: str
    known: str
    scenario: dict[str, Any]
    reach: Reach = Reach(worlds=400_000, walks=400)
    quick: Reach = Reach(worlds=20_000, walks=60)
    not_for: dict[str, str] = {}

    def defect(self) -> Defect:
        """What a command is told of it."""
        return Defect(
            id=self.id, title=self.title, known=self.known, scenario=f"{PREFIX}{self.id}", reach=self.reach,
            quick=self.quick,
            not_for={name: why for span, why in self.not_for.items() for name in _between(*span.split(" to "))},
        )  # fmt: skip

    def content(self) -> dict[str, Any]:
        """Its scenario, whole."""
        plan = {"may_stop": False, **self.scenario.get("search", {})}
        return {**BASE, "name": f"{PREFIX}{self.id}", "about": self.title, **self.scenario, "search": plan}


def _between(first: str, last: str = "") -> list[str]:
    """The releases from the first to the last."""
    names = list(RELEASES)
    return names[names.index(first) : names.index(last or first) + 1]


@lru_cache(maxsize=1)
def _texts() -> dict[str, str]:
    folder = resources.files(__package__ or "models.defects")
    return {
        entry.name.removesuffix(".yaml"): entry.read_text()
        for entry in sorted(folder.iterdir(), key=lambda entry: entry.name)
        if entry.name.endswith(".yaml")
    }


def load(id_: str) -> tuple[str, DefectFile]:
    """The text and the content of a defect's file.

    Raises:
        BadInput: there is none of that name.
    """
    if id_ not in _texts():
        raise unknown("defect", id_, _texts())
    text = _texts()[id_]
    return text, msgspec.convert(yaml.safe_load(text), DefectFile)


def defects() -> list[Defect]:
    """All defects: those of an issue first, races by their number (R and N, those on no other list), then the numbers
    of changes that fixed them.
    """
    return [load(id_)[1].defect() for id_ in sorted(_texts(), key=_order)]


def _order(id_: str) -> tuple[int, int, str]:
    number = int("".join(c for c in id_ if c.isdigit()) or 0)
    group = {"R": 1, "N": 2}.get(id_[0], 0 if number > 1000 else 3)
    return (group, number, id_)
