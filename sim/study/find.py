"""Finding models by name: the engine imports none, packages of models announce themselves as entry points."""

from __future__ import annotations

from functools import lru_cache
from importlib import metadata

from sim.core.errors import BadInput
from sim.core.model import Catalogue

GROUP = "sim.models"


@lru_cache(maxsize=1)
def catalogue() -> Catalogue:
    """The catalogue of the installed package of models.

    Raises:
        BadInput: no package of models is installed.
    """
    found = sorted(metadata.entry_points(group=GROUP), key=lambda entry: entry.name)
    if not found:
        raise BadInput(f"no models are installed (entry points of {GROUP})", "install the project: make explore")
    loaded: Catalogue = found[0].load()
    return loaded
