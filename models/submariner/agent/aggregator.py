"""Updates of an aggregate that exists.

Source: lighthouse ``service_import_aggregator.go`` at 9d3c39e; docs/FACTS.md C8.
"""

from __future__ import annotations

from collections.abc import Generator
from typing import TYPE_CHECKING, Any

from msgspec.structs import replace

from models.kube.calls import CONFLICT, NOT_FOUND, Listed
from models.kube.create_or_update import TRIES, write_differences, write_status_last
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
from sim.core import Request, Sleep

if TYPE_CHECKING:
    from models.submariner.agent.agent import LighthouseAgent

Result = Generator[Request, Any, bool]
"""Yields requests, returns whether it went well; an absent aggregate counts as well (FACTS C8)."""


def update_terms(
    agent: LighthouseAgent, service_key: str, terms: Terms, ports: tuple[str, ...] | None = None
) -> Result:
    """The oldest exporter's session affinity is the aggregate's, and since 0.22 the ports that it gives; deletes an
    aggregate that names nobody.
    """
    for _ in range(TRIES):
        found = yield agent.broker.get(SERVICE_IMPORTS, BROKER_NAMESPACE, aggregate_name(service_key))
        if not found:
            return found is NOT_FOUND
        wanted = replace(found, affinity=terms.affinity, affinity_config=terms.affinity_config)
        if ports is not None:
            wanted = replace(wanted, ports=ports)
        done = yield from _write(agent, found, wanted)
        if done is not None:
            return done
        yield Sleep("conflict-retry")
    return False


def update_ports(agent: LighthouseAgent, service_key: str) -> Result:
    """``updateOnCreateOrUpdate``: recompute the ports, and in old releases add the exporter; deletes an aggregate that
    then names nobody.
    """
    for _ in range(TRIES):
        found = yield agent.broker.get(SERVICE_IMPORTS, BROKER_NAMESPACE, aggregate_name(service_key))
        if not found:
            return found is NOT_FOUND
        ports = yield from _ports(agent, found)
        if ports is None:
            return False
        wanted = replace(found, ports=ports)
        if agent.release.slice_sync.adds_exporter:
            wanted = replace(wanted, clusters=tuple(sorted({*found.clusters, agent.cluster})))
        done = yield from _write(agent, found, wanted)
        if done is not None:
            return done
        yield Sleep("conflict-retry")
    return False


def remove_exporter(agent: LighthouseAgent, service_key: str) -> Result:
    """``updateOnDelete``: remove the own cluster; nothing but the deletion of an empty aggregate if it is not named."""
    me = agent.cluster
    for _ in range(TRIES):
        found = yield agent.broker.get(SERVICE_IMPORTS, BROKER_NAMESPACE, aggregate_name(service_key))
        if not found:
            return found is NOT_FOUND
        wanted = found
        if me in found.clusters:
            clusters = tuple(cluster for cluster in found.clusters if cluster != me)
            wanted = replace(found, clusters=clusters, timestamps=tuple(t for t in found.timestamps if t[0] != me))
            ports = yield from _ports(agent, wanted)
            if ports is None:
                return False
            wanted = replace(wanted, ports=ports)
        elif found.clusters:
            return True
        done = yield from _write(agent, found, wanted, status_last=agent.release.does(STATUS_LAST))
        if done is not None:
            return done
        yield Sleep("conflict-retry")
    return False


def _ports(agent: LighthouseAgent, aggregate: ServiceImport) -> Generator[Request, Any, tuple[str, ...] | None]:
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
    agent: LighthouseAgent, found: Any, wanted: Any, *, status_last: bool = False
) -> Generator[Request, Any, bool | None]:
    """Delete (with precondition) if nobody is named, else write what differs; None to try again."""
    result: Any
    if not wanted.clusters:
        read = found if agent.release.deletes_with_precondition else None
        result = yield agent.broker.delete(SERVICE_IMPORTS, found.namespace, found.name, read=read)
        if result is NOT_FOUND:
            return True
    else:
        write = write_status_last if status_last else write_differences
        result = yield from write(agent.broker, found, wanted)
    if result is CONFLICT:
        return None
    return bool(result)
