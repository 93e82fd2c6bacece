"""S6, aggregate -> copy in the service's namespace.

Source: lighthouse ``service_import.go:onRemoteServiceImport`` at 9d3c39e; FACTS H12, H13.
"""

from __future__ import annotations

from collections.abc import Generator
from typing import TYPE_CHECKING, Any

from models.kube.calls import UNREACHABLE
from models.kube.create_or_update import create_or_update
from models.kube.informer import Informer
from models.kube.objects import SERVICE_IMPORTS, ServiceImport, Terms, marks_of, terms_of
from models.kube.syncer import LOOK, Enqueue, Handling, Operation, Syncer
from models.releases.parts import JOINS_AGAIN, NO_MIGRATION
from models.submariner.agent.aggregator import oldest, update_terms
from models.submariner.agent.conflicts import check_terms
from models.submariner.names import BROKER_NAMESPACE, OPERATOR_NAMESPACE, local_import_name
from sim.core import Part, Read, Request, Write, is_present

if TYPE_CHECKING:
    from models.submariner.agent.agent import LighthouseAgent


class RemoteImportSyncer(Syncer):
    """Keeps the copies of the aggregates. What reaches it through R-c by mistake deletes aggregates (#3188)."""

    def __init__(self, agent: LighthouseAgent) -> None:
        informer = Informer(
            agent.domain, "s6-remote-imports", agent.broker, SERVICE_IMPORTS, SERVICE_IMPORTS, BROKER_NAMESPACE,
            wait=agent.broker_watch,
        )  # fmt: skip
        super().__init__(informer, gone=marks_of)
        self.agent = agent
        self._uses: Part = terms_of if agent.checks_conflicts else is_present

    def changed(self, obj: ServiceImport, *, is_create: bool) -> Handling:
        agent, key = self.agent, obj.annotation
        if not key:  # a per-cluster ServiceImport of before 0.15
            return False
        namespace, name = key.split("/")
        copy = ServiceImport(
            namespace=namespace, name=name, type=obj.type, ports=obj.ports, affinity=obj.affinity,
            affinity_config=obj.affinity_config, timestamps=obj.timestamps, clusters=obj.clusters,
        )  # fmt: skip
        if not (yield from create_or_update(agent.local, copy, always_put=agent.ways.api_server_drops_empty_labels)):
            return True
        mine = yield Read(agent.local_imports.informer.entry(self._local_key(key)), self._uses)
        if mine and not agent.release.does(NO_MIGRATION) and (yield from self._migrate(key)):
            return True
        if agent.cluster not in obj.clusters:
            yield from self._join_again(key)
        return (yield from self._check(key, obj, mine)) if mine and agent.checks_conflicts else False

    def _local_key(self, key: str) -> str:
        return f"{OPERATOR_NAMESPACE}/{local_import_name(key, self.agent.cluster)}"

    def _check(self, key: str, obj: ServiceImport, mine: Terms) -> Handling:
        """The aggregate's session affinity is the oldest exporter's; then whether the own one differs."""
        agent = self.agent
        differs = (obj.affinity, obj.affinity_config) != (mine.affinity, mine.affinity_config)
        if oldest(obj.timestamps) == agent.cluster and differs and not (yield from update_terms(agent, key, mine)):
            return True
        yield from check_terms(agent, key, obj, mine)
        return False

    def _migrate(self, key: str) -> Handling:
        """Delete this cluster's import of before 0.15 from the broker, once per process and service (FACTS H12)."""
        agent = self.agent
        done = agent.domain.cell(f"migrated/{key}")
        name = local_import_name(key, agent.cluster)
        if not (yield Read(done)):
            gone = yield agent.broker.delete(SERVICE_IMPORTS, BROKER_NAMESPACE, name)
            if gone is UNREACHABLE:
                return True
            yield Write(done, True)
        return False

    def deleted(self, obj: ServiceImport) -> Handling:
        namespace, name = obj.annotation.split("/")
        if (yield self.agent.local.delete(SERVICE_IMPORTS, namespace, name)) is UNREACHABLE:
            return True
        yield from self._join_again(obj.annotation)
        return False

    def _join_again(self, key: str) -> Generator[Request, Any, None]:
        """Queue Distribute of a local ServiceImport whose cluster the aggregate does not name (a proposal's)."""
        agent = self.agent
        if not agent.release.does(JOINS_AGAIN):
            return
        mine = yield Read(agent.local_imports.informer.entry(self._local_key(key)), marks_of)
        if mine is not None:
            yield Enqueue(agent.local_imports, Operation(LOOK, mine))
