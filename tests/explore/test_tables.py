"""Entries are found by the bits that they depend on, also by bits that a field got while the entry was learned."""

from __future__ import annotations

from sim.core import Become, Domain, Machine, Stage
from sim.core.cell import Cell
from sim.explore.tables import Tables
from tests.core.toys import Add


def count(cell: Cell) -> Stage:
    yield Add(cell)
    return Become(count, (cell,))


def test_an_entry_that_widens_the_field_it_reads_is_not_used_for_other_values() -> None:
    """3 becomes 4, which needs a third bit; 7 has the same two lowest bits as 3, and must not become what 3 does."""
    domain = Domain("d")
    cell = domain.cell("c")
    machine = Machine()
    machine.start(domain, "count", count, cell)
    tables = Tables()
    packing = tables.packing
    bare = packing.load(machine)
    for value in (1, 2, 3):
        packing.pack_cell(cell, value)
    read = []
    for value in (3, 7):
        for number in range(4, value + 1):
            packing.pack_cell(cell, number)
        world = bare | packing.pack_cell(cell, value)
        entry = tables.entry(0, world)
        assert entry is not None
        after = tables.after(world, entry.outcomes[0])
        read.append((packing.get(world)(cell), packing.get(after)(cell)))
    assert read == [(3, 4), (7, 8)]
