"""Exhaustive search with reduction: from each world only a set of processes that nobody else can interfere with.

The set is found after the fact. One process is chosen and its steps are explored to the end; then everything that the
other processes were seen to do from there on is known, and whoever could interfere with the chosen step, itself or by
what it sets off in others, joins the set (stateful dynamic partial-order reduction: Flanagan and Godefroid 2005, Yang
et al. 2008; here on a graph of worlds that are met again, with what a process sets off told apart from what it does).
What is kept for each world is, for each process, the footprint of what it may still do (``own``) and the processes that
it may set off (``sets_off``). The argument that no world at rest is missed is in DESIGN.md; tests compare with the
plain search.
"""

from __future__ import annotations

from collections.abc import Callable

from sim.explore.learning import Entry, Outcome
from sim.explore.tables import Tables

Future = tuple[list[int], list[int]]
"""(own, sets_off): per slot a footprint, and a mask of slots."""
NO_FUTURE: Future = ([], [])


class Edge:
    """A step that was taken from a world. ``held`` are reading bits of processes that were blocked before and after it
    for reasons that it has changed.
    """

    __slots__ = ("after", "held", "outcome")

    def __init__(self, outcome: Outcome, after: int, held: int) -> None:
        self.outcome = outcome
        self.after = after
        self.held = held


class Frame:
    """A world on the way: the entries of all processes, those chosen so far, and the steps still to be taken."""

    __slots__ = ("able", "chosen", "edges", "entries", "todo", "world")

    def __init__(self, world: int, entries: list[Entry | None]) -> None:
        self.world = world
        self.entries = entries
        self.able = [index for index, entry in enumerate(entries) if entry is not None and entry.outcomes]
        self.chosen = 0
        self.todo: list[Outcome] = []
        self.edges: list[Edge] = []

    def choose(self, index: int) -> None:
        """Let a process be explored from here."""
        entry = self.entries[index]
        assert entry is not None
        self.chosen |= 1 << index
        self.todo.extend(entry.outcomes)


