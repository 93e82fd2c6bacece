"""What a walk keeps from step to step is what looking everything up again would find."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any

import pytest
import yaml

from models.catalogue import CATALOGUE
from sim.explore.subject import Subject
from sim.timed.run import settle
from tests.explore.programs import Lab
from tests.explore.test_explaining import KINDS, subject
from tests.models.worlds import BASE

STEPS = 400


def walks_alike(made: Subject, seed: int) -> int:
    """The steps of a walk, after each of which everything is looked up again."""
    chance = random.Random(seed)
    at = made.standing(made.begin)
    for taken in range(STEPS):
        able = at.able()
        assert [(slot, o.choice) for slot, o in able] == [(slot, o.choice) for slot, o in made.moves(at.world)]
        if not able:
            return taken
        at.take(chance.choice(able)[1])
    return STEPS


@pytest.mark.parametrize("make", KINDS)
def test_small_models(make: Callable[[random.Random], Lab]) -> None:
    assert sum(walks_alike(subject(make(random.Random(seed))), seed) for seed in range(60)) > 200


@pytest.mark.parametrize("algorithm", ["0.15", "0.19.0", "0.22", "proposed", "level"])
def test_agents_that_crash_and_are_paused(algorithm: str, tmp_path: Any) -> None:
    script: list[dict[str, Any]] = [
        {"at_ms": 1, "do": "unexport", "cluster": "a"},
        {"at_ms": 1, "fault": "pause", "cluster": "a"},
        {"at_ms": 2, "fault": "agent-crash", "clusters": ["a"]},
        {"at_ms": 3, "do": "export", "cluster": "a"},
    ]
    path = tmp_path / "standing.yaml"
    path.write_text(yaml.safe_dump({**BASE, "script": script}))
    model = CATALOGUE.search(str(path), {}, algorithm)
    for seed in range(6):
        assert walks_alike(Subject(model, settle(model), (), may_stop=False), seed) > 40
