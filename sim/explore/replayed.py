"""What a schedule that was carried out again violates."""

from __future__ import annotations

from sim.core.machine import Machine
from sim.core.model import Model
from sim.core.property import Property, When


def violated_at_rest(model: Model, machine: Machine) -> list[Property]:
    """What the world of a machine violates of what must be so at rest, in the order in which a check lists it; nothing
    where a process can still step.
    """
    known = (prop for prop in model.checked() if prop.when in (When.AT_REST, When.EVENTUALLY))
    return [] if machine.enabled() else [prop for prop in known if not prop.holds(machine.get)]
