"""The gateway: cables, the health checker's pinger and the Gateway object that users see.

Source: docs/FACTS.md D6, D7, D8 and D9. One gateway node per cluster, so the lease never changes hands; Endpoints are
not modelled: the local copies that they are survive every fault here (FACTS D10).
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, ClassVar

from models.kube.api_server import ApiServer
from models.kube.client import Client
from models.kube.create_or_update import create_or_update
from models.kube.objects import GATEWAYS, KubeObject
from models.node.container import Container, ExitContainer
from models.node.kernel import RULE_150, TABLE_150, XFRM, Install, Kernel
from models.submariner.names import OPERATOR_NAMESPACE
from sim.core import Become, Cell, Domain, Get, Link, Pace, Request, Sleep, Stage, Start, Transaction, Value

if TYPE_CHECKING:
    from collections.abc import Sequence

CONNECTED, CONNECTING, ERROR = "connected", "connecting", "error"
PING_PERIOD_MS = 1000.0
"""One probe a second (S:pkg/pinger/pinger.go at 5b70b1e4)."""
GATEWAY_PERIOD_MS = 5065.0
"""The period of 5 s and the 40 to 90 ms of work that the log of #3188 shows (FACTS D8)."""


class Gateway(KubeObject, frozen=True, kw_only=True):
    """The Gateway object: the status of each connection, by remote cluster."""

    kind: ClassVar[str] = GATEWAYS
    connections: tuple[tuple[str, str], ...] = ()


class GatewayPod:
    """The active gateway of a cluster."""

    def __init__(self, cluster: str, api: ApiServer, node: Domain, kernel: Kernel) -> None:
        self.cluster = cluster
        self.kernel = kernel
        self.domain = Domain(f"{cluster}/gateway")
        self.container = Container(self.domain, node, main, (self,))
        self.client = Client(Link(f"{cluster}/gateway on {api.name}", self.domain, "call", "call"), api)
        self.remotes: Sequence[GatewayPod] = ()
        self.published = self.domain.cell("published")

    def __repr__(self) -> str:
        return f"gateway {self.cluster}"

    def driver(self, remote: GatewayPod) -> Cell:
        """What the cable driver remembers of a cable; not looked at again in the kernel (FACTS D6)."""
        return self.domain.cell(f"cable/{remote.cluster}")

    def pinger(self, remote: GatewayPod) -> Cell:
        """The pinger's verdict, absent before the first."""
        return self.domain.cell(f"pinger/{remote.cluster}")

    def ping_path(self, remote: GatewayPod) -> tuple[Cell, ...]:
        """The tables that a probe between the two gateways needs."""
        return tuple(k.table(t) for k in (self.kernel, remote.kernel) for t in (XFRM, RULE_150, TABLE_150))

    def statuses(self, get: Get) -> tuple[tuple[str, str], ...]:
        """What the Gateway object is to say (``GatewaySyncer``, FACTS D8)."""
        out = []
        for remote in self.remotes:
            driver, pinger = get(self.driver(remote)), get(self.pinger(remote))
            if driver:
                out.append((remote.cluster, ERROR if pinger == ERROR else driver))
        return tuple(out)


def main(pod: GatewayPod) -> Stage:
    """Init reads the own Node; then cables one after the other, then the periodic work."""
    yield Sleep("gateway-start")
    if not (yield pod.client.call("get node")):
        yield ExitContainer(pod.container, "the API server does not answer")
        return None
    yield Start(pod.domain, "gateway-syncer", publish, (pod,))
    for remote in pod.remotes:
        yield Start(pod.domain, f"cable/{remote.cluster}", connect, (pod, remote))
        yield Start(pod.domain, f"pinger/{remote.cluster}", ping, (pod, remote, None))
    return None


def connect(pod: GatewayPod, remote: GatewayPod) -> Stage:
    """NAT discovery, then the tunnels; the driver says connected right after it asked for them."""
    yield Sleep("nat-discovery")
    yield SetCable(pod, remote)
    yield Sleep("tunnel-setup")
    yield Install(pod.kernel, XFRM)
    return None


