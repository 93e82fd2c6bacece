"""Timing profiles: what a driver with a clock must know of a model."""

from __future__ import annotations

import msgspec

from sim.core.errors import unknown
from sim.timed.channels import BackOff
from sim.timed.limiter import Limits


class Delay(msgspec.Struct, frozen=True):
    """A distribution as text (see :mod:`sim.timed.delays`) and where it is from; an assumption says so."""

    is_: str = msgspec.field(name="is")
    source: str


class Timing(msgspec.Struct, frozen=True):
    """Named delays, back-offs and limits. All times in ms."""

    delays: dict[str, Delay]
    back_offs: dict[str, BackOff]
    limits: dict[str, Limits]

    def delay(self, name: str) -> str:
        """The distribution of that name, as text.

        Raises:
            BadInput: there is none of that name.
        """
        found = self.delays.get(name)
        if found is None:
            raise unknown("delay", name, self.delays)
        return found.is_
