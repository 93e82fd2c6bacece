"""One agent does not hear of what happens: it cannot reach the broker, or the watch of one informer breaks."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, ClassVar, Literal, get_args

from models.faults.fault import ClusterOperation, Steps, positive
from models.kube.api_server import THE_END
from models.kube.informer import Informer
from models.kube.past import KeepPast, Past
from sim.core import BadInput, Cell, Get, Request, SleepUntil, Transaction, Value, Write

if TYPE_CHECKING:
    from models.submariner.agent.base import Agent
    from models.topology import Topology

Kind = Literal[
    "serviceexports",
    "services",
    "endpointslices",
    "serviceimports",
    "broker-endpointslices",
    "aggregates",
    "namespaces",
]


class Bar(Request, frozen=True):
    """From now on nothing gets through: ``barrier`` is set and the watches of the informers break."""

    barrier: Cell
    informers: tuple[Informer, ...]
    what: str

    def cells(self, get: Get, choice: Value) -> Iterable[Cell]:
        return (self.barrier, *(informer.stream for informer in self.informers))

    def carry_out(self, tx: Transaction, choice: Value) -> None:
        tx.put(self.barrier, True)
        for informer in self.informers:
            tx.offer(informer.stream, THE_END, THE_END)

    def words(self, choice: Value, response: Any) -> str:
        return self.what


class CutBroker(ClusterOperation, frozen=True, kw_only=True, tag="cut-broker", tag_field="fault"):
    """The agent of one cluster cannot reach the broker, which serves the others.

    ``watches``: whether its watches on the broker break (and are opened anew afterwards), or only its calls fail.
    """

    for_ms: float = 30_000.0
    watches: Literal["break", "stay"] = "break"
    name: ClassVar[str] = "cut-broker"
    is_fault: ClassVar[bool] = True
    lasts: ClassVar[bool] = True

    def check(self, topology: Topology) -> None:
        super().check(topology)
        positive(self.for_ms, "for_ms", self.name)

    def install(self, topology: Topology) -> None:
        agent = topology.cluster(self.cluster).agent
        for informer in _on_broker(agent):
            bar(informer, agent.metered().cut)

    def steps(self, topology: Topology) -> Steps:
        agent = topology.cluster(self.cluster).agent
        cut = agent.metered().cut
        broken = _on_broker(agent) if self.watches == "break" else ()
        yield Bar(cut, broken, f"the agent of {self.cluster} cannot reach the broker")
        yield SleepUntil(self.at_ms + self.for_ms)
        yield Write(cut, None)

    def words(self) -> str:
        return f"the broker is cut off from agent {self.cluster}"


class WatchGap(ClusterOperation, frozen=True, kw_only=True, tag="watch-gap", tag_field="fault"):
    """The watch of one informer breaks, and its list does not come through for a while (FACTS R13)."""

    kind: Kind
    for_ms: float = 1_000.0
    name: ClassVar[str] = "watch-gap"
    is_fault: ClassVar[bool] = True
    lasts: ClassVar[bool] = True

    def check(self, topology: Topology) -> None:
        super().check(topology)
        positive(self.for_ms, "for_ms", self.name)
        _check_kind(self.kind, topology, self.name)

    def install(self, topology: Topology) -> None:
        for informer in topology.cluster(self.cluster).agent.informers(self.kind):
            bar(informer, self._gap(topology))

    def _gap(self, topology: Topology) -> Cell:
        return topology.users.cell(f"gap of {self.cluster} {self.kind}")

    def steps(self, topology: Topology) -> Steps:
        agent, gap = topology.cluster(self.cluster).agent, self._gap(topology)
        yield Bar(gap, agent.informers(self.kind), f"the agent of {self.cluster} loses its watch of {self.kind}")
        yield SleepUntil(self.at_ms + self.for_ms)
        yield Write(gap, None)

    def words(self) -> str:
        return f"agent {self.cluster} misses what happens to {self.kind}"


class StaleList(ClusterOperation, frozen=True, kw_only=True, tag="stale-list", tag_field="fault"):
    """From now on the API server lags for one informer of the agent: the first list that it makes when the agent is
    started again shows what is so now, and what happens until then comes after it (FACTS R22).
    """

    kind: Kind
    name: ClassVar[str] = "stale-list"
    is_fault: ClassVar[bool] = True

    def check(self, topology: Topology) -> None:
        super().check(topology)
        _check_kind(self.kind, topology, self.name)

    def install(self, topology: Topology) -> None:
        for informer in topology.cluster(self.cluster).agent.informers(self.kind):
            if informer.past is None:
                informer.past = Past(topology.users, informer)

    def steps(self, topology: Topology) -> Steps:
        for informer in topology.cluster(self.cluster).agent.informers(self.kind):
            assert informer.past is not None
            yield KeepPast(informer.past)

    def unspent(self, topology: Topology, get: Get) -> str:
        found = topology.cluster(self.cluster).agent.informers(self.kind)
        waits = any(informer.past and get(informer.past.listed) is not None for informer in found)
        return f"{self.words()}: it made none" if waits else ""

    def words(self) -> str:
        return f"the next first list that agent {self.cluster} makes of {self.kind} shows what was so just then"


def _check_kind(kind: Kind, topology: Topology, what: str) -> None:
    if kind == "namespaces" and not topology.namespaces_change:
        raise BadInput(f"{what}: kind is namespaces", "a script that deletes or creates a namespace")


def informers_of(agent: Agent) -> list[Informer]:
    """All informers that an agent starts once."""
    return [informer for kind in get_args(Kind) for informer in agent.informers(kind)]


def _on_broker(agent: Agent) -> tuple[Informer, ...]:
    return (*agent.informers("broker-endpointslices"), *agent.informers("aggregates"))


def bar(informer: Informer, barrier: Cell) -> None:
    """Let a cell keep the informer from listing."""
    if barrier not in informer.barriers:
        informer.barriers = (*informer.barriers, barrier)
