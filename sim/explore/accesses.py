"""What steps touch, as bits: each thing that can be read or written has a bit for each.

Things are finer than cells: a part of a cell that somebody reads by itself, the two ends of a stream, each key of a
work queue, a process, a domain as what a kill ends. Two steps are dependent if one writes what the other touches.

A footprint holds, for thing number i, bit 2i if it is read and 2i + 1 if it is written. The rivals of a footprint are
both bits of what it writes and the writing bit of what it reads: two steps conflict if one's rivals meet the other's
footprint.
"""

from __future__ import annotations

from typing import Any

from sim.core.cell import Cell, Channel, Domain
from sim.core.request import Part

HEAD, TAIL, FILLING, ANY_KEY = "head", "tail", "filling", "any key"


class Accesses:
    """Numbers the things; ``new_parts`` counts parts that came to a cell which learned steps may have written."""

    def __init__(self) -> None:
        self._bits: dict[tuple[Any, Any], int] = {}
        self._things: list[tuple[Any, Any]] = []
        self._parts: dict[Cell, dict[Part | None, int]] = {}
        self.new_parts = 0

    def bit(self, thing: Any, what: Any) -> int:
        """The reading bit of a thing."""
        found = self._bits.get((thing, what))
        if found is None:
            found = self._bits[thing, what] = 1 << (2 * len(self._bits))
            self._things.append((thing, what))
        return found

    def thing(self, number: int) -> tuple[Any, Any]:
        """The thing of that number, as :meth:`bit` takes it."""
        return self._things[number]

    def part(self, cell: Cell, part: Part | None) -> int:
        """The reading bit of a part of a cell; None is all of it."""
        parts = self._parts.setdefault(cell, {})
        found = parts.get(part)
        if found is None:
            self.new_parts += 1
            found = parts[part] = self.bit(cell, part)
        return found

    def parts(self, cell: Cell) -> dict[Part | None, int]:
        """The parts of a cell that somebody reads."""
        return self._parts.get(cell, {})

    def head(self, channel: Channel) -> int:
        """The reading bit of the end of a stream from which items are taken."""
        return self.bit(channel, HEAD)

    def tail(self, channel: Channel) -> int:
        """The reading bit of the end of a stream to which items are added, and of whether it is open."""
        return self.bit(channel, TAIL)

    def filling(self, channel: Channel) -> int:
        """The reading bit of whether an empty stream gets an item: what a process that waits for one waits for. An item
        that is added never disturbs one that is taken, whether or not others were left.
        """
        return self.bit(channel, FILLING)

    def key(self, channel: Channel, key: Any) -> int:
        """The reading bit of one key of a work queue."""
        return self.bit(channel, ("key", key))

    def any_key(self, channel: Channel) -> int:
        """The reading bit of which keys a work queue holds."""
        return self.bit(channel, ANY_KEY)

    def process(self, domain: Domain, name: str) -> int:
        """The reading bit of whether a process still runs: read by each step of its own, written where it ends."""
        return self.bit(domain, ("process", name))

    def started(self, domain: Domain, name: str) -> int:
        """The reading bit of whether a process has been started. A start does not disturb the steps of a process that
        runs: it can only come after the end of that one.
        """
        return self.bit(domain, ("start of", name))

    def position(self, domain: Domain, name: str) -> int:
        """The reading bit of where a process stands, which a freeze asks for."""
        return self.bit(domain, ("position of", name))

    def life(self, domain: Domain) -> int:
        """The reading bit of what a kill of the domain ends."""
        return self.bit(domain, "life")

    def truth(self, name: str) -> int:
        """The reading bit of whether a property holds."""
        return self.bit(name, "truth")

    def name(self, bit: int) -> str:
        """The thing of a bit, in words."""
        thing, what = self._things[(bit.bit_length() - 1) // 2]
        owner = getattr(thing, "name", thing)
        if isinstance(what, tuple):
            return f"{owner} {what[0]} {what[1]}"
        return owner if what is None else f"{owner} ({getattr(what, '__qualname__', what)})"


def both(reading: int) -> int:
    """Reading and writing bits of the things whose reading bits are given."""
    return reading | (reading << 1)
