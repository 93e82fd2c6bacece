"""Entries looked up by the bits that they depend on, and the world after an outcome.

A table belongs to one process where it stands; its mask is the union of what its entries depend on.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from sim.core.property import Property
from sim.explore.accesses import Accesses
from sim.explore.learning import Entry, Learner, Outcome
from sim.explore.packing import Packing, Slot
from sim.explore.symmetry import Symmetry
from sim.explore.watchdog import watched


class Table:
    """The entries of one process at one continuation, by ``world & mask``."""

    __slots__ = ("entries", "mask")

    def __init__(self, mask: int) -> None:
        self.mask = mask
        self.entries: dict[int, Entry] = {}


class Tables:
    """All entries learned so far. ``version`` changes when what any process may touch has grown."""

    def __init__(
        self, visible: tuple[Property, ...] = (), *, versioned: bool = False, undone_apart: bool = True
    ) -> None:
        self.packing = Packing()
        self.accesses = Accesses()
        self.learner = Learner(self.packing, self.accesses, visible, versioned=versioned, undone_apart=undone_apart)
        self.packing.widened = self._widened
        self.version = 0
        self.symmetry: Symmetry | None = None  # what is learned must respect it
        self._new_bits: list[tuple[int, int]] = []  # what fields were widened by, while an entry is learned
        self.log: list[tuple[int, int]] = []  # (slot, world) of all that was learned, enough to learn it again
        self.forgot: list[int] = []  # after how much of the log all was to be forgotten
        self._started_bits: list[int] = []
        self._starters: dict[int, tuple[int, tuple[int, ...]]] = {}
        self._starters_version = -1
        self._stills = 0  # processes in domains that were ever frozen
        self._dropped: list[Entry] = []  # entries of tables that were replaced: worlds on the way may still hold them
        self._tables: list[dict[int, Table]] = []
        self.undone_apart = undone_apart
        self.at_once = 0  # the slots of which some step is taken as soon as it can be
        self._keys: list[int] = []  # per slot: all bits that any entry depends on
        self._reads: list[int] = []  # per slot: all reading bits that its being blocked depends on
        self._footprints: list[int] = []  # per slot: all that its steps touch

    def entry(self, index: int, world: int) -> Entry | None:
        """What the process in the slot can do in a world; None if it does not run."""
        slot = self.packing.slots[index]
        stands = world & slot.mask
        if not stands:
            return None
        if index < len(self._tables):
            table = self._tables[index].get(stands)
            if table is not None:
                found = table.entries.get(world & table.mask)
                if found is not None:
                    return found
        return self._learn(index, world)

    def entries_at(self, world: int) -> list[Entry | None]:
        """What each process can do in a world, by slot."""
        out: list[Entry | None] = []
        while len(out) < len(self.packing.slots):
            out.append(self.entry(len(out), world))
        return out

    def entries_after(
        self, entries: list[Entry | None], world: int, outcome: Outcome, after: int
    ) -> list[Entry | None]:
        """The same of the world after an outcome, by that of the world before: only entries that depend on what has
        changed are looked up.
        """
        if outcome.version != self.version:
            self.refresh(outcome)
        entries = entries[:]
        changed = world ^ after
        slots = self.packing.slots
        for index in outcome.touched:
            if index < len(entries):
                entry = entries[index]
                if changed & (slots[index].mask if entry is None else entry.mask):
                    entries[index] = self.entry(index, after)
        while len(entries) < len(slots):
            entries.append(self.entry(len(entries), after))
        return entries

    def _learn(self, index: int, world: int) -> Entry:
        number = len(self.log)
        self.log.append((index, world))
        slot = self.packing.slots[index]
        self._new_bits.clear()
        homes = len(self.learner.homes)
        with watched(slot.name):
            entry, twins = self._worked_out(slot, world)
            while self._is_outdated():
                entry, twins = self._worked_out(slot, world)
        for old, new in self._new_bits:  # by its own outcomes: it depends on those bits as well
            if entry.mask & old:
                entry.mask |= new
        entry.number = number
        self.version += len(self.learner.homes) != homes
        while len(self._tables) < len(self.packing.slots):
            other = self.packing.slots[len(self._tables)]
            self._tables.append({})
            self._keys.append(other.mask)
            self._reads.append(self.started_bit(other.index))
            self._footprints.append(0)
        tables = self._tables[index]
        stands = world & slot.mask
        table = tables.get(stands)
        if table is None or (table.mask | entry.mask) != table.mask:
            self._dropped += table.entries.values() if table is not None else ()
            table = tables[stands] = Table(entry.mask | (table.mask if table else 0))
        entry.mask = table.mask
        table.entries[world & table.mask] = entry
        self._grow(index, entry)
        for twin, renamed in twins:
            self._grow(twin, renamed)  # what is known of a world renamed says that it may touch this
        return entry

    def _worked_out(self, slot: Slot, world: int) -> tuple[Entry, Sequence[tuple[int, Entry]]]:
        """An entry, and the same renamed."""
        entry = self.learner.learn(slot, world)
        return entry, self.symmetry.checked(self.learner, slot, world, entry) if self.symmetry is not None else ()

    def _is_outdated(self) -> bool:
        """Forget everything if a domain was frozen for the first time, or a process came up in one that ever was.

        What was learned before does not ask whether the domain stands still, or finds only the others there when it is
        frozen; nor do worlds on the way know who conflicts with that.
        """
        stills = sum(self.packing.frozen(slot.domain) is not None for slot in self.packing.slots)
        if stills == self._stills:
            return False
        self._stills = stills
        self._forget()
        self.accesses.new_parts += 1
        return True

    def _grow(self, index: int, entry: Entry) -> None:
        keys, reads, footprints = self._keys, self._reads, self._footprints
        if entry.request.at_once and self.undone_apart:
            self.at_once |= 1 << index
        grown = (keys[index] | entry.mask, reads[index] | entry.reads, footprints[index] | entry.footprint)
        if grown != (keys[index], reads[index], footprints[index]):
            keys[index], reads[index], footprints[index] = grown
            self.version += 1

    def _widened(self, old: int, new: int) -> None:
        """A field has more bits: whatever depends on it depends on those too. Worlds so far have none of them set."""
        self._new_bits.append((old, new))
        for tables in self._tables:
            for table in tables.values():
                if table.mask & old:
                    table.mask |= new
                    for entry in table.entries.values():
                        entry.mask |= new
        for entry in self._dropped:
            if entry.mask & old:
                entry.mask |= new
        self._keys = [key | new if key & old else key for key in self._keys]
        self.version += 1

    def started_bit(self, index: int) -> int:
        """The reading bit of whether the process in a slot has been started."""
        bits = self._started_bits
        while len(bits) <= index:
            slot = self.packing.slots[len(bits)]
            bits.append(self.accesses.started(slot.domain, slot.process))
        return bits[index]

    def starters(self, index: int) -> tuple[int, tuple[int, ...]]:
        """The writing bit of whether the process in a slot has been started, and who may write it."""
        if self._starters_version != self.version:
            self._starters.clear()
            self._starters_version = self.version
        found = self._starters.get(index)
        if found is None:
            bit = self.started_bit(index) << 1
            who = tuple(i for i, footprint in enumerate(self._footprints) if footprint & bit)
            found = self._starters[index] = (bit, who)
        return found

    def outcomes(self) -> Iterator[Outcome]:
        """Every way to take every step that is known."""
        for tables in self._tables:
            for table in tables.values():
                for entry in table.entries.values():
                    yield from entry.outcomes

    def forget(self) -> None:
        """Forget all entries, so that what is learned again knows every part that has come up since."""
        self.forgot.append(len(self.log))
        self._dropped.clear()
        self._forget()

    def _forget(self) -> None:
        count = len(self._tables)
        self._tables = [{} for _ in range(count)]
        slots = self.packing.slots[:count]
        self._keys = [slot.mask for slot in slots]
        self._reads = [self.started_bit(slot.index) for slot in slots]
        self._footprints = [0] * count
        self.version += 1

    def learn_again(self, log: Sequence[tuple[int, int]], forgot: Sequence[int]) -> dict[int, Entry] | None:
        """Learn what another run has learned of the same model, in its order: every bit and number comes out as there.

        ``log`` and ``forgot`` are those of the other run, which must begin with what was learned here so far, or None
        is returned. Returns the entries by number, forgotten ones included.
        """
        first, marks = len(self.log), list(forgot[len(self.forgot) :])
        if self.log != list(log[:first]) or self.forgot != list(forgot[: len(self.forgot)]):
            return None
        out = {}
        for number in range(first, len(log) + 1):
            while marks and marks[0] == number:
                marks.pop(0)
                self.forget()
            if number < len(log):
                out[number] = self._learn(*log[number])
        return out

    def learned(self) -> Iterator[tuple[int, int, Entry]]:
        """The entries that are not forgotten, each with its slot and the bits of a world that it was learned for."""
        for index, tables in enumerate(self._tables):
            for stands, table in tables.items():
                for bits, entry in table.entries.items():
                    yield index, bits | stands, entry

    def entries(self) -> Iterator[Entry]:
        """The entries that are not forgotten."""
        for tables in self._tables:
            for table in tables.values():
                yield from table.entries.values()

    def after(self, world: int, outcome: Outcome) -> int:
        """The world after an outcome."""
        for domain in outcome.kills:
            world &= ~self.packing.wiped(domain)
        return world ^ outcome.delta

    def refresh(self, outcome: Outcome) -> None:
        """Work out again whom an outcome may concern: those whose entries it may change, who may conflict with it, and
        whom it may wake.
        """
        changed = outcome.delta
        for domain in outcome.kills:
            changed |= self.packing.wiped(domain)
        count = range(len(self._keys))
        homes = self.learner.homes
        outcome.concern(
            self.version,
            touched=tuple(i for i in count if self._keys[i] & changed),
            rivals_of=tuple(i for i in count if self._footprints[i] & outcome.rivals),
            woken=tuple(i for i in count if self._reads[i] & outcome.wakes and i != outcome.slot.index),
            feeds=sum(1 << i for i in count if outcome.fills and homes.get(i) in outcome.fills),
        )
