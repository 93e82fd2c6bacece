"""Worlds as integers: each cell and each process has a field of a few bits that holds the number of its value.

Values and continuations are numbered in the order in which the search meets them, which depends on nothing but the
model. A field that runs out of numbers gets a second piece at the top of the world: worlds that exist stay valid.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sim.core.cell import Cell, Domain, Value
from sim.core.machine import Machine
from sim.core.world import Continuation
from sim.explore.errors import check_value

CELL_BITS, SLOT_BITS, MORE_BITS = 2, 4, 3


class Field:
    """Where a world keeps one cell or one process: ``mask`` are its bits; number 0 is absent, or not running."""

    __slots__ = ("bits", "ids", "mask", "name", "pieces", "values")

    def __init__(self, name: str) -> None:
        self.name = name
        self.bits = 0
        self.mask = 0
        self.pieces: list[tuple[int, int, int]] = []  # (lowest bit of the number, mask of the number's bits, offset)
        self.ids: dict[Any, int] = {None: 0}
        self.values: list[Any] = [None]

    def number(self, world: int) -> int:
        """The number that the world holds in this field."""
        out = 0
        for low, mask, offset in self.pieces:
            out |= ((world >> offset) & mask) << low
        return out

    def value(self, world: int) -> Any:
        """The value that the world holds in this field."""
        return self.values[self.number(world)]

    def packed(self, number: int) -> int:
        """The bits of a world that hold this number here."""
        out = 0
        for low, mask, offset in self.pieces:
            out |= ((number >> low) & mask) << offset
        return out


class Slot(Field):
    """The field of a process; its values are continuations."""

    __slots__ = ("bit", "domain", "index", "process")

    def __init__(self, domain: Domain, process: str, index: int) -> None:
        super().__init__(f"{domain.name}:{process}")
        self.domain = domain
        self.process = process
        self.index = index
        self.bit = 1 << index


class Packing:
    """The fields of all cells and processes met so far."""

    def __init__(self) -> None:
        self.width = 0
        self.cells: dict[Cell, Field] = {}
        self.slots: list[Slot] = []
        self._slot_of: dict[tuple[Domain, str], Slot] = {}
        self._memory: dict[Domain, int] = {}
        self._processes: dict[Domain, int] = {}
        self._frozen: dict[Domain, Cell] = {}
        self.widened: Callable[[int, int], None] = lambda _old, _new: None

    def cell(self, cell: Cell) -> Field:
        """The field of a cell."""
        found = self.cells.get(cell)
        if found is None:
            found = self.cells[cell] = Field(cell.name)
            self._widen(found, CELL_BITS, cell.domain)
        return found

    def slot(self, domain: Domain, process: str) -> Slot:
        """The field of a process."""
        found = self._slot_of.get((domain, process))
        if found is None:
            found = self._slot_of[domain, process] = Slot(domain, process, len(self.slots))
            self.slots.append(found)
            self._widen(found, SLOT_BITS, domain)
        return found

    def slots_of(self, domain: Domain) -> list[Slot]:
        """The processes of a domain met so far."""
        return [slot for slot in self.slots if slot.domain is domain]

    def frozen(self, domain: Domain) -> Cell | None:
        """The cell that holds which processes of a frozen domain have a call under way, if it was ever frozen."""
        return self._frozen.get(domain)

    def freezable(self, domain: Domain) -> Cell:
        """The same, made when first asked for."""
        found = self._frozen.get(domain)
        if found is None:
            found = self._frozen[domain] = domain.cell("(frozen)")
        return found

    def wiped(self, domain: Domain) -> int:
        """The bits that killing the domain clears: its processes and, if it is volatile, its memory."""
        return self._processes.get(domain, 0) | (self._memory.get(domain, 0) if domain.volatile else 0)

    def _widen(self, field: Field, bits: int, domain: Domain) -> None:
        old = field.mask
        new = ((1 << bits) - 1) << self.width
        field.pieces.append((field.bits, (1 << bits) - 1, self.width))
        field.bits += bits
        field.mask |= new
        self.width += bits
        of = self._processes if isinstance(field, Slot) else self._memory
        of[domain] = of.get(domain, 0) | new
        if old:
            self.widened(old, new)

    def intern(self, field: Field, value: Value, domain: Domain) -> int:
        """The number of a value in a field.

        Raises:
            BrokenRule: the value cannot be part of a world.
        """
        number = check_value(field.ids, field.values, value, field.name)
        if number is None:
            number = field.ids[value] = len(field.values)
            field.values.append(value)
            while number >> field.bits:
                self._widen(field, MORE_BITS, domain)
        return number

    def pack_cell(self, cell: Cell, value: Value) -> int:
        """The bits of a world in which the cell holds the value."""
        if value is None:
            return 0
        field = self.cell(cell)
        return field.packed(self.intern(field, value, cell.domain))

    def pack_slot(self, slot: Slot, continuation: Continuation | None) -> int:
        """The bits of a world in which the process stands there, or does not run."""
        return 0 if continuation is None else slot.packed(self.intern(slot, continuation, slot.domain))

    def load(self, machine: Machine) -> int:
        """The world in which a machine stands."""
        world = 0
        for cell, value in sorted(machine.values.items(), key=lambda item: item[0].name):
            world |= self.pack_cell(cell, value)
        for process in sorted(machine.running(), key=lambda p: (p.domain.name, p.name)):
            world |= self.pack_slot(self.slot(process.domain, process.name), process.continuation())
        assert not machine.frozen, "a search begins in a world without frozen domains"
        return world

    def get(self, world: int) -> Callable[[Cell], Any]:
        """A reader of the cells of a world."""

        def get(cell: Cell) -> Any:
            field = self.cells.get(cell)
            return None if field is None else field.value(world)

        return get
