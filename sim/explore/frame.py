"""What a reduced search keeps of a world: while it is on the way there, and once it has been explored."""

from __future__ import annotations

from sim.explore.learning import Entry, Outcome

Targets = tuple[tuple[int, int], ...]
"""(number of a target, steps more than to the nearest), by number."""
NO_LIST: list[int] = []
Future = tuple[list[int], list[int], list[int]]
"""What is known of what comes after: ``own``, ``sets_off`` and ``rounds`` of :class:`Known`."""
NO_FUTURE: Future = (NO_LIST, NO_LIST, NO_LIST)


class NewPart(Exception):
    """A part of a cell came up that steps learned before may have written: what was explored may lack conflicts."""


class Known:
    """What is kept of an explored world.

    ``own`` is, per slot, the footprint of what the process may still do; ``sets_off``, per slot, whom it may set off
    (a mask of slots); ``rounds``, per slot, is the part of ``own`` that comes before it next takes an item.
    ``chosen`` are the processes explored from here; ``targets`` can be reached from here, the nearest of them in
    ``steps`` steps.
    """

    __slots__ = ("chosen", "own", "rounds", "sets_off", "steps", "targets")

    def __init__(self, future: Future, chosen: int, steps: int, targets: Targets) -> None:
        self.own, self.sets_off, self.rounds = future
        self.chosen = chosen
        self.steps = steps
        self.targets = targets


class Edge:
    """A step that was taken from a world.

    ``held`` are reading bits of processes that were blocked before and after it for reasons that it has changed.
    """

    __slots__ = ("after", "held", "outcome")

    def __init__(self, outcome: Outcome, after: int, held: int) -> None:
        self.outcome = outcome
        self.after = after
        self.held = held


class Frame:
    """A world on the way: the entries of all processes, those chosen so far, and the steps still to be taken.

    ``was`` is what was known of it where it had been explored before.
    """

    __slots__ = ("able", "chosen", "edges", "entries", "todo", "was", "world")

    def __init__(self, world: int, entries: list[Entry | None], order: list[int]) -> None:
        self.world = world
        self.entries = entries
        self.able = [index for index in order if (entry := entries[index]) is not None and entry.outcomes]
        self.chosen = 0
        self.todo: list[Outcome] = []
        self.edges: list[Edge] = []
        self.was: Known | None = None

    def choose(self, index: int) -> None:
        """Let a process be explored from here."""
        entry = self.entries[index]
        assert entry is not None
        self.chosen |= 1 << index
        self.todo.extend(entry.outcomes)


def padded(first: list[int], second: list[int]) -> list[tuple[int, int]]:
    """Pairs of two lists, the shorter one filled up with zeros."""
    short = len(first) - len(second)
    if short > 0:
        second = second + [0] * short
    elif short < 0:
        first = first + [0] * -short
    return list(zip(first, second, strict=True))
