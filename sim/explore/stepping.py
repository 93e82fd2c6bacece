"""What processes can do on the way to the next line of a log, and how good a guess each of it is.

A step costs the less, the better it agrees with the times of the log (:mod:`sim.explore.clocks`): what must have been
done by the time of the line costs nothing, what comes before its time or passes over what was due before costs more.
"""

from __future__ import annotations

from typing import Any

from sim.core.cell import Channel, Domain
from sim.core.model import Log
from sim.core.request import Await, Call, Request, Take
from sim.explore.clocks import NEVER, Clocks, Times
from sim.explore.learning import Entry, Outcome
from sim.explore.tables import Tables
from sim.explore.ways import At, Move, Way

HEAR_COSTS, SILENT_COSTS, TWICE_COSTS, OTHER_COSTS = 0, 4, 3, 6
TAKE_COSTS = (3, 1, 12)
"""What it costs to take a key whose handling leads to one of the calls that come next, to none, or to another one."""
EARLY_COSTS, PASS_COSTS, TURN_COSTS = 6, 4, 6
"""What it costs that something happens before its time, that a key is taken before another one that was due first, and
that a call is made before another one that had been waiting: bad guesses, but not excluded.
"""
TURNS = 4
"""How many calls that had been waiting count, where calls go first in, first out (docs/FACTS.md M2)."""
TOLERANCE_MS, QUIET_MS, BEHIND_MS = 8.0, 20.0, 150.0
"""By how much times may be wrong; how long something must have been possible for it to be late, if it leaves no line;
and how long a key must have been due, if the call that it leads to has to wait for its turn.
"""

Waiting = tuple[float, Any, int]
"""A call that somebody waits to make: since when at the latest, over which link, and the number of the slot."""


def _without_last(items: tuple[Any, ...], some: list[Any]) -> tuple[Any, ...]:
    """Without the last of each of some of the items."""
    out = list(reversed(items))
    for each in some:
        out.remove(each)
    return tuple(reversed(out))


