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

from sim.core.cell import Channel, Domain
from sim.core.machine import Machine
from sim.core.model import Log
from sim.core.request import Call, Take
from sim.core.world import World
from sim.explore.learning import Entry, Outcome
from sim.explore.tables import Tables
from sim.explore.ways import At, Dues, Move, Way, Ways

IDLE = "no process of that agent has a call to make"
OPEN = "the log ends before that call did: what it was answered may be due to one that is not in the log"
LOOKS = 200_000
"""Worlds that are followed before a search gives up."""
SEARCHES = ((2.0, True), (1.25, False))
"""The searches: so many picks by rank for one that looks back, and whether times tell what must have been done."""
GAIN = 14
"""What a line explained is worth, in costs of turning from the best guess."""
HEAR_COSTS, CALL_COSTS, SILENT_COSTS, TWICE_COSTS, OTHER_COSTS = 0, 2, 4, 3, 6
TAKE_COSTS = (3, 1, 12)
FURTHER_COSTS = 3
"""More for what processes do that only a later line is about."""
SLIPS = 64
"""How many lines ahead a line may take effect that began before another one ended."""


DUE_MS, EARLY_COSTS = 50.0, 6
"""A work queue's shortest delay, as the models have it; that a key is taken before is a bad guess, but not excluded."""
LATE_COSTS, QUIET_MS, SLACK_MS = 16, 20.0, 50.0
"""What a call costs that is made while something is late: a key that nobody took so long after it was due though
handling it makes no call, or anything else without a line that could happen all through a pause of the log.
"""


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
        self._best = (0, 0)
        self._timely = True
        self._stuck: Domain | None = None  # whose call comes next where an explanation got furthest
        self._dues: Dues = {}
        self._reasons: dict[str, None] = {}
        self._waiting: dict[str, None] = {}
        self._slots: dict[Domain, list[int]] = {}
        self._slots_known = 0
        self._queues: dict[Domain, list[Channel]] = {}
        self._cells_known = 0

    def run(self) -> Accepted:
        """Search; ends at the first explanation, or when every way has been tried, or at the bound.

        Best first: a way that got further is preferred, unless it had to turn from the best guess so much more often.
        At the bound once more, looking sooner for a wrong guess in what is explained already.
        """
        found = None
        for every, timely in SEARCHES:
            self._timely = timely
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
            self._dues = way.dues
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
                dues = self._dues_after(way.at, move.at)
                ways.add(Way(move.at, spent, dues, move.domain if turned else way.turned), spent - gained)
        return self._missed(followed, "")

    # -- moves -----------------------------------------------------------------------------------------------------

    def _next(self, at: At) -> list[Move]:
        """Where an explanation may go on from there.

        The best guess comes last, as what was put last is taken first among equals.
        """
        candidates = self._candidates(at)
        domains = list(dict.fromkeys(line.domain for _, line in candidates if line.domain is not None))
        for domain in domains:
            inside = self._inside(at, domain)
            if inside is not None:
                return self._after(at, inside, 0)
        out: list[Move] = []
        late: list[Domain] = []
        for domain in domains:
            further = 0 if domain is domains[0] else FURTHER_COSTS
            unseen, is_late = self._unseen(at, domain, candidates)
            out += [replace(move, costs=move.costs + further) for move in unseen]
            if is_late:
                late.append(domain)
        out += [
            replace(move, costs=move.costs + LATE_COSTS) if move.domain in late else move
            for move in self._calls(at, candidates)
        ]
        return sorted(out, key=lambda move: -move.costs)

    def _unseen(self, at: At, domain: Domain, candidates: list[tuple[int, Any]]) -> tuple[list[Move], bool]:
        """What the processes of a domain can do that leaves no line, and whether some of it is late."""
        out: list[Move] = []
        late = False
        heard = 0
        now = next(line.begin_ms for _, line in candidates if line.domain is domain)
        quiet = self._timely and now - self._ended(at) > QUIET_MS
        for _, entry in self._able(at.world, domain):
            if isinstance(entry.request, Take) and entry.request.channel.keyed:
                silent = 0
                for outcome in self._in_turn(entry):
                    rank = self._rank(at, outcome, candidates)
                    early = self._early(at, outcome, candidates)
                    if rank == 1 and self._timely and self._overdue(at, outcome, now):
                        out += self._after(at, outcome, OTHER_COSTS if late else 0)
                        late = True
                        continue
                    silent += rank == 1 and not early
                    other = OTHER_COSTS if rank == 1 and silent > 1 else 0
                    out += self._after(at, outcome, TAKE_COSTS[rank] + other + (EARLY_COSTS if early else 0))
            elif isinstance(entry.request, Call):
                if self.log.silent(entry.request, entry.outcomes[0].response):
                    costs = (OTHER_COSTS if late else 0) if quiet else SILENT_COSTS
                    late = late or quiet
                    out += [move for outcome in entry.outcomes for move in self._after(at, outcome, costs)]
            else:
                late = late or quiet
                for outcome in entry.outcomes:
                    out += self._after(at, outcome, HEAR_COSTS + (OTHER_COSTS if heard else 0))
                heard += 1
        return out, late

    def _candidates(self, at: At) -> list[tuple[int, Any]]:
        """The lines that may take effect next: the first that is left, and those that began before it ended."""
        out: list[tuple[int, Any]] = []
        first_end = float("inf")
        for index in range(at.done, min(at.done + SLIPS, len(self.lines))):
            line = self.lines[index]
            if at.beyond >> (index - at.done) & 1:
                continue
            if line.begin_ms > first_end and out:
                break
            out.append((index, line))
            first_end = min(first_end, line.end_ms)
        return out

    def _able(self, world: int, domain: Domain) -> list[tuple[int, Entry]]:
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
        return out

    def _inside(self, at: At, domain: Domain) -> Outcome | None:
        """The first step that a process of the domain can take by itself, without a line and without a choice."""
        for _, entry in self._able(at.world, domain):
            if not isinstance(entry.request, Take) and self.log.at_once(entry.request):
                return entry.outcomes[0]
        return None

    def _after(self, at: At, outcome: Outcome, costs: int) -> list[Move]:
        """The world after a step; also the one in which a key that was queued already is queued once only.

        A key that is queued again runs again, unless its first time has not come by then (docs/FACTS.md M13).
        """
        domain = outcome.slot.domain
        world = self.tables.after(at.world, outcome)
        once = self._queued_once(world, world ^ at.world, domain)
        out = [Move(costs, At(at.done, at.beyond, once, at.names), domain)]
        if once != world:
            out.append(Move(costs + TWICE_COSTS, At(at.done, at.beyond, world, at.names), domain))
        return out

    def _queued_once(self, world: int, changed: int, domain: Domain) -> int:
        packing = self.tables.packing
        if len(packing.cells) != self._cells_known:
            self._cells_known = len(packing.cells)
            self._queues = {}
            for cell in packing.cells:
                if isinstance(cell, Channel) and cell.keyed:
                    self._queues.setdefault(cell.domain, []).append(cell)
        for queue in self._queues.get(domain, ()):
            field = packing.cells[queue]
            if changed & field.mask:
                items = field.value(world) or ()
                if len({*items}) != len(items):
                    once = packing.pack_cell(queue, tuple(dict.fromkeys(items)))
                    world = (world & ~field.mask) | once
        return world

    def _calls(self, at: At, candidates: list[tuple[int, Any]]) -> Iterator[Move]:
        """The lines that can take effect now."""
        for index, line in candidates:
            if line.domain is None:
                yield Move(CALL_COSTS, self._done(at, index, self._outside(at.world, line), at.names), None)
                continue
            for slot, entry in self._able(at.world, line.domain):
                request = entry.request
                if isinstance(request, Take):
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
                    yield Move(CALL_COSTS + (index > at.done), self._done(at, index, after, names), line.domain)

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

    def _rank(self, at: At, outcome: Outcome, candidates: list[tuple[int, Any]]) -> int:
        """0 if taking the key leads to one of the calls, 1 if it leads to none at all, else 2."""
        world = self.tables.after(at.world, outcome)
        index = outcome.slot.index
        for _ in range(50):
            entry = self.tables.entry(index, world)
            if entry is None or isinstance(entry.request, Take):
                return 1
            if isinstance(entry.request, Call) and not (
                entry.outcomes and self.log.silent(entry.request, entry.outcomes[0].response)
            ):
                fits = any(
                    line.domain is outcome.slot.domain and line.fits(entry.request, at.names) for _, line in candidates
                )
                return 0 if fits else 2
            if not entry.outcomes:
                return 1
            world = self.tables.after(world, entry.outcomes[0])
        return 2

    def _dues_after(self, at: At, after: At) -> Dues:
        """When the keys of queues are due at the earliest; a guide only, so not part of what tells ways apart."""
        changed = at.world ^ after.world
        out = self._dues
        for queues in self._queues.values():
            for queue in queues:
                field = self.tables.packing.cells[queue]
                if not changed & field.mask:
                    continue
                before, now = field.value(at.world) or (), field.value(after.world) or ()
                if out is self._dues:
                    out = dict(out)
                for key in dict.fromkeys((*before, *now)):  # in order: what is due at the same time takes turns
                    if now.count(key) > before.count(key):
                        out[queue, key] = self._now(at) + DUE_MS
        return out

    def _now(self, at: At) -> float:
        """When the last line that was explained began."""
        return float(self.lines[at.done - 1].begin_ms) if at.done else 0.0

    def _early(self, at: At, outcome: Outcome, candidates: list[tuple[int, Any]]) -> bool:
        """Whether a key would be taken before it is due, by the time of the line that comes next."""
        request = self._request(outcome, at.world)
        due = self._dues.get((request.channel, outcome.choice))
        return due is not None and bool(candidates) and due > max(line.begin_ms for _, line in candidates[:1])

    def _ended(self, at: At) -> float:
        return float(self.lines[at.done - 1].end_ms) if at.done else 0.0

    def _in_turn(self, entry: Entry) -> list[Outcome]:
        """The keys that may be taken, as they become due: of those at the same time, the first that was queued."""
        assert isinstance(entry.request, Take)
        channel = entry.request.channel
        turn = {place: (due, number) for number, (place, due) in enumerate(self._dues.items())}
        return sorted(entry.outcomes, key=lambda outcome: turn.get((channel, outcome.choice), (0.0, 0)))

    def _overdue(self, at: At, outcome: Outcome, now: float) -> bool:
        request = self._request(outcome, at.world)
        due = self._dues.get((request.channel, outcome.choice))
        return due is not None and due + SLACK_MS <= now

    def _request(self, outcome: Outcome, world: int) -> Any:
        entry = self.tables.entry(outcome.slot.index, world)
        assert entry is not None
        return entry.request

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
        if self._reasons and not bound and line.end_ms > self.lines[-1].begin_ms:
            bound = OPEN
        return Accepted(len(self.lines), done, looks, bound, line.number, line.words(), reasons)
