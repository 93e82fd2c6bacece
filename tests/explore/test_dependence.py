"""A step that does not commute with another is seen to be dependent on it in either order.

The search takes a step first and looks at what others ask for after it (DESIGN.md, why no world at rest is missed). So
whoever could disturb the step before it must ask for something that the step is dependent on after it as well.
"""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.catalogue import CATALOGUE
from sim.explore.standing import Standing
from sim.explore.subject import Subject
from sim.explore.tables import Tables
from sim.explore.walks import uniform, walk
from sim.timed.run import settle
from tests.explore.examples import examples
from tests.explore.pairs import Move, commute
from tests.explore.programs import Lab, counters, crowded, labs, loops, offices
from tests.explore.swarms import swarms
from tests.explore.test_reduced import LABS, plain

WORLDS_MAX = 1_500


def overlooked(tables: Tables, world: int) -> list[tuple[Move, Move]]:
    """Steps of one world that do not commute where the second is not seen to disturb the first once that is taken."""
    out = []
    able = Standing(tables, world).able()
    for one in able:
        if one[1].ends:
            continue  # what the ended would do is looked for elsewhere
        between = tables.after(world, one[1])
        for two in able:
            if one[0] == two[0] or commute(tables, world, one, two):
                continue
            entry = tables.entry(two[0], between)
            if entry is None or not entry.footprint & one[1].rivals:
                out.append((one, two))
    return out


def check(lab: Lab) -> int:
    """The worlds of a model in which all steps were compared."""
    tables = Tables()
    while True:
        known = tables.accesses.new_parts
        tables.forget()
        worlds = plain(tables, tables.packing.load(lab.machine()))
        if worlds is None or len(worlds) > WORLDS_MAX:
            return 0
        if tables.accesses.new_parts == known:
            break
    for world in worlds:
        assert not overlooked(tables, world)
    return len(worlds)


@pytest.mark.parametrize("name", LABS)
def test_known_traps(name: str) -> None:
    assert check(Lab(*LABS[name])) > 0


@examples(200)
@given(st.one_of(labs(), offices(), counters(), loops(), crowded(), swarms()))
def test_random_models(lab: Lab) -> None:
    check(lab)


@pytest.mark.parametrize(
    ("release", "seeds", "every"),
    [("0.17.2", 4, 5), ("0.19.0", 4, 5), ("0.22", 4, 5), ("proposed", 4, 5), ("level", 12, 1)],
)
def test_agents(release: str, seeds: int, every: int) -> None:
    settings: dict[str, Any] = {"exported": "[a,b]", "restarted": "[a,b]"}
    model = CATALOGUE.search("restart", settings, release)
    subject = Subject(model, settle(model), (), may_stop=False)
    worlds = [world for seed in range(seeds) for world in walk(subject, uniform(seed), steps_max=600).worlds[::every]]
    asked = 0
    for world in worlds:
        asked += len(subject.moves(world))
        assert not overlooked(subject.tables, world)
    assert asked > 1000
