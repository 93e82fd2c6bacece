"""Traces: the steps of a run, enough to replay it and to tell it."""

from __future__ import annotations

from typing import Any

import msgspec

from sim.core.cell import Value
from sim.core.machine import Machine
from sim.core.request import Request


class Step(msgspec.Struct, frozen=True):
    """One request carried out: when (ms, 0 where the driver has no clock), by which process, which way, with what
    result.
    """

    at_ms: float
    domain: str
    process: str
    request: Request
    choice: Value
    response: Any

    def words(self) -> str:
        """The step in words, or its request as it is."""
        return self.request.words(self.choice, self.response) or repr(self.request)


Schedule = tuple[tuple[str, str, Value], ...]
"""(domain, process, choice) of each step, in order."""


def schedule(steps: list[Step]) -> Schedule:
    """What is enough to replay the steps on the world that they began in."""
    return tuple((step.domain, step.process, step.choice) for step in steps)


class Diverged(Exception):
    """A schedule does not fit the world: how far it got and the step that could not be taken."""


def replay(machine: Machine, plan: Schedule) -> None:
    """Take the steps of a schedule, one after the other, without a clock.

    Raises:
        Diverged: a step of the schedule is not enabled.
    """
    for index, (domain, name, choice) in enumerate(plan):
        process = machine.process(domain, name)
        if process is None:
            raise Diverged(f"step {index} of {len(plan)}: {domain}:{name} is not running")
        early = process.request is not None and process.request.spins
        if not early and not machine.is_enabled(process) and not machine.is_on_its_way(process):
            raise Diverged(f"step {index} of {len(plan)}: {domain}:{name} cannot take {process.request!r}")
        assert process.request is not None
        if choice not in process.request.choices(machine.get):
            raise Diverged(
                f"step {index} of {len(plan)}: {domain}:{name} cannot take {process.request!r} with {choice!r}"
            )
        machine.step(process, choice)
