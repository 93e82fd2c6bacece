"""What S3 and S4 wait for before they queue a check of ports, where a scenario asks for it as upstream has it.

Source: lighthouse ``endpoint_slice.go:enqueueForConflictCheck`` at 098cdcc (10 ms apart, at most 100 ms; whether the
object is in the cache, or is not, however old it is there); docs/FACTS.md C9 H10, R16.

Otherwise they wait until the cache has all that was written, as long as that takes: fewer orders, and no check that
looks at what is old.
"""

from __future__ import annotations

from collections.abc import Generator, Iterable
from typing import TYPE_CHECKING, ClassVar

from sim.core import Cell, Get, Pace, Request, Sleep, Stage, Start, Transaction, Value, Write

if TYPE_CHECKING:
    from models.submariner.agent.agent import LighthouseAgent


class InCache(Request, frozen=True):
    """Wait until an object is in a store, or is gone from it, or it took too long."""

    entry: Cell
    gone: bool
    too_long: Cell
    timer: str
    pace: ClassVar[Pace] = Pace.WAIT
    immediate: ClassVar[bool] = True
    period_ms: ClassVar[float] = 10.0

    def reads(self, get: Get, choice: Value) -> Iterable[Cell]:
        return (self.entry, self.too_long)

    def writes(self, get: Get, choice: Value) -> Iterable[Cell]:
        return (self.too_long,)

    def ready(self, get: Get) -> bool:
        return bool(get(self.too_long)) or (get(self.entry) is None) == self.gone

    def carry_out(self, tx: Transaction, choice: Value) -> None:
        tx.stop(self.too_long.domain, self.timer)
        tx.put(self.too_long, None)


def wait_for_cache(agent: LighthouseAgent, waits: str, key: str, *, gone: bool) -> Generator[Request, None, None]:
    """Wait for an EndpointSlice of the own cluster, 100 ms at most; ``waits`` is the syncer that does."""
    too_long, timer = agent.domain.cell(f"{waits}/waited long"), f"{waits}/wait"
    yield Start(agent.domain, timer, end_of_wait, (too_long,))
    yield InCache(agent.slices_out.informer.entry(key), gone, too_long, timer)


def end_of_wait(too_long: Cell) -> Stage:
    """What ends the wait."""
    yield Sleep("cache-wait")
    yield Write(too_long, True)
    return None
