"""S6, aggregate -> copy in the service's namespace.

Source: lighthouse ``service_import.go:onRemoteServiceImport`` at 9d3c39e; FACTS H12, H13.
"""

from __future__ import annotations

from collections.abc import Generator, Iterable
from typing import TYPE_CHECKING, Any

from msgspec.structs import replace

from models.kube.calls import UNREACHABLE
from models.kube.create_or_update import create_or_update, has_status, with_status_of
from models.kube.informer import Informer
from models.kube.objects import SERVICE_IMPORTS, ServiceImport, Terms, marks_of, terms_of
from models.kube.pending import LOOK, Operation
from models.kube.syncer import Enqueue, Handling, Syncer
from models.releases.parts import JOINS_AGAIN
from models.submariner.agent.aggregator import update_terms
from models.submariner.agent.conflicts import check_terms
from models.submariner.agent.parts.migrator import forget_legacy_import, legacy_cells, sync_legacy_import
from models.submariner.agent.parts.sharing import oldest
from models.submariner.names import BROKER_NAMESPACE, OPERATOR_NAMESPACE, local_import_name
from sim.core import Cell, Part, Read, Request, is_present

if TYPE_CHECKING:
    from models.submariner.agent.agent import LighthouseAgent


def namespace_of(obj: ServiceImport) -> str:
    """The namespace of the copy of an aggregate; empty for a per-cluster ServiceImport of before 0.15."""
    return obj.annotation.split("/", maxsplit=1)[0]


def copy_of(obj: ServiceImport) -> ServiceImport:
    """The copy of an aggregate."""
    namespace, name = obj.annotation.split("/")
    return ServiceImport(
        namespace=namespace, name=name, type=obj.type, ports=obj.ports, affinity=obj.affinity,
        affinity_config=obj.affinity_config, timestamps=obj.timestamps, clusters=obj.clusters,
        use_ip=obj.use_ip, ip=obj.ip, allocated_by=obj.allocated_by, unmarked=obj.unmarked,
    )  # fmt: skip


class RemoteImportSyncer(Syncer):
    """Keeps the copies of the aggregates. What reaches it through R-c by mistake deletes aggregates (#3188)."""

    told_by = "reconcile-c"

    def __init__(self, agent: LighthouseAgent) -> None:
        informer = Informer(
            agent.domain, "s6-remote-imports", agent.broker, SERVICE_IMPORTS, SERVICE_IMPORTS, BROKER_NAMESPACE,
            wait=agent.broker_watch,
        )  # fmt: skip
        super().__init__(informer, gone=marks_of, queueing=agent.release.queueing)
        self.agent = agent
        self.targets = agent.local.api
        self.resync_ms = agent.release.resync_ms
        compares = agent.release.conflicts.affinity and not agent.release.conflicts.of_all
        self._checks = agent.checks_conflicts and compares
        self._uses: Part = terms_of if self._checks else is_present

    def does_more(self) -> str:
        """What it does beside copying that others may depend on, in words; else empty."""
        agent, release = self.agent, self.agent.release
        reasons = {
            "S6 joins aggregates again": release.does(JOINS_AGAIN),
            "S6 keeps an import for each cluster": release.per_cluster,
            "S6 looks for conflicts": self._checks,
            "S6 gives IPs back": agent.ips,
            "S6 moves imports of before 0.15": agent.migrates,
        }
        return ", ".join(words for words, does in reasons.items() if does)

    def changed(self, obj: ServiceImport, *, is_create: bool) -> Handling:
        agent, key, release = self.agent, obj.annotation, self.agent.release
        if not key:  # an import of one cluster
            return (yield from self._of_one_cluster(obj, is_there=True))
        copy = copy_of(obj)
        drops = agent.ways.api_server_drops_empty_labels
        created = copy if drops else replace(copy, as_created=True)
        made = yield from create_or_update(agent.local, created, lambda _: copy, always_put=drops)
        if not made:
            return (yield from self.not_made(made, obj.key, copy.namespace))
        if not (release.migrate or self._checks or release.does(JOINS_AGAIN)):
            return (yield from self.made(copy.namespace))
        mine = yield Read(agent.local_imports.informer.entry(self._local_key(key)), self._uses)
        if mine and release.migrate and (yield from release.migrate(agent, key, obj.clusters)):
            return True
        if agent.cluster not in obj.clusters or (mine and self._checks and mine.type != obj.type):
            yield from self._join_again(key)
        if mine and self._checks and (yield from self._check(key, obj, mine)):
            return True
        return (yield from self.made(copy.namespace))

    def only_copies(self, key: str) -> bool:
        return not key.endswith(f"-{BROKER_NAMESPACE}")  # that is how R-c names an aggregate that it takes for a copy

    def made_of(self, obj: ServiceImport) -> Iterable[Cell]:
        agent, key = self.agent, obj.annotation
        yield from self.targets.written_cells(self.target(obj), SERVICE_IMPORTS, key.split("/")[0])
        yield agent.local_imports.informer.entry(self._local_key(key))
        if agent.release.migrate:
            yield from legacy_cells(agent, key)

    def target(self, obj: ServiceImport) -> Cell:
        return self.targets.object(SERVICE_IMPORTS, *obj.annotation.split("/"))

    def is_astray(self, obj: ServiceImport, made: ServiceImport | None) -> bool:
        if made is None:
            return True
        wanted = copy_of(obj)  # a status that is empty is not written
        return replace(made, as_created=False) != (wanted if has_status(wanted) else with_status_of(wanted, made))

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

    def deleted(self, obj: ServiceImport) -> Handling:
        if not obj.annotation:
            return (yield from self._of_one_cluster(obj, is_there=False))
        namespace, name = obj.annotation.split("/")
        if (yield self.agent.local.delete(SERVICE_IMPORTS, namespace, name)) is UNREACHABLE:
            return True
        if self.agent.ips:
            yield from self.agent.ips.release((obj.ip,))
        yield from self._join_again(obj.annotation)
        return False

    def _of_one_cluster(self, obj: ServiceImport, *, is_there: bool) -> Handling:
        """An import of one cluster: as there is one of each since 0.22, or as there was before 0.15."""
        agent, release = self.agent, self.agent.release
        if obj.legacy and release.migrate:
            return (yield from (sync_legacy_import if is_there else forget_legacy_import)(agent, obj))
        return (yield from release.per_cluster.seen(agent, obj.label)) if release.per_cluster else False

    def _join_again(self, key: str) -> Generator[Request, Any, None]:
        """Queue Distribute of a local ServiceImport whose cluster the aggregate does not name (a proposal's)."""
        agent = self.agent
        if not agent.release.does(JOINS_AGAIN):
            return
        mine = yield Read(agent.local_imports.informer.entry(self._local_key(key)), marks_of)
        if mine is not None:
            yield Enqueue(agent.local_imports, Operation(LOOK, mine))
