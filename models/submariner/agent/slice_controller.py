"""S7, one per exported service: Kubernetes' EndpointSlices -> lighthouse's.

Source: lighthouse ``service_endpoint_slices.go`` at 9d3c39e; FACTS H7.

Stopping it waits for the item in process and drops what waits in the queue (FACTS C10); where a script lets a call
hang, no longer than upstream does (:mod:`models.submariner.agent.draining`). The residue in the ready queue (FACTS R18)
is not modelled.
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
from models.submariner.agent.draining import Free, ItemIsOver, wait_until_drained
from models.submariner.agent.time_limit import TimeLimit
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

    def __init__(self, agent: LighthouseAgent, service_key: str, *, again: str = "") -> None:
        namespace, name = service_key.split("/")
        super().__init__(
            Informer(
                agent.domain,
                f"{self.label}{again}/{service_key}",
                agent.local,
                ENDPOINT_SLICES,
                k8s_slices(name),
                namespace,
            ),
            queueing=agent.release.queueing,
        )
        self.agent = agent
        self.service_key = service_key
        self.mark = f"{self.type}{again}"
        self.other: SliceController | None = None  # what is started while this one goes on after its stop
        self.entry = agent.domain.cell(f"endpoint-controllers/{service_key}")
        self.idle = agent.domain.cell(f"{self.name}/idle")

    @property
    def limit(self) -> TimeLimit:
        """How long a stop waits."""
        return TimeLimit(self.domain, f"{self.name}/deadline", self.domain.cell(f"{self.name}/too long"))

    @property
    def left(self) -> Cell:
        """Whether it goes on though it was stopped."""
        return self.domain.cell(f"{self.name}/left")

    def kept_cells(self, get: Get) -> list[Cell]:
        """The cells of what it holds."""
        keys = get(self.informer.keys) or ()
        return [self.informer.keys, *map(self.operations, keys), *map(self.informer.entry, keys)]

    def drop(self, tx: Transaction) -> None:
        """Forget what it holds."""
        for key in tx.get(self.informer.keys) or ():
            tx.put(self.informer.entry(key), None)
            tx.put(self.operations(key), None)
        tx.put(self.informer.keys, None)

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
        return [c.informer.stream, c.informer.synced, c.queue, c.idle, *c.kept_cells(get)]

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
            c.drop(tx)
            tx.stop(domain, f"{c.name}/worker")
        return idle


def start_controller(
    controller: SliceController, ports: tuple[str, ...], offered: Offered = NOTHING_MORE
) -> Generator[Request, Any, bool]:
    """Stop the previous one, start anew and wait for its cache (at least 100 ms). ``ports`` are the service's,
    ``offered`` what else is made of it. False if the release tries that again, as the previous one did not end in time.
    """
    running = yield Read(controller.entry)
    if running is not None:
        before = controller.agent.marked_controller(controller.service_key, running)
        if not (yield from stop_controller(before)) and controller.agent.release.retries_stops:
            return False
    if controller.other is not None and not (yield Free(controller, controller.other)):
        controller = controller.other
    yield Start(controller.domain, f"{controller.name}/informer", reflect, (controller.informer,))
    yield controller.informer.wait_for_sync()
    yield Write(controller.idle, True)
    more = (offered,) if offered != NOTHING_MORE else ()
    yield Start(controller.domain, f"{controller.name}/worker", work_controlled, (controller, ports, *more))
    yield from controller.reconcile()
    yield Write(controller.entry, controller.mark)
    return True


def stop_controller(controller: SliceController) -> Generator[Request, Any, bool]:
    """Stop it and wait for the item in process; one that it queues again is dropped, at the latest after one try. False
    if it did not end in time.
    """
    while not (yield Stop(controller)):
        if controller.other is None:
            yield Await(controller.idle)
        elif not (yield from wait_until_drained(controller)):
            return False
    return True


def work_controlled(controller: SliceController, ports: tuple[str, ...], offered: Offered = NOTHING_MORE) -> Stage:
    """The worker, which shows whether it is idle."""
    key = yield Take(controller.queue)
    yield Write(controller.idle, None)
    yield from handle(controller, key, ports=ports, offered=offered)
    if controller.other is None:
        yield Write(controller.idle, True)
    elif (yield ItemIsOver(controller)):
        return None
    more = (offered,) if offered != NOTHING_MORE else ()
    return Become(work_controlled, (controller, ports, *more))
