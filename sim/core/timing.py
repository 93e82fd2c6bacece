"""Timing profiles: what a driver with a clock must know of a model. Data only; other drivers never look."""

from __future__ import annotations

from functools import lru_cache

import msgspec

from sim.core.errors import unknown

ASSUMPTION = "assumption"
"""How the source of a figure begins that nobody has measured."""


class Delay(msgspec.Struct, frozen=True):
    """A distribution as text (see :mod:`sim.timed.delays`) and where it is from."""

    is_: str = msgspec.field(name="is")
    source: str


class BackOff(msgspec.Struct, frozen=True):
    """An item waits ``base_ms`` doubled for each time it was added since it was last forgotten, up to ``cap_ms``.

    ``late`` is the distribution by which the timer fires late.
    """

    base_ms: float
    cap_ms: float
    source: str
    late: str = "constant 0"

    @property
    def delays(self) -> tuple[float, ...]:
        """The delays in ms, the last one being the cap."""
        return _doubled(self.base_ms, self.cap_ms)


@lru_cache(maxsize=64)
def _doubled(base_ms: float, cap_ms: float) -> tuple[float, ...]:
    out = [base_ms]
    while 0 < out[-1] < cap_ms:
        out.append(min(out[-1] * 2, cap_ms))
    return tuple(out)


class Limits(msgspec.Struct, frozen=True):
    """A token bucket's refill per second and size."""

    per_second: float
    burst: int
    source: str


class Timing(msgspec.Struct, frozen=True):
    """Named delays, back-offs and limits. All times in ms."""

    delays: dict[str, Delay]
    back_offs: dict[str, BackOff] = {}
    limits: dict[str, Limits] = {}

    def delay(self, name: str) -> str:
        """The distribution of that name, as text.

        Raises:
            BadInput: there is none of that name.
        """
        found = self.delays.get(name)
        if found is None:
            raise unknown("delay", name, self.delays)
        return found.is_

    def assumed(self) -> list[str]:
        """The names and distributions that are assumptions."""
        return [f"{name} {d.is_}" for name, d in sorted(self.delays.items()) if d.source.startswith(ASSUMPTION)]
