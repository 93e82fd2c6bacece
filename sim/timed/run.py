"""Runs of a model in simulated time: settle once, then one run per seed from the settled world."""

from __future__ import annotations

import msgspec

from sim.core.cell import Cell, Value
from sim.core.machine import Machine
from sim.core.model import Judgement, Model, Prepared
from sim.core.trace import Step
from sim.core.world import World
from sim.explore.watchdog import watched
from sim.timed.driver import TimedDriver

SETTLE_SEED = -1
"""The seed of the preparation. It is the same for all runs, so that they all begin in one world."""
SETTLE_LIMIT_MS = 24 * 3600 * 1000.0


class NotSettled(Exception):
    """The preparation of a scenario did not come to rest within a day of simulated time."""


class Run(msgspec.Struct):
    """One run: its judgement, what was observed and recorded, and the machine as it ended.

    ``delays`` names the delays that were asked for. ``ended_ms`` is when the last observed change or recorded step
    happened; ``steps`` counts requests carried out.
    """

    judgement: Judgement
    at_rest: bool
    steps: int
    events: int
    changes: list[tuple[float, Cell, Value]]
    recorded: list[Step]
    machine: Machine
    ended_ms: float
    delays: tuple[str, ...]


def settle(model: Prepared) -> World:
    """The world in which the script of the scenario begins: prepared, and at rest.

    Raises:
        NotSettled: it does not come to rest.
        BrokenRule: a process never comes to its next request, or fails.
    """
    driver = TimedDriver(model.prepare_timing, SETTLE_SEED)
    with watched(f"{model.users.name}:prepare", taken=lambda: driver.taken):
        driver.machine.start(model.users, "prepare", model.prepare)
        is_at_rest = driver.run(SETTLE_LIMIT_MS)
    if not is_at_rest:
        raise NotSettled(f"{model.scenario}: the exports do not come to rest within a day of simulated time")
    return driver.machine.world()


def run(
    model: Model, world: World, seed: int, *, record: bool = False, until_ms: float | None = None, eager: bool = False
) -> Run:
    """One run from the settled world.

    ``record`` keeps every step; ``until_ms`` ends the run early; ``eager`` takes every look of a periodic process, for
    checking that leaving out those that would see nothing new changes nothing.
    """
    driver = TimedDriver(model.timing, seed, model.observed, record=record, eager=eager)
    driver.machine.load(world, asleep=True)
    driver.adopt()
    model.begin(driver.machine)
    end_ms = model.observe_ms if until_ms is None else until_ms
    at_rest = driver.run(end_ms)
    judgement = model.judge(world.values, driver.machine.get, driver.changes, end_ms, at_rest=at_rest)
    events = driver.events()
    driver.close()
    return Run(
        judgement, at_rest, driver.taken, events, driver.changes, driver.steps or [], driver.machine,
        round(driver.last_ms, 3), tuple(sorted(driver.timing.asked)),
    )  # fmt: skip
