"""What a reduced search shows as the shortest violation is as short as that of a plain search, also where something is
killed.
"""

from __future__ import annotations

import random
from typing import Any

import pytest

from sim.core import Get
from sim.core.property import Property, When
from sim.explore.check import Plan, check
from sim.explore.exhaust import Bounds, exhaust
from sim.explore.shortest import nearest, shortest
from sim.explore.subject import Subject
from sim.explore.walks import uniform, walk
from tests.explore.programs import Lab
from tests.explore.test_explaining import KINDS, subject
from tests.explore.test_sizes import killing


def never(made: Subject, lab: Lab, world: int) -> Property:
    """It violates to come to rest with the values that the cells have in this world."""
    seen = [made.tables.packing.cell(cell).value(world) for cell in lab.cells]

    def holds(get: Get) -> bool:
        return [get(cell) for cell in lab.cells] != seen

    return Property("P", "never comes to this", When.AT_REST, tuple(lab.cells), holds)


def of(lab: Lab, seed: int) -> Subject:
    """A model that violates by what one of its walks comes to."""
    made = subject(lab)
    walked = walk(made, uniform(seed))
    return Subject(made.model, made.world, (never(made, lab, walked.worlds[-1]),), may_stop=False)


@pytest.mark.parametrize("make", KINDS)
def test_beside_a_plain_search(make: Any) -> None:
    longer = 0
    for seed in range(120):
        made = of(make(random.Random(seed)), seed)
        plain = check(made.model, made.world, made.judged, Plan(plain=True, walks=0))
        found = check(made.model, made.world, made.judged, Plan(walks=0))
        assert plain.shown is not None and found.shown is not None
        assert found.is_shortest and not found.is_compared
        assert len(found.shown.moves) == len(plain.shown.moves)
        assert not found.subject.holds(made.judged[0], found.subject.follow(found.shown.moves)[-1])
        assert found.done is not None
        best = nearest(found.done)
        assert best is not None
        longer += best[0] > len(plain.shown.moves)
    assert longer or make is not killing  # the first search alone would not have done


def test_what_hits_a_bound_proves_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    for seed in range(60):
        made = of(killing(random.Random(seed)), seed)
        done = exhaust(made, Bounds())
        assert not isinstance(shortest(done, Bounds()), str)
        if len(done.search.worlds) > 3:
            assert shortest(done, Bounds(worlds=2)) == "--worlds 2"
            monkeypatch.setattr("sim.explore.exhaust.CHUNK", 1)
            assert shortest(done, Bounds(seconds=5, spent_s=6)) == "--seconds 5"
            assert shortest(done, Bounds(), interrupted=lambda: True) == "interrupted"
            return
    pytest.fail("no model of several worlds")


def test_a_check_says_where_a_shorter_one_may_be(monkeypatch: pytest.MonkeyPatch) -> None:
    """The second search hits its bound, the first has ended."""
    monkeypatch.setattr("sim.explore.shortest.AT_LEAST", 1)
    monkeypatch.setattr("sim.explore.shortest.TIMES", 0)
    said = set()
    for seed in range(60):
        made = of(killing(random.Random(seed)), seed)
        found = check(made.model, made.world, made.judged, Plan(walks=0))
        assert found.shown is not None
        assert found.is_compared is not found.is_shortest
        assert found.second_bound == ("its own bound, 1 worlds" if found.is_compared else "")
        said.add(found.is_compared)
    assert True in said
