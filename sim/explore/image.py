"""One renaming of a model applied to packed worlds, to footprints, and to what is known of a world.

Each value of a field is renamed once; fields are renamed by blocks, so that a world costs a few look-ups.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from itertools import islice
from typing import Any, Generic, TypeVar

from sim.core.cell import Cell, Domain
from sim.core.model import NoImage, Renaming
from sim.core.world import Continuation
from sim.explore.accesses import Accesses
from sim.explore.frame import Known, Targets
from sim.explore.futures import Future, Masks
from sim.explore.packing import Field, Packing, Slot

BLOCK_BITS = 48
T = TypeVar("T")


class NotSymmetric(NoImage):
    """A step does not respect a renaming; the message says which."""


class OneToOne(Generic[T]):
    """Which thing stands for which."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.forth: dict[T, T] = {}
        self.back: dict[T, T] = {}

    def put(self, one: T, other: T) -> T:
        """Note a pair.

        Raises:
            NotSymmetric: the other stands for something else already.
        """
        if self.back.setdefault(other, one) != one:
            raise NotSymmetric(f"two things of {self.name} have one image")
        self.forth[one] = other
        return other


class Block:
    """Some fields that are renamed as one: the images of their bits."""

    __slots__ = ("fields", "images", "mask")

    def __init__(self) -> None:
        self.fields: list[Field] = []
        self.images: dict[int, int] = {0: 0}
        self.mask = 0


