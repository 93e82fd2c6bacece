"""Worlds are values and steps are pure: a plain search over them finds the known number of worlds of a known model."""

from __future__ import annotations

from collections import deque

import pytest

from sim.core import Machine, World
from tests.explore.two_phase_commit import ABORTED, COMMITTED, WORLDS, TwoPhase


def successors(world: World) -> list[World]:
    """The worlds one step away, each reached by a machine of its own."""
    out: list[World] = []
    index = 0
    while True:
        machine = Machine()
        machine.load(world)
        able = machine.enabled()
        if index == len(able):
            return out
        machine.step(*able[index])
        out.append(machine.world())
        index += 1


def reachable(begin: World) -> set[World]:
    """Every world that some schedule reaches, breadth first."""
    seen, frontier = {begin}, deque([begin])
    while frontier:
        for world in successors(frontier.popleft()):
            if world not in seen:
                seen.add(world)
                frontier.append(world)
    return seen


@pytest.mark.parametrize("managers", [3, 5])
def test_a_search_finds_every_world_of_two_phase_commit_once(managers: int) -> None:
    """The published counts of TLC and Stateright; digests tell the worlds apart as equality does."""
    found = reachable(TwoPhase(managers).machine().world())
    assert len(found) == WORLDS[managers]
    assert len({world.digest() for world in found}) == WORLDS[managers]


def test_no_world_has_one_manager_committed_and_another_aborted() -> None:
    """TCConsistent, the invariant of the specification."""
    toy = TwoPhase(3)
    for world in reachable(toy.machine().world()):
        values = dict(world.cells)
        states = {values[cell] for cell in toy.rm_state}
        assert not {COMMITTED, ABORTED} <= states


def test_stepping_twice_from_one_world_reaches_the_same_worlds() -> None:
    """A step is a function of the world and the choice."""
    begin = TwoPhase(2).machine().world()
    for world in reachable(begin):
        assert successors(world) == successors(world)
