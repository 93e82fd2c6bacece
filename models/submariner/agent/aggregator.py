"""Updates of an aggregate that exists.

Source: lighthouse ``service_import_aggregator.go`` at 9d3c39e; docs/FACTS.md C8.
"""

from __future__ import annotations

from collections.abc import Callable, Generator
from typing import TYPE_CHECKING, Any

from msgspec.structs import replace

from models.kube.calls import CONFLICT, NOT_FOUND, Failure, Listed
from models.kube.create_or_update import retry_on_conflict, write_differences, write_status_last
from models.kube.objects import (
    CLUSTER_SET_IP,
    ENDPOINT_SLICES,
    LIGHTHOUSE_SLICES,
    SERVICE_IMPORTS,
    ServiceImport,
    Terms,
    ports_of,
)
from models.releases.parts import STATUS_LAST
from models.submariner.names import BROKER_NAMESPACE, aggregate_name
from sim.core import Request

if TYPE_CHECKING:
    from models.submariner.agent.base import Agent

Result = Generator[Request, Any, bool]
"""Yields requests, returns whether it went well; an absent aggregate counts as well (FACTS C8)."""
Changed = Generator[Request, Any, ServiceImport | None]
"""Yields requests, returns the aggregate as it is to be; None after an error."""


def update_terms(agent: Agent, service_key: str, terms: Terms, ports: tuple[str, ...] | None = None) -> Result:
    """The oldest exporter's session affinity is the aggregate's, and since 0.22 the ports that it gives; deletes an
    aggregate that names nobody.
    """

    def change(found: ServiceImport) -> Changed:
        wanted = replace(found, affinity=terms.affinity, affinity_config=terms.affinity_config)
        return wanted if ports is None else replace(wanted, ports=ports)
        yield

    return (yield from _update(agent, service_key, change))


def update_ports(agent: Agent, service_key: str) -> Result:
    """``updateOnCreateOrUpdate``: recompute the ports, and in old releases add the exporter; deletes an aggregate that
    then names nobody.
    """

    def change(found: ServiceImport) -> Changed:
        ports = yield from _ports(agent, found)
        if ports is None:
            return None
        wanted = replace(found, ports=ports)
        if agent.release.slice_sync.adds_exporter:
            wanted = replace(wanted, clusters=tuple(sorted({*found.clusters, agent.cluster})))
        return wanted

    return (yield from _update(agent, service_key, change))


def remove_exporter(agent: Agent, service_key: str) -> Result:
    """``updateOnDelete``: remove the own cluster; nothing but the deletion of an empty aggregate if it is not named."""
    me = agent.cluster

    def change(found: ServiceImport) -> Changed:
        if me not in found.clusters:
            return found
        clusters = tuple(cluster for cluster in found.clusters if cluster != me)
        wanted = replace(found, clusters=clusters, timestamps=tuple(t for t in found.timestamps if t[0] != me))
        ports = yield from _ports(agent, wanted)
        return None if ports is None else replace(wanted, ports=ports)

    return (yield from _update(agent, service_key, change, status_last=agent.release.does(STATUS_LAST)))


def _update(
    agent: Agent, service_key: str, change: Callable[[ServiceImport], Changed], *, status_last: bool = False
) -> Result:
    """Get the aggregate and write what differs (``util.Update``)."""

    def attempt() -> Generator[Request, Any, bool | Failure]:
        found = yield agent.broker.get(SERVICE_IMPORTS, BROKER_NAMESPACE, aggregate_name(service_key))
        if not found:
            return found is NOT_FOUND
        wanted = yield from change(found)
        if wanted is None:
            return False
        return (yield from _write(agent, found, wanted, status_last=status_last))

    return bool((yield from retry_on_conflict(attempt)))


def _ports(agent: Agent, aggregate: ServiceImport) -> Generator[Request, Any, tuple[str, ...] | None]:
    """The ports by the EndpointSlices of the service that the aggregate says it is of (``setServicePorts``): where two
    services share a name there (FACTS R8), that is another one than is handled.
    """
    rule = agent.release.ports
    if aggregate.type != CLUSTER_SET_IP or not rule.from_slices:
        return aggregate.ports
    of_it = {"service": aggregate.annotation}
    listed = yield agent.broker.list(ENDPOINT_SLICES, LIGHTHOUSE_SLICES, BROKER_NAMESPACE, of_it, ports_of)
    return rule.of_slices(aggregate.timestamps, listed.items) if isinstance(listed, Listed) else None


def _write(
    agent: Agent, found: Any, wanted: Any, *, status_last: bool = False
) -> Generator[Request, Any, bool | Failure]:
    """Delete (with precondition) if nobody is named, else write what differs; CONFLICT to try again."""
    result: Any
    if not wanted.clusters:
        read = found if agent.release.deletes_with_precondition else None
        result = yield agent.broker.delete(SERVICE_IMPORTS, found.namespace, found.name, read=read)
        if result is NOT_FOUND:
            return True
    else:
        write = write_status_last if status_last else write_differences
        result = yield from write(agent.broker, found, wanted)
    return CONFLICT if result is CONFLICT else bool(result)
