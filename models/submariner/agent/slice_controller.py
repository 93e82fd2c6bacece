"""S7, one per exported service: Kubernetes' EndpointSlices -> lighthouse's.

Source: lighthouse ``service_endpoint_slices.go`` at 9d3c39e; FACTS H7.

Stopping it waits for the item in process and drops what waits in the queue (FACTS C10); the residue in the ready
queue (FACTS R18) is not modelled.
"""

from __future__ import annotations

from collections.abc import Generator, Iterable
from functools import partial
from typing import TYPE_CHECKING, Any, ClassVar

import msgspec

from models.kube.calls import view
from models.kube.informer import Informer, reflect
from models.kube.objects import CLUSTER_IP, ENDPOINT_SLICES, HEADLESS, EndpointSlice, K8sEndpointSlice, k8s_slices
from models.kube.syncer import Handling, Syncer, handle
from models.node.container import Panic
from sim.core import (
    Await,
    Become,
    Cell,
    Get,
    Part,
    Read,
    Request,
    Stage,
    Start,
    Take,
    Transaction,
    Value,
    Write,
    reset,
)

if TYPE_CHECKING:
    from models.submariner.agent.agent import LighthouseAgent


class Offered(msgspec.Struct, frozen=True):
    """What a slice says of its service beside the ports: whether addresses that are not ready count, with globalnet the
    address of a ClusterIP service, and its ``detail``.
    """

    publish_not_ready: bool = False
    address: str = ""
    detail: str = ""


NOTHING_MORE = Offered()


class SliceController(Syncer):
    """Makes the EndpointSlice that stands for one exported ClusterIP service."""

    label: ClassVar[str] = "s7"
    type: ClassVar[str] = CLUSTER_IP

    def __init__(self, agent: LighthouseAgent, service_key: str) -> None:
        namespace, name = service_key.split("/")
        super().__init__(
            Informer(
                agent.domain, f"{self.label}/{service_key}", agent.local, ENDPOINT_SLICES, k8s_slices(name), namespace
            ),
            queueing=agent.release.queueing,
        )
        self.agent = agent
        self.service_key = service_key
        self.entry = agent.domain.cell(f"endpoint-controllers/{service_key}")
        self.idle = agent.domain.cell(f"{self.name}/idle")

    def item_cells(self, key: str) -> Iterable[Cell]:
        return (*super().item_cells(key), self.informer.synced)

    def requeue(self, tx: Transaction, key: str) -> None:
        """Once it is stopped, its queue takes nothing any more (FACTS C10)."""
        if tx.get(self.informer.synced):
            super().requeue(tx, key)

    def changed(
        self, obj: K8sEndpointSlice, *, is_create: bool, ports: tuple[str, ...] = (), offered: Offered = NOTHING_MORE
    ) -> Handling:
        return (yield from self._sync(obj, ports, offered))

    def deleted(self, obj: K8sEndpointSlice, ports: tuple[str, ...] = (), offered: Offered = NOTHING_MORE) -> Handling:
        return (yield from self._sync(obj, ports, offered))

    def _sync(self, obj: K8sEndpointSlice, ports: tuple[str, ...], offered: Offered) -> Handling:
        agent, key = self.agent, self.service_key
        namespace, name = key.split("/")
        backing = yield ReadStore(self.informer)
        wanted = EndpointSlice(
            namespace=namespace,
            name=f"{name}-",
            service=key,
            source_cluster=agent.cluster,
            ports=ports,
            ready=any(slice_.ready for slice_ in backing),
            labels=obj.labels,
            publish_not_ready=offered.publish_not_ready,
            endpoints=(offered.address,) if offered.address else (),
            detail=offered.detail,
        )
        identity = {"service": key, "source_cluster": agent.cluster}
        return (yield from self.distribute(wanted, identity))

    def distribute(self, wanted: EndpointSlice, identity: dict[str, str]) -> Handling:
        """Create or update the own EndpointSlice of this identity."""
        return (yield from self.agent.release.own_slices.distribute(self, wanted, identity))

    def panic(self) -> Generator[Request, Any, None]:
        """An error of the list is a typed nil that panics the agent (FACTS M6)."""
        yield Panic(self.agent.container, "the list of EndpointSlices failed")

    def reconcile(self) -> Generator[Request, Any, None]:
        """What is started beside the worker."""
        yield from ()


