"""The timed driver: SimPy owns time, the machine owns the world.

Each process of the model runs as a SimPy process that asks for the pending request, waits as long as the request takes,
has the machine carry it out and goes on with the response. What blocks waits on an event that a change fires, so an
idle
world makes no events. Stop, freeze and thaw arrive as SimPy interrupts.
"""

from __future__ import annotations

from collections.abc import Generator
from heapq import heappop
from typing import Any

import simpy
from simpy.events import Timeout

from sim.core.cell import Cell, Channel, Domain, Value
from sim.core.machine import Machine, Observer, Running
from sim.core.request import Link, Pace, SleepUntil
from sim.core.timing import Timing
from sim.core.trace import Step
from sim.timed.channels import Due, QueueDue, StreamDue, make_due
from sim.timed.waiting import BACK, IDLE, NAP, THERE, Asked, Flight, LinkState, Naps, Prompt, Waiter, fire

STOPPED, SOONER, FROZEN = "stopped", "sooner", "frozen"
CALL, TAKE, WAIT, SLEEP = Pace.CALL, Pace.TAKE, Pace.WAIT, Pace.SLEEP
_Live = Generator[simpy.Event, Any, None]


class TimedDriver(Observer):
    """Runs a machine in simulated time, in ms.

    ``changes`` collects (time, cell, value) for the ``observed`` cells; ``steps`` collects every step if ``record``.
    """

    def __init__(
        self, timing: Timing, seed: int, observed: tuple[Cell, ...] = (), *, record: bool = False, eager: bool = False
    ) -> None:
        self.env = simpy.Environment()
        self.machine = Machine(self)
        self.timing = Asked(timing)
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
        self._naps = Naps(self.timing, seed)
        self._thaws: dict[Domain, simpy.Event] = {}
        self.machine.watched.update((cell, []) for cell in observed)

    # -- a run ---------------------------------------------------------------------------------------------------

    def adopt(self) -> None:
        """Take charge of the processes that a loaded world brought along; those that are blocked sleep on."""
        for cell, items in self.machine.values.items():
            if isinstance(cell, Channel) and isinstance(items, tuple):
                for item in items:
                    self._due(cell).arrive(self.env.now, item)
        for domain in sorted(self.machine.frozen, key=lambda domain: domain.name):
            self._thaws[domain] = self.env.event()
        for process in list(self.machine.running()):
            self.started(process)

    def _let_sleep(self, process: Running) -> bool:
        """Leave a blocked process without a SimPy process until what it waits for happens; many never wake."""
        request: Any = process.request
        if request.pace is TAKE and self.machine.get(request.channel) in (None, ()):
            self._due(request.channel).taker = process
            return True
        if request.pace is WAIT and not self.eager and not request.ready(self.machine.get):
            self._watch(Waiter(process, request, self.env._now, None))
            return True
        return False

    def run(self, until_ms: float) -> bool:
        """Run until nothing is left to happen or ``until_ms`` has come; True if the world is at rest."""
        env, queue = self.env, self.env._queue
        while queue and queue[0][0] < until_ms:  # as simpy.Environment.run, without a call per event
            env._now, _, _, event = heappop(queue)
            callbacks, event.callbacks = event.callbacks, None  # type: ignore[assignment]
            for callback in callbacks or ():
                callback(event)
            if not event._ok and not hasattr(event, "_defused"):
                raise event._value
        env._now = until_ms
        return not self.machine.enabled()

    def close(self) -> None:
        """Cut the references between events and processes, so that the run is freed at once, without the collector."""
        for live in self._live.values():
            target: simpy.Event | None = live.target
            if target is not None and target.callbacks:
                target.callbacks.clear()
            live._generator.close()
        self._live.clear()
        self.env._queue.clear()
        self.machine.watched.clear()
        self.machine.observer = Observer()

    def events(self) -> int:
        """SimPy events scheduled so far."""
        return int(next(self.env._eid))  # simpy keeps the count and has no other door to it

    # -- what the machine tells ----------------------------------------------------------------------------------

    def started(self, process: Running) -> None:
        if not self._let_sleep(process):
            self._wake_up(process)

    def _wake_up(self, process: Running) -> None:
        self._live[process] = self.env.process(self._run(process))

    def stopped(self, process: Running) -> None:
        live = self._live.pop(process, None)
        if live is not None and process.entered and live.is_alive and live is not self.env.active_process:
            live.interrupt(STOPPED)

    def wiped(self, domain: Domain) -> None:
        for link, link_state in self._links.items():
            if link.caller is domain and link_state.bucket is not None:
                link_state.bucket.refill()
        for channel, due in self._dues.items():
            if channel.domain is domain and domain.volatile:
                due.clear()
        thaw = self._thaws.pop(domain, None)
        if thaw is not None:
            thaw.succeed()

    def froze(self, domain: Domain) -> None:
        self._thaws[domain] = self.env.event()
        for process in self.machine.processes.get(domain, {}).values():
            live = self._live.get(process)
            if live is not None and process.entered:
                assert live is not self.env.active_process, f"{process} freezes itself"
                live.interrupt(FROZEN)

    def thawed(self, domain: Domain) -> None:
        self._thaws.pop(domain).succeed()

    def arrived(self, channel: Channel, item: Value) -> None:
        due = self._dues.get(channel) or self._due(channel)
        at = due.arrive(self.env._now, item)
        taker = due.taker
        if taker is None:
            return
        if isinstance(taker, Running):
            due.taker = None
            if taker.alive:
                self._wake_up(taker)
        elif not taker.triggered:
            fire(taker, at - self.env._now)
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
        get = self.machine.get
        waiters: list[Waiter] = self.machine.watched[cell]
        if waiters:
            for waiter in waiters:
                if waiter.over:
                    continue
                if not waiter.process.alive:
                    waiter.over = True
                elif waiter.request.ready(get):
                    self._wake(waiter)
            waiters[:] = [waiter for waiter in waiters if not waiter.over]
        if cell in self.observed:
            self.changes.append((self.env._now, cell, get(cell)))

    def _wake(self, waiter: Waiter) -> None:
        """Let a waiter look at its next tick."""
        waiter.over = True
        if waiter.event is not None:
            now = self.env._now
            fire(waiter.event, waiter.tick(now, 0 if waiter.request.immediate else 1) - now)
        elif waiter.process.alive:
            waiter.process.since_ms = waiter.start_ms
            self._wake_up(waiter.process)

    def _watch(self, waiter: Waiter) -> None:
        """Put a waiter into the lists of the cells that its request reads."""
        watched = self.machine.watched
        for cell in waiter.request.reads(self.machine.get, None):
            waiters = watched.get(cell)
            if waiters is None:
                watched[cell] = [waiter]
            else:
                waiters.append(waiter)

    # -- states made when first asked for ------------------------------------------------------------------------

    def _due(self, channel: Channel) -> StreamDue | QueueDue:
        """The due times of a channel, which outlive whoever takes from it."""
        found = self._dues.get(channel)
        if found is None:
            found = self._dues[channel] = make_due(channel, self.timing, self.seed)
        return found

    def _link(self, link: Link) -> LinkState:
        made = self._links[link] = LinkState(link, self.timing, self.seed)
        return made

    # -- one process ---------------------------------------------------------------------------------------------

    def _run(self, process: Running) -> _Live:
        """Drive one process until it ends or is stopped. The hot loop: one turn per step."""
        env, machine, dues = self.env, self.machine, self._dues
        advance = process.advance
        process.entered = True
        flight = Flight()
        if process.domain in self._thaws and not (yield from self._frozen(process, flight)):
            return
        choice: Value
        while process.alive and (request := process.request) is not None:
            try:
                pace = request.pace
                choice = None
                if pace is CALL:
                    yield from self._call(process, request, flight)
                    advance(flight.response)
                    continue
                if pace is TAKE:
                    channel: Channel = request.channel  # type: ignore[attr-defined]
                    due = dues.get(channel) or self._due(channel)
                    first = due.earliest()
                    if first is None or first[0] > env._now:
                        yield self._next_item(due, first)
                        continue
                    choice = first[1]
                    due.take(choice)
                elif pace is WAIT:
                    yield from self._wait(process, request)
                elif pace is SLEEP:
                    yield self._nap(process, request, flight)
                    flight.leg = IDLE
            except simpy.Interrupt as interrupt:
                if interrupt.cause == STOPPED:
                    return
                if interrupt.cause == FROZEN and not (yield from self._frozen(process, flight)):
                    return
                continue
            response = request.carry_out(machine, choice)
            self.taken += 1
            self.last_ms = env._now
            if self.steps is not None:
                self._record(process, choice, response)
            advance(response)
        if process.alive:
            machine.ended(process)
            del self._live[process]

    def _call(self, process: Running, request: Any, flight: Flight) -> _Live:
        """The limiter and the way there, the effect, the way back; the response stays in ``flight``."""
        env = self.env
        state = self._links.get(request.link) or self._link(request.link)
        flight.leave_ms = now = env._now
        wait = state.there()
        if state.bucket is not None and request.limited:
            held = state.bucket.reserve(now)
            flight.leave_ms += held
            wait += held
        flight.at_ms = now + wait
        flight.leg = THERE
        yield Timeout(env, wait)
        if not request.ready(self.machine.get):
            yield from self._stalled(process, request)
        flight.response = response = request.carry_out(self.machine, None)
        self.taken += 1
        if self.steps is not None:
            self._record(process, None, response)
        flight.leg = BACK
        wait = state.back()
        self.last_ms = now = env._now
        flight.at_ms = now + wait
        yield Timeout(env, wait)
        flight.leg = IDLE

    def _nap(self, process: Running, request: Any, flight: Flight) -> Timeout:
        """The delay that a sleep names, or the rest of the time until its moment."""
        if isinstance(request, SleepUntil):
            nap = max(0.0, request.at_ms - self.env.now)
        else:
            nap = self._naps.draw(process.domain, request.delay)
        flight.at_ms = self.env.now + nap
        flight.leg = NAP
        return Timeout(self.env, nap)

    def _next_item(self, due: Due, first: tuple[float, Value] | None) -> simpy.Event:
        """An event that fires when the next item is due; an arrival sets or hastens it."""
        taker = simpy.Event(self.env)
        due.taker = taker
        if first is not None:
            due.fires_ms = first[0]
            fire(taker, first[0] - self.env._now)
        return taker

    def _wait(self, process: Running, request: Any) -> _Live:
        """Until the request is ready; with a period, only at its ticks, and only after a change that could matter."""
        env, get = self.env, self.machine.get
        if process.since_ms is None:
            process.since_ms = env._now
        start = process.since_ms  # kept over a freeze, as a Go ticker keeps its phase
        waiter = Waiter(process, request, start, None)
        ticks = 0 if request.immediate else 1
        if self.eager or request.ready(get):
            ahead_ms = waiter.tick(env._now, ticks) - env._now
            if ahead_ms:
                yield Timeout(env, ahead_ms)
        while not request.ready(get):
            if self.eager and request.period_ms:
                yield Timeout(env, waiter.tick(env._now + 1e-3, ticks) - env._now)
            else:
                waiter.event = simpy.Event(env)
                waiter.over = False
                self._watch(waiter)
                yield waiter.event
                waiter.over = True
        process.since_ms = None

    def _stalled(self, process: Running, request: Any) -> _Live:
        """Until whoever serves the call does so again."""
        waiter = Waiter(process, Prompt(request), 0.0, simpy.Event(self.env))
        while not request.ready(self.machine.get):
            waiter.event, waiter.over = simpy.Event(self.env), False
            self._watch(waiter)
            yield waiter.event

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
        yield from self._stalled(process, request)
        flight.response = self._carry_out(process)
        flight.leg = BACK
        flight.at_ms = self.env.now + self._links[request.link].back()

    def _carry_out(self, process: Running) -> Any:
        response = self.machine.carry_out(process)
        self.taken += 1
        self.last_ms = self.env.now
        if self.steps is not None:
            self._record(process, None, response)
        return response

    def _record(self, process: Running, choice: Value, response: Any) -> None:
        assert self.steps is not None and process.request is not None
        self.steps.append(Step(self.env.now, process.domain.name, process.name, process.request, choice, response))
