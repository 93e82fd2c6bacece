"""What a reduced search works out of a world on the way, beside what it says of itself."""

from __future__ import annotations

from random import Random
from typing import Any, cast

from sim.core import Machine
from sim.explore.cycles import close_cycles
from sim.explore.frame import Edge, Frame, Known
from sim.explore.learning import Outcome
from sim.explore.reduced import Reduced
from sim.explore.tables import Tables
from tests.explore.programs import Lab
from tests.explore.test_reduced import reduced


def searching(machine: Machine) -> tuple[Reduced, int]:
    """A search that has not begun, and where it would; its tables know all parts."""
    tables = Tables()
    begin = tables.packing.load(machine)
    reduced(tables, begin)
    tables.forget()
    return Reduced(tables, lambda _slot: 0), begin


def test_a_bound_is_so_many_worlds_explored_or_so_many_more_on_the_way() -> None:
    """Three steps one after another: four worlds."""
    search, begin = searching(Lab(((("bump", 1),) * 3,), ((), ())).machine())
    search.begin(begin)
    seen = []
    for bound in (2, 1, 1, 2, 1):
        ended = search.run(bound)
        seen.append((ended, len(search.worlds), len(search.stack)))
    assert seen == [(False, 0, 3), (False, 0, 4), (False, 1, 3), (False, 3, 1), (True, 4, 0)]


def test_a_bound_counts_from_where_a_search_stood() -> None:
    """Each time either so many worlds more were explored, or so many more explored or on the way."""
    search, begin = searching(Lab(((("bump", 1),) * 3, (("bump", 1),) * 3, (("read", 1),)), ((), ())).machine())
    search.begin(begin)
    paused = 0
    while True:
        bound = 1 + paused % 3
        worlds, both = len(search.worlds), len(search.worlds) + len(search.stack)
        if search.run(bound):
            break
        paused += 1
        more = len(search.worlds) - worlds, len(search.worlds) + len(search.stack) - both
        assert max(more) == bound
    assert paused > 10


def test_the_way_to_each_target_is_the_shortest_over_all_steps() -> None:
    draw = Random(1)
    search, begin = searching(Lab(((),), ((), ())).machine())
    names = ["a", "b", "c", "d"]
    numbers = {name: search.targets.setdefault(name, number) for number, name in enumerate(names)}
    for _ in range(2000):
        search.worlds.clear()
        wanted: dict[int, int] = {}
        frame = Frame(begin, [], [0], 0, 0)
        for after in range(draw.randint(0, 3)):
            frame.edges.append(Edge(cast("Outcome", None), after, 0))
            if draw.random() < 0.2:
                continue  # leads back to a world on the way
            found = draw.choice([(), ((1, 0),), ((0, 0), (1, 2)), ((0, 1), (3, 0)), ((1, 0), (2, 0), (3, 1))])
            steps, targets = draw.randint(0, 3), search.interned.setdefault(found, found)
            search.worlds[after] = Known(search.futures.nothing, 0, steps, targets)
            for number, more in targets:
                wanted[number] = min(steps + more + 1, wanted.get(number, 99))
        here = tuple(draw.sample(names, draw.choice([0, 0, 1, 2])))
        search.seen = draw.choice([None, lambda _world, here=here: here])
        wanted.update((numbers[name], 0) for name in (here if search.seen is not None else ()))
        nearest, targets = search._near(frame)
        assert {number: nearest + more for number, more in targets} == wanted
        assert list(targets) == sorted(targets)
        assert min([more for _, more in targets], default=0) == 0
        assert targets is search.interned.setdefault(targets, targets)


def test_a_world_at_rest_is_a_target() -> None:
    search, begin = searching(Lab(((),), ((), ())).machine())
    search.seen = lambda _world: ("broken",)
    assert search._near(Frame(begin, [], [], 0, 0)) == (0, ((0, 0), (1, 0)))
    assert search.targets == {begin: 0, "broken": 1}


def waking(index: int, bits: int) -> Outcome:
    outcome = Outcome(cast("Any", None), None)
    outcome.wakes, outcome.woken = bits, (index,)
    return outcome


def test_one_that_comes_up_later_is_not_held_but_may_be_set_off() -> None:
    """A step may wake a process that had no slot when the world before it was entered."""
    lab = Lab(((("await", 1),), (("bump", 1),), (("await", 2),)), ((), ()))
    search, begin = searching(lab.machine())
    frame = search.frame(begin)
    waiting, (step,), other = frame.entries[0], cast("Any", frame.entries[2]).outcomes, frame.entries[1]
    assert waiting is not None and not waiting.outcomes
    assert other is not None and not other.outcomes
    both = waking(0, waiting.reads | other.reads)
    both.woken = (0, 1)
    assert search._held(frame, both, begin) == waiting.reads | other.reads != waiting.reads
    short = Frame(begin, [], [], 0, 0)
    asks = waking(0, waiting.reads)
    assert search._held(frame, asks, begin) == waiting.reads
    assert search._held(frame, waking(0, 0), begin) == 0
    assert search._held(frame, asks, search.take(frame, step)) == 0  # it is blocked no more
    assert search._held(short, asks, begin) == 0
    edge, started = Edge(step, begin, 0), search.tables.started_bit(0)
    step.woken, step.wakes = (0,), waiting.reads & ~started
    assert search._along(frame, edge).sets_off[2] == 1
    assert not any(search._along(short, edge).sets_off)
    step.woken, step.wakes = (0, 1), waiting.reads | other.reads
    assert search._along(frame, edge).sets_off[2] == 3
    step.woken, step.wakes = (0,), started
    assert search._along(short, edge).sets_off[2] == 1


def test_a_step_that_is_taken_is_told_whom_it_may_wake() -> None:
    """Also where nobody has asked yet with whom it conflicts."""
    search, begin = searching(Lab(((("await", 1),), (("bump", 1),)), ((), ())).machine())
    frame = search.frame(begin)
    (step,) = cast("Any", frame.entries[1]).outcomes
    assert step.version != search.tables.version
    assert not step.woken
    search.take(frame, step)
    assert step.woken == (0,)


def test_a_world_that_is_explored_again_is_on_the_way_and_not_known() -> None:
    """What was known of it is kept aside."""
    search, begin = searching(Lab(((("again", 0),), (("bump", 1),), (("again", 2),)), ((), ())).machine())
    search.begin(begin)
    assert search.run(10**9) and search.cycles
    entered = 0
    known = dict(search.worlds)
    for _ in close_cycles(search):
        for frame in search.stack:
            entered += 1
            assert frame.world not in search.worlds
            assert frame.was is not None and frame.was.chosen == known[frame.world].chosen != frame.chosen
        search.run(10**9)
        known = dict(search.worlds)
    assert entered
