"""One container is paused and resumed (cgroup freezer): its processes cannot notice (docs/FACTS.md C13)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, ClassVar

from models.faults.fault import Operation, Steps, container_of, positive
from models.node.container import Container
from sim.core import Cell, Get, Request, SleepUntil, Transaction, Value

if TYPE_CHECKING:
    from models.topology import Topology


class Freeze(Request, frozen=True):
    """Freeze or thaw a container."""

    container: Container
    frozen: bool

    def cells(self, get: Get, choice: Value) -> Iterable[Cell]:
        return (self.container.state,)

    def carry_out(self, tx: Transaction, choice: Value) -> None:
        (self.container.pause if self.frozen else self.container.resume)(tx)

    def words(self, choice: Value, response: Any) -> str:
        return f"{self.container.name} is {'paused' if self.frozen else 'resumed'}"


class Pause(Operation, frozen=True, kw_only=True, tag="pause", tag_field="fault"):
    """``container`` as in ``lighthouse-agent``, ``gateway``, ``coredns``, ``client``."""

    cluster: str
    container: str = "lighthouse-agent"
    for_ms: float = 5_000.0
    name: ClassVar[str] = "pause"
    is_fault: ClassVar[bool] = True
    lasts: ClassVar[bool] = True

    def check(self, topology: Topology) -> None:
        positive(self.for_ms, "for_ms", self.name)
        container_of(topology, self.cluster, self.container, self.name)

    def steps(self, topology: Topology) -> Steps:
        container = container_of(topology, self.cluster, self.container, self.name)
        yield Freeze(container, frozen=True)
        yield SleepUntil(self.at_ms + self.for_ms)
        yield Freeze(container, frozen=False)

    def words(self) -> str:
        return f"{self.container} {self.cluster} pauses"
