"""A monitor that repairs exports by itself: unexports and exports again what the aggregate does not name."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, ClassVar

from msgspec.structs import replace

from models.kube.api_server import UP
from models.kube.objects import SERVICE_EXPORTS
from sim.core import Become, Cell, Get, Pace, Request, Sleep, Stage, Transaction, Value

if TYPE_CHECKING:
    from models.exports import Export
    from models.topology import Topology


class Missing(Request, frozen=True):
    """Wait for a tick at which an export says Ready while the aggregate does not name its cluster."""

    topology: Topology
    export: Export
    pace: ClassVar[Pace] = Pace.WAIT
    immediate: ClassVar[bool] = False

    @property
    def period_ms(self) -> float:
        """How often the monitor looks."""
        return self.topology.monitor_period_ms

    def reads(self, get: Get, choice: Value) -> Iterable[Cell]:
        topology, export = self.topology, self.export
        apis = (topology.broker_api.up, topology.cluster(export.cluster).api.up)
        return (*apis, topology.export_cell(export), *topology.aggregate_cells(export.service_key))

    def ready(self, get: Get) -> bool:
        topology, export = self.topology, self.export
        stored = get(topology.export_cell(export))
        up = get(topology.broker_api.up) == UP and get(topology.cluster(export.cluster).api.up) == UP
        return bool(up and stored and stored.is_true("Ready")) and not topology.is_named(get, export)

    def carry_out(self, tx: Transaction, choice: Value) -> None:
        return None

    def words(self, choice: Value, response: object) -> str:
        return f"the monitor finds {self.export.service_key} of {self.export.cluster} missing on the broker"


def watch(topology: Topology, export: Export) -> Stage:
    """Watch one export; repair it by deleting its ServiceExport and making it again."""
    yield Missing(topology, export)
    client = topology.monitor_client(export)
    namespace, name = export.service_key.split("/")
    old = yield client.get(SERVICE_EXPORTS, namespace, name)
    if old:
        yield client.delete(SERVICE_EXPORTS, namespace, name)
        yield Sleep("monitor-pause")
        yield client.create(replace(old, created=old.created + 1_000))
        yield Sleep("monitor-pause")
    return Become(watch, (topology, export))
