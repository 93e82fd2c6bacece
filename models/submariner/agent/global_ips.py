"""G, with globalnet: the watcher of GlobalIngressIPs, and who waits for one (FACTS C23, H1, H7).

Source: lighthouse ``global_ingressip_cache.go``, ``agent.go:getGlobalIP`` and
``service_endpoint_slices.go:getHeadlessEndpointAddresses`` at 9d3c39e.

A GlobalIngressIP is named after what it is for: the Service, or one endpoint of a headless one. Whoever looks for an IP
that is not there is queued again, once, when the object comes or changes. Without globalnet nothing of this exists.
"""

from __future__ import annotations

from collections.abc import Generator, Iterable
from typing import TYPE_CHECKING, Any

from models.kube.informer import Informer
from models.kube.objects import (
    GLOBAL_INGRESS_IPS,
    Condition,
    GlobalIngressIP,
    K8sEndpointSlice,
    Only,
    ServiceExport,
)
from models.kube.pending import CREATE, Operation
from models.kube.syncer import Syncer
from sim.core import Cell, Get, Request, Transaction, Value

if TYPE_CHECKING:
    from models.submariner.agent.agent import LighthouseAgent

UNAVAILABLE = "ServiceGlobalIPUnavailable"


class GlobalIps:
    """The cache of one agent; it is the handler of its own informer."""

    def __init__(self, agent: LighthouseAgent) -> None:
        self.agent = agent
        self.informer = Informer(
            agent.domain, "global-ingress-ips", agent.local, GLOBAL_INGRESS_IPS, GLOBAL_INGRESS_IPS
        )
        self.informer.handler = self

    def __repr__(self) -> str:
        return f"global IPs of {self.agent.cluster}"

    def waiting(self, key: str) -> Cell:
        """Who is to be queued again when the object of that key comes or changes: items of S1 and of S7."""
        return self.agent.domain.cell(f"awaits-global-ip/{key}")

    def syncer_of(self, obj: Any) -> Syncer:
        """Whose item it is: S1's for a ServiceExport, S7's for an EndpointSlice."""
        if isinstance(obj, ServiceExport):
            return self.agent.exports
        return self.agent.slice_controller(f"{obj.namespace}/{obj.service}", headless=True)

    # -- the informer's side ---------------------------------------------------------------------------------------

    def event_cells(self, get: Get, obj: GlobalIngressIP) -> Iterable[Cell]:
        out = [self.waiting(obj.key)]
        for each in get(self.waiting(obj.key)) or ():
            syncer = self.syncer_of(each)
            out += [*syncer.item_cells(each.key), syncer.informer.synced]
        return out

    def on_event(self, tx: Transaction, type_: str, old: Any, new: Any) -> None:
        if new is None:
            return
        waiting = self.waiting(new.key)
        for each in tx.get(waiting) or ():
            syncer = self.syncer_of(each)
            if tx.get(syncer.informer.synced):  # an S7 that was stopped takes nothing
                syncer.append(tx, Operation(CREATE, each))
        tx.put(waiting, None)

    # -- who asks --------------------------------------------------------------------------------------------------

    def of_service(self, export: ServiceExport) -> LookUp:
        """Look for the IP of a Service; answers with it, or with the reason why there is none."""
        return LookUp(self, f"{export.namespace}/{export.name}", Only()(export))

    def of_endpoints(self, slice_: K8sEndpointSlice) -> Generator[Request, Any, tuple[str, ...] | None]:
        """The IPs of all endpoints of a headless service; None, and S7 waits, while one is missing."""
        out = []
        for endpoint in slice_.endpoints:
            found = yield LookUp(self, f"{slice_.namespace}/{endpoint}", slice_)
            if isinstance(found, Condition):
                return None
            out.append(found)
        return tuple(out)


class LookUp(Request, frozen=True):
    """The allocated IP; or the condition Valid that says why there is none, and then the item waits for it."""

    ips: GlobalIps
    key: str
    item: Any

    def cells(self, get: Get, choice: Value) -> Iterable[Cell]:
        return (self.ips.informer.entry(self.key), self.ips.waiting(self.key))

    def carry_out(self, tx: Transaction, choice: Value) -> str | Condition:
        found = tx.get(self.ips.informer.entry(self.key))
        if found is not None and found.allocated:
            return str(found.allocated)
        cell = self.ips.waiting(self.key)
        others = [each for each in tx.get(cell) or () if each != self.item]
        tx.put(cell, tuple(sorted((*others, self.item), key=repr)))
        return Condition("Valid", "False", (found.reason if found else "") or UNAVAILABLE)
