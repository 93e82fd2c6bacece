"""What a schedule that was carried out again violates."""

from __future__ import annotations

from sim.core.machine import Machine
from sim.core.model import Model
from sim.core.property import Property, When


def violated(model: Model, machine: Machine) -> list[Property]:
    """What the world of a machine violates: of what must be so at rest where it is at rest, else of what must be so
    always. First what a check lists, in its order, then what is judged only where it is asked for.
    """
    ends = (When.ALWAYS,) if machine.enabled() else (When.AT_REST, When.EVENTUALLY)
    known = (prop for prop in (*model.checked(), *model.askable()) if prop.when in ends)
    return [prop for prop in known if not prop.holds(machine.get)]


def listed_at_rest(model: Model, found: list[Property]) -> list[Property]:
    """Those of them that a check lists and that must be so at rest."""
    names = [prop.name for prop in model.checked()]
    return [prop for prop in found if prop.name in names and prop.when is not When.ALWAYS]
