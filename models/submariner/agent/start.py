"""Start of the agent.

Source: lighthouse ``main.go``, ``agent.go:Start``, ``service_import.go:start`` at 9d3c39e; docs/FACTS.md C12.
"""

from __future__ import annotations

from collections.abc import Generator
from typing import TYPE_CHECKING, Any

from models.kube.at_once import work_at_once
from models.kube.calls import UNREACHABLE
from models.kube.informer import reflect
from models.kube.objects import ENDPOINT_SLICES, SERVICE_IMPORTS, marks_of
from models.kube.syncer import Syncer, work
from models.node.container import ExitContainer
from models.releases.parts import CLEANS_AT_START, RESERVES_IPS
from models.submariner.agent.conflicts import check_conflicts
from models.submariner.agent.parts.per_cluster import delete_imports_without_local
from models.submariner.agent.reconcile import (
    delete_copies_without_aggregate,
    delete_exports_without_import,
    delete_exports_without_service,
    delete_imported_slices_without_origin,
    delete_imports_without_export,
    delete_own_slices_without_origin,
)
from models.submariner.names import BROKER_NAMESPACE
from sim.core import Request, Sleep, Stage, Start, Write, is_present

if TYPE_CHECKING:
    from models.submariner.agent.agent import LighthouseAgent
    from models.submariner.agent.base import Agent

Steps = Generator[Request, Any, None]


def main(agent: LighthouseAgent) -> Stage:
    """The main goroutine: syncers one after the other, each waiting for its cache, then the reconciles."""
    yield Sleep("agent-exec")
    if agent.ways.whole_binary:
        yield from connect(agent)
    if agent.namespaces is None:
        yield Start(agent.domain, "namespaces", list_namespaces, (agent,))
    else:
        yield Start(agent.domain, "namespaces", reflect, (agent.namespaces,))
    for syncer in (agent.exports, agent.services, agent.slices_out):
        yield from start_syncer(agent, syncer)
    yield from start_syncer(agent, agent.slices_in, wait=False)
    yield Start(agent.domain, "reconcile-a", delete_imported_slices_without_origin, (agent,))
    yield Start(agent.domain, "reconcile-b", delete_own_slices_without_origin, (agent,))
    if agent.queues_checks:
        yield Start(agent.domain, "conflicts/worker", check_conflicts, (agent.conflicts,))
    if agent.global_ips is not None:
        informer = agent.global_ips.informer
        yield Start(agent.domain, f"{informer.name}/informer", reflect, (informer,))
        yield informer.wait_for_sync()
    yield from fill_pool(agent)
    yield from start_syncer(agent, agent.local_imports)
    if agent.copies:
        yield from start_syncer(agent, agent.remote_imports)
    else:
        yield Start(agent.domain, f"{agent.remote_imports.name}/worker", work, (agent.remote_imports,))
    yield Start(agent.domain, agent.remote_imports.told_by, delete_copies_without_aggregate, (agent,))
    if agent.release.per_cluster:
        yield Start(agent.domain, "reconcile-imports", delete_imports_without_local, (agent,))
    if agent.release.does(CLEANS_AT_START):
        yield Start(agent.domain, "reconcile-d", delete_exports_without_import, (agent,))
    yield Start(agent.domain, "reconcile-e", delete_imports_without_export, (agent,))
    yield Start(agent.domain, "reconcile-f", delete_exports_without_service, (agent,))
    return None


def fill_pool(agent: LighthouseAgent) -> Steps:
    """The clusterset IP pool is rebuilt from a list (step 8); without IPs the call alone is made.

    The own cluster may lack aggregates whose namespace is gone there (R23); a proposal asks the broker as well.
    """
    part = marks_of if agent.ips else is_present
    lists = [agent.local.list(SERVICE_IMPORTS, SERVICE_IMPORTS, part=part)]
    if agent.ips and agent.release.does(RESERVES_IPS):
        lists.append(agent.broker.list(SERVICE_IMPORTS, SERVICE_IMPORTS, BROKER_NAMESPACE, part=part))
    for asked in lists:
        listed = yield asked
        if listed is UNREACHABLE:
            yield ExitContainer(agent.container, "the list for the clusterset IP pool failed")
        if agent.ips and listed:
            yield from agent.ips.reserve(listed)


def connect(agent: Agent) -> Steps:
    """Discovery and the broker probe (main.go)."""
    yield agent.local.call("discovery")
    yield agent.local.call("discovery")
    probed = yield agent.broker.get(ENDPOINT_SLICES, BROKER_NAMESPACE, "any")
    if probed is UNREACHABLE and agent.needs_certificate:
        # The client is tried without the broker's CA first; an error other than an unknown authority counts as
        # authorised, so the client stays without the CA (admiral #1363; FACTS C18).
        yield Write(agent.broker.link.cut, "x509: certificate signed by unknown authority")


def list_namespaces(agent: LighthouseAgent) -> Stage:
    """The namespace informer: it takes part in the client limiter; used where namespaces do not change."""
    yield agent.local.list("namespaces", "namespaces")
    return None


def start_syncer(agent: LighthouseAgent, syncer: Syncer, *, wait: bool = True) -> Steps:
    """Informer, cache, worker (``resource_syncer.go:Start``)."""
    yield Start(syncer.domain, f"{syncer.name}/informer", reflect, (syncer.informer,))
    if wait:
        yield syncer.informer.wait_for_sync()
    if syncer in agent.at_once:
        yield Start(syncer.domain, f"{syncer.name}/worker", work_at_once, (syncer, (agent.local, agent.broker)))
    else:
        yield Start(syncer.domain, f"{syncer.name}/worker", work, (syncer,))
