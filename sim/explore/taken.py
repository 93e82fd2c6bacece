"""Which steps were taken by walks and searches, and what of a script never came about: told from what was learned, as
all that can be done in a world that was explored is learned there.
"""

from __future__ import annotations

from collections.abc import Iterable

from sim.core.cell import Cell
from sim.core.model import Model
from sim.explore.exact import Exact
from sim.explore.learning import Entry, Outcome
from sim.explore.tables import Tables


class Taken:
    """What was taken so far. ``waiting`` is what the script has waited for in some world, in words, and ``came`` what
    of that came about.
    """

    def __init__(self, model: Model, tables: Tables) -> None:
        self.model = model
        self.tables = tables
        self.waiting: dict[str, None] = {}
        self.came: dict[str, None] = {}
        self._moved: set[int] = set()

    def note(self, exact: Exact | None = None) -> None:
        """Note all that is known now; ``exact`` is what a plain search knows."""
        known: Iterable[tuple[int, int, Entry]] = self.tables.learned()
        if exact is not None:
            slots = range(len(self.tables.packing.slots))
            known = [(index, bits, entry) for index in slots for _, bits, entry in exact.entries(index)]
        packing = self.tables.packing
        concerned = 0
        for cell in self._cells():
            concerned |= packing.cells[cell].mask if cell in packing.cells else 0
        for index, bits, entry in known:
            if entry.outcomes:
                self._moved.add(index)
            for outcome in entry.outcomes:
                self._compare(bits, outcome, concerned)

    def _compare(self, bits: int, outcome: Outcome, concerned: int) -> None:
        """Note what the script waits for after a step, and what it waited for before and no longer."""
        packing = self.tables.packing
        if concerned & outcome.delta or any(concerned & packing.wiped(domain) for domain in outcome.kills):
            before = self.model.unspent(packing.get(bits))
            after = self.model.unspent(packing.get(self.tables.after(bits, outcome)))
            self.waiting.update(dict.fromkeys(after))
            self.came.update(dict.fromkeys(words for words in before if words not in after))

    def _cells(self) -> dict[Cell, None]:
        """The cells by which the model tells what its script waits for."""
        read: dict[Cell, None] = {}
        self.model.unspent(read.setdefault)
        return read

    def vain(self) -> list[str]:
        """What the script has waited for, and never came."""
        return [words for words in self.waiting if words not in self.came]

    def idle(self, *, of_script: bool) -> list[str]:
        """The names of processes that took no step: those of the script, or all others."""
        users = self.model.users
        return [
            slot.process if of_script else slot.name
            for slot in self.tables.packing.slots
            if slot.index not in self._moved and (slot.domain is users) is of_script
        ]
