"""S4, other clusters' EndpointSlices <- broker.

Source: lighthouse ``endpoint_slice.go:onRemoteEndpointSlice`` at 9d3c39e; FACTS H10.
"""

from __future__ import annotations

from collections.abc import Generator, Iterable
from typing import TYPE_CHECKING, Any

import msgspec
from msgspec.structs import replace

from models.kube.api_server import DELETED
from models.kube.calls import UNREACHABLE
from models.kube.create_or_update import create_or_update
from models.kube.informer import Informer
from models.kube.objects import ENDPOINT_SLICES, LIGHTHOUSE_SLICES, EndpointSlice, origin_of
from models.kube.syncer import Handling, Syncer
from models.releases.parts import REFRESHES_SLICES
from models.submariner.agent.conflicts import queue_check
from models.submariner.names import BROKER_NAMESPACE
from sim.core import Cell, Get, Request, Transaction, is_present

if TYPE_CHECKING:
    from models.submariner.agent.agent import LighthouseAgent


class KeepsForeign(msgspec.Struct, frozen=True):
    """Other clusters' EndpointSlices, and of this cluster's where they are from."""

    cluster: str

    def __call__(self, obj: EndpointSlice | None) -> EndpointSlice | None:
        return obj if obj and obj.cluster_id and obj.cluster_id != self.cluster else origin_of(obj)


def namespace_of(obj: EndpointSlice) -> str:
    """The namespace that it is copied into."""
    return obj.service.split("/", maxsplit=1)[0]


def _imported(obj: EndpointSlice) -> EndpointSlice:
    """An imported slice, once it was updated."""
    return replace(obj, namespace=namespace_of(obj), generate_name=False)


class IncomingSlices(Syncer):
    """Copies other clusters' EndpointSlices from the broker into the service's namespace."""

    def __init__(self, agent: LighthouseAgent) -> None:
        informer = Informer(
            agent.domain, "s4-slices-in", agent.broker, ENDPOINT_SLICES, LIGHTHOUSE_SLICES, BROKER_NAMESPACE,
            wait=agent.broker_watch, keeps=KeepsForeign(agent.cluster),
        )  # fmt: skip
        super().__init__(informer, gone=origin_of, queueing=agent.release.queueing)
        self.agent = agent
        self.targets = agent.local.api
        self.resync_ms = agent.release.resync_ms
        self._refreshes = agent.release.does(REFRESHES_SLICES)

    def is_foreign(self, obj: EndpointSlice) -> bool:
        """RemoteToLocal: only what another cluster sent."""
        return bool(obj.cluster_id) and obj.cluster_id != self.agent.cluster

    def on_event(self, tx: Transaction, type_: str, old: Any, new: Any) -> None:
        if type_ is DELETED and self._refreshes and old.cluster_id == self.agent.cluster:
            key = self._origin_key(old)
            if tx.view(self.agent.slices_out.informer.entry(key), is_present):
                tx.append(self.agent.slices_out.queue, key)
        super().on_event(tx, type_, old, new)

    def event_cells(self, get: Get, obj: Any) -> Iterable[Cell]:
        cells = super().event_cells(get, obj)
        if not self._refreshes or obj.cluster_id != self.agent.cluster:
            return cells
        outgoing = self.agent.slices_out
        return [*cells, outgoing.informer.entry(self._origin_key(obj)), outgoing.queue]

    def _origin_key(self, obj: EndpointSlice) -> str:
        """The key of an own EndpointSlice in its cluster."""
        return f"{namespace_of(obj)}/{obj.name}"

    def wants(self, obj: EndpointSlice) -> bool:
        return self.is_foreign(obj)

    def changed(self, obj: EndpointSlice, *, is_create: bool) -> Handling:
        namespace = namespace_of(obj)
        wanted = replace(obj, namespace=namespace)
        touched = _imported(obj)
        result = yield from create_or_update(self.agent.local, wanted, lambda _: touched)
        if not result:
            return (yield from self.not_made(result, obj.key, namespace))
        yield from self._check(obj, gone=False)
        return (yield from self.made(namespace))

    def does_more(self) -> str:
        """What it does beside copying that others may depend on, in words; else empty."""
        reasons = {"S4 looks for conflicts": self.agent.queues_checks, "S4 refreshes EndpointSlices": self._refreshes}
        return ", ".join(words for words, does in reasons.items() if does)

    def only_copies(self, key: str) -> bool:
        return True

    def made_of(self, obj: EndpointSlice) -> Iterable[Cell]:
        return self.targets.written_cells(self.target(obj), LIGHTHOUSE_SLICES, namespace_of(obj))

    def target(self, obj: EndpointSlice) -> Cell:
        return self.targets.object(ENDPOINT_SLICES, obj.service.split("/")[0], obj.name)

    def is_astray(self, obj: EndpointSlice, made: EndpointSlice | None) -> bool:
        return made is None or replace(made, generate_name=False) != _imported(obj)

    def deleted(self, obj: EndpointSlice) -> Handling:
        namespace = namespace_of(obj)
        gone = yield self.agent.local.delete(ENDPOINT_SLICES, namespace, obj.name, LIGHTHOUSE_SLICES)
        if gone is UNREACHABLE:
            return True
        yield from self._check(obj, gone=True)
        return False

    def _check(self, obj: EndpointSlice, *, gone: bool) -> Generator[Request, Any, None]:
        if self.agent.queues_checks:
            yield from queue_check(self.agent, obj, self, gone=gone)
