"""What is said of each step of a small model is so in every world: whom it conflicts with, wakes and changes.

A reduced search that goes by something else may still find all worlds at rest of a model, so each claim is asked by
itself.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given

from sim.core import Cell, Domain, Link, Machine, Stage, Start, World
from sim.explore.learning import Entry, Outcome
from sim.explore.tables import Tables
from tests.core.toys import Fate
from tests.explore.examples import examples
from tests.explore.machines import (
    Note,
    both_count,
    count,
    freezes,
    kill_once,
    kills,
    kills_last,
    searched,
    start,
    starts,
)
from tests.explore.programs import Lab, counters, crowded, labs, offices
from tests.explore.test_reduced import LABS

WORLDS_MAX = 150
FROZEN = "(frozen)"
Choices = list[tuple[Any, Any]]


class Steps:
    """The first worlds of a model, and what can be done in them."""

    def __init__(self, make: Callable[[], Machine]) -> None:
        self.tables = Tables()
        begin = self.tables.packing.load(make())
        parts = -1
        while parts != self.tables.accesses.new_parts:  # steps that were learned before a part came up lack it
            parts = self.tables.accesses.new_parts
            self.tables.forget()
            self.worlds = self._first(begin)

    def _first(self, begin: int) -> list[int]:
        worlds = {begin: None}
        for world in (todo := [begin]):
            for outcome in self.outcomes(world):
                after = self.tables.after(world, outcome)
                self.entries(after)  # also beyond the bound, so that no part comes up later
                if after not in worlds and len(worlds) < WORLDS_MAX:
                    worlds[after] = None
                    todo.append(after)
        return todo

    def entries(self, world: int) -> list[Entry | None]:
        out: list[Entry | None] = []
        while len(out) < len(self.tables.packing.slots):
            out.append(self.tables.entry(len(out), world))
        return out

    def outcomes(self, world: int) -> list[Outcome]:
        return [outcome for entry in self.entries(world) if entry is not None for outcome in entry.outcomes]

    def then(self, world: int, *steps: Outcome) -> int | None:
        """The world after some steps, each taken by what can be done then; None if one cannot be taken."""
        for step in steps:
            entry = self.tables.entry(step.slot.index, world)
            same = [o for o in (entry.outcomes if entry is not None else ()) if o.choice == step.choice]
            if not same:
                return None
            world = self.tables.after(world, same[0])
        return world

    def independent(self, world: int, one: Outcome, two: Outcome) -> bool:
        """Whether both orders come to the same world, or one step ends the process of the other and undoes it."""
        first, second = self.then(world, one, two), self.then(world, two, one)
        if first is not None and first == second:
            return True
        return any(
            step.ends and undone == self.tables.after(world, step) and other in (None, undone)
            for step, undone, other in ((two, first, second), (one, second, first))
        )

    def by_machine(self, world: int) -> list[str]:
        """What a machine makes of each step that can be taken, in words."""
        here = self.world(world)
        away = {domain: self.tables.packing.cell(domain.cell(FROZEN)).value(world)[1:] for domain in here.frozen}
        out: list[str] = []
        while True:
            machine = Machine(versioned=False)
            machine.load(here)
            able = machine.enabled()
            able += [(p, None) for p in machine.running() if machine.is_on_its_way(p) and p.name in away[p.domain]]
            if len(out) == len(able):
                return out
            machine.step(*able[len(out)])
            out.append(machine.world().text())

    def world(self, world: int) -> World:
        """The world as that of a machine, which does not tell which calls have left before a domain was frozen."""
        packing = self.tables.packing
        cells = [(cell, field.value(world)) for cell, field in packing.cells.items() if field.number(world)]
        stand = [slot.value(world) for slot in packing.slots if slot.number(world)]
        frozen = [cell.domain for cell, _ in cells if cell is packing.frozen(cell.domain)]
        cells = [(cell, value) for cell, value in cells if cell is not packing.frozen(cell.domain)]
        return World(
            tuple(sorted(cells, key=lambda item: item[0].name)),
            tuple(sorted(stand, key=lambda there: (there.domain.name, there.name))),
            tuple(frozen),
        )


def choices(entry: Entry | None) -> Choices | None:
    return None if entry is None else [(outcome.choice, outcome.response) for outcome in entry.outcomes]


def learned(entry: Entry) -> list[tuple[Any, ...]]:
    return [(o.choice, o.response, o.delta, o.kills) for o in entry.outcomes]


def check(make: Callable[[], Machine]) -> None:
    steps = Steps(make)
    for world in steps.worlds:
        check_world(steps, world)


def check_world(steps: Steps, world: int) -> None:
    tables = steps.tables
    before = steps.entries(world)
    for index, entry in enumerate(before):
        if entry is not None:
            assert learned(tables.learner.learn(tables.packing.slots[index], world)) == learned(entry)
    made = [steps.world(tables.after(world, step)).text() for step in steps.outcomes(world)]
    assert sorted(made) == sorted(steps.by_machine(world))
    for one in steps.outcomes(world):
        for two in steps.outcomes(world):
            if one.slot is not two.slot and not one.rivals & two.footprint:
                assert steps.independent(world, one, two), (one.slot.name, two.slot.name)
        check_others(steps, world, before, one)


def check_others(steps: Steps, world: int, before: list[Entry | None], step: Outcome) -> None:
    """What a step does to the processes that do not take it."""
    tables = steps.tables
    world_after = tables.after(world, step)
    after = steps.entries(world_after)
    tables.refresh(step)
    before = before + [None] * (len(after) - len(before))
    for index, (old, new) in enumerate(zip(before, after, strict=True)):
        mask = tables.packing.slots[index].mask if old is None else old.mask
        if index not in step.touched or not (world ^ world_after) & mask:
            assert (new is None) == (old is None)
            assert new is None or old is None or learned(new) == learned(old)
        if index == step.slot.index or new is None:
            continue
        woken = step.wakes & (tables.started_bit(index) if old is None else old.reads) and index in step.woken
        if old is None:
            assert woken
        elif not old.outcomes:
            assert woken or not new.outcomes
        elif choices(old) != choices(new):
            assert step.rivals & old.footprint and index in step.rivals_of


FREEZE, CALLS = ("freeze",), (("call", 1, 0), ("call", 2, 0))
LEFT: dict[str, tuple[Any, Any, list[str], list[bool]]] = {
    "one call may have left before it was frozen": (((FREEZE,), CALLS), ((), ()), ["p0", "p1"], [True, False]),
    "no more has left when it is frozen again": (
        ((FREEZE, FREEZE), CALLS), ((), ()), ["p0", "p1", "p0"], [True, False, False],
    ),
    "none is left of who is stopped and started again": (
        ((FREEZE, ("stop", 0), ("start", 0)), (), (("start", 0),)),
        (CALLS, ()),
        ["p2", "p0", "p0", "p0"],
        [True, True, False, False],
    ),
    "a call that freezes the domain is served with that": (
        ((), (("call-freeze",), *CALLS), (FREEZE,)), ((), ()), ["p1"], [False],
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", LEFT)
def test_who_stands_still_takes_no_step_but_the_call_that_has_left(name: str) -> None:
    programs, spare, order, expected = LEFT[name]
    tables = Tables()
    world = tables.packing.load(Lab(programs, spare).machine())
    left = []
    for process in order:
        world = taken(tables, world, process)
        frozen = [slot for slot in tables.packing.slots if slot.domain.name == "d1" and slot.number(world)]
        entries = [tables.entry(slot.index, world) for slot in frozen]
        left.append(any(entry is not None and entry.outcomes for entry in entries))
    assert left == expected


def taken(tables: Tables, world: int, process: str) -> int:
    """The world after the only step of a process."""
    (index,) = (slot.index for slot in tables.packing.slots if slot.process == process)
    entry = tables.entry(index, world)
    assert entry is not None
    (outcome,) = entry.outcomes
    return tables.after(world, outcome)


@pytest.mark.parametrize("name", LABS)
def test_steps_of_known_traps(name: str) -> None:
    check(Lab(*LABS[name]).machine)


def freeze_and_kill(domain: Domain) -> Stage:
    yield Fate("freeze", domain)
    yield Fate("kill", domain)
    yield Start(domain, "one", count, (domain.cell("total"), 2))
    return None


def called_frozen() -> Machine:
    """A process that is called as a domain that stands still says that it does."""
    machine, pod = Machine(versioned=False), Domain("pod")
    machine.start(pod, "frozen", calls_at_once, Link("a", pod, "there", "back"), pod.cell("memory"))
    machine.start(Domain("zone"), "it", freeze_and_kill, pod)
    return machine


def calls_at_once(link: Link, cell: Cell) -> Stage:
    yield Note(link, cell, 1)
    yield Note(link, cell, 2)
    return None


def killed_parent() -> Machine:
    """A process in another domain is left when the one that has started it is killed."""
    machine, parent = Machine(versioned=False), Domain("parent")
    machine.start(parent, "it", start, Domain("child"), Domain("memory").cell("total"), 0)
    machine.start(Domain("zone"), "it", kill_once, parent)
    return machine


MACHINES = [killed_parent, called_frozen, both_count, starts, kills, kills_last, freezes]


@pytest.mark.parametrize("make", MACHINES, ids=lambda make: make.__qualname__)
def test_steps_of_small_machines(make: Callable[[], Machine]) -> None:
    check(make)


SMALL: dict[str, tuple[Any, Any]] = {
    "a process kills its own domain": (((), (("kill",), ("write", 1, 1))), ((), ())),
    "a process kills its own domain and starts another there": (
        ((), (("write", 0, 1), ("many", ("kill",), ("present", 0), ("start", 0), ("write", 0, 2)), ("write", 1, 1))),
        ((("bump", 1),), ()),
    ),
    "a process stops itself": (((), (("stop-other", "p1"), ("write", 1, 1))), ((), ())),
    "a process freezes its own domain": (((("thaw",),), (("freeze",), ("write", 1, 1))), ((), ())),
    "a worker is frozen": (
        ((("freeze",), ("thaw",)), (("receive", 1), ("take",)), (("send", 1, 1), ("queue", 0))),
        ((), ()),
    ),
    "a waiter is frozen": (((("freeze",), ("thaw",)), (("await", 1), ("call", 1, 1)), (("write", 1, 1),)), ((), ())),
    "a process that calls is frozen, stopped and started": (
        (
            (("freeze",), ("stop", 0), ("start", 0)),
            (),
            (("start", 0),),
        ),
        ((("call", 1, 1), ("call", 2, 1)), ()),
    ),
    "two domains kill each other": (((("kill",),), (("kill-calm",),)), ((), ())),
    "the killed has sent something": (((("kill",),), (("send", 0, 1),), (("receive", 0),)), ((), ())),
    "the killed has stored something": (((("kill",),), (("write", 1, 1),), (("read", 1),)), ((), ())),
    "the killed stops and starts others": (
        ((("kill",), ("start", 0)), (("start", 0), ("stop", 0), ("start", 0)), (("present", 0), ("start", 1))),
        ((("write", 0, 1),), (("write", 0, 2),)),
    ),
    "what is killed is read in the same step": (
        ((("write", 0, 2), ("many", ("kill",), ("read", 0)), ("many", ("kill",), ("bump", 0))), ()),
        ((), ()),
    ),
    "who reads the memory of the killed": (((("kill",),), (("write", 0, 1),), (("read", 0), ("low", 0))), ((), ())),
    "who changes the memory of the killed": (
        ((("kill",),), (("write", 0, 1),), (("write", 1, 1), ("read", 1), ("set-part", 0, 2))),
        ((), ()),
    ),
    "who looks at a stream from which is taken": (
        ((("send", 0, 1), ("look", 0)), (), (("receive", 0), ("write", 1, 1))),
        ((), ()),
    ),
    "a store is killed": (((), (), (("write", 1, 1), ("many", ("kill-store",), ("bump", 1)))), ((), ())),
    "what was written in the step is read and written again": (
        (
            (("many", ("write", 0, 1), ("bump", 0), ("set-part", 0, 2), ("kill",), ("bump", 0), ("read", 0)),),
            (("read", 0),),
        ),
        ((), ()),
    ),
    "what is started and killed in one step": (
        ((("many", ("start", 0), ("write", 0, 1), ("kill",)),), (("write", 1, 1),)),
        ((("write", 1, 2),), ()),
    ),
    "what is killed and started in one step": (
        ((("start", 0), ("many", ("kill",), ("start", 0))), (("write", 1, 1),)),
        ((("write", 1, 2), ("write", 1, 0)), ()),
    ),
    "all of a queue goes at once": (
        ((("queue", 0), ("restock", None)), (("take",), ("queue", 0)), (("queue", 0), ("look-key",))),
        ((), ()),
    ),
    "a shut stream is offered to": (
        ((("offer", 0, 1), ("write", 1, 1)), (), (("refill", 0, None), ("refill", 0, ()))),
        ((), ()),
    ),
}


@pytest.mark.parametrize("name", SMALL)
def test_steps_of_small_models(name: str) -> None:
    check(Lab(*SMALL[name]).machine)


@pytest.mark.parametrize("volatile", [True, False])
def test_what_is_started_after_a_kill_does_not_stand_still(volatile: bool) -> None:
    domain = Domain("d", volatile=volatile)
    machine = Machine(versioned=False)
    machine.start(domain, "one", count, domain.cell("total"), 2)
    machine.start(Domain("zone"), "it", freeze_and_kill, domain)
    search = searched(lambda: machine)
    assert search.at_rest
    slots = search.tables.packing.slots
    assert not any(slot.number(world) for world in search.at_rest for slot in slots), "somebody waits for ever"


def test_what_is_frozen_again_sends_no_more_calls() -> None:
    """One call may have left before the first time that it was frozen; the next cannot have."""
    lab = Lab(((("freeze",), ("freeze",)), (("call", 1, 0), ("call", 2, 0))), ((), ()))
    tables = Tables()
    world = tables.packing.load(lab.machine())
    freezer, caller = (slot.index for slot in tables.packing.slots)
    left = []
    for index in (freezer, caller, freezer):
        entry = tables.entry(index, world)
        assert entry is not None
        world = tables.after(world, entry.outcomes[0])
        calls = tables.entry(caller, world)
        left.append(calls is not None and bool(calls.outcomes))
    assert left == [True, False, False]


def test_a_part_that_comes_up_beyond_the_first_worlds() -> None:
    """A process starts in a domain that was frozen before, in a world to which only the last of the first lead."""
    reads = (("read", 0),) * 3
    starter, started = (("start", 0), ("stop", 0), ("read", 0)), (("receive", 1), ("read", 0), ("start", 1))
    check(Lab(((("thaw",), ("thaw",)), reads, (*reads, ("send", 1, 0)), starter), (started, (("read", 0),))).machine)


@examples(60)
@given(labs())
def test_steps_of_random_models(lab: Lab) -> None:
    check(lab.machine)


@examples(60)
@given(offices())
def test_steps_of_workers(lab: Lab) -> None:
    check(lab.machine)


@examples(60)
@given(counters())
def test_steps_of_who_adds_to_a_list(lab: Lab) -> None:
    check(lab.machine)


@examples(60)
@given(crowded())
def test_steps_that_do_several_things(lab: Lab) -> None:
    check(lab.machine)
