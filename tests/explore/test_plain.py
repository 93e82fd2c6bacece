"""The plain search finds every world, at its depth, and a shortest schedule to it."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sim.core import (
    Become,
    Cell,
    Domain,
    Machine,
    Stage,
    Start,
    World,
    Write,
)
from sim.explore import groups, plain
from sim.explore.packing import Packing
from sim.explore.plain import Plain
from sim.explore.tables import Tables
from tests.core.test_two_phase_commit import reachable, successors
from tests.core.toys import Add, Fate, Race
from tests.explore.programs import Lab, labs
from tests.explore.two_phase_commit import WORLDS, TwoPhase

EXAMPLES = int(os.environ.get("EXAMPLES", "200"))
WORLDS_MAX = 3_000


def searched(make: Callable[[], Machine], **bounds: Any) -> Plain:
    tables = Tables()
    search = Plain(tables)
    search.begin(tables.packing.load(make()))
    search.run(**bounds)
    return search


def text(packing: Packing, world: int) -> str:
    """The world in words; which calls of a frozen domain are on their way is a cell of it."""
    cells = [(cell, field.value(world)) for cell, field in packing.cells.items() if field.number(world)]
    processes = [slot.value(world) for slot in packing.slots if slot.number(world)]
    return World(
        tuple(sorted(cells, key=lambda item: item[0].name)),
        tuple(sorted(processes, key=lambda c: (c.domain.name, c.name))),
    ).text()


def found(search: Plain) -> dict[str, int]:
    """Every world that a search found with its depth."""
    packing = search.tables.packing
    out = {text(packing, world): depth for depth, level in enumerate(search.levels) for world in level}
    assert len(out) == sum(map(len, search.levels)) == search.worlds
    return out


def depths(begin: World, depth_max: int = 1000) -> dict[str, int]:
    """Every reachable world with its depth, each step taken by a machine of its own."""
    out, frontier = {begin: 0}, [begin]
    for depth in range(1, depth_max + 1):
        following = {after: depth for world in frontier for after in successors(world) if after not in out}
        out.update(following)
        frontier = list(following)
    return {world.text(): depth for world, depth in out.items()}


def learned_anew(make: Callable[[], Machine]) -> tuple[dict[str, int], int, int] | None:
    """The worlds with their depths, how many steps there are and how many worlds at rest, nothing looked up twice.

    None if there are too many worlds.
    """
    tables = Tables()
    begin = tables.packing.load(make())
    out, frontier, steps, rest = {begin: 0}, [begin], 0, 0
    while frontier:
        following = []
        for world in frontier:
            slots = [slot for slot in tables.packing.slots if world & slot.mask]
            outcomes = [outcome for slot in slots for outcome in tables.learner.learn(slot, world).outcomes]
            steps += len(outcomes)
            rest += not outcomes
            for after in [tables.after(world, outcome) for outcome in outcomes]:
                if after not in out:
                    out[after] = out[world] + 1
                    following.append(after)
        if len(out) > WORLDS_MAX:
            return None
        frontier = following
    return {text(tables.packing, world): depth for world, depth in out.items()}, steps, rest


# -- known numbers -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("managers", [3, 5, 7])
def test_two_phase_commit_has_the_known_number_of_worlds(managers: int) -> None:
    search = searched(TwoPhase(managers).machine)
    assert (search.worlds, search.frontier) == (WORLDS[managers], 0)
    assert (search.depth, search.resting) == (3 * managers + 1, 0)


@pytest.mark.deep
@pytest.mark.parametrize("managers", [8, 9])
def test_two_phase_commit_has_the_known_number_of_worlds_where_it_is_large(managers: int) -> None:
    search = searched(TwoPhase(managers).machine)
    assert (search.worlds, search.frontier) == (WORLDS[managers], 0)


def test_steps_are_counted_as_one_by_one() -> None:
    search = searched(TwoPhase(3).machine)
    begin = TwoPhase(3).machine().world()
    assert search.steps() == sum(len(successors(world)) for world in reachable(begin))


# -- other searches ------------------------------------------------------------------------------------------------


def both_count() -> Machine:
    """Two counters of one cell, each at another continuation every time: its field gets more bits on the way."""
    machine, memory = Machine(), Domain("memory")
    for name in ("left", "right"):
        machine.start(Domain(name), "count", count, memory.cell("total"), 6)
    return machine


def count(cell: Cell, times: int) -> Stage:
    for _ in range(times):
        yield Add(cell)
    return None


def starts() -> Machine:
    """A process that starts others, which come up during the search, and waits for nothing."""
    machine, memory = Machine(), Domain("memory")
    machine.start(Domain("parent"), "start", start, Domain("child"), memory.cell("total"), 4)
    machine.start(Domain("other"), "count", count, memory.cell("total"), 2)
    return machine


def start(domain: Domain, cell: Cell, more: int) -> Stage:
    yield Start(domain, f"child {more}", count, (cell, 1))
    return Become(start, (domain, cell, more - 1)) if more else None


def kills() -> Machine:
    """A domain that counts in its memory and on a disk, is killed at any moment, and starts again twice."""
    machine, pod, disk = Machine(), Domain("pod"), Domain("disk", volatile=False)
    machine.put(disk.cell("stored"), 1)
    machine.start(pod, "one", forever, pod.cell("memory"))
    machine.start(pod, "two", count, disk.cell("stored"), 2)
    machine.start(Domain("host"), "kill", kill, pod, 2)
    return machine


def forever(cell: Cell) -> Stage:
    """Counts to three and begins again, so that there is always something to do."""
    before = yield Add(cell)
    if before == 2:
        yield Write(cell, None)
    return Become(forever, (cell,))


def kill(pod: Domain, more: int) -> Stage:
    yield Fate("kill", pod)
    yield Start(pod, "one", forever, (pod.cell("memory"),))
    return Become(kill, (pod, more - 1)) if more else None


MODELS: list[Callable[[], Machine]] = [both_count, starts, kills, TwoPhase(2).machine]


@pytest.mark.parametrize("make", MODELS, ids=lambda make: make.__qualname__)
def test_it_finds_the_worlds_of_the_machine_at_their_depths(make: Callable[[], Machine]) -> None:
    assert found(searched(make)) == depths(make().world())


def test_it_finds_the_first_worlds_of_a_race() -> None:
    toy = Race()
    assert found(searched(toy.machine, depth_max=9)) == depths(toy.machine().world(), 9)


tunings = st.fixed_dictionaries(
    {"KEYS_MAX": st.sampled_from([1, 4, 64])},
    optional={"CHUNK": st.just(3), "LOOKS": st.just(0), "GROW": st.just(1)},
)


@settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(labs(), tunings)
def test_it_finds_what_a_search_finds_that_looks_nothing_up(lab: Lab, tuning: dict[str, int]) -> None:
    """Random models that start, stop, kill and freeze: worlds, depths, steps, and worlds at rest.

    However processes are grouped, and however little is known before the loop begins.
    """
    expected = learned_anew(lab.machine)
    if expected is not None:
        with pytest.MonkeyPatch.context() as patch:
            for name, value in tuning.items():
                patch.setattr(groups if name == "KEYS_MAX" else plain, name, value)
            search = searched(lab.machine)
        assert (found(search), search.steps(), search.resting) == expected