class Image:
    """One renaming, by fields, numbers of values and bits of footprints."""

    def __init__(self, packing: Packing, accesses: Accesses, renaming: Renaming) -> None:
        self.packing = packing
        self.accesses = accesses
        self.renaming = renaming
        self._cells: dict[Field, Cell] = {}
        self._fields: OneToOne[Field] = OneToOne("field")
        self._numbers: dict[Field, OneToOne[int]] = {}
        self._blocks: list[Block] = []
        self._met = (0, 0, 0)
        self._footprints: dict[int, int] = {0: 0}
        self._masks: dict[int, int] = {0: 0}
        self._futures: dict[Future, Future] = {}
        self._things: list[tuple[Any, Any]] = []

    # -- worlds ----------------------------------------------------------------------------------------------------

    def world(self, world: int) -> int:
        """The world renamed."""
        packing = self.packing
        if self._met != (packing.width, len(packing.cells), len(packing.slots)):
            self._meet()
        out = 0
        for block in self._blocks:
            bits = world & block.mask
            image = block.images.get(bits)
            if image is None:
                image = 0
                for field in block.fields:
                    if bits & field.mask:
                        image |= self.bits(field, bits)
                block.images[bits] = image
            out |= image
        return out

    def origin(self, world: int) -> int:
        """The world that is renamed to this one: renamed often enough, it is itself again."""
        found = world
        while (after := self.world(found)) != world:
            found = after
        return found

    def _meet(self) -> None:
        packing = self.packing
        new: list[Field] = []
        for cell, field in islice(packing.cells.items(), self._met[1], None):
            self._cells[field] = cell
            new.append(field)
        new += packing.slots[self._met[2] :]
        for field in new:
            if not self._blocks or self._blocks[-1].mask.bit_count() + field.bits > BLOCK_BITS:
                self._blocks.append(Block())
            self._blocks[-1].fields.append(field)
            self._blocks[-1].mask |= field.mask
        for block in self._blocks:
            block.mask = union(field.mask for field in block.fields)  # fields get more bits
        self._met = (packing.width, len(packing.cells), len(packing.slots))

    def bits(self, field: Field, world: int) -> int:
        """The bits of the renamed world that stand for those of a field."""
        number = field.number(world)
        if not number:
            return 0
        image = self.field(field)
        numbers = self._numbers.setdefault(field, OneToOne(field.name))
        found = numbers.forth.get(number)
        if found is None:
            value = field.values[number]
            if isinstance(field, Slot):
                assert isinstance(image, Slot)
                value, domain = self._continuation(value, image), image.domain
            else:
                value, domain = self.renaming.value(value), self._cells[image].domain
            found = numbers.put(number, self.packing.intern(image, value, domain))
        return image.packed(found)

    def _continuation(self, there: Continuation, slot: Slot) -> Continuation:
        value, response = self.renaming.value, self.renaming.response
        args, responses = tuple(map(value, there.args)), tuple(map(response, there.responses))
        return Continuation(slot.domain, slot.process, value(there.function), args, responses)

    def field(self, field: Field) -> Field:
        """The field that stands for a field."""
        found = self._fields.forth.get(field)
        if found is None:
            if isinstance(field, Slot):
                image: Field = self.slot(field)
            else:
                image = self._cell(field)
            found = self._fields.put(field, image)
        return found

    def slot(self, slot: Slot) -> Slot:
        """The process that stands for a process."""
        domain, name = self.renaming.domain(slot.domain), self.renaming.process(slot.domain, slot.process)
        return self.packing.slot(domain, name)

    def _cell(self, field: Field) -> Field:
        if field not in self._cells:
            self._meet()
        cell = self._cells[field]
        image = self.renaming.cell(cell)
        if image.domain is not self.renaming.domain(cell.domain) or image.domain.volatile != cell.domain.volatile:
            raise NoImage(f"{image} is not where what stands for {cell} would be")
        made = self.packing.cell(image)
        self._cells[made] = image
        return made

    def whole(self, mask: int) -> int:
        """All bits of the fields of which a mask has bits."""
        return union(field.mask for field in self._fields_of(mask))

    def before(self, mask: int) -> int:
        """All bits of the fields for which those stand of which a mask has bits."""
        return union(self._before(field).mask for field in self._fields_of(mask))

    def _before(self, field: Field) -> Field:
        """The field for which a field stands: renamed often enough, it is itself again."""
        found = self._fields.back.get(field)
        if found is None:
            found = field
            while (after := self.field(found)) is not field:
                found = after
        return found

    def _fields_of(self, mask: int) -> list[Field]:
        fields: list[Field] = [*self.packing.cells.values(), *self.packing.slots]
        return [field for field in fields if field.mask & mask]

    # -- what is known of a world ----------------------------------------------------------------------------------

    def known(self, known: Known, targets: Targets) -> Known:
        """What is known of the renamed world, from which there are other targets."""
        return Known(self._future(known.future), self.slots(known.chosen), known.steps, targets)

    def _future(self, future: Future) -> Future:
        found = self._futures.get(future)
        if found is None:
            sets_off = self._masks_of(future.sets_off, self.slots)
            own, rounds = (self._masks_of(masks, self.footprint) for masks in (future.own, future.rounds))
            found = self._futures[future] = future.of(own, sets_off, rounds)
        return found

    def _masks_of(self, masks: Masks, rename: Callable[[int], int]) -> Masks:
        slots = self.packing.slots
        places = [self.slot(slots[index]).index for index in range(len(masks))]
        image = [0] * (max(places, default=-1) + 1)
        for place, each in zip(places, masks, strict=True):
            image[place] = rename(each)
        return tuple(image)

    def slots(self, mask: int) -> int:
        """The processes that stand for those of a mask, a bit for each."""
        found = self._masks.get(mask)
        if found is None:
            found = self._masks[mask] = union(1 << self.slot(self.packing.slots[n]).index for n in _numbers(mask))
        return found

    def footprint(self, mask: int) -> int:
        """The bits of what stands for what a footprint touches."""
        found = self._footprints.get(mask)
        if found is None:
            found = 0
            for number in _numbers(mask):
                one = self._footprints.get(1 << number)
                if one is None:
                    one = self._footprints[1 << number] = self._thing(number >> 1) << (number & 1)
                found |= one
            self._footprints[mask] = found
        return found

    def _thing(self, number: int) -> int:
        """The reading bit of what stands for a thing."""
        rename = self.renaming
        thing, what = self.accesses.thing(number)
        if isinstance(what, tuple):
            kind, name = what
            if kind == "key":
                return self.accesses.bit(rename.cell(thing), (kind, rename.value(name)))
            return self.accesses.bit(rename.domain(thing), (kind, rename.process(thing, name)))
        if isinstance(what, str):
            other = rename.domain(thing) if isinstance(thing, Domain) else thing
            return self.accesses.bit(rename.cell(thing) if isinstance(thing, Cell) else other, what)
        return self.accesses.part(rename.cell(thing), rename.value(what))


def union(masks: Iterable[int]) -> int:
    """All bits of some masks."""
    out = 0
    for mask in masks:
        out |= mask
    return out


def _numbers(mask: int) -> Iterator[int]:
    """The numbers of the bits of a mask."""
    while mask:
        bit = mask & -mask
        mask ^= bit
        yield bit.bit_length() - 1
