"""What may come after a world: kept once where it is the same, with what was worked out of it.

Worlds are many and futures few, so whatever is asked of a future is worked out once: what comes of it along a step or
beside another one, and with whom a step conflicts in it. Nothing here decides; what was worked out is kept as it would
be worked out again, and forgotten where what a step is asked for has grown.
"""

from __future__ import annotations

from sim.explore.learning import Outcome

Masks = tuple[int, ...]
"""A mask for each slot."""


class Future:
    """What is known of what comes after a world.

    ``own`` is, per slot, the footprint of what the process may still do; ``sets_off``, per slot, whom it may set off
    (a mask of slots); ``rounds``, per slot, is the part of ``own`` that comes before it next takes an item. All three
    have one length. ``sets_off_number`` stands for ``sets_off``: equal ones have the same.
    """

    __slots__ = (
        "_clashes", "_more", "_united", "_version", "_woken", "of", "own", "rounds", "sets_off", "sets_off_number",
    )  # fmt: skip

    def __init__(self, futures: Futures, own: Masks, sets_off: Masks, rounds: Masks, number: int) -> None:
        self.own = own
        self.sets_off = sets_off
        self.rounds = rounds
        self.sets_off_number = number
        self.of = futures.of
        self._woken: dict[tuple[int, int, bool], Future] = {}
        self._united: dict[Future, Future] = {}
        self._more: dict[tuple[int, int, bool], Future] = {}
        self._clashes: dict[Outcome, int] = {}
        self._version = -1

    def conflicting(self, outcome: Outcome, version: int) -> int:
        """The processes of which something that they may do is dependent on a step: of those that take all their items
        from a channel that it finds empty and fills, something before their next item. ``version`` is that of the
        tables by which it was last worked out whom the step may concern.
        """
        if self._version != version:
            self._clashes.clear()
            self._version = version
        found = self._clashes.get(outcome)
        if found is None:
            found = 0
            own, rounds, rivals, feeds = self.own, self.rounds, outcome.rivals, outcome.feeds
            for index in outcome.rivals_of:
                if index < len(own) and (rounds if feeds >> index & 1 else own)[index] & rivals:
                    found |= 1 << index
            self._clashes[outcome] = found
        return found

    def along(self, index: int, woken: int, *, takes: bool) -> Future:
        """What comes after a world from which a process goes on so, without what it touches in that step: it may set
        off those that it wakes, and where it takes an item its round begins with it.
        """
        found = self._woken.get((index, woken, takes))
        if found is None:
            wide = self.padded(index + 1)
            sets_off, rounds = list(wide.sets_off), list(wide.rounds)
            sets_off[index] |= woken
            if takes:
                rounds[index] = 0
            found = self.of(wide.own, tuple(sets_off), tuple(rounds))
            self._woken[index, woken, takes] = found
        return found

    def united(self, other: Future) -> Future:
        """What may come after either of two worlds."""
        if other is self:
            return self
        found = self._united.get(other)
        if found is None:
            count = max(len(self.own), len(other.own))
            one, two = self.padded(count), other.padded(count)
            found = self.of(
                _united(one.own, two.own), _united(one.sets_off, two.sets_off), _united(one.rounds, two.rounds)
            )
            self._united[other] = found
        return found

    def more(self, index: int, footprint: int, *, takes: bool) -> Future:
        """The same where a process may touch more, in its round unless it takes an item there."""
        found = self._more.get((index, footprint, takes))
        if found is None:
            own, rounds = list(self.own), list(self.rounds)
            own[index] |= footprint
            if not takes:
                rounds[index] |= footprint
            found = self._more[index, footprint, takes] = self.of(tuple(own), self.sets_off, tuple(rounds))
        return found

    def padded(self, count: int) -> Future:
        """The same with a mask for so many slots at least."""
        short = count - len(self.own)
        if short <= 0:
            return self
        nothing = (0,) * short
        return self.of(self.own + nothing, self.sets_off + nothing, self.rounds + nothing)


class Futures:
    """Makes futures, each once. ``nothing`` is where nobody does anything."""

    def __init__(self) -> None:
        self._masks: dict[Masks, tuple[int, Masks]] = {}
        self._made: dict[tuple[int, int, int], Future] = {}
        self.nothing = self.of((), (), ())

    def of(self, own: Masks, sets_off: Masks, rounds: Masks) -> Future:
        """The one future that says this."""
        mine, own = self._one(own)
        number, sets_off = self._one(sets_off)
        third, rounds = self._one(rounds)
        found = self._made.get((mine, number, third))
        if found is None:
            found = self._made[mine, number, third] = Future(self, own, sets_off, rounds, number)
        return found

    def _one(self, masks: Masks) -> tuple[int, Masks]:
        """The number of these masks, and those that are kept."""
        found = self._masks.get(masks)
        if found is None:
            found = self._masks[masks] = len(self._masks), masks
        return found


def _united(first: Masks, second: Masks) -> Masks:
    return first if first is second else tuple([x | y for x, y in zip(first, second, strict=True)])
