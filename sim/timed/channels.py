"""When the items of channels are due: the driver's side of watch streams and work queues."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from typing import Any

from sim.core.cell import Channel, Value
from sim.timed.delays import sampler
from sim.timed.waiting import Asked


class Due:
    """Due times of one channel, and the process that waits to take from it (``taker``, fired at ``fires_ms``)."""

    __slots__ = ("fires_ms", "taker")

    def __init__(self) -> None:
        self.taker: Any = None  # an event that fires, or a sleeper that wakes
        self.fires_ms = 0.0

    def clear(self) -> None:
        raise AssertionError


class StreamDue(Due):
    """First in, first out; each item comes a drawn latency after it was sent, and never before the one ahead of it."""

    __slots__ = ("_dues", "_latency")

    def __init__(self, latency: Callable[[], float]) -> None:
        super().__init__()
        self._dues: deque[float] = deque()
        self._latency = latency

    def clear(self) -> None:
        self._dues.clear()

    def arrive(self, now_ms: float, item: Value) -> float:
        due = now_ms + self._latency()
        if self._dues and self._dues[-1] > due:
            due = self._dues[-1]
        self._dues.append(due)
        return self._dues[0]

    def earliest(self) -> tuple[float, Value] | None:
        return (self._dues[0], None) if self._dues else None

    def take(self, item: Value) -> None:
        self._dues.popleft()

    def forget(self, item: Value) -> None: ...


class QueueDue(Due):
    """Keyed; a key that is added again keeps its earliest time (client-go ``util/workqueue`` delaying queue).

    Keys leave in the order of their times, however late a timer fires: whenever one does, all whose time has come
    leave (``delaying_queue.go:waitingLoop``). So the first of them leaves when any timer fires.
    """

    __slots__ = ("_added", "_delays", "_dues", "_late", "_ready")

    def __init__(self, delays: tuple[float, ...], late: Callable[[], float]) -> None:
        super().__init__()
        self._late = late
        self._ready: dict[Value, float] = {}
        self._dues: dict[Value, float] = {}
        self._added: dict[Value, int] = {}
        self._delays = delays

    def clear(self) -> None:
        self._ready.clear()
        self._dues.clear()
        self._added.clear()

    def arrive(self, now_ms: float, item: Value) -> float:
        times = self._added.get(item, 0)
        self._added[item] = times + 1
        ready = now_ms + self._delays[times if times < len(self._delays) else -1]
        due = ready + self._late()
        if ready < self._ready.get(item, ready + 1):
            self._ready[item] = ready
            self._dues[item] = due
        return self._dues[item]

    def earliest(self) -> tuple[float, Value] | None:
        if not self._ready:
            return None
        return min(self._dues.values()), min(self._ready, key=self._ready.__getitem__)

    def take(self, item: Value) -> None:
        del self._ready[item], self._dues[item]

    def forget(self, item: Value) -> None:
        self._added.pop(item, None)


def make_due(channel: Channel, timing: Asked, seed: int) -> StreamDue | QueueDue:
    """The due times of a channel, by its back-off if it is keyed, else by its delay."""
    if not channel.keyed:
        return StreamDue(sampler(seed, channel.name, timing.delay(channel.wait)))
    back_off = timing.back_offs[channel.wait]
    return QueueDue(back_off.delays, sampler(seed, f"{channel.name}/late", back_off.late))
