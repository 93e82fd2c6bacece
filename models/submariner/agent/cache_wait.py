"""What S3 and S4 wait for before they queue a check of ports, where a scenario asks for it as upstream has it.

Source: lighthouse ``endpoint_slice.go:enqueueForConflictCheck`` at 098cdcc (10 ms apart, at most 100 ms; whether the
object is in the cache, or is not, however old it is there); docs/FACTS.md C9 H10, R16.

Otherwise they wait until the cache has all that was written, as long as that takes: fewer orders, and no check that
looks at what is old.
"""

from __future__ import annotations

from collections.abc import Generator, Iterable
from typing import TYPE_CHECKING, ClassVar

from models.submariner.agent.time_limit import TimeLimit
from sim.core import Cell, Get, Request, Sleep, Transaction, Value, Wait

if TYPE_CHECKING:
    from models.submariner.agent.agent import LighthouseAgent


class InCache(Wait, frozen=True):
    """Wait until an object is in a store, or is gone from it, or it took too long."""

    entry: Cell
    gone: bool
    limit: TimeLimit
    period_ms: ClassVar[float] = 10.0

    def reads(self, get: Get, choice: Value) -> Iterable[Cell]:
        return (self.entry, self.limit.is_over)

    def writes(self, get: Get, choice: Value) -> Iterable[Cell]:
        return (self.limit.is_over,)

    def ready(self, get: Get) -> bool:
        return bool(get(self.limit.is_over)) or (get(self.entry) is None) == self.gone

    def carry_out(self, tx: Transaction, choice: Value) -> None:
        self.limit.end(tx)


def wait_for_cache(agent: LighthouseAgent, waits: str, key: str, *, gone: bool) -> Generator[Request, None, None]:
    """Wait for an EndpointSlice of the own cluster, 100 ms at most; ``waits`` is the syncer that does."""
    limit = TimeLimit(agent.domain, f"{waits}/wait", agent.domain.cell(f"{waits}/waited long"))
    yield limit.begin(Sleep("cache-wait"))
    yield InCache(agent.slices_out.informer.entry(key), gone, limit)
