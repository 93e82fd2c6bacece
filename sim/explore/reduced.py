"""Exhaustive search with reduction: from each world only a set of processes that nobody else can interfere with.

The set is found after the fact. One process is chosen and its steps are explored to the end; then everything that the
other processes were seen to do from there on is known, and whoever could interfere with the chosen step, itself or by
what it sets off in others, joins the set (stateful dynamic partial-order reduction: Flanagan and Godefroid 2005, Yang
et al. 2008; here on a graph of worlds that are met again, with what a process sets off told apart from what it does).
What is kept of each world is, for each process, what it may still touch and whom it may set off. The argument that no
world at rest is missed is in DESIGN.md; tests compare with the plain search.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING

from sim.explore.frame import Edge, Frame, Known, NewPart, Targets
from sim.explore.futures import Future, Futures
from sim.explore.guess import Guess
from sim.explore.image import NotSymmetric
from sim.explore.interfering import Interfering
from sim.explore.learning import Entry, Outcome
from sim.explore.tables import Tables
from sim.explore.twins import Twins

if TYPE_CHECKING:
    from sim.explore.cycles import Closing


class Reduced:
    """One search. ``rank`` orders processes: one of a higher rank is begun with only if no other can step.

    ``seen`` names the targets that a world is by itself, such as an always property that it violates; the world of
    each world at rest is a target as well.
    """

    def __init__(
        self, tables: Tables, rank: Callable[[int], int], seen: Callable[[int], tuple[str, ...]] | None = None
    ) -> None:
        self.tables = tables
        self.rank = rank
        self.seen = seen
        self.worlds: dict[int, Known] = {}
        self.at_rest: list[int] = []
        self.targets: dict[int | str, int] = {}
        self.steps = 0
        self.deepest = 0  # the most worlds that were on the way at a time
        self.cycles = False
        self.left: list[int] | None = None  # worlds left since somebody asked, in order
        self.back_edges: dict[int, None] = {}
        self.closing: Closing | None = None  # how far its cycles have been closed
        self.stack: list[Frame] = []
        self.joins: Callable[[Frame, Edge, int], None] | None = None
        self.path: dict[int, Frame] = {}
        self.futures = Futures()
        self.guess = Guess(tables.packing, self.futures)
        self._others = Interfering(tables)
        self.parts = 0
        self._order: list[int] = []
        self._ranks: list[int] = []  # by slot
        self._able: dict[int, list[int]] = {}  # the slots of a mask, in order
        self.interned: dict[Targets, Targets] = {}
        self.twins = Twins(self, tables.symmetry) if tables.symmetry is not None else None

    # -- depth first -----------------------------------------------------------------------------------------------

    def begin(self, world: int) -> None:
        """Start at a world.

        Raises:
            NewPart: as :meth:`run` does; what was learned of the first processes is forgotten since.
        """
        self.parts = self.tables.accesses.new_parts
        self._enter(self.frame(world))
        if self.tables.accesses.new_parts != self.parts:
            raise NewPart

    def frame(self, world: int) -> Frame:
        """A world with nothing explored yet."""
        return self.framed(world, self.tables.entries_at(world))

    def framed(self, world: int, entries: list[Entry | None]) -> Frame:
        """A world with nothing explored yet, by what each process can do."""
        running = stepping = 0
        for index, entry in enumerate(entries):
            if entry is not None:
                running |= 1 << index
                if entry.outcomes:
                    stepping |= 1 << index
        return Frame(world, entries, self._in_order(stepping), stepping, running)

    def _frame_after(self, frame: Frame, outcome: Outcome, after: int) -> Frame:
        """The same of the world after a step."""
        before, entries = frame.entries, self.tables.entries_after(frame.entries, frame.world, outcome, after)
        if len(before) != len(entries):
            return self.framed(after, entries)
        running, stepping = frame.running, frame.stepping
        for index in outcome.touched:
            entry = entries[index]
            if entry is not before[index]:
                bit = 1 << index
                running = running & ~bit if entry is None else running | bit
                stepping = stepping | bit if entry is not None and entry.outcomes else stepping & ~bit
        able = frame.able if stepping == frame.stepping else self._in_order(stepping)
        return Frame(after, entries, able, stepping, running)

    def _in_order(self, mask: int) -> list[int]:
        """The slots of a mask by rank and name: which comes first decides how large the space gets, so it is not left
        to when a process was met first.
        """
        slots = self.tables.packing.slots
        if len(self._order) != len(slots):
            self._ranks = [self.rank(i) for i in range(len(slots))]
            self._order = sorted(
                range(len(slots)), key=lambda i: (self._ranks[i], slots[i].domain.name, slots[i].process)
            )
            self._able.clear()
        found = self._able.get(mask)
        if found is None:
            found = self._able[mask] = [index for index in self._order if mask >> index & 1]
        return found

    def run(self, worlds_max: int) -> bool:
        """Go on until everything is explored, or so many more worlds are; True if everything is.

        Raises:
            NewPart: what was explored may lack conflicts; begin again with tables that have forgotten.
        """
        stack, accesses = self.stack, self.tables.accesses
        limit = len(self.worlds) + worlds_max
        depth = len(stack)
        while stack:
            frame = stack[-1]
            if frame.todo:
                self._step(frame, frame.todo.pop())
            elif not self.widen(frame):
                self._leave(frame)
            if accesses.new_parts != self.parts:
                raise NewPart  # said at once, so that where a search pauses does not matter to what it learns
            if stack and (len(self.worlds) >= limit or len(self.worlds) + len(stack) >= limit + depth):
                return False  # worlds on the way count as well: where there is no end to them, none is ever left
        return True

    def resume(self, frame: Frame) -> None:
        """Explore a world further."""
        self.stack.append(frame)
        self.path[frame.world] = frame
        self.deepest = max(self.deepest, len(self.stack))

    def take(self, frame: Frame, outcome: Outcome) -> int:
        """Note a step from a world; returns the world after it."""
        tables = self.tables
        if outcome.version != tables.version:
            tables.refresh(outcome)
        after = tables.after(frame.world, outcome)
        held = self._held(frame, outcome, after) if outcome.woken else 0
        frame.edges.append(Edge(outcome, after, held))
        return after

    def _step(self, frame: Frame, outcome: Outcome) -> None:
        self.steps += 1
        after = self.take(frame, outcome)
        if after in self.worlds or (self.twins is not None and self.twins.find(after) is not None):
            return
        if after in self.path:
            if self.twins is not None:
                raise NotSymmetric("some schedules lead back to a world")
            self.back_edges[frame.world] = None
            self.cycles = True
            return
        self._enter(self._frame_after(frame, outcome, after))

    def _held(self, frame: Frame, outcome: Outcome, after: int) -> int:
        held = 0
        for index in outcome.woken:
            entry = frame.entries[index] if index < len(frame.entries) else None
            if entry is not None and not entry.outcomes and entry.reads & outcome.wakes:
                still = self.tables.entry(index, after)
                if still is not None and not still.outcomes:
                    held |= entry.reads
        return held

    def _enter(self, frame: Frame) -> None:
        self.resume(frame)
        if frame.able:
            frame.choose(self._first(frame))
        else:
            self.at_rest.append(frame.world)

    def _first(self, frame: Frame) -> int:
        """The process to begin with: one that, by what is guessed, makes the fewest others join. Where worlds are taken
        for one, among equals rather one whose steps lead to worlds that are covered.
        """
        if len(frame.able) == 1:
            return frame.able[0]
        at_once = self._at_once(frame, frame.stepping)
        if at_once >= 0:
            return at_once
        best, best_cost = -1, (0, 0, 0)
        guess = self.guess.future(frame.world)
        for index in frame.able:
            rank = self._ranks[index]
            if best >= 0 and rank > best_cost[0]:
                continue
            limit = best_cost[1] + best_cost[2] if best >= 0 and rank == best_cost[0] else 99
            foreseen = self._foreseen(frame, guess, index, limit)
            cost = (rank, foreseen, int(self.twins is not None and not self.twins.cover(frame, index)))
            if best < 0 or cost < best_cost:
                best, best_cost = index, cost
                if not any(cost[1:]):
                    break  # those that come later are of this rank or a higher one
        return best

    def _at_once(self, frame: Frame, among: int) -> int:
        """The first of some processes, all of which can step, whose step is taken as soon as it can be; -1 if none."""
        left = among & self.tables.at_once
        while left:
            bit = left & -left
            left ^= bit
            index = bit.bit_length() - 1
            entry = frame.entries[index]
            if entry is not None and entry.request.at_once:
                return index
        return -1

    def _foreseen(self, frame: Frame, guess: Future, index: int, limit: int) -> int:
        """How many others would join a process, by what is guessed; not counted beyond a limit."""
        entries = frame.entries
        chosen, todo, count = 1 << index, [index], 0
        clash = 0
        while todo:
            entry = entries[todo.pop()]
            assert entry is not None
            for outcome in entry.outcomes:
                clash |= self._others.clash(frame, outcome, guess, chosen)
            if not todo and clash & ~chosen:
                for more in self._others.joining(frame, clash, chosen, guess):
                    chosen |= 1 << more
                    todo.append(more)
                    count += 1
                if count >= limit:
                    return count
        return count

    # -- who interferes --------------------------------------------------------------------------------------------

    def widen(self, frame: Frame) -> bool:
        """Let everybody join who could interfere with a step taken so far; True if somebody did."""
        if frame.chosen.bit_count() == len(frame.able) or self._at_once(frame, frame.chosen) >= 0:
            return False
        for edge in frame.edges:
            if not edge.outcome.ends:
                break
        else:
            # What those that were ended might have done is not seen from here: look at somebody else's step as well.
            frame.choose(self._not_chosen(frame))
            return True
        joined = False
        whole: Future | None = None
        for edge in frame.edges:
            future = self._after(edge)
            if edge.outcome.ends:
                future = whole = whole or self._after_all(frame)
            clash = self._others.clash(frame, edge.outcome, future, frame.chosen)
            if edge.held:
                clash |= self._others.writers(edge.held, future.own)
            for index in self._others.joining(frame, clash, frame.chosen, future):
                frame.choose(index)
                joined = True
                if self.joins is not None:
                    self.joins(frame, edge, index)
        return joined

    def _after(self, edge: Edge) -> Future:
        known = self.worlds.get(edge.after)
        return known.future if known is not None else self.futures.nothing

    def _after_all(self, frame: Frame) -> Future:
        """The futures after any of the steps taken so far."""
        out = self.futures.nothing
        for edge in frame.edges:
            out = out.united(self._after(edge))
        return out

    @staticmethod
    def _not_chosen(frame: Frame) -> int:
        """A process to join: rather one whose steps end no other."""
        left = [index for index in frame.able if not frame.chosen >> index & 1]
        for index in left:
            entry = frame.entries[index]
            if entry is not None and not any(outcome.ends for outcome in entry.outcomes):
                return index
        return left[0]

    # -- futures ---------------------------------------------------------------------------------------------------

    def _leave(self, frame: Frame) -> None:
        known = self.known(frame)
        self.guess.note(frame.world, known)
        self.worlds[frame.world] = known
        if self.left is not None:
            self.left.append(frame.world)
        del self.path[frame.world]
        self.stack.pop()
        if self.twins is not None:
            self.twins.add(frame)

    def covered(self) -> Iterator[int]:
        """All worlds that were explored, or are such worlds renamed."""
        yield from self.worlds
        yield from self.twins or ()

    def find(self, world: int) -> Known | None:
        """What is known of a world: one that was explored, or is such a world renamed."""
        known = self.worlds.get(world)
        return self.twins.find(world) if known is None and self.twins is not None else known

    def known(self, frame: Frame) -> Known:
        """What is known of a world, by what is known of the worlds after it."""
        entries = frame.entries
        here = len(entries)
        future = self._along(frame, frame.edges[0]) if frame.edges else self.futures.nothing
        for edge in frame.edges[1:]:
            future = future.united(self._along(frame, edge))
        future = future.padded(here)
        own, rounds = future.own, future.rounds
        for index in self._standing(frame):
            entry = entries[index] if index < here else None
            if entry is None:
                continue
            footprint, takes = entry.footprint, entry.takes
            if footprint & ~own[index] or (not takes and footprint & ~rounds[index]):
                future = future.more(index, footprint, takes=takes)
                own, rounds = future.own, future.rounds
        steps, targets = self._near(frame)
        return Known(future, frame.chosen, steps, targets)

    def _standing(self, frame: Frame) -> Iterable[int]:
        """The processes whose present request may not be among what is known of the worlds after this one.

        All, as who waits reads what it waits for. But where it is known what comes after the first step, everybody else
        stands in that; so only who took the step, and those that it may have changed. A step that leads back to a world
        on the way tells nothing, so after such a one all.
        """
        if not frame.edges or frame.edges[0].after not in self.worlds:
            return range(len(frame.entries))
        first = frame.edges[0].outcome
        return (first.slot.index, *first.touched)

    def _near(self, frame: Frame) -> tuple[int, Targets]:
        """How many steps it is to each target, over the steps taken."""
        here: list[int | str] = [] if frame.able else [frame.world]
        if self.seen is not None:
            here += self.seen(frame.world)
        ways = [known for edge in frame.edges if (known := self.worlds.get(edge.after)) is not None and known.targets]
        if not here and ways and all(known.targets is ways[0].targets for known in ways):
            return min(known.steps for known in ways) + 1, ways[0].targets
        best = {self.targets.setdefault(target, len(self.targets)): 0 for target in here}
        for known in ways:
            for number, more in known.targets:
                steps = known.steps + more + 1
                if number not in best or steps < best[number]:
                    best[number] = steps
        if not best:
            return 0, ()
        nearest = min(best.values())
        targets = tuple(sorted((number, steps - nearest) for number, steps in best.items()))
        return nearest, self.interned.setdefault(targets, targets)

    def _along(self, frame: Frame, edge: Edge) -> Future:
        """The future over one step, without its own footprint, which stands in its entry."""
        outcome = edge.outcome
        woken = 0
        entries = frame.entries
        for index in outcome.woken:
            entry = entries[index] if index < len(entries) else None
            reads = self.tables.started_bit(index) if entry is None else entry.reads
            if reads & outcome.wakes:
                woken |= 1 << index
        return self._after(edge).along(outcome.slot.index, woken, takes=outcome.takes)
