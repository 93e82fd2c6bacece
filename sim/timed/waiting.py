"""What processes wait for in simulated time: calls under way, requests that are not ready, events that fire later."""

from __future__ import annotations

import math
from collections.abc import Callable, Generator
from heapq import heappush
from typing import Any

import simpy
from simpy.events import NORMAL, URGENT

from sim.core.cell import Domain
from sim.core.machine import Running
from sim.core.request import Link
from sim.core.timing import Timing
from sim.timed.delays import sampler
from sim.timed.limiter import TokenBucket

IDLE, THERE, BACK, NAP = range(4)


class Flight:
    """Where a process stands between two steps: what it waits for and until when."""

    __slots__ = ("at_ms", "back", "leave_ms", "leg", "response")

    back: Callable[[], float]

    def __init__(self) -> None:
        self.leg = IDLE
        self.leave_ms = self.at_ms = 0.0
        self.response: Any = None


class Waiter:
    """A process that waits for a request to become ready, in the lists of all the cells that decide it.

    A change is judged when it happens, so that one that does not matter wakes nobody. ``event`` is absent for a process
    that has been asleep since the run began; waking it makes its SimPy process.
    """

    __slots__ = ("event", "over", "process", "request", "start_ms")

    def __init__(self, process: Running, request: Any, start_ms: float, event: simpy.Event | None) -> None:
        self.process = process
        self.request = request
        self.start_ms = start_ms
        self.event = event
        self.over = False

    def tick(self, now_ms: float, at_least: int) -> float:
        """The first tick of the request's period from now on, counted from the start; now without a period."""
        period: float = self.request.period_ms
        if not period:
            return now_ms
        return self.start_ms + max(at_least, math.ceil((now_ms - self.start_ms) / period - 1e-9)) * period


class Asked:
    """A timing profile that remembers which delays were asked for."""

    def __init__(self, timing: Timing) -> None:
        self.back_offs = timing.back_offs
        self.limits = timing.limits
        self.asked: set[str] = set()
        self._timing = timing

    def delay(self, name: str) -> str:
        """The distribution of that name, as text."""
        self.asked.add(name)
        return self._timing.delay(name)


class Naps:
    """Draws of named delays, one stream for each domain and delay."""

    def __init__(self, timing: Asked, seed: int) -> None:
        self._timing = timing
        self._seed = seed
        self._draws: dict[tuple[Domain, str], Callable[[], float]] = {}

    def draw(self, domain: Domain, delay: str) -> float:
        """The next delay, in ms."""
        found = self._draws.get((domain, delay))
        if found is None:
            made = sampler(self._seed, f"{domain.name}/{delay}", self._timing.delay(delay))
            found = self._draws[domain, delay] = made
        return found()


class Prompt:
    """A call that waits for its server: looked at on every change, without a period."""

    period_ms, immediate = 0.0, True

    def __init__(self, request: Any) -> None:
        self.ready = request.ready
        self.reads = request.reads


class LinkState:
    """A link during a run: its samplers and its limiter."""

    __slots__ = ("back", "bucket", "there")

    def __init__(self, link: Link, timing: Asked, seed: int) -> None:
        self.there = sampler(seed, f"{link.name}/there", timing.delay(link.there))
        self.back = sampler(seed, f"{link.name}/back", timing.delay(link.back))
        self.bucket = TokenBucket(timing.limits[link.limiter]) if timing.limits.get(link.limiter) else None


class Pause(simpy.Event):
    """A simpy.Timeout that is made in a third of the time: it has no value and no delay to remember."""

    _ok, _value = True, None

    def __init__(self) -> None:
        self.callbacks = []


class Live(simpy.Process):
    """A simpy.Process without its checks, as it yields nothing but events to come; what it raises is raised at once."""

    def __init__(self, env: simpy.Environment, generator: Generator[simpy.Event, Any, None]) -> None:
        self.env = env
        self.callbacks = []
        self._generator = generator
        self._target = begin = Pause()
        begin.callbacks.append(self._resume)
        heappush(env._queue, (env._now, URGENT, next(env._eid), begin))

    def _resume(self, event: simpy.Event) -> None:
        env = self.env
        env._active_proc = self
        try:
            if event._ok:
                self._target = target = self._generator.send(event._value)
            else:
                self._target = target = self._generator.throw(event._value)
            target.callbacks.append(self._resume)
        except StopIteration:
            self._ok, self._value = True, None
            env.schedule(self)
        env._active_proc = None


def until(env: simpy.Environment, at_ms: float) -> Pause:
    """An event that fires at ``at_ms``, in the order in which a simpy.Timeout would."""
    made = Pause()
    heappush(env._queue, (at_ms, NORMAL, next(env._eid), made))
    return made


def pause(env: simpy.Environment, ms: float) -> Pause:
    """An event that fires in ``ms``."""
    return until(env, env._now + ms)


def fire(event: simpy.Event, after_ms: float) -> None:
    """Let an untriggered event fire later, as simpy.Timeout does with itself when it is made."""
    event._ok, event._value = True, None
    event.env.schedule(event, delay=after_ms)
