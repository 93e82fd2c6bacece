"""Steps that are independent by their footprints commute: carried out in either order, they come to the same world.

Asked of the real model, of every two steps that can be taken in worlds of walks.
"""

from __future__ import annotations

import pytest

from models.catalogue import CATALOGUE
from sim.explore.learning import Outcome
from sim.explore.subject import Subject
from sim.explore.walks import uniform, walk
from sim.timed.run import settle

WALKS, EVERY = 8, 3


def after(subject: Subject, world: int, slot: int, choice: object) -> tuple[int, Outcome] | None:
    """The world after a step, if it can be taken."""
    entry = subject.tables.entry(slot, world)
    for outcome in entry.outcomes if entry is not None else ():
        if outcome.choice == choice:
            return subject.tables.after(world, outcome), outcome
    return None


def commute(subject: Subject, world: int, one: tuple[int, Outcome], two: tuple[int, Outcome]) -> bool:
    """Whether both orders can be taken and come to the same world."""
    ends = []
    for (slot, outcome), (other, more) in ((one, two), (two, one)):
        step = after(subject, world, slot, outcome.choice)
        last = after(subject, step[0], other, more.choice) if step is not None else None
        ends.append(last[0] if last is not None else None)
    return ends[0] is not None and ends[0] == ends[1]


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
                        assert commute(subject, world, one, two), (one[1].slot.name, two[1].slot.name)
    assert asked > 1000
