"""Steps that a model promises may be taken as soon as they can be: what a reduced search makes of such a promise."""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar

import pytest

from sim.core import Await, Cell, Domain, Machine, Read, Stage, Write
from sim.explore.tables import Tables
from tests.explore.test_reduced import is_at_rest, plain, reduced, said


class ReadAtOnce(Read, frozen=True):
    at_once: ClassVar[bool] = True


def look(cell: Cell, kind: type[Read]) -> Stage:
    """Whoever looks and forgets it: it makes no difference when."""
    yield kind(cell)
    return None


def keep(cell: Cell, kind: type[Read], kept: Cell) -> Stage:
    """Whoever keeps what was seen: it does make one."""
    seen = yield kind(cell)
    yield Write(kept, seen)
    return None


def write(cell: Cell) -> Stage:
    yield Write(cell, 1)
    yield Write(cell, 2)
    return None


def late(begin: Cell, cell: Cell, kind: type[Read]) -> Stage:
    """It cannot look before somebody lets it."""
    yield Await(begin)
    yield kind(cell)
    return None


def ends(
    build: Callable[[Machine, type[Read]], None], kind: type[Read], *, believes: bool = True
) -> tuple[set[str], set[str], int]:
    """The worlds at rest by the plain and by the reduced search, and how many worlds the latter has."""
    machine = Machine(versioned=False)
    build(machine, kind)
    tables = Tables(undone_apart=believes)
    begin = tables.packing.load(machine)
    every = plain(tables, begin)
    assert every is not None
    search = reduced(tables, begin)
    there = {said(tables, world) for world in every if is_at_rest(tables, world)}
    return there, {said(tables, world) for world in search.at_rest}, len(search.worlds)


def one_looks(machine: Machine, kind: type[Read]) -> None:
    store = Domain("store", volatile=False)
    cell, begin = store.cell("cell"), store.cell("begin")
    machine.start(Domain("w"), "p", write, cell)
    machine.start(Domain("b"), "p", write, begin)
    machine.start(Domain("l"), "p", look, cell, kind)
    machine.start(Domain("m"), "p", late, begin, cell, kind)


def one_keeps(machine: Machine, kind: type[Read]) -> None:
    store = Domain("store", volatile=False)
    machine.start(Domain("w"), "p", write, store.cell("cell"))
    machine.start(Domain("k"), "p", keep, store.cell("cell"), kind, store.cell("kept"))


def test_what_is_promised_truly_loses_nothing() -> None:
    there, found, worlds = ends(one_looks, ReadAtOnce)
    assert found == there
    everywhere, all_found, more = ends(one_looks, Read)
    assert all_found == everywhere
    assert worlds < more


def test_what_is_promised_falsely_is_believed() -> None:
    """So every promise needs a test of its own: here whoever looks at once never sees what is written later."""
    there, found, _ = ends(one_keeps, ReadAtOnce)
    assert len(there) == 3
    assert len(found) == 1
    assert found < there
    there, found, _ = ends(one_keeps, Read)
    assert found == there


def test_a_search_for_the_shortest_schedule_uses_no_promise() -> None:
    there, found, _ = ends(one_keeps, ReadAtOnce, believes=False)
    assert found == there


@pytest.mark.parametrize("kind", [Read, ReadAtOnce])
def test_the_plain_search_takes_every_order(kind: type[Read]) -> None:
    there, _, _ = ends(one_keeps, kind)
    assert len(there) == 3
