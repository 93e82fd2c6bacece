"""Hosts: what a restart of the machine stops, flushes and starts again (docs/FACTS.md D3)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

from models.kube.api_server import FROZEN, THE_END, UP, ApiServer
from models.node.container import Container
from models.node.kernel import Kernel
from models.node.kubelet import start
from sim.core import Cell, Domain, Get, Request, Sleep, Stage, Start, Transaction, Value, Write

if TYPE_CHECKING:
    from models.cluster import Cluster


class Host:
    """A machine that carries the nodes, and so the API servers, of some clusters."""

    def __init__(self, name: str, clusters: Sequence[Cluster]) -> None:
        self.name = name
        self.clusters = clusters
        self.domain = Domain(f"{name}/machine")

    def __repr__(self) -> str:
        return f"host {self.name}"

    def api_servers(self) -> list[ApiServer]:
        return [cluster.api for cluster in self.clusters]

    def containers(self) -> list[Container]:
        return [container for cluster in self.clusters for container in cluster.containers]

    def kernels(self) -> list[Kernel]:
        return [kernel for cluster in self.clusters for kernel in cluster.kernels]

    def domains(self) -> list[Domain]:
        """Everything that runs on the machine."""
        nodes = [cluster.node for cluster in self.clusters]
        return [*(api.server for api in self.api_servers()), *(c.domain for c in self.containers()), *nodes]


def cut_streams(tx: Transaction, api: ApiServer) -> None:
    """End every open watch on a server; whoever watches finds out and lists again."""
    for stream in api.all_streams():
        tx.offer(stream, THE_END, THE_END)


class StopHost(Request, frozen=True):
    """Power goes: processes, memory and kernel state are lost; storage stays; watches from elsewhere are cut."""

    host: Host

    def cells(self, get: Get, choice: Value) -> Iterable[Cell]:
        host = self.host
        domains = [*host.domains(), *(kernel.domain for kernel in host.kernels())]
        return [
            *(cell for domain in domains for cell in domain.cells),
            *(stream for api in host.api_servers() for stream in api.all_streams()),
        ]

    def carry_out(self, tx: Transaction, choice: Value) -> None:
        host = self.host
        for domain in [*host.domains(), *(kernel.domain for kernel in host.kernels())]:
            tx.kill(domain)
        for api in host.api_servers():
            cut_streams(tx, api)

    def words(self, choice: Value, response: Any) -> str:
        return f"host {self.host.name} goes down: containers and kernel tables are gone, etcd is kept"


class SuspendHost(Request, frozen=True):
    """Everything on the host stands still, and calls to its API servers hang; or it goes on where it stood."""

    host: Host
    is_over: bool = False

    def cells(self, get: Get, choice: Value) -> Iterable[Cell]:
        states = [container.state for container in self.host.containers()]
        return [*(api.up for api in self.host.api_servers()), *states]

    def carry_out(self, tx: Transaction, choice: Value) -> None:
        for api in self.host.api_servers():
            tx.put(api.up, UP if self.is_over else FROZEN)
        for container in self.host.containers():
            (container.resume if self.is_over else container.pause)(tx)
        for domain in self.host.domains():
            (tx.thaw if self.is_over else tx.freeze)(domain)

    def words(self, choice: Value, response: Any) -> str:
        if self.is_over:
            return f"host {self.host.name} resumes its containers; none of them starts anew"
        return f"host {self.host.name} suspends its containers"


class FlushTables(Request, frozen=True):
    """Remove tables from the kernels of a host's nodes, whoever may still believe in them (FACTS D4)."""

    host: Host
    tables: tuple[str, ...]

    def writes(self, get: Get, choice: Value) -> Iterable[Cell]:
        return [kernel.table(table) for kernel in self.host.kernels() for table in self.tables]

    def carry_out(self, tx: Transaction, choice: Value) -> None:
        for cell in self.writes(tx.get, None):
            tx.put(cell, None)

    def words(self, choice: Value, response: Any) -> str:
        return f"{', '.join(self.tables)} are flushed on host {self.host.name}"


def boot(host: Host) -> Stage:
    """The machine boots; then each cluster by itself."""
    yield Sleep("host-boot")
    for cluster in host.clusters:
        yield Start(cluster.node, "boot", boot_cluster, (cluster,))
    return None


def boot_cluster(cluster: Cluster) -> Stage:
    """The API server is a static pod; the kubelet knows of the other pods once it answers. They come in any order."""
    yield Sleep("api-server-start")
    yield Write(cluster.api.up, UP)
    for container in cluster.containers:
        yield Start(cluster.node, container.keeper, start, (cluster.api.up, container))
    return None
