"""Steps that are independent by their footprints commute: carried out in either order, they come to the same world.

Asked of the real model, of every two steps that can be taken in worlds of walks.
"""

from __future__ import annotations

import pytest

from models.catalogue import CATALOGUE
from sim.explore.subject import Subject
from sim.explore.walks import uniform, walk
from sim.timed.run import settle
from tests.explore.pairs import commute

WALKS, EVERY = 8, 3


@pytest.mark.parametrize("release", ["0.19.0", "0.19.1", "0.17.2"])
def test_independent_steps_commute(release: str) -> None:
    model = CATALOGUE.search("restart", {"exported": "[a,b]", "restarted": "[a,b]"}, release)
    subject = Subject(model, settle(model), (), may_stop=False)
    asked = 0
    for seed in range(WALKS):
        for world in walk(subject, uniform(seed), steps_max=600).worlds[::EVERY]:
            able = [(slot, outcome) for slot, outcome in subject.moves(world) if not outcome.ends]
            for number, one in enumerate(able):
                for two in able[number + 1 :]:
                    if one[0] != two[0] and not one[1].rivals & two[1].footprint:
                        asked += 1
                        assert commute(subject.tables, world, one, two), (one[1].slot.name, two[1].slot.name)
    assert asked > 1000
