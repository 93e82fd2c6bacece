"""What a reduced search keeps of a world: while it is on the way there, and once it has been explored."""

from __future__ import annotations

from sim.explore.futures import Future
from sim.explore.learning import Entry, Outcome

Targets = tuple[tuple[int, int], ...]
"""(number of a target, steps more than to the nearest), by number."""


class NewPart(Exception):
    """A part of a cell came up that steps learned before may have written: what was explored may lack conflicts."""


class Known:
    """What is kept of an explored world: its ``future``.

    ``chosen`` are the processes explored from here; ``targets`` can be reached from here, the nearest of them in
    ``steps`` steps.
    """

    __slots__ = ("chosen", "future", "steps", "targets")

    def __init__(self, future: Future, chosen: int, steps: int, targets: Targets) -> None:
        self.future = future
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

    ``able`` are the processes that can step, in the order in which a search begins with them; ``stepping`` and
    ``running`` are masks of those that can step and that run. ``was`` is what was known of the world where it had been
    explored before.
    """

    __slots__ = ("able", "chosen", "edges", "entries", "running", "stepping", "todo", "was", "world")

    def __init__(self, world: int, entries: list[Entry | None], able: list[int], stepping: int, running: int) -> None:
        self.world = world
        self.entries = entries
        self.able = able
        self.stepping = stepping
        self.running = running
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
