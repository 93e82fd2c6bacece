"""Cells and domains: the shared state of a world, and what a fault stops, freezes or wipes as one."""

from __future__ import annotations

from collections.abc import Hashable

Value = Hashable
"""What a cell holds: immutable and comparable by value. ``None`` means absent."""


class Domain:
    """A failure domain: processes and cells that live, freeze and die together.

    A container, an API server's storage, the kernel of a node. ``volatile`` says whether killing the domain wipes its
    cells (memory) or keeps them (storage).
    """

    __slots__ = ("_by_name", "cells", "name", "volatile")

    def __init__(self, name: str, *, volatile: bool = True) -> None:
        self.name = name
        self.volatile = volatile
        self.cells: list[Cell] = []
        self._by_name: dict[str, Cell] = {}

    def cell(self, name: str) -> Cell:
        """The cell of that name in this domain, made when first asked for; the same object ever after."""
        found = self._by_name.get(name)
        if found is None:
            found = Cell(f"{self.name}/{name}", self)
            self.own(name, found)
        return found

    def own(self, name: str, cell: Cell) -> None:
        """Take a cell that was made elsewhere (a channel) under ``name``."""
        assert name not in self._by_name, f"{self.name} has a cell {name!r} already"
        self._by_name[name] = cell
        self.cells.append(cell)

    def __repr__(self) -> str:
        return f"Domain({self.name!r})"


class Cell:
    """The smallest piece of shared state that a step reads or writes. Compared by identity, ordered by name."""

    __slots__ = ("domain", "name")

    def __init__(self, name: str, domain: Domain) -> None:
        self.name = name
        self.domain = domain

    def __repr__(self) -> str:
        return self.name


class Channel(Cell):
    """A cell that holds a tuple of items which can be taken some time after they arrived.

    ``wait`` names how long an item takes to become available: the name of a delay (a watch stream) or of a back-off
    (a work queue). A driver without a clock lets any item that may be taken be taken at once.
    ``keyed`` channels hold each key at most once and let the driver choose the key; others are first in, first out.
    """

    __slots__ = ("keyed", "wait")

    def __init__(self, name: str, domain: Domain, wait: str, *, keyed: bool) -> None:
        super().__init__(f"{domain.name}/{name}", domain)
        self.wait = wait
        self.keyed = keyed
        domain.own(name, self)
