"""How the timed driver drives one process: from request to request, each at its pace."""

from __future__ import annotations

from collections.abc import Generator
from typing import Any

import simpy

from sim.core.cell import Channel, Domain, Value
from sim.core.machine import Machine, Observer, Running
from sim.core.request import Link, Pace, SleepUntil
from sim.core.rules import broken_request
from sim.core.timing import Timing
from sim.core.trace import Step
from sim.timed.channels import Due, QueueDue, StreamDue, make_due
from sim.timed.waiting import BACK, IDLE, NAP, THERE, Asked, Flight, LinkState, Naps, Prompt, Waiter, fire, pause, until

STOPPED, SOONER, FROZEN = "stopped", "sooner", "frozen"
CALL, TAKE, WAIT, SLEEP = Pace.CALL, Pace.TAKE, Pace.WAIT, Pace.SLEEP
Live = Generator[simpy.Event, Any, None]


class Driving(Observer):
    """The part of the timed driver that is about one process, and what it needs to know of the others."""

    def __init__(self, timing: Timing, seed: int, *, record: bool, eager: bool) -> None:
        self.env = simpy.Environment()
        self.machine = Machine(self)
        self.timing = Asked(timing)
        self.seed = seed
        self.eager = eager
        self.steps: list[Step] | None = [] if record else None
        self.taken = 0
        self.last_ms = 0.0
        self._live: dict[Running, simpy.Process] = {}
        self._links: dict[Link, LinkState] = {}
        self._dues: dict[Channel, StreamDue | QueueDue] = {}
        self._asleep: dict[Channel, Running] = {}
        self._naps = Naps(self.timing, seed)
        self._thaws: dict[Domain, simpy.Event] = {}
        self._alone = True

    def _drive(self, process: Running) -> Live:
        """Drive one process until it ends or is stopped."""
        process.entered = True
        process.wake()
        flight = Flight()
        if process.domain in self._thaws and not (yield from self._frozen(process, flight)):
            return
        while True:
            try:
                yield from self._take_steps(process, flight)
            except simpy.Interrupt as interrupt:
                if interrupt.cause == STOPPED:
                    return
                if interrupt.cause == FROZEN and not (yield from self._frozen(process, flight)):
                    return
            except Exception as error:
                raise broken_request(repr(process), process.request, error) from error
            else:
                break
        if process.alive:
            self.machine.ended(process)
            del self._live[process]

    def _take_steps(self, process: Running, flight: Flight) -> Live:
        """The hot loop: one turn per step. ``flight`` tells where it stood when an interrupt ended it."""
        env, machine, dues, steps = self.env, self.machine, self._dues, self.steps
        get, advance = machine.get, process.advance
        choice: Value
        while process.alive and (request := process.request) is not None:
            pace = request.pace
            choice = None
            if pace is CALL:
                if not self._leave(request, flight):
                    yield until(env, flight.at_ms)
                if not request.ready(get):
                    yield from self._stalled(process, request)
                if not self._answer(process, request, flight):
                    yield until(env, flight.at_ms)
                flight.leg = IDLE
                advance(flight.response)
                continue
            if pace is TAKE:
                channel: Channel = request.channel  # type: ignore[attr-defined]
                due = dues.get(channel) or self._due(channel)
                while (first := due.earliest()) is None or first[0] > env._now:
                    if not self._comes(due, first):
                        yield due.taker
                choice = first[1]
                due.take(choice)
            elif pace is WAIT:
                yield from self._wait(process, request)
            elif pace is SLEEP:
                if not self._nap(process, request, flight):
                    yield until(env, flight.at_ms)
                flight.leg = IDLE
            response = request.carry_out(machine, choice)
            self.taken += 1
            self.last_ms = env._now
            if steps is not None:
                self._record(process, choice, response)
            advance(response)

    # -- time ----------------------------------------------------------------------------------------------------

    def _jump(self, at_ms: float) -> bool:
        """Let time pass until ``at_ms`` at once, if nothing else happens before; else the process must wait for it.

        What would come next is an event that resumes this very process, so it need not be made; it is counted all the
        same, so that a run has as many events whether or not it jumps.
        """
        env = self.env
        if at_ms < env._queue[0][0] and self._alone:
            next(env._eid)
            env._now = at_ms
            return True
        return False

    def _leave(self, request: Any, flight: Flight) -> bool:
        """A call waits for the limiter and goes its way; True if it is there."""
        state = self._links.get(request.link) or self._link(request.link)
        now = self.env._now
        wait = state.there()
        if state.bucket is not None and request.limited:
            held = state.bucket.reserve(now)
            flight.leave_ms = now + held
            wait += held
        else:
            flight.leave_ms = now
        flight.at_ms = now + wait
        flight.leg = THERE
        flight.back = state.back
        return self._jump(flight.at_ms)

    def _answer(self, process: Running, request: Any, flight: Flight) -> bool:
        """The effect of a call, and its answer goes its way; True if it is back."""
        flight.response = response = request.carry_out(self.machine, None)
        self.taken += 1
        if self.steps is not None:
            self._record(process, None, response)
        flight.leg = BACK
        self.last_ms = now = self.env._now
        flight.at_ms = now + flight.back()
        return self._jump(flight.at_ms)

    def _nap(self, process: Running, request: Any, flight: Flight) -> bool:
        """The delay that a sleep names, or the rest of the time until its moment; True if it is over."""
        now = self.env._now
        if isinstance(request, SleepUntil):
            nap = max(0.0, request.at_ms - now)
        else:
            nap = self._naps.draw(process.domain, request.delay)
        flight.at_ms = now + nap
        flight.leg = NAP
        return self._jump(flight.at_ms)

    def _comes(self, due: Due, first: tuple[float, Value] | None) -> bool:
        """Whether the next item is due by now; if not, ``due.taker`` fires when it is, which an arrival may hasten."""
        env = self.env
        if first is not None and self._jump(env._now + (first[0] - env._now)):
            due.taker = None
            return True
        due.taker = simpy.Event(env)
        if first is not None:
            due.fires_ms = first[0]
            fire(due.taker, first[0] - env._now)
        return False

    def _wait(self, process: Running, request: Any) -> Live:
        """Until the request is ready; with a period, only at its ticks, and only after a change that could matter."""
        env, get = self.env, self.machine.get
        if process.since_ms is None:
            process.since_ms = env._now
        start = process.since_ms  # kept over a freeze, as a Go ticker keeps its phase
        waiter = Waiter(process, request, start, None)
        ticks = 0 if request.immediate else 1
        ready = request.ready(get)
        if self.eager or ready:
            ahead_ms = waiter.tick(env._now, ticks) - env._now
            if ahead_ms and not self._jump(env._now + ahead_ms):
                yield pause(env, ahead_ms)
                ready = request.ready(get)
        while not ready:
            if self.eager and request.period_ms:
                yield pause(env, waiter.tick(env._now + 1e-3, ticks) - env._now)
            else:
                waiter.event = simpy.Event(env)
                waiter.over = False
                self._watch(waiter)
                yield waiter.event
                waiter.over = True
            ready = request.ready(get)
        process.since_ms = None

    def _stalled(self, process: Running, request: Any) -> Live:
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
                    yield pause(env, max(0.0, flight.leave_ms - env.now))
                    yield from self._serve(process, flight)
                if flight.leg != IDLE:
                    yield pause(env, max(0.0, flight.at_ms - env.now))
                    leg, flight.leg = flight.leg, IDLE
                    if leg == NAP:
                        flight.response = self._carry_out(process)
                    self.machine.advance(process, flight.response)
                return True
            except simpy.Interrupt as interrupt:
                if interrupt.cause == STOPPED:
                    return False

    def _serve(self, process: Running, flight: Flight) -> Live:
        request: Any = process.request
        yield pause(self.env, max(0.0, flight.at_ms - self.env.now))
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

    # -- states made when first asked for ------------------------------------------------------------------------

    def _due(self, channel: Channel) -> StreamDue | QueueDue:
        """The due times of a channel, which outlive whoever takes from it."""
        found = self._dues.get(channel)
        if found is None:
            found = self._dues[channel] = make_due(channel, self.timing, self.seed)
            found.taker = self._asleep.pop(channel, None)
        return found

    def _link(self, link: Link) -> LinkState:
        made = self._links[link] = LinkState(link, self.timing, self.seed)
        return made

    def _watch(self, waiter: Waiter) -> None:
        """Put a waiter into the lists of the cells that its request reads."""
        watched = self.machine.watched
        for cell in waiter.request.reads(self.machine.get, None):
            waiters = watched.get(cell)
            if waiters is None:
                watched[cell] = [waiter]
            else:
                waiters.append(waiter)
