"""Exhaustive search without reduction: breadth first, every world.

It is what the reduced search is compared with, and it finds shortest schedules. The loop looks up what whole groups of
processes can do (:mod:`sim.explore.groups`) and keeps no world but in the set of those found and in the lists of each
depth; a schedule is found by going back through these lists.

Most of the time goes into asking whether a world that a step leads to was found before, so that is not asked where it
must be true. Let a step of group A lead from world w to x, and let group B come later in the order of groups, with
neither changing what the other can do. What B can do in x it can do in w, and leads there to worlds no deeper than x,
in which A's step leads to the very worlds that B's would lead to from x. So B is left out in x. (Should A be left out
there, because an earlier group C has led there first, the same holds again with C in the place of A; and there is a
first group.) No world is left out, and none is found later than at its depth.
"""

from __future__ import annotations

import gc
import random
from collections.abc import Callable, Sequence

from sim.core.cell import Value
from sim.explore.exact import Exact
from sim.explore.groups import Group, grouped
from sim.explore.learning import Outcome
from sim.explore.tables import Tables

CHUNK = 4096
LOOKS, LOOK_STEPS = 12, 500
GROW = 4
"""Processes are grouped again when there are so many times more worlds of one depth than when they last were."""

Check = Callable[[Sequence[int]], list[int]]
"""Picks, of new worlds, those that violate a property; :class:`sim.explore.always.Always` is one."""


