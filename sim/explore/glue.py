"""The glue profiler: which pairs of steps, over what, keep the reduced space large, and which cells vary most."""

from __future__ import annotations

from collections import Counter

from sim.explore.frame import Edge, Frame
from sim.explore.reduced import Reduced
from sim.explore.subject import Subject


class Glue:
    """Counts why processes had to join others; hang it on a search with :meth:`watch`."""

    def __init__(self, subject: Subject) -> None:
        self._subject = subject
        self.joins: Counter[tuple[str, str, str, str]] = Counter()

    def watch(self, search: Reduced) -> None:
        """Hear of every join of a search."""
        search.joins = lambda frame, edge, index: self._joined(search, frame, edge, index)

    def _joined(self, search: Reduced, frame: Frame, edge: Edge, index: int) -> None:
        tables = self._subject.tables
        slots = tables.packing.slots
        entry = frame.entries[edge.outcome.slot.index]
        step = type(entry.request).__name__ if entry is not None else "?"
        other, thing = self._over(search, frame, edge, index)
        through = f" through {slots[index].name}" if other != index else ""
        self.joins[slots[edge.outcome.slot.index].name, step, slots[other].name + through, thing] += 1

    def _over(self, search: Reduced, frame: Frame, edge: Edge, index: int) -> tuple[int, str]:
        """The process that really conflicts, and the thing over which it does."""
        known = search.worlds.get(edge.after)
        own = known.future.own if known is not None else ()
        for other in (index, *(i for i in range(len(own)) if i != index)):
            if frame.chosen >> other & 1 and other != index:
                continue  # what the chosen do themselves is no conflict
            entry = frame.entries[other] if other < len(frame.entries) else None
            meets = edge.outcome.rivals & ((own[other] if other < len(own) else 0) | (entry.footprint if entry else 0))
            if meets:
                return other, self._subject.tables.accesses.name(meets & -meets)
        return index, "what keeps a process blocked"

    def lines(self, count: int) -> list[str]:
        """The most frequent joins, and the cells and processes with the most values."""
        out = [f"{times:>8}  {a} {step}  ><  {b}  over {thing}" for (a, step, b, thing), times in self._top(count)]
        packing = self._subject.tables.packing
        fields = [*packing.cells.values(), *packing.slots]
        widest = sorted(fields, key=lambda field: (-len(field.values), field.name))[:count]
        return [*out, "", *(f"{len(field.values):>8}  values of {field.name}" for field in widest)]

    def _top(self, count: int) -> list[tuple[tuple[str, str, str, str], int]]:
        return sorted(self.joins.items(), key=lambda item: (-item[1], item[0]))[:count]
