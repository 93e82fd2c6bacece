"""A walk over packed worlds is a run of the model: each of its steps can be taken and comes out in the world it says.

Seeded by two bugs: a step that was learned while it needed more bits of a field that it depends on, so that it was
taken where that field holds something else; and a watch that an API server had only once a process had asked for it.
"""

from __future__ import annotations

from typing import Any

import pytest

from models.catalogue import CATALOGUE
from sim.explore.subject import Subject
from sim.explore.walks import STRATEGIES, walks
from sim.timed.run import settle
from tests.models.worlds import BASE

SCRIPTS: dict[str, list[dict[str, Any]]] = {
    "export, delete": [
        {"at_ms": 5000, "do": "export", "cluster": "a"},
        {"at_ms": 5001, "do": "delete-service", "cluster": "a"},
    ],
    "retype": [
        {"at_ms": 5000, "do": "export", "cluster": "a"},
        {"at_ms": 5001, "do": "change-service", "cluster": "a", "type": "Headless"},
    ],
}


@pytest.mark.parametrize("script", SCRIPTS)
def test_walks_are_runs(script: str, tmp_path: Any) -> None:
    import yaml

    path = tmp_path / "walks.yaml"
    changes = {"hosts": {"host-1": ["a"]}, "exported_at_start": "no", "script": SCRIPTS[script]}
    path.write_text(yaml.safe_dump({**BASE, **changes}))
    model = CATALOGUE.search(str(path), {}, "0.19.1")
    subject = Subject(model, settle(model), (), may_stop=False)
    for strategy in STRATEGIES:
        for _, walked in walks(subject, strategy, 0, 25):
            machine = subject.machine()
            for place, (domain, name, choice) in enumerate(subject.named(walked.moves)):
                process = machine.process(domain, name)
                assert process is not None and machine.is_enabled(process)
                machine.step(process, choice)
                assert subject.tables.packing.load(machine) == walked.worlds[place + 1]
