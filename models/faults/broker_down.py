"""The broker's API server does not answer for a while; its storage is kept."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, ClassVar

from models.faults.fault import Operation, Steps, positive
from models.kube.api_server import UP, ApiServer
from models.node.host import cut_streams
from sim.core import Cell, Get, Request, SleepUntil, Transaction, Value

if TYPE_CHECKING:
    from models.topology import Topology


class StopApi(Request, frozen=True):
    """The API server goes down; watches are cut."""

    api: ApiServer

    def cells(self, get: Get, choice: Value) -> Iterable[Cell]:
        return (self.api.up, *self.api.all_streams())

    def carry_out(self, tx: Transaction, choice: Value) -> None:
        tx.put(self.api.up, None)
        cut_streams(tx, self.api)

    def words(self, choice: Value, response: Any) -> str:
        return f"the API server of {self.api.name} goes down"


class StartApi(Request, frozen=True):
    """The API server answers again."""

    api: ApiServer

    def cells(self, get: Get, choice: Value) -> Iterable[Cell]:
        return (self.api.up,)

    def carry_out(self, tx: Transaction, choice: Value) -> None:
        tx.put(self.api.up, UP)

    def words(self, choice: Value, response: Any) -> str:
        return f"the API server of {self.api.name} answers again"


class BrokerDown(Operation, frozen=True, kw_only=True, tag="broker-down", tag_field="fault"):
    """Where the broker is co-located, its cluster's own agent loses its API server as well."""

    for_ms: float = 30_000.0
    name: ClassVar[str] = "broker-down"
    is_fault: ClassVar[bool] = True
    lasts: ClassVar[bool] = True

    def check(self, topology: Topology) -> None:
        positive(self.for_ms, "for_ms", self.name)

    def steps(self, topology: Topology) -> Steps:
        yield StopApi(topology.broker_api)
        yield SleepUntil(self.at_ms + self.for_ms)
        yield StartApi(topology.broker_api)

    def words(self) -> str:
        return "broker API goes down"
