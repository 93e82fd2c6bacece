"""Where a walk stands: a world and what each process can do there, of which a step only looks up what it may change."""

from __future__ import annotations

from sim.explore.learning import Entry, Outcome
from sim.explore.tables import Tables


class Standing:
    """Where a walk stands."""

    __slots__ = ("_parts", "entries", "tables", "world")

    def __init__(self, tables: Tables, world: int) -> None:
        self.tables = tables
        self.world = world
        self.entries: list[Entry | None] = []
        self._look()

    def _look(self) -> None:
        self.entries = self.tables.entries_at(self.world)
        self._parts = self.tables.accesses.new_parts

    def able(self) -> list[tuple[int, Outcome]]:
        """Every step that can be taken, as (slot, outcome), in the order of slots."""
        return [(index, o) for index, entry in enumerate(self.entries) if entry is not None for o in entry.outcomes]

    def take(self, outcome: Outcome) -> None:
        """Go on to the world after a step."""
        before, self.world = self.world, self.tables.after(self.world, outcome)
        self.entries = self.tables.entries_after(self.entries, before, outcome, self.world)
        if self._parts != self.tables.accesses.new_parts:  # entries may have been forgotten for good reason
            self._look()
