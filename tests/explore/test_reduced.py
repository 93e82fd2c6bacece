"""The reduced search finds the same worlds at rest as the plain one, and the shortest way to each."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.explore.cycles import close_cycles
from sim.explore.frame import NewPart
from sim.explore.learning import Outcome
from sim.explore.plain import Plain
from sim.explore.reduced import Reduced
from sim.explore.tables import Tables
from tests.explore.examples import examples
from tests.explore.machines import text
from tests.explore.programs import Lab, counters, crowded, labs, loops, offices
from tests.explore.swarms import swarms

WORLDS_MAX = 8_000


def outcomes(tables: Tables, worlds: Iterable[int]) -> Iterator[Outcome]:
    for world in worlds:
        index = 0
        while index < len(tables.packing.slots):  # processes come up while others are learned
            entry = tables.entry(index, world)
            index += 1
            yield from entry.outcomes if entry is not None else ()


def afters(tables: Tables, world: int) -> Iterator[int]:
    """The worlds after a world, one for each step that can be taken in it."""
    return (tables.after(world, outcome) for outcome in outcomes(tables, [world]))


def plain(tables: Tables, begin: int) -> dict[int, int] | None:
    """Every reachable world with the number of steps to it; None if there are too many."""
    depth = {begin: 0}
    frontier = [begin]
    while frontier:
        following = []
        for world in frontier:
            for after in afters(tables, world):
                if after not in depth:
                    depth[after] = depth[world] + 1
                    following.append(after)
        if len(depth) > WORLDS_MAX:
            return None
        frontier = following
    return depth


def is_at_rest(tables: Tables, world: int) -> bool:
    entries = [tables.entry(index, world) for index in range(len(tables.packing.slots))]
    return not any(entry is not None and entry.outcomes for entry in entries)


def reduced(
    tables: Tables,
    begin: int,
    rank: Callable[[int], int] = lambda _slot: 0,
    seen: Callable[[int], tuple[str, ...]] | None = None,
    kind: type[Reduced] = Reduced,
) -> Reduced:
    while True:
        tables.forget()
        search = kind(tables, rank, seen)
        try:
            search.begin(begin)
            search.run(10**9)
            for _ in close_cycles(search):
                search.run(10**9)
        except NewPart:
            continue
        return search


def said(tables: Tables, world: int) -> str:
    """A packed world as text, which does not depend on the tables."""
    fields = [*tables.packing.cells.values(), *tables.packing.slots]
    return repr(sorted((field.name, repr(field.value(world))) for field in fields if field.value(world) is not None))


def compare(lab: Lab) -> tuple[int, int]:
    """Check one model both ways, neither knowing what the other has learned; returns how many worlds each saw."""
    whole, tables = Tables(), Tables()
    depth = plain(whole, whole.packing.load(lab.machine()))
    if depth is None:
        return 0, 0
    at_rest = {said(whole, world): steps for world, steps in depth.items() if is_at_rest(whole, world)}
    begin = tables.packing.load(lab.machine())
    search = reduced(tables, begin)
    assert {said(tables, world) for world in search.at_rest} == set(at_rest)
    assert len(search.worlds) <= len(depth)
    if not any(outcome.ends for outcome in outcomes(whole, depth)):
        # Steps that a later kill undoes make a schedule longer, so lengths agree only where nothing is killed.
        assert lengths(search, begin) == at_rest
    else:  # or where such steps are dependent on the kill
        tables = Tables(undone_apart=False)
        begin = tables.packing.load(lab.machine())
        assert lengths(reduced(tables, begin), begin) == at_rest
    return len(depth), len(search.worlds)


def lengths(search: Reduced, begin: int) -> dict[str, int]:
    """How many steps it is to each world at rest."""
    known = search.worlds[begin]
    steps = {number: known.steps + more for number, more in known.targets}
    return {said(search.tables, world): steps[search.targets[world]] for world in search.at_rest}


TRAPS = {
    "a kill hides what the killed might do": (
        (("kill",),),
        (("write", 1, 1),),
        (),
        (("read", 2), ("write", 2, 1)),
    ),
    "a part comes up late": ((), (("await", 2), ("low", 1), ("write", 2, 0)), (("write", 2, 1), ("write", 1, 1))),
    "a change of a part concerns who reads the whole": ((), (("set-part", 1, 1),), (("read", 1), ("write", 2, 1))),
    "a loop puts another process off": ((), (("read", 0),), (("again", 0),), (("read", 0), ("bump", 0))),
    "what is sent to the killed is lost": ((("kill",),), (("read", 0),), (("send", 1, 0),)),
    "a write before a kill": ((("kill",),), (("read", 0),), (("read", 1),), (("read", 0), ("write", 1, 1))),
    "a worker takes from two channels": (
        (),
        (("receive", 1), ("receive", 0), ("read", 2), ("write", 1, 0)),
        (("send", 1, 0), ("send", 0, 0), ("post", 2, 1)),
    ),
    "an end that is taken makes room for what is offered": ((("send", 1, 2), ("offer", 1, 0)), (("receive", 1),)),
    "what is offered waits for two to be taken": (
        (("send", 1, 0), ("send", 1, 2), ("offer", 1, 0)),
        (("receive", 1), ("receive", 1)),
    ),
    "an end that was taken made room for what is offered later": (
        (("receive", 1),),
        (),
        (("offer", 1, 2), ("send", 0, 0), ("offer", 1, 0)),
    ),
    "a part of a channel is looked at": ((("glance", 0), ("write", 1, 1)), (), (("refill", 0, None),)),
    "a frozen process is started": ((("freeze",),), (("read", 0),), (("start", 0),), (("read", 0),)),
}
SPARE = ((("read", 0),), (("read", 0),))
STARTING: dict[str, tuple[Any, Any]] = {
    "why a worker waits changes with a freeze": (
        ((("freeze",),), (), (("start", 0), ("queue", 1)), ()),
        ((("take",),), ()),
    ),
    "a kill hides what was started after another step": (
        ((("kill",),), (("write", 0, 2), ("start", 1)), (("write", 0, 2), ("start", 1))),
        ((), (("bump", 2),)),
    ),
    "a rival is started by one that is started": (
        ((), (("start", 0), ("queue", 0)), (), (("take",),)),
        ((("start", 1),), (("take",),)),
    ),
    "a rival that loops is started by one that is started": (
        ((("freeze",),), (("start", 1),), (("bump", 1),)),
        ((("again", 1),), (("start", 0),)),
    ),
    "what sets a rival off does so through another": (
        ((), (("start", 1),), (("again", 1),)),
        ((("bump", 1),), (("start", 0),)),
    ),
    "what sets a rival off does so through the first of two": (
        ((("read", 0), ("write", 1, 0)), (("start", 0), ("start", 1)), (("await", 2), ("write", 0, 1))),
        ((("write", 2, 1),), (("bump", 1),)),
    ),
    "what sets a rival off does so through the second of two": (
        ((("read", 0), ("write", 1, 0)), (("start", 0), ("start", 1)), (("await", 2), ("write", 0, 1))),
        ((("bump", 1),), (("write", 2, 1),)),
    ),
    "of the chosen alone what they start is not counted": (
        ((("queue", 1),), (("start", 1),), (("start", 0),)),
        ((("stop", 1),), (("await", 0),)),
    ),
    "a process that loops stands in the way now": (((("freeze",),), (("bump", 0),), (("again", 0),)), ((), ())),
    "more is known of a world before a loop": (
        ((("thaw",),), (("present", 1), ("bump", 0)), (("again", 0),)),
        ((), ()),
    ),
    "more is known of two worlds before a loop": (
        ((("thaw",), ("thaw",)), (("present", 1), ("bump", 0)), (("again", 0),)),
        ((), ()),
    ),
    "a process is stopped as soon as it is started": (
        ((), (), (("start", 0), ("stop", 0))),
        ((("queue", 0), ("receive", 0)), ()),
    ),
    "a process with a call comes up in a domain that is frozen": (
        ((("freeze",), ("write", 1, 0)), (), (("write", 1, 1), ("start", 0))),
        ((("call", 1, 1), ("read", 1)), ()),
    ),
    "a process with a call comes up where another waits in a domain that is frozen": (
        ((("freeze",), ("write", 1, 0)), (("await", 0),), (("write", 1, 1), ("start", 0))),
        ((("call", 1, 1), ("read", 1)), ()),
    ),
    "a restart in one step hides what was about to be done": (
        ((("start", 0), ("send", 0, 0), ("many", ("stop", 0), ("start", 0))), (), (("await", 2), ("write", 1, 1))),
        ((("read", 0), ("receive", 0), ("write", 2, 1), ("await", 1), ("write", 2, 0)), ()),
    ),
    "whoever can step ends another": (((("kill",),), (("await", 2),), (("kill",),)), ((), ())),
    "a step changes what one that comes up elsewhere looks at": (
        ((("stop-other", "p3"), ("start", 1)), (("offer", 1, 0),), (("offer", 1, 0),)),
        ((), (("look", 1),)),
    ),
    "a step that changes nothing puts the first process off": (
        ((("bump", 1), ("write", 0, 1)), (), (("again", 0),)),
        ((), ()),
    ),
    "a frozen process stops another": (((("freeze",),), (), (("start", 1),)), ((("stop", 0),), (("start", 0),))),
    "a process ends and is started again": (
        ((), (("start", 1), ("write", 0, 1)), ()),
        ((("await", 0), ("start", 1), ("await", 0)), (("start", 0),)),
    ),
    "a part beside the one that is changed": (
        ((), (("read", 0), ("set-part", 2, 2)), (("set-part", 0, 1),), (("write", 0, 1),)),
        ((), ()),
    ),
    "a part beside the one that is changed, written later": (
        ((), (("post", 2, 0), ("bump", 2), ("set-part", 1, 1)), (("write", 1, 0),)),
        ((), ()),
    ),
    "a step back to a world on the way": (
        ((("queue", 1), ("again", 1)), (("bump", 1), ("take",)), ()),
        ((), ()),
    ),
    "worlds before a loop are looked at again": (((), (("write", 0, 0), ("write", 2, 2)), (("again", 2),)), ((), ())),
    "a shorter way is found on a loop": (
        ((("bump", 0), ("set-part", 1, 2), ("again", 2)), (("again", 2),), (("again", 1), ("bump", 2))),
        ((), ()),
    ),
    "another world at rest is found on a loop": (
        ((("again", 0),), (("read", 0),), (("bump", 1), ("again", 2), ("write", 0, 1)), (("bump", 2),)),
        ((), ()),
    ),
    "a process is frozen in worlds from which all steps lead back": (
        ((("freeze",),), (("again", 0),), (("again", 0),)),
        ((), ()),
    ),
    "somebody else takes the key of a list": (
        ((("bump", 2), ("keep", 0)), (), (("take",),), (("keep", 1), ("serve",))),
        ((), ()),
    ),
    "what a worker does before its next item": (
        ((), (("read", 1), ("write", 0, 2), ("take",)), (("post-key", 0, 1),)),
        ((), ()),
    ),
    "a worker does the same before and after an item": (
        ((), (("read", 1), ("write", 0, 2), ("take",), ("write", 0, 2)), (("post-key", 0, 1),)),
        ((), ()),
    ),
    "a field that several processes look at is widened": (
        (
            (),
            (("read", 1), ("write", 0, 2), ("take",), ("write", 0, 2)),
            (("await", 0), ("write", 1, 1)),
            (("post-key", 0, 0),),
        ),
        ((), ()),
    ),
    "a field of which several things are known is widened": (
        (
            (("await", 2), ("write", 0, 1)),
            (("read", 0), ("offer", 1, 2)),
            (("read", 0), ("offer", 1, 0)),
            (("start", 0),),
        ),
        ((("write", 2, 1),), ()),
    ),
    "a stream that holds something is not filled": (
        ((), (("start", 0), ("send", 1, 1)), (("receive", 1), ("freeze",)), (("start", 1),)),
        ((("stop", 1), ("receive", 1)), (("send", 1, 0), ("start", 1))),
    ),
    "a process may come up in a domain that may be frozen": (
        ((("freeze",),), (("send", 1, 0),), (("receive", 1),), (("start", 0),)),
        ((("read", 0),), (("read", 0),)),
    ),
}
"""Traps that need other spare programs. Each was found by leaving out one rule: some search of it then went wrong."""
LABS = {**{name: (programs, SPARE) for name, programs in TRAPS.items()}, **STARTING}


@pytest.mark.parametrize("name", LABS)
def test_known_traps(name: str) -> None:
    compare(Lab(*LABS[name]))


@examples(200)
@given(labs())
def test_the_worlds_at_rest_are_those_of_the_plain_search(lab: Lab) -> None:
    compare(lab)


@examples(200)
@given(offices())
def test_workers_that_take_items_round_after_round(lab: Lab) -> None:
    compare(lab)


@examples(200)
@given(counters())
def test_a_worker_that_serves_a_list_to_which_others_add(lab: Lab) -> None:
    compare(lab)


@examples(200)
@given(loops())
def test_loops_beside_processes_that_wait(lab: Lab) -> None:
    compare(lab)


Turn = Callable[[str], tuple[int, ...]]
TURNS: dict[str, Turn] = {
    "as guessed": lambda _: (),
    "by name": lambda name: tuple(map(ord, name)),
    "by name, from the last": lambda name: tuple(-ord(letter) for letter in name),
}
"""Which process a search begins with: it decides how many worlds are explored, never what is found."""


def compare_by_exact(lab: Lab, turn: Turn) -> None:
    """Check one model beside the search that keeps its entries otherwise, so that both cannot err in the same way."""
    whole = Plain(Tables())
    whole.begin(whole.tables.packing.load(lab.machine()))
    if whole.run(worlds_max=WORLDS_MAX // 4):
        return
    tables = Tables()
    slots = tables.packing.slots
    turns = sorted({turn(slot.process) for slot in whole.tables.packing.slots})
    search = reduced(tables, tables.packing.load(lab.machine()), lambda index: turns.index(turn(slots[index].process)))
    packing = whole.tables.packing
    assert {text(tables.packing, world) for world in search.at_rest} == {text(packing, at) for at in whole.at_rest}


@pytest.mark.parametrize("turn", TURNS)
@pytest.mark.parametrize("name", LABS)
def test_known_traps_beside_the_search_of_all_worlds(name: str, turn: str) -> None:
    compare_by_exact(Lab(*LABS[name]), TURNS[turn])


@examples(200)
@given(crowded(), st.sampled_from([*TURNS]))
def test_steps_that_do_several_things(lab: Lab, turn: str) -> None:
    compare_by_exact(lab, TURNS[turn])


@examples(200)
@given(labs(), st.sampled_from([*TURNS]))
def test_any_process_may_be_begun_with(lab: Lab, turn: str) -> None:
    compare_by_exact(lab, TURNS[turn])


@examples(200)
@given(swarms(), st.sampled_from([*TURNS]))
def test_few_kinds_of_instructions(lab: Lab, turn: str) -> None:
    compare_by_exact(lab, TURNS[turn])


def test_those_who_queue_do_nothing_to_each_other() -> None:
    """Of two that queue keys only the first who finds none is in the other's way."""
    assert compare(Lab((((("queue", 0),) * 3), ((("queue", 1),) * 3)), ((), ()))) == (16, 10)


def test_the_reduction_reduces() -> None:
    """Two processes that have nothing to do with each other cost a sum; races cost what they must."""
    apart = Lab((((("bump", 1),) * 4), ((("bump", 2),) * 4)), ((), ()))
    assert compare(apart) == (25, 9)
    racing = Lab((((("bump", 1),) * 3), ((("bump", 1),) * 3)), ((), ()))
    whole, some = compare(racing)
    assert 0 < some <= whole


def test_a_model_without_end_comes_back_at_its_bound() -> None:
    """A loop that sends for ever: worlds on the way count, or none would ever be left."""
    lab = Lab(((), (("send", 0, 0), ("again", 0))), ((), ()))
    tables = Tables()
    begin = tables.packing.load(lab.machine())
    while True:
        tables.forget()
        search = Reduced(tables, lambda _slot: 0)
        try:
            search.begin(begin)
            assert not search.run(50)
            break
        except NewPart:
            continue
    assert len(search.worlds) + len(search.stack) <= 52
