"""Faults and operations: what a script can do to a world, each by its name, with parameters."""

from __future__ import annotations

from collections.abc import Generator, Iterable, Sequence
from typing import TYPE_CHECKING, Any, ClassVar

import msgspec

from models.hints import WITH_DATA_PLANE
from models.node.kernel import TABLES
from sim.core import BadInput, Cell, Get, Request, Transaction, Value, unknown

if TYPE_CHECKING:
    from models.cluster import Cluster
    from models.node.container import Container
    from models.submariner.agent.base import Agent
    from models.topology import Topology

Steps = Generator[Request, Any, None]


class Operation(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An entry of a script: what happens ``at_ms`` after the beginning. Subclasses are one file each."""

    at_ms: float
    name: ClassVar[str]
    is_fault: ClassVar[bool] = False
    restarts_agents: ClassVar[bool] = False
    changes_services: ClassVar[bool] = False
    """Whether exporters of a service may differ after it."""
    changes_namespaces: ClassVar[bool] = False
    """Whether namespaces come or go."""
    lasts: ClassVar[bool] = False
    """Whether what comes after it in a script may happen before it has ended."""

    counts_calls: ClassVar[bool] = False
    """Whether it counts API calls, which the services of a cluster share."""

    def span_ms(self) -> float | None:
        """How long it lasts at least, where that is given."""
        return getattr(self, "for_ms", None)

    def freezes(self) -> bool:
        """Whether calls may hang while it lasts."""
        return False

    def check(self, topology: Topology) -> None:
        """Check the parameters against a topology.

        Raises:
            BadInput: one of them names what there is not, or lies outside its bounds.
        """

    def install(self, topology: Topology) -> None:
        """Put in place what the operation needs and a world without it does not have."""

    def steps(self, topology: Topology) -> Steps:
        """The requests of the operation, whose parameters have been checked."""
        raise AssertionError
        yield

    def words(self) -> str:
        """The operation in words, for marks in pictures."""
        return self.name

    def unspent(self, topology: Topology, get: Get) -> str:
        """In the end: what the operation has waited for in vain, in words; empty if for nothing."""
        return ""


class ClusterOperation(Operation, frozen=True, kw_only=True):
    """An operation on one cluster."""

    cluster: str

    def check(self, topology: Topology) -> None:
        cluster_of(topology, self.cluster, self.name)


class SpendFault(Request, frozen=True):
    """Take one fault from the budget of the world; not ready when none is left."""

    budget: Cell
    fault: str

    def cells(self, get: Get, choice: Value) -> Iterable[Cell]:
        return (self.budget,)

    def ready(self, get: Get) -> bool:
        return bool(get(self.budget))

    def carry_out(self, tx: Transaction, choice: Value) -> None:
        tx.put(self.budget, tx.get(self.budget) - 1 or None)


GO, STOP = "go", "stop"


class Turn(Request, frozen=True):
    """Wait for the turn of an operation where there is no clock: until ``after`` operations before it are over.

    With ``may_stop`` the environment may as well do nothing more; that it stops is a choice like any other. With
    ``passes`` the next operation may begin as soon as this one has begun.
    """

    over: Cell
    after: int
    may_stop: bool
    passes: bool

    def cells(self, get: Get, choice: Value) -> Iterable[Cell]:
        return (self.over,)

    def ready(self, get: Get) -> bool:
        over = get(self.over) or 0
        return bool(over != STOP and over >= self.after)

    def choices(self, get: Get) -> Sequence[Value]:
        return (GO, STOP) if self.may_stop else (GO,)

    def carry_out(self, tx: Transaction, choice: Value) -> Value:
        if choice == STOP:
            tx.put(self.over, STOP)
        elif self.passes:
            tx.put(self.over, (tx.get(self.over) or 0) + 1)
        return choice

    def words(self, choice: Value, response: Any) -> str:
        return "the environment does nothing more" if choice == STOP else "the next operation may begin"

    def matters(self, response: Any) -> bool:
        return bool(response == STOP)


class Over(Request, frozen=True):
    """An operation is over: the turn of the next one comes."""

    over: Cell

    def words(self, choice: Value, response: Any) -> str:
        return "an operation is over"

    def cells(self, get: Get, choice: Value) -> Iterable[Cell]:
        return (self.over,)

    def carry_out(self, tx: Transaction, choice: Value) -> None:
        if tx.get(self.over) != STOP:
            tx.put(self.over, (tx.get(self.over) or 0) + 1)

    def matters(self, response: Any) -> bool:
        return False


def cluster_of(topology: Topology, name: str, what: str) -> Cluster:
    """The cluster that an operation names.

    Raises:
        BadInput: there is none.
    """
    for cluster in topology.clusters:
        if cluster.name == name:
            return cluster
    raise unknown(f"cluster (in {what})", name, [cluster.name for cluster in topology.clusters])


def container_of(topology: Topology, cluster: str, name: str, what: str, *, but: str = "") -> Container:
    """The container that an operation names, as in ``gateway`` or ``worker-node/route-agent``; ``but`` is one that it
    may not name.

    Raises:
        BadInput: there is none.
    """
    known = {each.name.split("/", 1)[1]: each for each in cluster_of(topology, cluster, what).containers}
    known.pop(but, None)
    if name not in known:
        if name in cluster_of(topology, cluster, what).of_data_plane():
            needs_data_plane(topology, f"{what}: container {name}")
        raise unknown(f"container (in {what})", name, known)
    return known[name]


def needs_data_plane(topology: Topology, what: str) -> None:
    """Check that what is only in the data plane is there.

    Raises:
        BadInput: the data plane is left out.
    """
    if not topology.data_plane:
        raise BadInput(f"{what}: the data plane is left out here", WITH_DATA_PLANE)


def agent_of(topology: Topology, name: str, what: str) -> Agent:
    """The agent of the cluster that an operation names."""
    return cluster_of(topology, name, what).agent


def positive(value: float, field: str, what: str) -> None:
    """Check a duration.

    Raises:
        BadInput: it is negative or not a number of ms.
    """
    if not 0 <= value < 1e9:
        raise BadInput(f"{what}: {field} is {value}", accepted="a number of ms between 0 and 1e9")


def known_tables(tables: tuple[str, ...], what: str) -> None:
    """Check the names of kernel tables.

    Raises:
        BadInput: one is not known.
    """
    for table in tables:
        if table not in TABLES:
            raise unknown(f"table (in {what})", table, TABLES)
