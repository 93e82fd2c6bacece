"""Known races by signature: their names in docs/FACTS.md C16, and what would close each."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import msgspec

if TYPE_CHECKING:
    from models.hunt.signature import Signature


class Race(msgspec.Struct, frozen=True):
    """A race that is on a list: whether a signature is one of it."""

    name: str
    about: str
    closes: str
    fits: Callable[[Signature], bool]


RACES: tuple[Race, ...] = ()


def known(signature: Signature) -> Race | None:
    """The first race of the list that fits."""
    return next((race for race in RACES if race.fits(signature)), None)
