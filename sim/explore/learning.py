"""Steps as values: what a process can do next depends on a few bits of the world, and is worked out once for each.

The request of a process is carried out in rehearsal, twice, on the values that it reads; what comes out is kept as one
difference of worlds for each choice, with what the step touches.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sim.core.cell import Cell, Channel, Value
from sim.core.machine import resumed
from sim.core.property import Property
from sim.core.request import LIST_ENDS, Call, Pace, Request, Take
from sim.core.rules import BrokenRule, broken_request
from sim.core.world import Continuation
from sim.explore.accesses import Accesses
from sim.explore.packing import Packing, Slot
from sim.explore.pure import check_handler, check_request
from sim.explore.rehearsal import Rehearsal


class Outcome:
    """One way to carry out one step: ``world ^ delta``, after the domains of ``kills`` have been wiped.

    ``ends`` says whether it kills or stops other processes, so that what they might have done is not seen after it;
    ``footprint`` and ``rivals`` are as in :mod:`sim.explore.accesses`; ``wakes`` are the reading bits of what it
    writes. ``takes`` says whether it takes an item, ``fills`` are the channels that it finds empty and fills. The rest
    is what :meth:`concern` is told, and ``rivals_mask`` the mask of ``rivals_of``.
    """

    __slots__ = (
        "choice", "delta", "ends", "feeds", "fills", "footprint", "forgets", "kills", "response", "rivals",
        "rivals_mask", "rivals_of", "slot", "takes", "touched", "version", "wakes", "woken",
    )  # fmt: skip

    def __init__(self, slot: Slot, choice: Value) -> None:
        self.slot = slot
        self.choice = choice
        self.kills: tuple[Any, ...] = ()
        self.forgets: tuple[tuple[Channel, Value], ...] = ()
        self.ends = False
        self.delta = self.footprint = self.rivals = self.wakes = 0
        self.response: Any = None
        self.takes = False
        self.fills: tuple[Channel, ...] = ()
        self.concern(-1, (), (), (), 0)

    def concern(
        self, version: int, touched: tuple[int, ...], rivals_of: tuple[int, ...], woken: tuple[int, ...], feeds: int
    ) -> None:
        """Whom it may concern by what is known at a version of the tables: the processes whose entries it may change,
        those that may conflict with it, those that it may wake, and a mask of those that take from what it fills.
        """
        self.version = version
        self.touched, self.rivals_of, self.woken, self.feeds = touched, rivals_of, woken, feeds
        self.rivals_mask = sum(1 << index for index in rivals_of)


class Entry:
    """What one process can do where the bits of ``mask`` are as they are.

    ``outcomes`` is empty while it is blocked. ``reads`` are the reading bits of what its being blocked, or its choices,
    depend on; ``footprint`` is that of all outcomes together; ``number`` says when it was learned, from 0.
    """

    __slots__ = ("footprint", "mask", "number", "outcomes", "reads", "request", "rivals", "takes")

    def __init__(self, request: Request) -> None:
        self.request = request
        self.takes = isinstance(request, Take)
        self.outcomes: tuple[Outcome, ...] = ()
        self.footprint = self.rivals = self.reads = self.mask = self.number = 0


class Learner:
    """Works out entries. ``visible`` are the properties whose truth steps must not change unnoticed. With
    ``undone_apart`` a step that the kill of its own domain would undo is independent of that kill; tables without it
    use no promise of steps taken at once either, so that no explored schedule is longer than it need be.
    """

    def __init__(
        self, packing: Packing, accesses: Accesses, visible: tuple[Property, ...] = (), *, versioned: bool = False,
        undone_apart: bool = True,
    ) -> None:  # fmt: skip
        self.packing = packing
        self.accesses = accesses
        self.learned = 0
        self.homes: dict[int, Channel | None] = {}  # by slot: the channel of all its items; None if there are several
        self.takers: dict[Channel, int] = {}  # the first slot that took a key of a work queue
        self.shared = False  # whether another one took of the same
        self._versioned = versioned
        self._undone_apart = undone_apart
        self._visible: dict[Cell, list[Property]] = {}
        for prop in visible:
            for cell in prop.cells:
                self._visible.setdefault(cell, []).append(prop)

    def learn(self, slot: Slot, world: int) -> Entry:
        """The entry of a running process in a world.

        Raises:
            BrokenRule: the process or its request is not a pure function of what it reads.
        """
        self.learned += 1
        stands: Continuation = slot.value(world)
        request = self._request(slot, stands)
        try:
            return self._entry(slot, world, stands, request)
        except Exception as error:
            raise broken_request(slot.name, request, error) from error

    def _entry(self, slot: Slot, world: int, stands: Continuation, request: Request) -> Entry:
        entry = Entry(request)
        if isinstance(request, Take):
            self._takes_from(slot, request.channel)
        asked = Rehearsal(self.packing, self.accesses, world, slot.domain)
        asked.key |= slot.mask
        own = self.accesses.process(slot.domain, slot.process)
        choices = self._choices(request, asked, slot)
        entry.reads = asked.reads | own
        entry.footprint = asked.reads | own
        if isinstance(request, Take) and not request.channel.keyed and not choices:
            entry.reads |= self.accesses.filling(request.channel)
        entry.mask = asked.key
        if choices:
            entry.outcomes = tuple(self._outcome(slot, stands, request, choice, asked, entry) for choice in choices)
        for outcome in entry.outcomes:
            entry.footprint |= outcome.footprint
            entry.rivals |= outcome.rivals
        return entry

    def outcomes(self, slot: Slot, world: int, request: Request) -> list[Outcome]:
        """All ways to carry out the request of a process in a world, worked out afresh."""
        asked = Rehearsal(self.packing, self.accesses, world, slot.domain)
        stands, entry = slot.value(world), Entry(request)
        choices = self._choices(request, asked, slot)
        return [Learner._outcome(self, slot, stands, request, choice, asked, entry) for choice in choices]

    def _takes_from(self, slot: Slot, channel: Channel) -> None:
        home = self.homes.setdefault(slot.index, channel)
        if home is not None and home is not channel:
            self.homes[slot.index] = None
            self.accesses.new_parts += 1  # what was explored took it that there is but one
        if channel.keyed and self.takers.setdefault(channel, slot.index) != slot.index and not self.shared:
            self.shared = True
            self.accesses.new_parts += 1  # what was explored took it that who adds to a list finds its key queued

    def _request(self, slot: Slot, stands: Continuation) -> Request:
        process = resumed(stands)
        request, again = process.request, resumed(stands).request
        assert request is not None, f"{slot.name} has ended"
        if repr(request) != repr(again):
            raise BrokenRule(
                f"process {slot.name} asks for {request!r} and then, told the same, for {again!r}: it looks at"
                " something that it did not request",
                "a process that depends on its arguments and responses alone",
            )
        check_handler(process)
        return request

    def _choices(self, request: Request, asked: Rehearsal, slot: Slot) -> tuple[Value, ...]:
        """The choices that can be taken now, noting in ``asked`` what that depends on."""
        if isinstance(request, Take):
            return self._items(request.channel, asked) if not self._frozen(request, asked, slot) else ()
        ready = request.ready(asked.get)
        if request.pace is Pace.WAIT:
            for cell in request.reads(self.packing.get(asked.world), None):
                asked.get(cell)
        if not ready or self._frozen(request, asked, slot):
            return ()
        choices = request.choices(asked.get)
        if isinstance(choices, set | frozenset):
            raise BrokenRule("its choices are a set, whose order differs from process to process", "a sorted tuple")
        return tuple(choices)

    def _items(self, channel: Channel, asked: Rehearsal) -> tuple[Value, ...]:
        """What may be taken from a channel: any key of a work queue, the first item of a stream."""
        items = asked.raw(channel)
        asked.reads |= self.accesses.any_key(channel) if channel.keyed else self.accesses.head(channel)
        if not items:
            return ()
        return tuple(dict.fromkeys(items)) if channel.keyed else (None,)

    def _frozen(self, request: Request, asked: Rehearsal, slot: Slot) -> bool:
        """Whether the process stands still; a call that had left before is served all the same."""
        cell = self.packing.frozen(slot.domain)
        if cell is None:
            return False
        stopped = asked.get(cell)
        return stopped is not None and not (isinstance(request, Call) and slot.process in stopped[1:])

    def _outcome(
        self, slot: Slot, stands: Continuation, request: Request, choice: Value, asked: Rehearsal, entry: Entry
    ) -> Outcome:
        tx, response = self._rehearse(slot, request, choice, asked.world)
        out = Outcome(slot, choice)
        out.response = response
        out.takes = entry.takes
        out.kills = tuple(tx.kills)
        out.forgets = tuple(tx.forgets)
        out.ends = bool(tx.kills) or any(
            left is None or other.number(asked.world) for other, left in tx.slots.items() if other is not slot
        )  # one that was stopped and started in the same step does not go on with what it was about to do either
        if slot.domain not in tx.kills and slot not in tx.slots:
            tx.slots[slot] = self._next(slot, stands, request, response)
        tx.served(slot)
        writes, soft, outside = self._effect(tx, out)
        reads = asked.reads | tx.reads | self.accesses.process(slot.domain, slot.process)
        if slot.domain.volatile and (outside or not self._undone_apart):
            reads |= self.accesses.life(slot.domain)  # what is lost with the domain anyway does not concern its kill
        writes |= self._seen(tx, asked.world)
        out.footprint = reads | writes | soft | tx.adds
        out.rivals = writes | (writes >> 1) | (reads << 1) | (soft >> 1)
        out.wakes = (writes | soft) >> 1
        entry.mask |= tx.key
        return out

    def _rehearse(self, slot: Slot, request: Request, choice: Value, world: int) -> tuple[Rehearsal, Any]:
        """Carry the request out twice; both must agree."""
        first, second = (
            Rehearsal(self.packing, self.accesses, world, slot.domain, versioned=self._versioned) for _ in range(2)
        )
        response, again = request.carry_out(first, choice), request.carry_out(second, choice)
        if (response, first.cells, first.slots, first.kills) != (again, second.cells, second.slots, second.kills):
            raise BrokenRule(
                f"process {slot.name}: {request!r}, carried out twice in one world, answers {response!r} and"
                f" {again!r} or writes different values: it depends on something besides the world",
                "a request whose effect and response depend on the cells that it reads alone",
            )
        check_request(request)
        return first, response

    def _next(self, slot: Slot, stands: Continuation, request: Request, response: Any) -> Continuation | None:
        """Where the process stands after the response, or None when it ends."""
        process = resumed(stands)
        try:
            hash(response)
        except TypeError:
            raise BrokenRule(
                f"process {slot.name}: the response of {request!r} cannot be hashed: {response!r}",
                "an immutable response",
            ) from None
        process.advance(response)
        return process.continuation() if process.request is not None else None

    def _effect(self, tx: Rehearsal, out: Outcome) -> tuple[int, int, bool]:
        """The writing bits, those of parts beside the one that a change keeps to, and whether others are touched."""
        packing, accesses = self.packing, self.accesses
        writes, soft, outside = tx.writes, tx.soft, bool(tx.kills)
        for cell, value in tx.cells.items():
            field = packing.cell(cell)
            old = 0 if cell.domain in tx.kills and cell.domain.volatile else field.number(tx.world)
            before = field.values[old]
            after = packing.pack_cell(cell, value)
            delta = after ^ field.packed(old)
            if not delta:
                continue
            out.delta ^= delta
            outside = outside or cell.domain is not out.slot.domain or not cell.domain.volatile
            if isinstance(cell, Channel):
                if value not in (None, ()) and not before:
                    out.fills = (*out.fills, cell)
                continue
            keeps_to = tx.softly.get(cell)
            for part, bit in accesses.parts(cell).items():
                if part is None or part(before) != part(value):
                    if keeps_to is None or part == keeps_to or self.shared:
                        writes |= bit << 1
                    elif {part, keeps_to} != LIST_ENDS:
                        soft |= bit << 1
        for slot, continuation in tx.slots.items():
            old = 0 if slot.domain in tx.kills else slot.number(tx.world)
            delta = packing.pack_slot(slot, continuation) ^ slot.packed(old)
            out.delta ^= delta
            if slot is out.slot:
                writes |= accesses.position(slot.domain, slot.process) << 1
                if continuation is None:
                    writes |= accesses.process(slot.domain, slot.process) << 1
            if slot.domain is not out.slot.domain:
                outside = True
                writes |= accesses.life(slot.domain) << 1
        return writes, soft, outside

    def _seen(self, tx: Rehearsal, world: int) -> int:
        """The writing bits of the visible properties whose truth the step changes."""
        concerned = {prop.name: prop for cell in tx.cells for prop in self._visible.get(cell, ())}
        concerned.update(
            (prop.name, prop) for cell, props in self._visible.items() if cell.domain in tx.kills for prop in props
        )
        out = 0
        for prop in concerned.values():
            for cell in prop.cells:
                tx.key |= self.packing.cell(cell).mask
            after = _over(tx, self.packing.get(world))
            if prop.holds(self.packing.get(world)) != prop.holds(after):
                out |= self.accesses.truth(prop.name) << 1
        return out


def _over(tx: Rehearsal, get: Callable[[Cell], Any]) -> Callable[[Cell], Any]:
    """A reader of the cells as they would be after the step."""

    def read(cell: Cell) -> Any:
        if cell in tx.cells:
            return tx.cells[cell]
        return None if cell.domain in tx.kills and cell.domain.volatile else get(cell)

    return read
