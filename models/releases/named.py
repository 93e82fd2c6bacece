"""Releases by the names that the command line takes."""

from __future__ import annotations

from models.releases import RELEASES
from models.releases.fleet import AT, PLUS, Fleet
from models.releases.guards import GUARDS, WITHOUT, guards_of, without
from models.releases.release import Release
from sim.core import BadInput, unknown


def release(algorithm: str) -> Release | Fleet:
    """The release of that name; one without a guard (``0.19.1 without precondition``); or one for all clusters but
    some (``0.19.1+proposed@b``).

    Raises:
        BadInput: there is none.
    """
    default, *others = algorithm.split(PLUS)
    if not others:
        return _single(default)
    own = {}
    for other in others:
        name, at, cluster = other.partition(AT)
        if not at or not cluster:
            raise BadInput(f"{other!r} in {algorithm} names no cluster", "such as 0.19.1+proposed@b")
        own[cluster] = _single(name)
    return Fleet(algorithm, _single(default), own)


def _single(algorithm: str) -> Release:
    name, _, guard = algorithm.partition(WITHOUT)
    if name not in RELEASES:
        raise unknown("algorithm", name, RELEASES)
    found = RELEASES[name]
    if guard and guard not in guards_of(found) and guard not in GUARDS:
        raise unknown("guard", guard, guards_of(found))
    return without(found, guard) if guard else found
