"""Conflicts between exporters of one service: what an agent finds of type, session affinity and ports.

Source: lighthouse ``service_import.go:checkConflicts``, ``endpoint_slice.go:checkForConflicts`` at 9d3c39e; FACTS H5,
H11, H12, C20.

Nothing of this does anything where all exporters of every service agree and nobody changes a Service: then a topology
leaves it out (``checks_conflicts``), and a search says so.
"""

from __future__ import annotations

from collections.abc import Generator, Mapping
from typing import TYPE_CHECKING, Any

import msgspec

from models.kube.objects import EndpointSlice, ServiceImport, Terms
from models.kube.work_queue import KeyIsDone
from models.submariner.agent.cache_wait import wait_for_cache
from models.submariner.agent.conditions import (
    CONFLICTING_AFFINITY,
    CONFLICTING_AFFINITY_CONFIG,
    CONFLICTING_PORTS,
    CONFLICTING_TYPE,
    EXPORT_FAILED,
    reasons_of,
    set_conflicts,
)
from models.submariner.agent.slice_controller import ReadStore
from models.submariner.names import BROKER_NAMESPACE, aggregate_name
from sim.core import Become, Cell, Channel, Get, Read, Request, Stage, Take, Transaction, Value, Wait, is_present

if TYPE_CHECKING:
    from collections.abc import Iterable

    from models.kube.informer import Informer
    from models.kube.syncer import Syncer
    from models.submariner.agent.agent import LighthouseAgent

Steps = Generator[Request, Any, None]


def check_terms(
    agent: LighthouseAgent, service_key: str, aggregate: Any, mine: Terms | ServiceImport,
    more: Mapping[str, bool] | None = None,
) -> Steps:  # fmt: skip
    """``checkConflicts``: the local session affinity and its config against the aggregate's, and what else differs."""
    differs = {
        CONFLICTING_AFFINITY: aggregate.affinity != mine.affinity,
        CONFLICTING_AFFINITY_CONFIG: aggregate.affinity_config != mine.affinity_config,
        **(more or {}),
    }
    add = tuple(reason for reason, is_so in differs.items() if is_so)
    clear = tuple(reason for reason, is_so in differs.items() if not is_so)
    yield from change_reasons(agent, service_key, add, clear)


def check_type(agent: LighthouseAgent, service_key: str, aggregate: Any, mine: ServiceImport) -> Steps:
    """The part of ``Distribute`` about the type: a conflict ends the export, and is not tried again (FACTS R11)."""
    if aggregate.type != mine.type:
        yield from set_conflicts(agent.local, service_key, (CONFLICTING_TYPE,), (), EXPORT_FAILED)
    else:
        yield from change_reasons(agent, service_key, (), (CONFLICTING_TYPE,))


def change_reasons(agent: LighthouseAgent, service_key: str, add: tuple[str, ...], clear: tuple[str, ...]) -> Steps:
    """Write what is found; what is to be cleared is looked for in the cache first (FACTS R16)."""
    cached = yield Read(agent.exports.informer.entry(service_key), reasons_of)
    remove = tuple(reason for reason in clear if reason in cached)
    if add or remove:
        yield from set_conflicts(agent.local, service_key, add, remove)


# -- the queue Q -------------------------------------------------------------------------------------------------------


class ConflictChecker:
    """The queue "ConflictChecker" and its worker; keys are services."""

    def __init__(self, agent: LighthouseAgent) -> None:
        self.agent = agent
        self.domain = agent.domain
        self.queue = Channel("conflicts/queue", agent.domain, agent.release.queueing.back_off, keyed=True)

    def __repr__(self) -> str:
        return f"conflict checker {self.domain.name}"


class CaughtUp(Wait, frozen=True):
    """Wait until an informer's store has everything that was written.

    Upstream polls for the one object, for at most 100 ms; that this is long enough is an assumption (FACTS R16), unless
    a scenario asks for less (:mod:`models.submariner.agent.cache_wait`).
    """

    informer: Informer

    def reads(self, get: Get, choice: Value) -> Iterable[Cell]:
        return (self.informer.stream,)

    def ready(self, get: Get) -> bool:
        return not get(self.informer.stream)


def queue_check(agent: LighthouseAgent, obj: EndpointSlice, waits: Syncer, *, gone: bool = False) -> Steps:
    """Queue a service for a check of its ports, once the cache has the EndpointSlice that a syncer has written, or
    deleted.
    """
    service_key = obj.service
    if agent.waits_briefly:
        key = f"{service_key.split('/', maxsplit=1)[0]}/{obj.name}"
        yield from wait_for_cache(agent, waits.name, key, gone=gone)
    else:
        yield CaughtUp(agent.slices_out.informer)
    yield QueueCheck(agent.conflicts, service_key)


class QueueCheck(Request, frozen=True):
    """Queue a service for a check of its ports."""

    checker: ConflictChecker
    service_key: str

    def cells(self, get: Get, choice: Value) -> Iterable[Cell]:
        return (self.checker.queue,)

    def carry_out(self, tx: Transaction, choice: Value) -> None:
        tx.append(self.checker.queue, self.service_key)


class Offer(msgspec.Struct, frozen=True):
    """The part of an EndpointSlice that a check of ports looks at."""

    service: str
    namespace: str
    ports: tuple[str, ...]


def offer_of(found: EndpointSlice | None) -> Offer | None:
    """What a cluster offers of a service."""
    return Offer(found.service, found.namespace, tuple(sorted(found.ports))) if found else None


def check_conflicts(checker: ConflictChecker) -> Stage:
    """The worker of Q."""
    key = yield Take(checker.queue)
    again = yield from _check_ports(checker.agent, key)
    yield KeyIsDone(checker.queue, key, again)
    return Become(check_conflicts, (checker,))


def _check_ports(agent: LighthouseAgent, service_key: str) -> Generator[Request, Any, bool]:
    """H11: the ports of all EndpointSlices of the cache; True if it is to be looked at again."""
    if not (yield Read(agent.exports.informer.entry(service_key), is_present)):
        return False
    namespace = service_key.split("/", maxsplit=1)[0]
    offers = yield ReadStore(agent.slices_out.informer, offer_of)
    ports = {offer.ports for offer in offers if offer.service == service_key and offer.namespace == namespace}
    if len(ports) <= 1:
        yield from change_reasons(agent, service_key, (), (CONFLICTING_PORTS,))
        return False
    aggregate = f"{BROKER_NAMESPACE}/{aggregate_name(service_key)}"
    if not (yield Read(agent.remote_imports.informer.entry(aggregate), is_present)):
        return True
    yield from set_conflicts(agent.local, service_key, (CONFLICTING_PORTS,), (), rewrites=agent.rewrites)
    return False
