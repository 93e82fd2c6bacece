"""The timed driver: SimPy owns time, the machine owns the world.

Each process of the model runs as a SimPy process that asks for the pending request, waits as long as the request takes,
has the machine carry it out and goes on with the response. What blocks waits on an event that a change fires, so an
idle
world makes no events. Stop, freeze and thaw arrive as SimPy interrupts.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Generator
from typing import Any

import simpy
from simpy.events import Timeout

from sim.core.cell import Cell, Channel, Domain, Value
from sim.core.machine import Machine, Observer, Running
from sim.core.request import Link, Pace, Request, SleepUntil
from sim.core.timing import Timing
from sim.core.trace import Step
from sim.timed.channels import Due, QueueDue, StreamDue
from sim.timed.delays import sampler
from sim.timed.limiter import TokenBucket

STOPPED, SOONER, FROZEN = "stopped", "sooner", "frozen"
IDLE, THERE, BACK, NAP = range(4)
CALL, TAKE, WAIT, SLEEP = Pace.CALL, Pace.TAKE, Pace.WAIT, Pace.SLEEP
_Live = Generator[simpy.Event, Any, None]


class Flight:
    """Where a process stands between two steps: what it waits for and until when."""

    __slots__ = ("at_ms", "leave_ms", "leg", "response")

    def __init__(self) -> None:
        self.leg = IDLE
        self.leave_ms = self.at_ms = 0.0
        self.response: Any = None


class LinkState:
    """A link during a run: its samplers and its limiter."""

    __slots__ = ("back", "bucket", "there")

    def __init__(self, link: Link, timing: Timing, seed: int) -> None:
        self.there = sampler(seed, f"{link.name}/there", timing.delay(link.there))
        self.back = sampler(seed, f"{link.name}/back", timing.delay(link.back))
        self.bucket = TokenBucket(timing.limits[link.limiter]) if timing.limits.get(link.limiter) else None


class TimedDriver(Observer):
    """Runs a machine in simulated time, in ms.

    ``changes`` collects (time, cell, value) for the ``observed`` cells; ``steps`` collects every step if ``record``.
    """

    def __init__(
        self, timing: Timing, seed: int, observed: tuple[Cell, ...] = (), *, record: bool = False, eager: bool = False
    ) -> None:
        self.env = simpy.Environment()
        self.machine = Machine(self)
        self.timing = timing
        self.seed = seed
        self.eager = eager
        self.steps: list[Step] | None = [] if record else None
        self.changes: list[tuple[float, Cell, Value]] = []
        self.observed = dict.fromkeys(observed)
        self.taken = 0
        self.last_ms = 0.0
        self._live: dict[Running, simpy.Process] = {}
        self._links: dict[Link, LinkState] = {}
        self._dues: dict[Channel, StreamDue | QueueDue] = {}
        self._naps: dict[tuple[Domain, str], Callable[[], float]] = {}
        self._thaws: dict[Domain, simpy.Event] = {}
        self.machine.watched.update((cell, []) for cell in observed)

    # -- a run ---------------------------------------------------------------------------------------------------

    def adopt(self) -> None:
        """Take charge of the processes that a loaded world brought along."""
        for process in list(self.machine.running()):
            self.started(process)

    def run(self, until_ms: float) -> bool:
        """Run until nothing is left to happen or ``until_ms`` has come; True if the world is at rest."""
        self.env.run(until=until_ms)
        return not self.machine.enabled()

    def events(self) -> int:
        """SimPy events scheduled so far."""
        return int(next(self.env._eid))  # simpy keeps the count and has no other door to it

    # -- what the machine tells ----------------------------------------------------------------------------------

    def started(self, process: Running) -> None:
        self._live[process] = self.env.process(self._run(process))

    def stopped(self, process: Running) -> None:
        live = self._live.pop(process)
        if process.ticket and live.is_alive and live is not self.env.active_process:
            live.interrupt(STOPPED)

    def wiped(self, domain: Domain) -> None:
        for link, link_state in self._links.items():
            if link.caller is domain and link_state.bucket is not None:
                link_state.bucket.refill()
        for channel, due in self._dues.items():
            if channel.domain is domain:
                due.clear()

    def froze(self, domain: Domain) -> None:
        self._thaws[domain] = self.env.event()
        for process in self.machine.processes.get(domain, {}).values():
            live = self._live[process]
            if process.ticket and live is not self.env.active_process:
                live.interrupt(FROZEN)

    def thawed(self, domain: Domain) -> None:
        self._thaws.pop(domain).succeed()

    def arrived(self, channel: Channel, item: Value) -> None:
        due = self._dues.get(channel) or self._due(channel)
        at = due.arrive(self.env.now, item)
        taker = due.taker
        if taker is None:
            return
        if not taker.triggered:
            _fire(taker, at - self.env.now)
            due.fires_ms = at
        elif at < due.fires_ms:
            due.fires_ms = at
            self._sooner(taker)

    def _sooner(self, taker: simpy.Event) -> None:
        for callback in list(taker.callbacks or ()):
            owner = getattr(callback, "__self__", None)
            if isinstance(owner, simpy.Process):
                owner.interrupt(SOONER)

    def forgot(self, channel: Channel, item: Value) -> None:
        due = self._dues.get(channel)
        if due is not None:
            if item is None:
                due.clear()
            else:
                due.forget(item)

    def changed(self, cell: Cell) -> None:
        waiting: list[simpy.Event] = self.machine.watched[cell]
        if waiting:
            events, waiting[:] = waiting[:], []
            for event in events:
                if not event.triggered:
                    event.succeed()
        if cell in self.observed:
            self.changes.append((self.env.now, cell, self.machine.get(cell)))

    # -- states made when first asked for ------------------------------------------------------------------------

    def _due(self, channel: Channel) -> StreamDue | QueueDue:
        made: StreamDue | QueueDue
        if channel.keyed:
            made = QueueDue(self.timing.back_offs[channel.wait].delays())
        else:
            made = StreamDue(sampler(self.seed, channel.name, self.timing.delay(channel.wait)))
        self._dues[channel] = made
        return made

    def _link(self, link: Link) -> LinkState:
        made = self._links[link] = LinkState(link, self.timing, self.seed)
        return made

    def _nap(self, process: Running, request: Request) -> float:
        if isinstance(request, SleepUntil):
            return max(0.0, request.at_ms - self.env.now)
        delay: str = request.delay  # type: ignore[attr-defined]
        key = (process.domain, delay)
        if key not in self._naps:
            self._naps[key] = sampler(self.seed, f"{process.domain.name}/{delay}", self.timing.delay(delay))
        return self._naps[key]()

    # -- one process ---------------------------------------------------------------------------------------------

    def _run(self, process: Running) -> _Live:
        """Drive one process until it ends or is stopped."""
        process.ticket = 1
        flight = Flight()
        if process.domain in self._thaws and not (yield from self._frozen(process, flight)):
            return
        while process.alive:
            try:
                yield from self._steps(process, flight)
            except simpy.Interrupt as interrupt:
                if interrupt.cause == STOPPED:
                    return
                if interrupt.cause == FROZEN and not (yield from self._frozen(process, flight)):
                    return

    def _steps(self, process: Running, flight: Flight) -> _Live:
        """The hot loop: one turn per step."""
        env, machine, links, dues = self.env, self.machine, self._links, self._dues
        choice: Value
        while process.alive:
            request: Any = process.request
            pace = request.pace
            choice = None
            if pace is CALL:
                state = links.get(request.link) or self._link(request.link)
                flight.leave_ms = flight.at_ms = env.now
                if state.bucket is not None and request.limited:
                    flight.leave_ms += state.bucket.reserve(flight.at_ms)
                flight.at_ms = flight.leave_ms + state.there()
                flight.leg = THERE
                yield Timeout(env, flight.at_ms - env.now)
                if not request.ready(machine.get):
                    yield from self._stalled(request)
                flight.response = response = request.carry_out(machine, None)
                self.taken += 1
                if self.steps is not None:
                    self._record(process, None, response)
                flight.leg = BACK
                back = state.back()
                self.last_ms = env.now
                flight.at_ms = self.last_ms + back
                yield Timeout(env, back)
                flight.leg = IDLE
                machine.advance(process, response)
                continue
            if pace is TAKE:
                due = dues.get(request.channel) or self._due(request.channel)
                first = due.earliest()
                if first is None or first[0] > env.now:
                    yield self._next_item(due, first)
                    continue
                choice = first[1]
                due.take(choice)
            elif pace is WAIT:
                yield from self._wait(request)
            elif pace is SLEEP:
                nap = self._nap(process, request)
                flight.at_ms = env.now + nap
                flight.leg = NAP
                yield Timeout(env, nap)
                flight.leg = IDLE
            response = request.carry_out(machine, choice)
            self.taken += 1
            self.last_ms = env.now
            if self.steps is not None:
                self._record(process, choice, response)
            machine.advance(process, response)

    def _next_item(self, due: Due, first: tuple[float, Value] | None) -> simpy.Event:
        """An event that fires when the next item is due; an arrival sets or hastens it."""
        taker = due.taker = simpy.Event(self.env)
        if first is not None:
            due.fires_ms = first[0]
            _fire(taker, first[0] - self.env.now)
        return taker

    def _wait(self, request: Any) -> _Live:
        """Until the request is ready; with a period, only at its ticks, and only after a change that could matter."""
        env, get = self.env, self.machine.get
        period: float = request.period_ms
        start = env.now
        tick = 0 if request.immediate else 1
        while True:
            if period and tick:
                yield Timeout(env, max(0.0, start + tick * period - env.now))
            if request.ready(get):
                return
            if period and self.eager:
                tick += 1
                continue
            yield self._change(tuple(request.reads(get, None)))
            if period:
                tick = max(tick + 1, math.ceil((env.now - start) / period - 1e-9))

    def _stalled(self, request: Any) -> _Live:
        """Until whoever serves the call does so again."""
        get = self.machine.get
        while not request.ready(get):
            yield self._change(tuple(request.reads(get, None)))

    def _change(self, cells: tuple[Cell, ...]) -> simpy.Event:
        """An event that fires when one of the cells is written."""
        event = simpy.Event(self.env)
        watched = self.machine.watched
        for cell in cells:
            watched.setdefault(cell, []).append(event)
        return event

    def _frozen(self, process: Running, flight: Flight) -> Generator[simpy.Event, Any, bool]:
        """Sit out a freeze, then finish what was under way; False if the process was stopped meanwhile.

        A call that has left is served all the same, its answer waits; timers run on (Go's monotonic clock does).
        """
        env = self.env
        while True:
            try:
                if flight.leg == THERE and flight.leave_ms <= env.now:
                    yield from self._serve(process, flight)
                thaw = self._thaws.get(process.domain)
                if thaw is not None:
                    yield thaw
                if flight.leg == THERE:
                    late = max(0.0, env.now - flight.leave_ms)
                    flight.leave_ms, flight.at_ms = flight.leave_ms + late, flight.at_ms + late
                    yield Timeout(env, max(0.0, flight.leave_ms - env.now))
                    yield from self._serve(process, flight)
                if flight.leg != IDLE:
                    yield Timeout(env, max(0.0, flight.at_ms - env.now))
                    leg, flight.leg = flight.leg, IDLE
                    if leg == NAP:
                        flight.response = self._carry_out(process)
                    self.machine.advance(process, flight.response)
                return True
            except simpy.Interrupt as interrupt:
                if interrupt.cause == STOPPED:
                    return False

    def _serve(self, process: Running, flight: Flight) -> _Live:
        request: Any = process.request
        yield Timeout(self.env, max(0.0, flight.at_ms - self.env.now))
        yield from self._stalled(request)
        flight.response = self._carry_out(process)
        flight.leg = BACK
        flight.at_ms = self.env.now + self._links[request.link].back()

    def _carry_out(self, process: Running) -> Any:
        response = self.machine.carry_out(process)
        self.taken += 1
        if self.steps is not None:
            self._record(process, None, response)
        return response

    def _record(self, process: Running, choice: Value, response: Any) -> None:
        assert self.steps is not None and process.request is not None
        self.steps.append(Step(self.env.now, process.domain.name, process.name, process.request, choice, response))


def _fire(event: simpy.Event, after_ms: float) -> None:
    """Let an untriggered event fire later, as simpy.Timeout does with itself when it is made."""
    event._ok, event._value = True, None
    event.env.schedule(event, delay=after_ms)
