"""A host restarts, in one of the ways of docs/FACTS.md D3."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Literal

from models.faults.fault import Operation, Steps, known_tables, positive
from models.node.host import FlushTables, StopHost, SuspendHost, boot
from models.node.kernel import RULES_AND_ROUTES
from sim.core import SleepUntil, Start, unknown

if TYPE_CHECKING:
    from models.topology import Topology


class HostReboot(Operation, frozen=True, kw_only=True, tag="host-reboot", tag_field="fault"):
    """``means``: restart (fresh containers), resume (frozen ones go on), resume-flushed (and the tables are gone)."""

    host: str
    means: Literal["restart", "resume", "resume-flushed"] = "restart"
    down_ms: float = 40_000.0
    tables: tuple[str, ...] = RULES_AND_ROUTES
    name: ClassVar[str] = "host-reboot"
    is_fault: ClassVar[bool] = True
    lasts: ClassVar[bool] = True
    restarts_agents: ClassVar[bool] = True

    def freezes(self) -> bool:
        return self.means != "restart"

    def check(self, topology: Topology) -> None:
        if self.host not in topology.hosts:
            raise unknown("host (in host-reboot)", self.host, topology.hosts)
        positive(self.down_ms, "down_ms", self.name)
        known_tables(self.tables, self.name)

    def steps(self, topology: Topology) -> Steps:
        host = topology.hosts[self.host]
        if self.means == "restart":
            yield StopHost(host)
            yield Start(host.domain, "boot", boot, (host,))
            return
        yield SuspendHost(host)
        yield SleepUntil(self.at_ms + self.down_ms)
        if self.means == "resume-flushed":
            yield FlushTables(host, self.tables)
        yield SuspendHost(host, is_over=True)

    def words(self) -> str:
        return "host reboots" if self.means == "restart" else f"host {self.means}s".replace("-flusheds", "s, flushed")
