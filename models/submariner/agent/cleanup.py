"""Uninstall: what the agent's binary does instead of starting, where the operator uninstalls Submariner (FACTS H15).

Source: lighthouse ``cleanup.go:Cleanup`` at 9d3c39e. Where the broker namespace lies on this cluster it is left alone,
but for what the cluster has put there; ServiceExports are the users'.
"""

from __future__ import annotations

from collections.abc import Generator
from typing import TYPE_CHECKING, Any

from models.kube.calls import Listed
from models.kube.objects import ENDPOINT_SLICES, LIGHTHOUSE_SLICES, SERVICE_IMPORTS, marks_of, origin_of
from models.submariner.agent.aggregator import remove_exporter
from models.submariner.agent.parts.migrator import end_legacy_export
from models.submariner.names import BROKER_NAMESPACE
from sim.core import Request

if TYPE_CHECKING:
    from models.submariner.agent.base import Agent

Steps = Generator[Request, Any, None]


def clean_up(agent: Agent) -> Steps:
    """Imports, then EndpointSlices here, then the own ones on the broker; an error ends it."""
    listed = yield agent.local.list(SERVICE_IMPORTS, SERVICE_IMPORTS, part=marks_of)
    if not isinstance(listed, Listed):
        return
    for found in listed.items:
        if found.namespace == BROKER_NAMESPACE:
            continue
        if found.label and not (yield from remove_exporter(agent, found.label)):
            return
        if found.label and (yield from end_legacy_export(agent, found)):
            return
        yield agent.local.delete(SERVICE_IMPORTS, found.namespace, found.name)
    listed = yield agent.local.list(ENDPOINT_SLICES, LIGHTHOUSE_SLICES, part=origin_of)
    for found in listed.items if isinstance(listed, Listed) else ():
        if found.namespace != BROKER_NAMESPACE:
            yield agent.local.delete(ENDPOINT_SLICES, found.namespace, found.name, LIGHTHOUSE_SLICES)
    own = {"source_cluster": agent.cluster}
    listed = yield agent.broker.list(ENDPOINT_SLICES, LIGHTHOUSE_SLICES, BROKER_NAMESPACE, own, origin_of)
    for found in listed.items if isinstance(listed, Listed) else ():
        yield agent.broker.delete(ENDPOINT_SLICES, BROKER_NAMESPACE, found.name, LIGHTHOUSE_SLICES)
