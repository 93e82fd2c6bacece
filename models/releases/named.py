"""Releases by the names that the command line takes."""

from __future__ import annotations

from models.releases import RELEASES
from models.releases.guards import GUARDS, WITHOUT, guards_of, without
from models.releases.release import Release
from sim.core import unknown


def release(algorithm: str) -> Release:
    """The release of that name, or one without a guard.

    Raises:
        BadInput: there is none.
    """
    name, _, guard = algorithm.partition(WITHOUT)
    if name not in RELEASES:
        raise unknown("algorithm", name, RELEASES)
    found = RELEASES[name]
    if guard and guard not in guards_of(found) and guard not in GUARDS:
        raise unknown("guard", guard, guards_of(found))
    return without(found, guard) if guard else found
