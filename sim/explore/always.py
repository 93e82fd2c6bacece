"""Properties that must hold in every world, judged once for all worlds that agree on the cells that they name."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sim.core.cell import Cell
from sim.core.property import Property
from sim.core.rules import BrokenRule
from sim.explore.packing import Packing


class Always(dict[int, bool]):
    """Picks, of worlds, those that violate a property. As a dictionary: whether it holds, by the bits of its cells."""

    def __init__(self, packing: Packing, prop: Property) -> None:
        super().__init__()
        self.packing = packing
        self.prop = prop

    def __call__(self, worlds: Sequence[int]) -> list[int]:
        """The worlds in which the property does not hold."""
        mask = 0
        for cell in self.prop.cells:  # each time: a field may have got more bits, which were zero before
            mask |= self.packing.cell(cell).mask
        return [world for world in worlds if not self[world & mask]]

    def __missing__(self, bits: int) -> bool:
        get = self.packing.get(bits)

        def named(cell: Cell) -> Any:
            if cell not in self.prop.cells:
                raise BrokenRule(
                    f"property {self.prop.name!r} looks at {cell.name}, which it does not name",
                    "a property that depends on the cells that it names alone",
                )
            return get(cell)

        found = self[bits] = bool(self.prop.holds(named))
        return found
