"""A schedule is enough to replay a run on the world that it began in; one that does not fit says where."""

from __future__ import annotations

import random
from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.catalogue import CATALOGUE
from sim.core import Channel, Diverged, Domain, Machine, Sleep, Stage, Step, Take, Write, replay, schedule
from tests.core.toys import Add, Fate, Pick, Race, Send, walk


@settings(deadline=None)
@given(st.lists(st.integers(0, 8), max_size=40))
def test_a_replayed_schedule_reaches_the_same_world(choices: list[int]) -> None:
    """Whatever run was recorded."""
    toy = Race()
    machine = toy.machine()
    plan = walk(machine, choices)
    other = toy.machine()
    replay(other, tuple(plan))
    assert other.world() == machine.world()


@pytest.mark.parametrize("release", CATALOGUE.algorithms())
def test_a_walk_of_the_real_model_replays_from_a_world_in_its_middle(release: str) -> None:
    """Every process of the model is made again from its continuation, and goes on exactly alike."""
    model = CATALOGUE.model("incident", {"services": "2", "reboot": "resume-flushed"}, release)
    for seed in range(3):
        chance = random.Random(seed)
        machine = Machine()
        machine.start(model.users, "prepare", model.prepare)
        walk(machine, chance.choices(range(1000), k=100 * (seed + 1)))
        model.begin(machine)
        middle = machine.world()
        plan = walk(machine, chance.choices(range(1000), k=400))
        other = Machine()
        other.load(middle)
        assert other.world() == middle
        replay(other, tuple(plan))
        assert other.world() == machine.world()


def test_a_schedule_is_the_process_and_the_choice_of_each_step() -> None:
    """Times, requests and responses follow from it."""
    step = Step(1.5, "pod", "main", Sleep("nap"), "x", None)
    assert schedule([step]) == (("pod", "main", "x"),)


HERE = Domain("here")
CELL = HERE.cell("cell")


def twice() -> Stage:
    yield Add(CELL)
    yield Add(CELL)
    return None


def frozen() -> Stage:
    yield Fate("freeze", HERE)
    yield Add(CELL)
    return None


def taker() -> Stage:
    toy = Race()
    yield Write(toy.bag, ("x", "y"))
    yield Pick(toy.bag)
    return None


@pytest.mark.parametrize(
    ("stage", "plan", "says"),
    [
        (twice, [("here", "it", None)] * 3, r"step 2 of 3: here:it is not running"),
        (twice, [("there", "it", None)], r"step 0 of 1: there:it is not running"),
        (twice, [("here", "him", None)], r"step 0 of 1: here:him is not running"),
        (frozen, [("here", "it", None)] * 2, r"step 1 of 2: here:it cannot take Add\("),
        (taker, [("here", "it", None), ("here", "it", "z")], r"step 1 of 2: here:it cannot take Pick\(.*'z'"),
        (twice, [("here", "it", "left")], r"step 0 of 1: here:it cannot take Add\(.*'left'"),
    ],
)
def test_a_schedule_that_does_not_fit_says_how_far_it_got(
    stage: Callable[[], Stage], plan: list[tuple[str, str, str | None]], says: str
) -> None:
    """A process that does not run, one that cannot go on, or a choice that is not offered."""
    machine = Machine()
    machine.start(HERE, "it", stage)
    with pytest.raises(Diverged, match=says):
        replay(machine, tuple(plan))


def test_a_blocked_process_diverges() -> None:
    """An empty channel has nothing to take; the steps before were taken."""
    domain = Domain("queue")
    channel = Channel("items", domain, "wait", keyed=False)

    def send_one() -> Stage:
        yield Send(channel, "item")
        return None

    def take_two() -> Stage:
        yield Take(channel)
        yield Take(channel)
        return None

    machine = Machine()
    machine.start(domain, "send", send_one)
    machine.start(domain, "take", take_two)
    plan = (("queue", "send", None), ("queue", "take", None), ("queue", "take", None))
    with pytest.raises(Diverged, match=r"step 2 of 3: queue:take cannot take Take"):
        replay(machine, plan)
    assert machine.get(channel) == ()