class SetCable(Request, frozen=True):
    """The driver takes the cable up and believes it connected."""

    pod: GatewayPod
    remote: GatewayPod

    def writes(self, get: Get, choice: Value) -> Iterable[Cell]:
        return (self.pod.driver(self.remote),)

    def carry_out(self, tx: Transaction, choice: Value) -> None:
        tx.put(self.pod.driver(self.remote), CONNECTED)


class Probe(Request, frozen=True):
    """Wait for a tick at which the probe fares otherwise than ``before``; returns whether it was answered."""

    pod: GatewayPod
    remote: GatewayPod
    before: bool | None
    pace: ClassVar[Pace] = Pace.WAIT
    period_ms: ClassVar[float] = PING_PERIOD_MS
    immediate: ClassVar[bool] = False

    def reads(self, get: Get, choice: Value) -> Iterable[Cell]:
        return self.pod.ping_path(self.remote)

    def _answered(self, get: Get) -> bool:
        return all(get(cell) for cell in self.pod.ping_path(self.remote))

    def ready(self, get: Get) -> bool:
        return self._answered(get) is not self.before

    def carry_out(self, tx: Transaction, choice: Value) -> bool:
        return self._answered(tx.get)


class Judge(Request, frozen=True):
    """The pinger's verdict: connected after one answer, error if none came for six probes."""

    pod: GatewayPod
    remote: GatewayPod

    def reads(self, get: Get, choice: Value) -> Iterable[Cell]:
        return self.pod.ping_path(self.remote)

    def writes(self, get: Get, choice: Value) -> Iterable[Cell]:
        return (self.pod.pinger(self.remote),)

    def carry_out(self, tx: Transaction, choice: Value) -> bool:
        answered = all(tx.get(cell) for cell in self.pod.ping_path(self.remote))
        tx.put(self.pod.pinger(self.remote), CONNECTED if answered else ERROR)
        return answered

    def words(self, choice: Value, response: object) -> str:
        verdict = CONNECTED if response else ERROR
        return f"gateway {self.pod.cluster} judges its connection to {self.remote.cluster}: {verdict}"


def ping(pod: GatewayPod, remote: GatewayPod, before: bool | None) -> Stage:
    """Probe once a second; the sixth unanswered one makes an error (``pinger.go``, FACTS D9)."""
    answered = yield Probe(pod, remote, before)
    if not answered:
        yield Sleep("ping-loss-window")
    return Become(ping, (pod, remote, (yield Judge(pod, remote))))


class Unpublished(Request, frozen=True):
    """Wait for a cycle at which the Gateway object would say something else than last published."""

    pod: GatewayPod
    pace: ClassVar[Pace] = Pace.WAIT
    period_ms: ClassVar[float] = GATEWAY_PERIOD_MS
    immediate: ClassVar[bool] = False

    def reads(self, get: Get, choice: Value) -> Iterable[Cell]:
        pod = self.pod
        memory = [cell(remote) for remote in pod.remotes for cell in (pod.driver, pod.pinger)]
        return [pod.published, *memory]

    def ready(self, get: Get) -> bool:
        return bool(self.pod.statuses(get) != get(self.pod.published))

    def carry_out(self, tx: Transaction, choice: Value) -> tuple[tuple[str, str], ...]:
        return self.pod.statuses(tx.get)


class Published(Request, frozen=True):
    """Remember what the API server took."""

    pod: GatewayPod
    statuses: tuple[tuple[str, str], ...]

    def writes(self, get: Get, choice: Value) -> Iterable[Cell]:
        return (self.pod.published,)

    def carry_out(self, tx: Transaction, choice: Value) -> None:
        tx.put(self.pod.published, self.statuses)


def publish(pod: GatewayPod) -> Stage:
    """The GatewaySyncer: writes the Gateway object; a cycle that would write the same is not looked at."""
    statuses = yield Unpublished(pod)
    gateway = Gateway(namespace=OPERATOR_NAMESPACE, name=pod.kernel.node, connections=statuses)
    if (yield from create_or_update(pod.client, gateway)):
        yield Published(pod, statuses)
    return Become(publish, (pod,))