class Plain:
    """One search.

    ``seen`` are all worlds found, ``levels`` those of each depth. ``at_rest`` are the worlds in which no process can
    step, ``violations`` those that ``check`` picked, the nearest first. All are kept, as whoever asks may find the one
    that matters anywhere among them.
    """

    def __init__(self, tables: Tables, check: Check | None = None) -> None:
        self.tables = tables
        self.check = check
        self.exact = Exact(tables, self._widened)
        self.groups: list[Group] = []
        self._version = 0

    def begin(self, world: int) -> None:
        """Start at a world."""
        self.seen = {world}
        self.levels: list[list[int]] = []
        self.groups = []
        self.at_rest: list[int] = []
        self.violations: list[int] = []
        self._killed = [world]  # found by steps that kill, or by none
        self._todo: list[tuple[list[int], Group | None]] = []  # worlds of this depth, by the group that found them
        self._counted: list[int] = []
        self._grouped_at = 0
        self._is_broken = False
        self.exact.meet()
        self._look_ahead(world)
        self._judge([world])
        self._deeper()

    # -- figures ---------------------------------------------------------------------------------------------------

    @property
    def worlds(self) -> int:
        """How many worlds were found."""
        return len(self.seen)

    @property
    def depth(self) -> int:
        """The depth of the worlds that are being explored; in the end, that of the last ones found."""
        return len(self.levels) - 1

    @property
    def frontier(self) -> int:
        """How many worlds were found and not explored yet."""
        left = sum(len(worlds) for worlds, _ in self._todo)
        return left + sum(len(group.found) for group in self.groups) + len(self._killed)

    @property
    def learned(self) -> int:
        """How many entries were worked out."""
        return self.exact.learner.learned

    def steps(self) -> int:
        """How many steps lead from the worlds explored, those that change nothing too. They are counted when asked."""
        count = sum(self._counted)
        for level in self.levels[len(self._counted) : -1]:
            self._counted.append(self._count(level))
            count += self._counted[-1]
        todo = sum(len(worlds) for worlds, _ in self._todo)
        return count + self._count(self.levels[-1][: len(self.levels[-1]) - todo])

    def _count(self, worlds: list[int]) -> int:
        count = 0
        for group in self.groups:
            for at in range(0, len(worlds), CHUNK):
                for part in group.parts(worlds[at : at + CHUNK]):
                    self._row(group, part[0])
                    mask = group.masks[part[0] & group.own]
                    try:
                        count += sum(map(group.counts.__getitem__, [world & mask for world in part]))
                    except KeyError:
                        count += sum(self._count_one(group, world) for world in part)
        return count

    def _count_one(self, group: Group, world: int) -> int:
        self._row(group, world)
        return group.counts[group.key(world)]

    # -- the search ------------------------------------------------------------------------------------------------

    def run(self, depth_max: int = 0, worlds_max: int = 0, stop: Callable[[], str] | None = None) -> str:
        """Go on until everything is explored, or a bound is hit, which is returned by its name; 0 is no bound.

        ``stop`` is asked every few thousand worlds and returns the name of a bound of its own, or nothing. A search
        that was ended by a bound can be gone on with, one that was ended by an exception cannot.
        """
        assert not self._is_broken, "the search was ended by an exception"
        collecting = gc.isenabled()
        gc.disable()  # no cycles of references are made, and the collector would go through every list again and again
        self._is_broken = True
        try:
            bound = self._run(depth_max, worlds_max, stop)
        finally:
            if collecting:
                gc.enable()
        self._is_broken = False
        return bound

    def _run(self, depth_max: int, worlds_max: int, stop: Callable[[], str] | None) -> str:
        while self._todo or self._deeper():
            if depth_max and self.depth >= depth_max:
                return f"--depth {depth_max}"
            if worlds_max and len(self.seen) >= worlds_max:
                return f"--worlds {worlds_max}"
            bound = stop() if stop is not None else ""
            if bound:
                return bound
            self._explore(*self._todo.pop())
        return ""

    def _deeper(self) -> bool:
        """Go on with the worlds found; False if there are none."""
        parts: list[tuple[list[int], Group | None]] = [(group.found, group) for group in self.groups]
        parts.append((self._killed, None))
        level = [world for worlds, _ in parts for world in worlds]
        if not level:
            return False
        self.levels.append(level)
        self._killed = []
        for group in self.groups:
            group.found = []
        are_old = self._group(level) and self._is_up_to_date()
        self._version = self.exact.version
        self._todo = [
            (worlds[at : at + CHUNK], group if are_old else None)
            for worlds, group in parts
            for at in range(0, len(worlds), CHUNK)
        ]
        self._todo.reverse()
        return True

    def _is_up_to_date(self) -> bool:
        """Whether nothing was forgotten while worlds of this depth were explored.

        If something was, what led to the next ones may have been looked up by too few bits to leave any group out.
        """
        return self._version == self.exact.version

    def _explore(self, worlds: list[int], origin: Group | None) -> None:
        """Find all worlds one step away from worlds that the group ``origin`` has led to."""
        idle = worlds
        for group in self.groups:
            if origin is not None and origin.covers(group) and self._is_up_to_date():
                continue
            blocked = [world for part in group.parts(worlds) for world in self._steps(group, part)]
            if len(blocked) < len(idle):
                idle = blocked
            if group.is_killing:
                self._kill(group, worlds)
        self.at_rest += self.resting(idle)

    def resting(self, worlds: list[int]) -> list[int]:
        """Those of some worlds in which no process can step."""
        idle = [world for world in worlds if not any(self._row(group, world) for group in self.groups)]
        return [world for world in idle if not self.moves(world)]

    def _steps(self, group: Group, worlds: list[int]) -> list[int]:
        """Take the steps of a group from each world; returns the worlds in which there are none that change it.

        The worlds are looked up by one mask.
        """
        self._row(group, worlds[0])
        mask, rows = group.masks[worlds[0] & group.own], group.rows
        seen, found = self.seen, group.found
        see, find = seen.add, found.append
        blocked: list[int] = []
        before = len(found)
        for world in worlds:
            try:
                deltas = rows[world & mask]
            except KeyError:
                deltas = self._learn(group, world)
                mask = group.masks[world & group.own]
            if not deltas:
                blocked.append(world)
            for delta in deltas:
                after = world ^ delta
                if after not in seen:
                    see(after)
                    find(after)
        if self.check is not None:
            self._judge(found[before:])
        return blocked

    def _kill(self, group: Group, worlds: list[int]) -> None:
        """Take the steps of a group that kill; no single change stands for them."""
        seen, found = self.seen, self._killed
        before = len(found)
        for world in worlds:
            self._row(group, world)
            for outcome in group.kills.get(group.key(world), ()):
                after = self.tables.after(world, outcome)
                if after not in seen:
                    seen.add(after)
                    found.append(after)
        self._judge(found[before:])

    def _judge(self, worlds: list[int]) -> None:
        if self.check is not None:
            self.violations += self.check(worlds)

    # -- what processes can do -------------------------------------------------------------------------------------

    def _row(self, group: Group, world: int) -> tuple[int, ...]:
        try:
            return group.rows[group.key(world)]
        except KeyError:
            return self._learn(group, world)

    def _learn(self, group: Group, world: int) -> tuple[int, ...]:
        """The row of a group for bits that it was not looked up by before."""
        version = self.exact.version
        group.learn(self.exact, world)
        if version != self.exact.version:
            for other in self.groups:
                other.forget()
            group.learn(self.exact, world)
        return group.rows[group.key(world)]

    def _widened(self, old: int, new: int) -> None:
        for group in self.groups:
            group.widen(old, new)

    def _group(self, worlds: list[int]) -> bool:
        """Put all processes that came up into groups; whether those that there were stay what they were."""
        exact, old = self.exact, self.groups
        if len(worlds) >= GROW * self._grouped_at:
            self._grouped_at = len(worlds)
            self.groups = grouped(exact, worlds, old)
        known = sum(len(group.members) for group in self.groups)
        self.groups = self.groups + [Group(exact, (index,)) for index in range(known, len(exact.keys))]
        for place, group in enumerate(self.groups):
            group.place = place
            group.fit(exact)
        return self.groups[: len(old)] == old

    def _look_ahead(self, world: int) -> None:
        """Walk to rest a few times, so that what entries depend on is known before the loop begins to rely on it."""
        for seed in range(LOOKS):
            at, visited = world, {world}
            chance = random.Random(seed)
            for _ in range(LOOK_STEPS):
                afters = [self.tables.after(at, outcome) for _, outcome in self.moves(at)]
                ways = [after for after in afters if after not in visited]
                if not ways:
                    break
                at = ways[0] if not seed else chance.choice(ways)
                visited.add(at)

    # -- schedules -------------------------------------------------------------------------------------------------

    def moves(self, world: int) -> list[tuple[int, Outcome]]:
        """Every step that can be taken in a world, as (slot, outcome), in the order of slots."""
        out: list[tuple[int, Outcome]] = []
        index = 0
        while index < len(self.exact.keys):
            entry = self.exact.entry(index, world)
            if entry is not None:
                out += [(index, outcome) for outcome in entry.outcomes]
            index += 1
        return out

    def path_to(self, world: int) -> list[tuple[int, Value]]:
        """A shortest schedule to a world that was found, as (slot, choice) of each step.

        Raises:
            KeyError: it was not found.
        """
        if world not in self.seen:
            raise KeyError(world)
        depth = next((depth for depth, level in enumerate(self.levels) if world in level), len(self.levels))
        path: list[tuple[int, Value]] = []
        for level in reversed(self.levels[:depth]):
            world, move = self._step_to(world, level)
            path.append(move)
        return path[::-1]

    def _step_to(self, world: int, level: list[int]) -> tuple[int, tuple[int, Value]]:
        """A world of the depth before, and the step that leads from it to the world."""
        deltas, may_kill = self.exact.deltas, any(self.exact.kills)
        for before in level:
            if may_kill or before ^ world in deltas:
                for index, outcome in self.moves(before):
                    if self.tables.after(before, outcome) == world:
                        return before, (index, outcome.choice)
        raise AssertionError("no world of the depth before leads to it")
