"""The timed driver: SimPy owns time, the machine owns the world.

Each process of the model runs as a SimPy process that asks for the pending request, waits as long as the request takes,
has the machine carry it out and goes on with the response (:mod:`sim.timed.driving`). What blocks waits on an event
that a change fires, so an idle world makes no events. Stop, freeze and thaw arrive as SimPy interrupts.
"""

from __future__ import annotations

from heapq import heappop, heappush
from typing import Any

import simpy
from simpy.events import URGENT

from sim.core.cell import Cell, Channel, Domain, Value
from sim.core.machine import Observer, Running
from sim.core.timing import Timing
from sim.timed.driving import FROZEN, SOONER, STOPPED, TAKE, WAIT, Driving
from sim.timed.waiting import Live, Waiter, fire

BEFORE_ALL = URGENT - 1
"""The priority of the end of a run: before what happens at that very time."""


class TimedDriver(Driving):
    """Runs a machine in simulated time, in ms.

    ``changes`` collects (time, cell, value) for the ``observed`` cells; ``steps`` collects every step if ``record``.
    """

    def __init__(
        self, timing: Timing, seed: int, observed: tuple[Cell, ...] = (), *, record: bool = False, eager: bool = False
    ) -> None:
        super().__init__(timing, seed, record=record, eager=eager)
        self.changes: list[tuple[float, Cell, Value]] = []
        self.observed = dict.fromkeys(observed)
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
            self._sleeps_at(request.channel, process)
            return True
        if request.pace is WAIT and not self.eager and not request.ready(self.machine.get):
            self._watch(Waiter(process, request, self.env._now, None))
            return True
        return False

    def _sleeps_at(self, channel: Channel, process: Running) -> None:
        """Let a process sleep until an item arrives; a channel that none ever comes to needs no due times."""
        due = self._dues.get(channel)
        if due is not None:
            due.taker = process
            return
        self._asleep[channel] = process
        if not channel.keyed:
            self.timing.asked.add(channel.wait)

    def run(self, until_ms: float) -> bool:
        """Run until nothing is left to happen or ``until_ms`` has come; True if the world is at rest."""
        env = self.env
        queue: list[Any] = env._queue
        heappush(queue, (until_ms, BEFORE_ALL, 0, self.env.event()))  # so that there is always a next one
        while queue[0][0] < until_ms:  # as simpy.Environment.run, without a call per event
            env._now, _, _, event = heappop(queue)
            callbacks, event.callbacks = event.callbacks, None
            if len(callbacks) == 1:
                callbacks[0](event)
            else:
                self._alone = False  # whoever is resumed first must not let time pass for the others
                for callback in callbacks:
                    callback(event)
                self._alone = True
            if not event._ok and not hasattr(event, "_defused"):
                raise event._value
        heappop(queue)
        env._now = until_ms
        return not self.machine.enabled()

    def close(self) -> None:
        """Cut the references between events and processes, so that the run is freed at once, without the collector."""
        for live in self._live.values():
            target: simpy.Event | None = live.target
            if target is not None and target.callbacks:
                target.callbacks.clear()
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
        self._live[process] = Live(self.env, self._drive(process))

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
            over = False
            for waiter in waiters:
                if not waiter.over and waiter.process.alive and waiter.request.ready(get):
                    self._wake(waiter)
                over = over or waiter.over or not waiter.process.alive
            if over:
                waiters[:] = [waiter for waiter in waiters if not waiter.over and waiter.process.alive]
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
