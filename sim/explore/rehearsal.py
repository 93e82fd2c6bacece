"""One request carried out on a packed world without changing it: what it touched, and what it would write."""

from __future__ import annotations

from typing import Any

from sim.core.cell import Cell, Channel, Domain, Value
from sim.core.machine import Running, resumed
from sim.core.request import Call, Part, StageFunction
from sim.core.world import Continuation
from sim.explore.accesses import Accesses, both
from sim.explore.packing import Packing, Slot


class Rehearsal:
    """Implements :class:`sim.core.request.Transaction` on a packed world.

    ``reads`` and ``writes`` are footprints (reading and writing bits), ``soft`` the writing bits of what others may
    write as well, ``adds`` the reading bits of what only a step that writes them minds; ``key`` are the bits of the
    world that the outcome depends on; ``cells`` and ``slots`` are what would be written, ``softly`` the part that a
    change keeps to.
    """

    def __init__(
        self, packing: Packing, accesses: Accesses, world: int, domain: Domain, *, versioned: bool = False
    ) -> None:
        self.packing = packing
        self.accesses = accesses
        self.world = world
        self.domain = domain
        self.versioned = versioned
        self.reads = 0
        self.writes = 0
        self.soft = 0
        self.adds = 0
        self.key = 0
        self.cells: dict[Cell, Value] = {}
        self.slots: dict[Slot, Continuation | None] = {}
        self.softly: dict[Cell, Part] = {}
        self.kills: list[Domain] = []
        self.forgets: list[tuple[Channel, Value]] = []

    # -- cells -----------------------------------------------------------------------------------------------------

    def raw(self, cell: Cell) -> Any:
        """The value, noting only that the outcome depends on it."""
        if cell in self.cells:
            return self.cells[cell]
        if cell.domain in self.kills and cell.domain.volatile:
            return None
        field = self.packing.cell(cell)
        self.key |= field.mask
        return field.value(self.world)

    def _concerns(self, cell: Cell) -> None:
        """A kill of another domain ends what this step touches there."""
        if cell.domain is not self.domain and cell.domain.volatile:
            self.reads |= self.accesses.life(cell.domain)

    def get(self, cell: Cell) -> Any:
        self._concerns(cell)
        if isinstance(cell, Channel):
            self.reads |= self._ends(cell)
        else:
            self.reads |= self.accesses.part(cell, None)
        return self.raw(cell)

    def _ends(self, channel: Channel) -> int:
        if channel.keyed:
            return self.accesses.any_key(channel)
        return self.accesses.head(channel) | self.accesses.tail(channel)

    def view(self, cell: Cell, part: Part) -> Any:
        if isinstance(cell, Channel):
            return part(self.get(cell))  # whoever writes a channel tells of its ends and keys, not of parts
        self._concerns(cell)
        self.reads |= self.accesses.part(cell, part)
        return part(self.raw(cell))

    def version(self, cell: Cell) -> Any:
        """None, unless versioned: that the rest was written since is not noticed, as a retry makes it good."""
        return self.get(cell) if self.versioned else None

    def offer(self, channel: Channel, item: Value, end: Value) -> None:
        # What is offered to a domain that is killed is lost before as well as after, so a kill does not concern it.
        items: Any = self.raw(channel)
        self.reads |= self.accesses.tail(channel)
        if items == () or (items and items[-1] == end):
            # Once the end has been taken, it would be put there. A search that sees this step only after that must be
            # told as well whom it concerns: what was taken from a stream that is empty now may have been the end.
            self.reads |= self.accesses.head(channel)
        if items is not None and items[-1:] != (end,):
            self._appended(channel, items, item)

    def put(self, cell: Cell, value: Any) -> None:
        before = self.raw(cell)
        self._concerns(cell)
        if isinstance(cell, Channel):
            self.reads |= self._ends(cell)
            if value != before:
                self.writes |= both(self._ends(cell)) & ~self._ends(cell)
                if not cell.keyed:
                    self.writes |= self.accesses.filling(cell) << 1
                else:
                    for key in sorted({*(before or ()), *(value or ())}):
                        self.writes |= self.accesses.key(cell, key) << 1
        else:
            self.reads |= self.accesses.part(cell, None)
        self.softly.pop(cell, None)
        self.cells[cell] = value

    def change(self, cell: Cell, part: Part, make: Any) -> tuple[Any, Any]:
        assert not isinstance(cell, Channel), f"{cell.name} is a channel: its items are appended and popped"
        self._concerns(cell)
        self.reads |= self.accesses.part(cell, part)
        old = self.raw(cell)
        new = make(old)
        if cell not in self.cells:
            self.softly[cell] = part
        self.cells[cell] = new
        return old, new

    # -- channels --------------------------------------------------------------------------------------------------

    def append(self, channel: Channel, item: Value) -> None:
        items: Any = self.raw(channel) or ()
        accesses = self.accesses
        if channel.keyed:
            # Who adds does nothing to who adds; but who fills an empty queue wakes its worker, and the argument for
            # that (DESIGN.md) is that all others who add conflict, also those who come later and fill nothing.
            self._concerns(channel)
            self.reads |= accesses.key(channel, item)
            self.adds |= accesses.filling(channel)
            if not items:
                self.writes |= accesses.filling(channel) << 1
            if item not in items or (self.versioned and items.count(item) == 1):
                self.soft |= accesses.any_key(channel) << 1
                self.cells[channel] = tuple(sorted((*items, item)))
            return
        self._concerns(channel)
        self.reads |= accesses.tail(channel)
        self._appended(channel, items, item)

    def _appended(self, channel: Channel, items: tuple[Value, ...], item: Value) -> None:
        accesses = self.accesses
        self.writes |= accesses.tail(channel) << 1
        if not items:
            self.writes |= accesses.filling(channel) << 1
        self.cells[channel] = (*items, item)

    def pop(self, channel: Channel, choice: Value) -> Any:
        self._concerns(channel)
        items: Any = self.raw(channel)
        accesses = self.accesses
        if channel.keyed:
            self.reads |= accesses.key(channel, choice) | accesses.any_key(channel)
            self.writes |= (accesses.key(channel, choice) << 1) | (accesses.any_key(channel) << 1)
            index = items.index(choice)
            self.cells[channel] = items[:index] + items[index + 1 :]
            return choice
        self.reads |= accesses.head(channel)
        self.writes |= accesses.head(channel) << 1
        self.cells[channel] = items[1:]
        return items[0]

    def forget(self, channel: Channel, item: Value) -> None:
        """Due times and back-offs belong to drivers with a clock; which were forgotten is noted."""
        self.forgets.append((channel, item))

    # -- processes and domains -------------------------------------------------------------------------------------

    def _touch(self, domain: Domain, name: str) -> Slot:
        slot = self.packing.slot(domain, name)
        self.key |= slot.mask
        self.reads |= self.accesses.process(domain, name) | self.accesses.started(domain, name)
        if domain is not self.domain:
            self.reads |= self.accesses.life(domain)
        return slot

    def start(self, domain: Domain, name: str, function: StageFunction, *args: Any) -> None:
        slot = self._touch(domain, name)
        assert not self._runs(slot), f"{slot.name} is running already"
        process = Running(domain, name, function, args)
        self.slots[slot] = process.continuation() if process.request is not None else None
        self.writes |= self.accesses.started(domain, name) << 1

    def stop(self, domain: Domain, name: str) -> None:
        slot = self._touch(domain, name)
        self.slots[slot] = None
        self.served(slot)
        self.writes |= self.accesses.process(domain, name) << 1

    def is_running(self, domain: Domain, name: str) -> bool:
        return self._runs(self._touch(domain, name))

    def _runs(self, slot: Slot) -> bool:
        if slot in self.slots:
            return self.slots[slot] is not None
        return slot.domain not in self.kills and bool(slot.number(self.world))

    def kill(self, domain: Domain) -> None:
        self.kills.append(domain)
        self.reads |= self.accesses.life(domain)
        self.writes |= self.accesses.life(domain) << 1
        if domain.volatile:
            for cell in [cell for cell in self.cells if cell.domain is domain]:
                del self.cells[cell]
        else:
            self.thaw(domain)  # its cells stay, but for the one that says so
        for slot in [slot for slot in self.slots if slot.domain is domain]:
            del self.slots[slot]

    def freeze(self, domain: Domain) -> None:
        if self.get(self.packing.freezable(domain)) is not None:
            return  # it stands still already, so no more calls can have left
        away = []
        for slot in self.packing.slots_of(domain):
            self._touch(domain, slot.process)
            self.reads |= self.accesses.position(domain, slot.process)
            stands: Continuation | None = slot.value(self.world)
            if stands is not None and isinstance(resumed(stands).request, Call):
                away.append(slot.process)
        self.put(self.packing.freezable(domain), ("frozen", *sorted(away)))

    def served(self, slot: Slot) -> None:
        """A call of a process that stands still is not under way any more."""
        cell = self.packing.frozen(slot.domain)
        frozen, *away = (self.raw(cell) if cell is not None else None) or (None,)
        if cell is not None and slot.process in away:
            self.put(cell, (frozen, *(name for name in away if name != slot.process)))

    def thaw(self, domain: Domain) -> None:
        self.put(self.packing.freezable(domain), None)
