"""A client that looks a service up and connects to it once per second of simulated time.

A look that would see what the one before saw changes nothing, so it is not taken: the answer depends only on cells, and
the driver looks again at the first tick after one of them has changed.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, ClassVar

import msgspec

from models.node.container import Container
from models.submariner.coredns import EMPTY, NXDOMAIN
from sim.core import Become, Cell, Domain, Get, Pace, Request, Sleep, Stage, Start, Transaction, Value

if TYPE_CHECKING:
    from models.cluster import Cluster

LOOK_PERIOD_MS = 1000.0
NO_SERVER = "no DNS server"


class Seen(msgspec.Struct, frozen=True):
    """What a look saw: the cluster that DNS named, or why none; and whether the connection came about."""

    dns: str
    connected: bool

    @property
    def has_answer(self) -> bool:
        """Whether DNS named a cluster."""
        return self.dns not in (NXDOMAIN, EMPTY, NO_SERVER)


class Client:
    """The client pod of a cluster, on its worker node, and the services that it uses: those of other clusters."""

    def __init__(self, cluster: Cluster) -> None:
        self.cluster = cluster
        self.domain = Domain(f"{cluster.name}/client")
        self.container = Container(self.domain, cluster.node, main, (self,))
        self.services: tuple[str, ...] = ()
        self._seen: dict[str, Cell] = {}

    def __repr__(self) -> str:
        return f"client {self.cluster.name}"

    def seen(self, service_key: str) -> Cell:
        """What the last look at a service saw."""
        found = self._seen.get(service_key)
        if found is None:
            found = self._seen[service_key] = self.domain.cell(f"seen/{service_key}")
        return found

    def look(self, get: Get, service_key: str) -> Seen:
        """What a look would see now."""
        dns = self.cluster.dns
        if get(dns.container.state) != "running":
            return Seen(NO_SERVER, connected=False)
        target = dns.answer(get, service_key)
        if target in (NXDOMAIN, EMPTY):
            return Seen(target, connected=False)
        for cell in self.cluster.path_to(target):
            if not get(cell):
                return Seen(target, connected=False)
        return Seen(target, connected=True)

    def looked_at(self, service_key: str) -> tuple[Cell, ...]:
        """The cells that a look reads."""
        dns = self.cluster.dns
        paths = [cell for other in self.cluster.others for cell in self.cluster.path_to(other.name)]
        return (dns.container.state, dns.entry(service_key), dns.connected, self.seen(service_key), *paths)


class Look(Request, frozen=True):
    """Wait for the tick at which a look sees something new, and remember it."""

    client: Client
    service_key: str
    immediate: bool = False
    pace: ClassVar[Pace] = Pace.WAIT
    period_ms: ClassVar[float] = LOOK_PERIOD_MS

    def reads(self, get: Get, choice: Value) -> Iterable[Cell]:
        return self.client.looked_at(self.service_key)

    def writes(self, get: Get, choice: Value) -> Iterable[Cell]:
        return (self.client.seen(self.service_key),)

    def ready(self, get: Get) -> bool:
        return bool(self.client.look(get, self.service_key) != get(self.client.seen(self.service_key)))

    def carry_out(self, tx: Transaction, choice: Value) -> Seen:
        seen = self.client.look(tx.get, self.service_key)
        tx.put(self.client.seen(self.service_key), seen)
        return seen

    def words(self, choice: Value, response: Seen) -> str:
        who = f"client {self.client.cluster.name}"
        if not response.has_answer:
            return f"{who} asks DNS for {self.service_key}: {response.dns}"
        return f"{who} {'reaches' if response.connected else 'cannot reach'} {self.service_key} in {response.dns}"


def main(client: Client) -> Stage:
    """One process per service."""
    yield Sleep("client-start")
    for key in client.services:
        yield Start(client.domain, f"look/{key}", look, (client, key, True))
    return None


def look(client: Client, service_key: str, immediate: bool) -> Stage:
    """Look, once per second."""
    yield Look(client, service_key, immediate)
    return Become(look, (client, service_key, False))
