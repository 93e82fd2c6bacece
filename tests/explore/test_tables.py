"""Entries are found by the bits that they depend on, also by bits that a field got while the entry was learned."""

from __future__ import annotations

from collections.abc import Iterable

from sim.core import Become, Domain, Get, Machine, Request, Stage, Transaction, Value
from sim.core.cell import Cell
from sim.explore.tables import Tables
from tests.core.toys import Add
from tests.explore.fair_toys import put


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


class WaitForFirst(Request, frozen=True):
    """Wait until the first cell has something; then the second is read as well."""

    first: Cell
    second: Cell

    def reads(self, get: Get, choice: Value) -> Iterable[Cell]:
        return (self.first, self.second) if get(self.first) else (self.first,)

    def writes(self, get: Get, choice: Value) -> Iterable[Cell]:
        return ()

    def ready(self, get: Get) -> bool:
        return bool(get(self.first))

    def carry_out(self, tx: Transaction, choice: Value) -> Value:
        seen: Value = tx.get(self.second)
        return seen


def wait(first: Cell, second: Cell) -> Stage:
    yield WaitForFirst(first, second)
    return None


def test_an_entry_whose_table_was_replaced_depends_on_new_bits_as_well() -> None:
    """Worlds on the way of a search still hold it: told by its bits, it must not seem untouched by a new value."""
    domain = Domain("d")
    first, second = domain.cell("first"), domain.cell("second")
    machine = Machine()
    machine.start(domain, "wait", wait, first, second)
    tables = Tables()
    packing = tables.packing
    bare = packing.load(machine)
    packing.pack_cell(second, "something")
    blocked = tables.entry(0, bare | packing.pack_cell(second, "something"))
    assert blocked is not None
    assert not blocked.outcomes
    assert tables.entry(0, bare | packing.pack_cell(first, 1)) is not blocked  # it depends on more: a new table
    values = [packing.pack_cell(first, value) for value in range(1, 9)]
    new_bits = values[-1] & ~values[0]
    assert new_bits
    assert new_bits & blocked.mask == new_bits


def test_who_read_a_field_that_is_widened_by_another_is_changed_by_its_new_values() -> None:
    """The fifth value differs from none in a new bit alone: by the old ones, nothing has come for who waits."""
    store = Domain("store")
    cell = store.cell("c")
    machine = Machine()
    machine.start(Domain("reads"), "it", wait, cell, cell)
    machine.start(Domain("writes"), "it", put, cell, 4)
    tables = Tables()
    packing = tables.packing
    begin = packing.load(machine)
    for value in (1, 2, 3):
        packing.pack_cell(cell, value)
    reader, writer = tables.entry(0, begin), tables.entry(1, begin)
    assert reader is not None and not reader.outcomes
    assert writer is not None
    (step,) = writer.outcomes
    tables.refresh(step)
    assert 0 in step.touched
    after = tables.after(begin, step)
    assert (begin ^ after) & reader.mask
    woken = tables.entry(0, after)
    assert woken is not None and [outcome.response for outcome in woken.outcomes] == [4]


def test_what_was_forgotten_is_forgotten_again() -> None:
    """Twice in one place, and at the end; and what another run has learned is not learned after something else."""
    domain = Domain("d")
    machine = Machine()
    for name in ("one", "two"):
        machine.start(domain, name, count, domain.cell(name))
    first, second, other = Tables(), Tables(), Tables()
    begin = first.packing.load(machine)
    first.entry(0, begin)
    first.forget()
    first.forget()
    first.entry(1, begin)
    first.forget()
    assert second.packing.load(machine) == other.packing.load(machine) == begin
    learned = second.learn_again(first.log, first.forgot)
    assert learned is not None and list(learned) == [0, 1]
    assert (second.log, second.forgot, second.version) == (first.log, first.forgot, first.version)
    assert not list(second.entries())
    other.entry(1, begin)
    assert other.learn_again(first.log, first.forgot) is None
    second.forget()
    assert second.learn_again([*first.log, (0, begin)], first.forgot) is None