class Stepping:
    """The steps of one search. ``times`` are those of the way that is followed, and ``timely`` says whether they tell
    what must have been done.
    """

    def __init__(self, log: Log, tables: Tables) -> None:
        self.log = log
        self.lines = log.lines
        self.tables = tables
        self.clocks = Clocks(tables, log.lines, log.prepare_timing)
        self.times: Times = {}
        self.timely = True
        self._slots: dict[Domain, list[int]] = {}
        self._slots_known = 0
        self._queues: dict[Domain, list[Channel]] = {}
        self._cells_known = 0
        self._world = 0  # and what taking a key leads to there
        self._leads_to: dict[Outcome, Call | None] = {}

    def follow(self, way: Way) -> None:
        """Go by the times of a way, worked out now: most ways are never followed."""
        before, move = way.before, way.move
        if before is not None and move is not None:
            way.times = self.clocks.after(
                before.times, before.at.world, way.at.world, move.step, move.line, move.merged
            )
            way.before = way.move = None
        self.times = way.times

    def able(self, world: int, domain: Domain) -> list[tuple[int, Entry]]:
        """The processes of a domain that can step, with what they can do."""
        slots = self.tables.packing.slots
        if len(slots) != self._slots_known:
            self._slots = {}
            self._slots_known = len(slots)
        mine = self._slots.get(domain)
        if mine is None:
            mine = self._slots[domain] = [slot.index for slot in slots if slot.domain is domain]
        out = []
        for index in mine:
            if not world & slots[index].mask:
                continue
            entry = self.tables.entry(index, world)
            if entry is not None and entry.outcomes:
                out.append((index, entry))
            elif entry is not None and isinstance(entry.request, Await):
                self.clocks.awaited[entry.request.cell] = None
        return out

    def inside(self, at: At, domain: Domain, now: float) -> tuple[Request, Outcome] | None:
        """The first step that a process of the domain can take by itself, without a line and without a choice.

        Of one who looks every so often for what has come, what happens before the look that sees it is left open: the
        next line, at ``now``, and what others hear of.
        """
        able = self.able(at.world, domain)
        for _, entry in able:
            request = entry.request
            if isinstance(request, Take) or not self.log.at_once(request):
                continue
            if not self._looks_later(entry, able, now):
                return request, entry.outcomes[0]
        return None

    def _looks_later(self, entry: Entry, able: list[tuple[int, Entry]], now: float) -> bool:
        """Whether it is a look that sees what has come, and something else comes before."""
        request = entry.request
        if not isinstance(request, Await) or not request.period_ms:
            return False
        comes = self.clocks.of(self.times, request, entry.outcomes[0])
        return comes > now + TOLERANCE_MS or any(
            isinstance(other.request, Take)
            and not other.request.channel.keyed
            and self.clocks.of(self.times, other.request, other.outcomes[0]) <= comes
            for _, other in able
        )

    def after(self, at: At, request: Request, outcome: Outcome, costs: int) -> list[Move]:
        """The world after a step; also the one in which a key that was queued already is queued once only.

        A key that is queued again runs again, unless its first time has not come by then (docs/FACTS.md M13).
        """
        domain = outcome.slot.domain
        world = self.tables.after(at.world, outcome)
        step = (request, outcome)
        once, merged = self._queued_once(at.world, world, domain)
        if not merged:
            return [Move(costs, At(at.done, at.beyond, world, at.names), domain, step)]
        now = self.clocks.of(self.times, *step)
        came = any(self.clocks.due_at_latest(self.times, *place) <= now for place in merged)
        open_ = any(self.clocks.due(self.times, *place) <= now for place in merged)
        for_once, for_twice = (TWICE_COSTS, 0) if came else (0, 1 if open_ else TWICE_COSTS)
        return [
            Move(costs + for_once, At(at.done, at.beyond, once, at.names), domain, step, merged=merged),
            Move(costs + for_twice, At(at.done, at.beyond, world, at.names), domain, step),
        ]

    def _queued_once(self, before: int, world: int, domain: Domain) -> tuple[int, tuple[tuple[Channel, Any], ...]]:
        """The world in which keys that were queued and are once more are as they were, and which these are."""
        packing = self.tables.packing
        merged: list[tuple[Channel, Any]] = []
        if len(packing.cells) != self._cells_known:
            self._cells_known = len(packing.cells)
            self._queues = {}
            for cell in packing.cells:
                if isinstance(cell, Channel) and cell.keyed:
                    self._queues.setdefault(cell.domain, []).append(cell)
        for queue in self._queues.get(domain, ()):
            field = packing.cells[queue]
            if (before ^ world) & field.mask:
                had, items = field.value(before) or (), field.value(world) or ()
                more = [key for key in dict.fromkeys(items) if items.count(key) > max(1, had.count(key))]
                if more:
                    once = packing.pack_cell(queue, _without_last(items, more))
                    world = (world & ~field.mask) | once
                    merged += [(queue, key) for key in more]
        return world, tuple(merged)

    def unseen(self, at: At, domain: Domain, candidates: list[tuple[int, Any]], now: float) -> tuple[list[Move], bool]:
        """What the processes of a domain can do that leaves no line, and whether some of it is late, ``now`` that it is
        the turn of its next line, or of one of somebody else.
        """
        out: list[Move] = []
        late, heard = False, 0
        ended = self.lines[at.done - 1].end_ms if at.done else 0.0
        quiet = self.timely and now - ended > QUIET_MS
        able = self.able(at.world, domain)
        behind = min((self._behind(at, entry, now, candidates) for _, entry in able), default=NEVER)
        for _, entry in able:
            request = entry.request
            if isinstance(request, Take) and request.channel.keyed:
                moves, late = self._takes(at, entry, now, candidates, late=late)
                out += moves
                continue
            comes = self.clocks.of(self.times, request, entry.outcomes[0])
            early, is_late = comes > now + TOLERANCE_MS, quiet and comes + QUIET_MS <= now
            if not isinstance(request, Call):
                looks = self._looks_later(entry, able, now)
                others = looks or heard > 0 or comes > behind + TOLERANCE_MS
                costs = HEAR_COSTS + OTHER_COSTS * others + EARLY_COSTS * early
                heard += not looks
            elif self.log.silent(request, entry.outcomes[0].response):
                costs = OTHER_COSTS * late if is_late else SILENT_COSTS + EARLY_COSTS * early
            else:
                continue
            late = late or is_late
            out += [move for outcome in entry.outcomes for move in self.after(at, request, outcome, costs)]
        return out, late

    def _takes(
        self, at: At, entry: Entry, now: float, candidates: list[tuple[int, Any]], *, late: bool
    ) -> tuple[list[Move], bool]:
        """The keys that a worker can take, and whether one is late, if none was before."""
        request = entry.request
        assert isinstance(request, Take)
        out: list[Move] = []
        silent = 0
        in_turn = self._in_turn(entry)
        turn = self.clocks.due_at_latest(self.times, request.channel, in_turn[0].choice)
        for outcome in in_turn:
            call = self._first_call(at.world, outcome)
            rank = self._rank(at, outcome, call, candidates)
            comes = self.clocks.of(self.times, request, outcome)
            since = max(comes, self.clocks.due_at_latest(self.times, request.channel, outcome.choice))
            waits = outcome is in_turn[0] and self._behind(at, entry, now, candidates) < NEVER
            if waits or (self.timely and rank == 1 and since + TOLERANCE_MS <= now):
                out += self.after(at, request, outcome, OTHER_COSTS * late)
                late = True
                continue
            early = comes > candidates[0][1].begin_ms + TOLERANCE_MS
            silent += rank == 1 and not early
            passes = self.clocks.due(self.times, request.channel, outcome.choice) > turn + TOLERANCE_MS
            costs = TAKE_COSTS[rank] + OTHER_COSTS * (rank == 1 and silent > 1)
            out += self.after(at, request, outcome, costs + EARLY_COSTS * early + PASS_COSTS * passes)
        return out, late

    def _behind(self, at: At, entry: Entry, now: float, candidates: list[tuple[int, Any]]) -> float:
        """Since when a call has been waiting for its turn that a worker's next key leads to, where that is so long ago
        that it must have taken the key; else never.
        """
        request = entry.request
        if not self.timely or not isinstance(request, Take) or not request.channel.keyed:
            return NEVER
        outcome = self._in_turn(entry)[0]
        call = self._first_call(at.world, outcome)
        if call is None or not call.link.limiter or self._rank(at, outcome, call, candidates) != 2:
            return NEVER
        due = self.clocks.due_at_latest(self.times, request.channel, outcome.choice)
        since = max(due, self.clocks.of(self.times, request, outcome))
        return since if since + BEHIND_MS <= now else NEVER

    def _in_turn(self, entry: Entry) -> list[Outcome]:
        """The keys that may be taken, as they become due: of those at the same time, the first that was queued."""
        assert isinstance(entry.request, Take)
        channel = entry.request.channel
        return sorted(entry.outcomes, key=lambda outcome: self.clocks.due(self.times, channel, outcome.choice))

    def _rank(self, at: At, outcome: Outcome, call: Call | None, candidates: list[tuple[int, Any]]) -> int:
        """0 if taking the key leads to one of the calls, 1 if it leads to none at all, else 2."""
        if call is None:
            return 1
        domain = outcome.slot.domain
        return 0 if any(line.domain is domain and line.fits(call, at.names) for _, line in candidates) else 2

    def _first_call(self, world: int, outcome: Outcome) -> Call | None:
        """The first call that leaves a line, of what a worker does with a key; None if there is none."""
        if world != self._world:
            self._world, self._leads_to = world, {}
        if outcome not in self._leads_to:
            self._leads_to[outcome] = self._led_to(world, outcome)
        return self._leads_to[outcome]

    def _led_to(self, world: int, outcome: Outcome) -> Call | None:
        world = self.tables.after(world, outcome)
        index = outcome.slot.index
        while True:
            entry = self.tables.entry(index, world)
            if entry is None or isinstance(entry.request, Take):
                return None
            if isinstance(entry.request, Call) and not (
                entry.outcomes and self.log.silent(entry.request, entry.outcomes[0].response)
            ):
                return entry.request
            if not entry.outcomes:
                return None
            world = self.tables.after(world, entry.outcomes[0])

    def waiting_calls(self, at: At, domain: Domain) -> list[Waiting]:
        """The calls that processes of a domain wait to make, or would if they took the key that is due first: since
        when at the latest, over which link, and who.
        """
        out = []
        slots = self.tables.packing.slots
        for index, entry in self.able(at.world, domain):
            request: Request | None = entry.request
            since = self.clocks.waits_since(self.times, slots[index])
            if isinstance(request, Take) and request.channel.keyed:
                outcome = self._in_turn(entry)[0]
                since = max(since, self.clocks.due(self.times, request.channel, outcome.choice))
                request = self._first_call(at.world, outcome)
            if isinstance(request, Call) and not self.log.silent(request, entry.outcomes[0].response):
                out.append((since, request.link, index))
        return out

    def untimely(self, line: Any, slot: int, link: Any, waiting: list[Waiting]) -> int:
        """What it costs that a call was not to be made yet when the line says, or that another one had been waiting."""
        comes = self.clocks.comes(self.times, self.tables.packing.slots[slot])
        costs = EARLY_COSTS if comes > line.begin_ms + TOLERANCE_MS else 0
        ahead = sum(
            other != slot and other_link is link and since < comes - TOLERANCE_MS
            for since, other_link, other in waiting
        )
        return costs + TURN_COSTS * min(ahead, TURNS if link.limiter else 1)