class ReadStore(Request, frozen=True):
    """All objects of an informer's store, or the part of each that the reader uses."""

    informer: Informer
    part: Part | None = None

    def reads(self, get: Get, choice: Value) -> Iterable[Cell]:
        return self.informer.cached_cells(get)

    def writes(self, get: Get, choice: Value) -> Iterable[Cell]:
        return ()

    def carry_out(self, tx: Transaction, choice: Value) -> tuple[Any, ...]:
        return tuple(self.informer.cached(tx.get, None if self.part is None else partial(view, tx, self.part)))


class Stop(Request, frozen=True):
    """Stop the informer, drop the queue, and the worker if it is idle; one that works ends after its item."""

    controller: SliceController

    def cells(self, get: Get, choice: Value) -> Iterable[Cell]:
        c = self.controller
        keys = get(c.informer.keys) or ()
        operations = [c.operations(key) for key in keys]
        return [c.informer.stream, c.informer.synced, c.informer.keys, c.queue, c.idle, *operations,
                *map(c.informer.entry, keys)]  # fmt: skip

    def carry_out(self, tx: Transaction, choice: Value) -> bool:
        c = self.controller
        domain, informer = c.domain, c.informer
        tx.stop(domain, f"{c.name}/informer")
        if c.type == HEADLESS:  # upstream's goroutine goes on, and queues where nobody takes
            tx.stop(domain, f"{c.name}/reconcile")
        reset(tx, informer.stream, is_open=False)
        tx.put(informer.synced, None)
        reset(tx, c.queue, is_open=False)
        idle = bool(tx.get(c.idle))
        if idle:  # else the item in process still reads the store
            for key in tx.get(informer.keys) or ():
                tx.put(informer.entry(key), None)
                tx.put(c.operations(key), None)
            tx.put(informer.keys, None)
            tx.stop(domain, f"{c.name}/worker")
        return idle


def start_controller(
    controller: SliceController, ports: tuple[str, ...], offered: Offered = NOTHING_MORE
) -> Generator[Request, Any, None]:
    """Stop the previous one, start anew and wait for its cache (at least 100 ms). ``ports`` are the service's,
    ``offered`` what else is made of it.
    """
    running = yield Read(controller.entry)
    if running is not None:
        before = controller.agent.slice_controller(controller.service_key, headless=running == HEADLESS)
        yield from stop_controller(before)
    yield Start(controller.domain, f"{controller.name}/informer", reflect, (controller.informer,))
    yield controller.informer.wait_for_sync()
    yield Write(controller.idle, True)
    more = (offered,) if offered != NOTHING_MORE else ()
    yield Start(controller.domain, f"{controller.name}/worker", work_controlled, (controller, ports, *more))
    yield from controller.reconcile()
    yield Write(controller.entry, controller.type)


def stop_controller(controller: SliceController) -> Generator[Request, Any, None]:
    """Stop it and wait for the item in process; one that it queues again is dropped, at the latest after one try."""
    while not (yield Stop(controller)):
        yield Await(controller.idle)


def work_controlled(controller: SliceController, ports: tuple[str, ...], offered: Offered = NOTHING_MORE) -> Stage:
    """The worker, which shows whether it is idle."""
    key = yield Take(controller.queue)
    yield Write(controller.idle, None)
    yield from handle(controller, key, ports=ports, offered=offered)
    yield Write(controller.idle, True)
    more = (offered,) if offered != NOTHING_MORE else ()
    return Become(work_controlled, (controller, ports, *more))
