"""Worlds and the steps between them, as far as they were met."""

from __future__ import annotations

from array import array
from collections.abc import Callable, Iterable, Iterator

Steps = Callable[[int], Iterable[tuple[int, int]]]
"""What can be done in a world: (slot, world after) of each step."""


Stop = Callable[["Graph"], str]
"""Asked every few hundred worlds whether to end; returns the name of what ends it, or nothing."""
PAUSE = 500


class Graph:
    """The worlds that were met, numbered by breadth first, and the steps from those that were explored.

    ``bound`` names what has cut it off; ``levels`` are how many worlds were met at each depth.
    """

    def __init__(
        self, begin: int, steps: Steps, worlds_max: int = 0, stop: Stop | None = None, depth_max: int = 0
    ) -> None:
        self.worlds = [begin]
        self.sources, self.slots, self.targets = array("q"), array("q"), array("q")
        self.starts = array("q", (0,))  # where the steps of each explored world begin, and where the last ones end
        self.levels: list[int] = []
        self.bound = ""
        self._reached = array("q", (-1,))  # the step by which each world was first met
        self._numbers = {begin: 0}
        while not self.is_whole and not self.bound:
            self.levels.append(len(self.worlds) - self.explored)
            self.bound = f"--depth {depth_max}" if 0 < depth_max <= self.depth else ""
            self.bound = self.bound or self._level(steps, worlds_max, stop)

    def _level(self, steps: Steps, worlds_max: int, stop: Stop | None) -> str:
        """Explore all worlds of one depth; returns the bound that was hit."""
        for number in range(self.explored, len(self.worlds)):
            if worlds_max and len(self.worlds) > worlds_max:
                return f"--worlds {worlds_max}"
            bound = stop(self) if stop is not None and number % PAUSE == 0 else ""
            if bound:
                return bound
            self._explore(steps(self.worlds[number]))
        return ""

    def _explore(self, steps: Iterable[tuple[int, int]]) -> None:
        for slot, after in steps:
            number = self._numbers.setdefault(after, len(self.worlds))
            if number == len(self.worlds):
                self.worlds.append(after)
                self._reached.append(len(self.targets))
            self.sources.append(self.explored)
            self.slots.append(slot)
            self.targets.append(number)
        self.starts.append(len(self.targets))

    @property
    def explored(self) -> int:
        """How many worlds, from the first on, were explored."""
        return len(self.starts) - 1

    @property
    def depth(self) -> int:
        """The depth of the worlds that are being explored; in the end, that of the last ones met."""
        return len(self.levels) - 1

    @property
    def frontier(self) -> int:
        """How many worlds were met and not explored yet."""
        return len(self.worlds) - self.explored

    @property
    def is_whole(self) -> bool:
        """Whether every reachable world was explored."""
        return self.explored == len(self.worlds)

    def edges(self, number: int) -> range:
        """The steps from a world."""
        return range(self.starts[number], self.starts[number + 1]) if number < self.explored else range(0)

    def able(self, number: int) -> int:
        """The processes that can step in an explored world, a bit for each."""
        out = 0
        for edge in self.edges(number):
            out |= 1 << self.slots[edge]
        return out

    def at_rest(self) -> Iterator[int]:
        """The worlds at rest, nearest first."""
        return (number for number in range(self.explored) if not self.edges(number))

    def stem(self, number: int) -> list[int]:
        """A shortest way to a world."""
        out = []
        while number:
            out.append(self._reached[number])
            number = self.sources[out[-1]]
        return out[::-1]

    def components(self) -> list[int]:
        """For each world the number of its strongly connected component."""
        import numpy as np
        from scipy.sparse import csr_array
        from scipy.sparse.csgraph import connected_components

        count = len(self.worlds)
        starts = np.full(count + 1, len(self.targets), dtype=np.int32)
        starts[: len(self.starts)] = self.starts
        ones = np.ones(len(self.targets), dtype=np.int8)
        matrix = csr_array((ones, np.array(self.targets, dtype=np.int32), starts), shape=(count, count))
        labels: list[int] = connected_components(matrix, connection="strong")[1].tolist()
        return labels
