"""The properties that a run may violate, in words."""

from __future__ import annotations

from sim.core.model import Model
from sim.core.property import When


def sentences(model: Model) -> dict[str, str]:
    """The sentence of each, by its name; without premises, which are reached or not."""
    premises = {prop.name for prop in model.checked() if prop.when is When.SOMETIMES}
    return {name: sentence for name, sentence in model.properties().items() if name not in premises}
