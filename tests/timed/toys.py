"""Building blocks of the tests of simulated time: a call, a timing of round numbers, and a driver that keeps a log."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any, ClassVar

from sim.core import Await, Call, Cell, Channel, Domain, Get, Link, SleepUntil, Stage, StageFunction, Transaction, Value
from sim.core.timing import BackOff, Delay, Limits, Timing
from sim.timed.driver import TimedDriver
from tests.core.toys import Fate

DELAYS = {
    "there": "constant 3",
    "back": "constant 4",
    "watch": "constant 2",
    "nap": "constant 100",
    "jitter": "uniform 0 10",
    "other jitter": "uniform 0 10",
}
TIMING = Timing(
    {name: Delay(text, "test") for name, text in DELAYS.items()},
    {"back-off": BackOff(50, 1000, "test")},
    {"client": Limits(5, 10, "test")},
)


class Ask(Call, frozen=True):
    """A call that counts in a cell of the server, which hangs while ``hung`` is true; the response is the count."""

    count: Cell
    hung: Cell

    def cells(self, get: Get, choice: Value) -> Iterable[Cell]:
        return (self.count, self.hung)

    def ready(self, get: Get) -> bool:
        return not get(self.hung)

    def carry_out(self, tx: Transaction, choice: Value) -> int:
        count: int = (tx.get(self.count) or 0) + 1
        tx.put(self.count, count)
        return count


class Tick(Await, frozen=True):
    """As Await, but first looked at after one period."""

    immediate: ClassVar[bool] = False


class Lab:
    """A driver with a recorded run; ``pod`` is where the observed processes live, ``world`` what surrounds them."""

    def __init__(self, seed: int = 0, *, eager: bool = False, timing: Timing = TIMING) -> None:
        self.pod, self.world, self.script = Domain("pod"), Domain("world"), Domain("script")
        self.cell, self.heard = self.world.cell("cell"), self.world.cell("heard")
        self.count, self.hung = self.world.cell("count"), self.world.cell("hung")
        self.link = Link("pod on server", self.pod, "there", "back", "client")
        self.queue = Channel("queue", self.pod, "back-off", keyed=True)
        self.stream = Channel("stream", self.pod, "watch", keyed=False)
        self.driver = TimedDriver(timing, seed, (self.cell, self.heard, self.count), record=True, eager=eager)
        self.machine = self.driver.machine

    def __repr__(self) -> str:
        return "lab"

    def ask(self) -> Ask:
        return Ask(self.link, self.count, self.hung)

    def start(self, name: str, function: StageFunction, *args: Any) -> None:
        self.machine.start(self.pod, name, function, *args)

    def plan(self, *plan: tuple[float, Any]) -> tuple[tuple[float, Any], ...]:
        """Times and requests; a text kills, freezes or thaws the pod."""
        return tuple((ms, Fate(what, self.pod) if isinstance(what, str) else what) for ms, what in plan)

    def at(self, *plan: tuple[float, Any]) -> Lab:
        """Let each request of a plan happen at its time."""
        self.machine.start(self.script, "script", follow, self.plan(*plan))
        return self

    def run(self, until_ms: float = 100_000.0) -> Lab:
        self.driver.run(until_ms)
        return self

    def log(self, process: str) -> list[float]:
        """When a process took its steps, in ms."""
        assert self.driver.steps is not None
        return [round(step.at_ms, 6) for step in self.driver.steps if step.process == process]

    def changes(self) -> list[tuple[float, str, Value]]:
        return [(round(at_ms, 6), cell.name, value) for at_ms, cell, value in self.driver.changes]


def follow(plan: Sequence[tuple[float, Any]]) -> Stage:
    for at_ms, request in plan:
        yield SleepUntil(at_ms)
        yield request
    return None


def each(*requests: Any) -> Callable[[], Stage]:
    """A process that makes these requests."""

    def stage() -> Stage:
        for request in requests:  # noqa: UP028  (a tuple takes no responses)
            yield request
        return None

    return stage
