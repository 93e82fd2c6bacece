"""Holding a log of calls against a model: a schedule in which the model makes just these calls, with these answers.

A search best first, line by line. For a call, its process must come to that request; what processes do in between
without leaving a line (take a key, read a store, hear of a change) is found on the way. The best guess is that a change
is heard of at once, and a key taken late, when it leads to the call. All other orders are tried when this one leads
nowhere, each world once.

The processes of one domain touch nothing of another's but what they call for, so that only the domain that the next
line is about takes steps. Lines that overlap in time may have taken effect in either order.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import msgspec
from msgspec.structs import replace

from sim.core.cell import Domain
from sim.core.machine import Machine
from sim.core.model import Log
from sim.core.request import Call
from sim.core.world import World
from sim.explore.stepping import Stepping
from sim.explore.tables import Tables
from sim.explore.ways import At, Move, Way, Ways

IDLE = "no process of that agent has a call to make"
OPEN = "the log ends before that call did: what it was answered may be due to one that is not in the log"
LOOKS = 200_000
"""Worlds that are followed before a search gives up."""
SEARCHES = ((2.0, True), (1.25, False))
"""The searches: so many picks by rank for one that looks back, and whether times tell what must have been done."""
GAIN = 14
"""What a line explained is worth, in costs of turning from the best guess."""
CALL_COSTS, FURTHER_COSTS, LATE_COSTS = 2, 3, 16
"""What a call costs; how much more, what processes do that only a later line is about, and a call that is made while
something is late.
"""
SLIPS = 64
"""How many lines ahead a line may take effect that began before another one ended."""


class Accepted(msgspec.Struct):
    """What was found: how many lines were explained, and for the first that was not, why not.

    ``bound`` is empty if every way was tried, and else says why it may still be explained.
    """

    lines: int
    explained: int
    looks: int
    bound: str = ""
    line: int = 0
    says: str = ""
    reasons: tuple[str, ...] = ()
    world: int = 0

    @property
    def accepted(self) -> bool:
        return self.explained == self.lines


class Accepting:
    """One search for an explanation."""

    def __init__(self, log: Log, world: World, looks: int = LOOKS) -> None:
        self.log = log
        self.lines = log.lines
        self.looks = looks
        self.tables = Tables(versioned=True)
        machine = Machine()
        machine.load(world)
        log.begin(machine)
        self.begin = At(0, 0, self.tables.packing.load(machine), log.names)
        self._begins = [line.begin_ms for line in self.lines]  # the earliest beginning from each line on
        for index in range(len(self._begins) - 1, 0, -1):
            self._begins[index - 1] = min(self._begins[index - 1 : index + 1])
        self._last_begin = max(self._begins, default=0.0)
        self._domains = list(dict.fromkeys(line.domain for line in self.lines if line.domain is not None))
        self._best = (0, 0)
        self._stuck: Domain | None = None  # whose call comes next where an explanation got furthest
        self.steps = Stepping(log, self.tables)
        self._reasons: dict[str, None] = {}
        self._waiting: dict[str, None] = {}

    def run(self) -> Accepted:
        """Search; ends at the first explanation, or when every way has been tried, or at the bound.

        Best first: a way that got further is preferred, unless it had to turn from the best guess so much more often.
        At the bound once more, looking sooner for a wrong guess in what is explained already.
        """
        found = None
        for every, timely in SEARCHES:
            self.steps.timely = timely
            last, found = found, self._search(every)
            if found.accepted or not found.bound:
                return found
            if last is not None and last.explained >= found.explained:
                found = last
        assert found is not None, "there is a first search"
        return found

    def _search(self, every: float) -> Accepted:
        """One search, with ``every`` picks by rank for each that looks back at ways that explain less."""
        self._best = (0, 0)
        seen = {self.begin}
        ways, followed = Ways(self.begin, every), 0
        while (way := ways.next(self._stuck)) is not None:
            self.steps.follow(way)
            if way.at.done == len(self.lines):
                return self._found(way.at, followed)
            if followed >= self.looks:
                return self._missed(followed, f"{self.looks} worlds")
            followed += 1
            moves = [move for move in self._next(way.at) if move.at not in seen]
            least = min((move.costs for move in moves), default=0)
            for move in moves:
                if move.at in seen:
                    continue
                seen.add(move.at)
                turned = move.costs > least
                gained = GAIN * (move.at.done + move.at.beyond.bit_count())
                spent = way.spent + move.costs
                ways.add(Way(move.at, spent, move.domain if turned else way.turned, way, move), spent - gained)
        return self._missed(followed, "")

    # -- moves -----------------------------------------------------------------------------------------------------

    def _next(self, at: At) -> list[Move]:
        """Where an explanation may go on from there.

        The best guess comes last, as what was put last is taken first among equals.
        """
        candidates = self._candidates(at)
        turns = self._turns(candidates)
        for domain, now in turns.items():
            inside = self.steps.inside(at, domain, now)
            if inside is not None:
                return self.steps.after(at, *inside, 0)
        out: list[Move] = []
        late: list[Domain | None] = []
        first = next((line.domain for _, line in candidates if line.domain is not None), None)
        for domain, now in turns.items():
            further = 0 if domain is first else FURTHER_COSTS
            unseen, is_late = self.steps.unseen(at, domain, candidates, now)
            if all(line.domain is not domain for _, line in candidates):
                further = 0
                unseen = [move for move in unseen if is_late or (move.step and isinstance(move.step[0], Call))]
            out += [replace(move, costs=move.costs + further) for move in unseen]
            if is_late:
                late += [domain, None]
        out += [
            replace(move, costs=move.costs + LATE_COSTS) if move.domain in late else move
            for move in self._calls(at, candidates)
        ]
        return sorted(out, key=lambda move: -move.costs)

    def _turns(self, candidates: list[tuple[int, Any]]) -> dict[Domain, float]:
        """The domains that may take steps, each with the time of its next line.

        Before somebody else does something, all may: what was under way then, and leaves no line, may be over.
        """
        out: dict[Domain, float] = {}
        for _, line in candidates:
            if line.domain is not None:
                out.setdefault(line.domain, line.begin_ms)
        others = next((line.begin_ms for _, line in candidates if line.domain is None), None)
        if others is not None:
            for domain in self._domains:
                out.setdefault(domain, others)
        return out

    def _candidates(self, at: At) -> list[tuple[int, Any]]:
        """The lines that may take effect next: the first that is left, and those that began before it ended."""
        out: list[tuple[int, Any]] = []
        first_end = float("inf")
        for index in range(at.done, min(at.done + SLIPS, len(self.lines))):
            if self._begins[index] > first_end:
                break
            line = self.lines[index]
            if not at.beyond >> (index - at.done) & 1 and line.begin_ms <= first_end:
                out.append((index, line))
                first_end = min(first_end, line.end_ms)
        return out

    def _calls(self, at: At, candidates: list[tuple[int, Any]]) -> Iterator[Move]:
        """The lines that can take effect now."""
        for index, line in candidates:
            if line.domain is None:
                yield Move(
                    CALL_COSTS + (index > at.done),
                    self._done(at, index, self._outside(at.world, line), at.names), None, None, index,
                )  # fmt: skip
                continue
            waiting = self.steps.waiting_calls(at, line.domain)
            for slot, entry in self.steps.able(at.world, line.domain):
                request = entry.request
                if not isinstance(request, Call):
                    continue
                if not line.refused and self.log.silent(request, entry.outcomes[0].response):
                    continue
                if not line.fits(request, at.names):
                    if index == at.done:
                        self._note(
                            at, self._waiting, f"{self.tables.packing.slots[slot].name}: {request.words(None, True)}"
                        )
                    continue
                for outcome in entry.outcomes:
                    after = self.tables.after(at.world, outcome)
                    get = self.tables.packing.get
                    names, why = line.agrees(request, outcome.response, get(at.world), get(after), at.names)
                    if why:
                        if index == at.done:
                            self._note(at, self._reasons, f"{self.tables.packing.slots[slot].name}: {why}")
                        continue
                    costs = CALL_COSTS + (index > at.done) + self.steps.untimely(line, slot, request.link, waiting)
                    step = (request, outcome)
                    yield Move(costs, self._done(at, index, after, names), line.domain, step, index)

    def _outside(self, world: int, line: Any) -> int:
        """The world after what somebody else did."""
        slot = self.tables.packing.slot(self.log.users, line.process)
        while True:
            entry = self.tables.entry(slot.index, world)
            if entry is None or not entry.outcomes:
                return world
            world = self.tables.after(world, entry.outcomes[0])

    def _done(self, at: At, index: int, world: int, names: Any) -> At:
        beyond = at.beyond | 1 << (index - at.done)
        done = at.done
        while beyond & 1:
            beyond >>= 1
            done += 1
        made = (done, beyond.bit_count())
        if made > self._best:
            self._best = made
            self._stuck = self.lines[done].domain if done < len(self.lines) else None
            self._reasons.clear()
            self._waiting.clear()
        return At(done, beyond, world, names)

    # -- what is said ----------------------------------------------------------------------------------------------

    def _note(self, at: At, where: dict[str, None], text: str) -> None:
        if (at.done, at.beyond.bit_count()) == self._best and len(where) < 12:
            where[text] = None

    def _found(self, at: At, looks: int) -> Accepted:
        return Accepted(len(self.lines), len(self.lines), looks, world=at.world)

    def _missed(self, looks: int, bound: str) -> Accepted:
        done = self._best[0]
        line = self.lines[done]
        instead = tuple(f"the model would do instead: {text}" for text in self._waiting)
        reasons = tuple(self._reasons) or instead or (IDLE,)
        if self._reasons and not bound and line.end_ms > self._last_begin:
            bound = OPEN
        return Accepted(len(self.lines), done, looks, bound, line.number, line.words(), reasons)