class Reduced:
    """One search. ``last`` ranks processes: those of the highest rank are begun with only if no other can step."""

    def __init__(self, tables: Tables, rank: Callable[[int], int]) -> None:
        self.tables = tables
        self.rank = rank
        self.futures: dict[int, Future] = {}
        self.at_rest: list[int] = []
        self.steps = 0
        self.back_edges: list[tuple[int, int]] = []
        self.glue: dict[tuple[int, int, str], int] | None = None
        self._path: dict[int, Frame] = {}
        self._hint: Future = NO_FUTURE
        self.stack: list[Frame] = []

    # -- depth first -----------------------------------------------------------------------------------------------

    def begin(self, world: int) -> None:
        """Start at a world."""
        entries = [self.tables.entry(index, world) for index in range(len(self.tables.packing.slots))]
        self._enter(Frame(world, entries))

    def run(self, worlds_max: int) -> bool:
        """Go on until everything is explored, or so many more worlds are; True if everything is."""
        stack = self.stack
        limit = len(self.futures) + worlds_max
        while stack:
            frame = stack[-1]
            if frame.todo:
                self._step(frame, frame.todo.pop())
            elif not self._widen(frame):
                self._leave(frame)
                if len(self.futures) >= limit and stack:
                    return False
        return True

    def _step(self, frame: Frame, outcome: Outcome) -> None:
        self.steps += 1
        tables = self.tables
        if outcome.version != tables.version:
            tables.refresh(outcome)
        after = tables.after(frame.world, outcome)
        held = self._held(frame, outcome, after) if outcome.woken else 0
        frame.edges.append(Edge(outcome, after, held))
        if after in self.futures:
            return
        if after in self._path:
            self.back_edges.append((frame.world, after))
            return
        self._enter(self._child(frame, outcome, after))

    def _child(self, frame: Frame, outcome: Outcome, after: int) -> Frame:
        """The frame of the next world: only entries that depend on what has changed are looked up."""
        tables = self.tables
        entries = frame.entries[:]
        changed = frame.world ^ after
        slots = tables.packing.slots
        for index in outcome.touched:
            if index < len(entries):
                entry = entries[index]
                if changed & (slots[index].mask if entry is None else entry.mask):
                    entries[index] = tables.entry(index, after)
        while len(entries) < len(slots):
            entries.append(tables.entry(len(entries), after))
        return Frame(after, entries)

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
        self.stack.append(frame)
        self._path[frame.world] = frame
        if frame.able:
            frame.choose(self._first(frame))
        else:
            self.at_rest.append(frame.world)

    def _first(self, frame: Frame) -> int:
        """The process to begin with: one that, by the futures last seen, the fewest others interfere with."""
        best, best_cost = -1, (0, 0)
        own, sets_off = self._hint
        for index in frame.able:
            rank = self.rank(index)
            if best >= 0 and rank > best_cost[0]:
                continue
            entry = frame.entries[index]
            assert entry is not None
            clash = 0
            for outcome in entry.outcomes:
                clash |= self._clash(frame, outcome, outcome.rivals, own)
            cost = (rank, len(self._joining(frame, clash, 1 << index, sets_off)) if clash else 0)
            if best < 0 or cost < best_cost:
                best, best_cost = index, cost
                if cost == (0, 0):
                    break
        return best

    # -- who interferes --------------------------------------------------------------------------------------------

    def _clash(self, frame: Frame, outcome: Outcome, rivals: int, own: list[int]) -> int:
        """The processes with which a step conflicts: now, or by what they may do later."""
        if outcome.version != self.tables.version:
            self.tables.refresh(outcome)
        out = 0
        known, here, entries = len(own), len(frame.entries), frame.entries
        for index in outcome.rivals_of:
            if index < known and own[index] & rivals:
                out |= 1 << index
            elif index < here:
                entry = entries[index]
                if entry is not None and entry.footprint & rivals and entry.outcomes:
                    out |= 1 << index
        return out

    def _joining(self, frame: Frame, clash: int, chosen: int, sets_off: list[int]) -> list[int]:
        """Who must join the chosen: processes that can step and conflict, or set off one that does, past the chosen."""
        clash &= ~chosen
        if not clash:
            return []
        out = []
        for index in frame.able:
            bit = 1 << index
            if bit & chosen:
                continue
            if bit & clash or self._reaches(index, clash, chosen, sets_off):
                out.append(index)
        return out

    @staticmethod
    def _reaches(index: int, clash: int, chosen: int, sets_off: list[int]) -> bool:
        if index >= len(sets_off):
            return False
        seen = chosen | 1 << index
        todo = sets_off[index] & ~seen
        while todo:
            if todo & clash:
                return True
            bit = todo & -todo
            seen |= bit
            todo = (todo | sets_off[bit.bit_length() - 1]) & ~seen
        return False

    def _widen(self, frame: Frame) -> bool:
        """Let everybody join who could interfere with a step taken so far; True if somebody did."""
        if frame.chosen.bit_count() == len(frame.able):
            return False
        joined = False
        for edge in frame.edges:
            own, sets_off = self.futures.get(edge.after, NO_FUTURE)
            clash = self._clash(frame, edge.outcome, edge.outcome.rivals, own)
            if edge.held:
                clash |= self._writers(frame, edge.held, own)
            for index in self._joining(frame, clash, frame.chosen, sets_off):
                frame.choose(index)
                joined = True
                if self.glue is not None:
                    what = type(self._request(frame, edge.outcome)).__name__
                    key = (edge.outcome.slot.index, index, what)
                    self.glue[key] = self.glue.get(key, 0) + 1
        return joined

    def _writers(self, frame: Frame, held: int, own: list[int]) -> int:
        """The processes that may change what keeps a blocked process blocked."""
        out = 0
        for index, footprint in enumerate(own):
            if footprint & (held << 1):
                out |= 1 << index
        return out

    @staticmethod
    def _request(frame: Frame, outcome: Outcome) -> object:
        entry = frame.entries[outcome.slot.index]
        return None if entry is None else entry.request

    # -- futures ---------------------------------------------------------------------------------------------------

    def _leave(self, frame: Frame) -> None:
        future = self.future(frame)
        self._hint = future
        self.futures[frame.world] = future
        del self._path[frame.world]
        self.stack.pop()

    def future(self, frame: Frame) -> Future:
        """What the processes may do from a world, by what is known of the worlds after it."""
        own, sets_off = self._along(frame, frame.edges[0]) if frame.edges else ([], [])
        for edge in frame.edges[1:]:
            more, more_off = self._along(frame, edge)
            own = [a | b for a, b in _padded(own, more)]
            sets_off = [a | b for a, b in _padded(sets_off, more_off)]
        for index in frame.able:
            entry = frame.entries[index]
            assert entry is not None
            while len(own) <= index:
                own.append(0)
                sets_off.append(0)
            if own[index] | entry.footprint != own[index]:
                own = own[:]
                own[index] |= entry.footprint
        return own, sets_off

    def _along(self, frame: Frame, edge: Edge) -> Future:
        """The future over one step; the lists of the next world themselves where the step adds nothing."""
        own, sets_off = self.futures.get(edge.after, NO_FUTURE)
        outcome = edge.outcome
        mine = outcome.slot.index
        if len(own) <= mine:
            own = own + [0] * (mine + 1 - len(own))
            sets_off = sets_off + [0] * (mine + 1 - len(sets_off))
        if own[mine] | outcome.footprint != own[mine]:
            own = own[:]
            own[mine] |= outcome.footprint
        woken = 0
        slots, entries = self.tables.packing.slots, frame.entries
        for index in outcome.woken:
            entry = entries[index] if index < len(entries) else None
            if entry is None:
                slot = slots[index]
                reads = self.tables.accesses.process(slot.domain, slot.process)
            else:
                reads = entry.reads
            if reads & outcome.wakes:
                woken |= 1 << index
        if sets_off[mine] | woken != sets_off[mine]:
            sets_off = sets_off[:]
            sets_off[mine] |= woken
        return own, sets_off


def _padded(first: list[int], second: list[int]) -> list[tuple[int, int]]:
    short = len(first) - len(second)
    if short > 0:
        second = second + [0] * short
    elif short < 0:
        first = first + [0] * -short
    return list(zip(first, second, strict=True))
