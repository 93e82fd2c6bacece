"""Entries looked up by exactly the bits that each depends on.

:class:`~sim.explore.tables.Tables` keeps one mask for all entries of a process at a continuation, which suits a search
that goes from world to world. A search of all worlds meets every value of every cell, and there an entry that looked at
one cell only (blocked, the rest does not matter) must not be learned again for each value of the others; nor must the
outcome of one choice for each value of what only the others depend on.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Generic, TypeVar

from sim.core.cell import Value
from sim.core.request import Request
from sim.core.world import Continuation
from sim.explore.learning import Entry, Learner, Outcome
from sim.explore.packing import Packing, Slot
from sim.explore.rehearsal import Rehearsal
from sim.explore.tables import Tables
from sim.explore.watchdog import watched

T = TypeVar("T")


class Branches(Generic[T]):
    """Values by the bits of the world that each depends on: for each mask, by ``world & mask``."""

    __slots__ = ("by_mask",)

    def __init__(self) -> None:
        self.by_mask: dict[int, dict[int, T]] = {}

    def find(self, world: int) -> tuple[T, int] | None:
        """The value for a world, with its mask."""
        for mask, values in self.by_mask.items():
            found = values.get(world & mask)
            if found is not None:
                return found, mask
        return None

    def put(self, world: int, mask: int, value: T) -> None:
        """Keep a value for all worlds that have these bits."""
        self.by_mask.setdefault(mask, {})[world & mask] = value

    def widen(self, old: int, new: int) -> None:
        """A field has more bits: whatever depends on it depends on those too. Worlds so far have none of them set."""
        self.by_mask = {mask | new if mask & old else mask: values for mask, values in self.by_mask.items()}


class Frugal(Learner):
    """Works out each outcome once for the bits that it depends on itself, whatever the other choices depend on.

    Footprints are those of the entry for which an outcome was worked out; a search without reduction has no use of
    them.
    """

    def __init__(self, packing: Packing, tables: Tables) -> None:
        super().__init__(packing, tables.accesses)
        self.wider: list[tuple[int, int]] = []
        self._outcomes: dict[tuple[int, int, Value], Branches[Outcome]] = {}

    def learn(self, slot: Slot, world: int) -> Entry:
        before = len(self.wider)
        entry = super().learn(slot, world)
        entry.mask = self._patched(entry.mask, before)
        return entry

    def _patched(self, mask: int, before: int) -> int:
        """A mask with the bits that fields got since: it may have been noted with the old ones alone."""
        for old, new in self.wider[before:]:
            if mask & old:
                mask |= new
        return mask

    def _outcome(
        self, slot: Slot, stands: Continuation, request: Request, choice: Value, asked: Rehearsal, entry: Entry
    ) -> Outcome:
        known = self._outcomes.setdefault((slot.index, asked.world & slot.mask, choice), Branches())
        found = known.find(asked.world)
        if found is None:
            before = len(self.wider)
            alone = Entry(request)
            made = super()._outcome(slot, stands, request, choice, asked, alone)
            found = made, self._patched(alone.mask, before)
            known.put(asked.world, found[1], made)
        entry.mask |= found[1]
        return found[0]

    def widen(self, old: int, new: int) -> None:
        """A field has more bits."""
        self.wider.append((old, new))
        for known in self._outcomes.values():
            known.widen(old, new)

    def forget(self) -> None:
        """Forget all outcomes."""
        self._outcomes.clear()


class Exact:
    """All entries learned so far, of the worlds of ``tables``.

    ``keys`` are, per slot, all bits that any of its entries depends on, ``masks`` those of the entries at each
    continuation; ``touches`` are all bits that its steps change, and ``kills`` says whether any of them kills.
    ``deltas`` are all differences that any step makes. ``version`` changes when entries were forgotten; ``widened`` is
    told, as the packing's, of more bits of a field.
    """

    def __init__(self, tables: Tables, widened: Callable[[int, int], None]) -> None:
        self.packing = tables.packing
        self.learner = Frugal(tables.packing, tables)
        self.keys: list[int] = []
        self.masks: list[dict[int, int]] = []
        self.touches: list[int] = []
        self.kills: list[bool] = []
        self.deltas: dict[int, None] = {}
        self.version = 0
        self._known: list[dict[int, Branches[Entry]]] = []
        self._stills = 0
        self._told = (self.packing.widened, self.learner.widen, widened)
        self.packing.widened = self._widened

    def entry(self, index: int, world: int) -> Entry | None:
        """What the process in the slot can do in a world; None if it does not run."""
        stands = world & self.packing.slots[index].mask
        if not stands:
            return None
        known = self._known[index].get(stands)
        found = known.find(world) if known is not None else None
        return found[0] if found is not None else self._learn(index, world)

    def entries(self, index: int) -> list[tuple[int, int, Entry]]:
        """All entries of a process, as (mask, bits, entry), in the order of masks."""
        return [
            (mask, bits, entry)
            for known in self._known[index].values()
            for mask, entries in known.by_mask.items()
            for bits, entry in entries.items()
        ]

    def _learn(self, index: int, world: int) -> Entry:
        slot = self.packing.slots[index]
        with watched(slot.name):
            entry = self.learner.learn(slot, world)
            self.meet()
            while self._is_outdated():
                entry = self.learner.learn(slot, world)
                self.meet()
        stands = world & slot.mask
        self._known[index].setdefault(stands, Branches()).put(world, entry.mask, entry)
        self.keys[index] |= entry.mask
        self.masks[index][stands] = self.masks[index].get(stands, 0) | entry.mask
        for outcome in entry.outcomes:
            self.touches[index] |= outcome.delta
            self.deltas[outcome.delta] = None
            self.kills[index] |= bool(outcome.kills)
        return entry

    def meet(self) -> None:
        """Make room for processes that came up."""
        for slot in self.packing.slots[len(self.keys) :]:
            self.keys.append(slot.mask)
            self.masks.append({0: slot.mask})
            self.touches.append(0)
            self.kills.append(False)
            self._known.append({})

    def _is_outdated(self) -> bool:
        """Forget everything if a domain was frozen for the first time, or a process came up in one that ever was.

        What its processes can do, and whom a freeze finds there, has been worked out without them. Worlds so far have
        none of their bits set, so what was found from them stays true.
        """
        stills = sum(self.packing.frozen(slot.domain) is not None for slot in self.packing.slots)
        if stills == self._stills:
            return False
        self._stills = stills
        self._known = [{} for _ in self.packing.slots]
        self.learner.forget()
        self.version += 1
        return True

    def _widened(self, old: int, new: int) -> None:
        for told in self._told:
            told(old, new)
        self.keys = [key | new if key & old else key for key in self.keys]
        for masks in self.masks:
            masks.update({stands: mask | new for stands, mask in masks.items() if mask & old})
        for slot in self._known:
            for known in slot.values():
                known.widen(old, new)
