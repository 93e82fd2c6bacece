"""docs/SCENARIOS.md says of each property what the property says of itself."""

from __future__ import annotations

import re
from pathlib import Path

from models.catalogue import CATALOGUE
from models.properties import ASKED_FAMILIES, NAMES

ROW = re.compile(r"^\| ([A-Z]\d+) \| (.*?) \| (at rest|always|eventually|sometimes) \| (.*) \|$", re.M)


def test_properties_are_listed() -> None:
    listed = {name: rest for name, *rest in ROW.findall(Path("docs/SCENARIOS.md").read_text())}
    made = CATALOGUE.model("incident", {}, "0.19.1")
    families = [family(made.topology) for family in ASKED_FAMILIES]
    for prop in (*made.checked(), *families):
        assert listed[prop.name][:2] == [prop.sentence, str(prop.when)]
        assert (listed[prop.name][2] == "where it is asked for") is (prop in families)
    assert set(listed) == set(NAMES)
    assert set(listed) - {prop.name for prop in (*made.checked(), *families)} == {"I6", "P6", "X1"}
