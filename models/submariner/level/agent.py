"""The agent of one cluster that has one reconcile for each service: its watches, its queue and its start.

No upstream function: a proposal (models/releases/level.py).
"""

from __future__ import annotations

from collections.abc import Iterable

from models.kube.api_server import ApiServer
from models.kube.client import Client
from models.kube.informer import Informer
from models.kube.objects import (
    ENDPOINT_SLICES,
    LIGHTHOUSE_SLICES,
    NAMESPACES,
    SERVICE_EXPORTS,
    SERVICE_IMPORTS,
    SERVICES,
    Namespace,
    k8s_slices,
)
from models.kube.watcher import Watcher
from models.releases.parts import QUEUES_KNOWN, QUEUES_WHAT_IT_MADE, WATCHES_COPIES
from models.releases.release import Release
from models.submariner.agent.base import Agent, Ways
from models.submariner.level import keys
from models.submariner.level.worker import main
from models.submariner.names import BROKER_NAMESPACE
from sim.core import Cell, Channel, Domain, Part

KINDS = (
    "serviceexports", "services", "serviceimports", "endpointslices", "namespaces", "aggregates",
    "broker-endpointslices",
)  # fmt: skip
"""What is watched, by the names of :data:`models.faults.watches.Kind`, in the order in which it is started."""


class LevelAgent(Agent):
    """One agent; the arguments are those of :class:`~models.submariner.agent.agent.LighthouseAgent`."""

    def __init__(
        self, cluster: str, local_api: ApiServer, broker_api: ApiServer, node: Domain, release: Release, ways: Ways,
        *, checks_conflicts: bool = False, namespaces_change: bool = False, instance: str = "",
    ) -> None:  # fmt: skip
        super().__init__(
            cluster, local_api, broker_api, node, release, ways, main, checks_conflicts=checks_conflicts,
            instance=instance,
        )  # fmt: skip
        self.queue = Channel("services/queue", self.domain, release.queueing.back_off, keyed=True)
        self.known = self.domain.cell("services/known")
        self._services: list[str] = []
        self._watchers: dict[str, list[Watcher]] = {kind: [] for kind in KINDS}
        for kind in KINDS:
            self._follow(kind, namespaces_change=namespaces_change)

    def _follow(self, kind: str, *, namespaces_change: bool) -> None:
        """Make the watch of one kind of objects, if there is to be one."""
        if kind == "serviceexports":
            self._watch(kind, self.local, SERVICE_EXPORTS, "", keys.own)
        elif kind == "services":
            self._watch(kind, self.local, SERVICES, "", keys.own)
        elif kind == "serviceimports" and self.release.does(WATCHES_COPIES):
            self._watch(kind, self.local, SERVICE_IMPORTS, "", keys.of_copy)
        elif kind == "endpointslices" and self.release.does(WATCHES_COPIES):
            self._watch(kind, self.local, ENDPOINT_SLICES, "", keys.of_local_slice, LIGHTHOUSE_SLICES)
        elif kind == "namespaces" and namespaces_change:
            self._watch(kind, self.local, NAMESPACES, Namespace.SCOPE, keys.of_namespace)
        elif kind == "aggregates":
            self._watch(kind, self.broker, SERVICE_IMPORTS, BROKER_NAMESPACE, keys.OfAggregate())
        elif kind == "broker-endpointslices":
            self._watch(kind, self.broker, ENDPOINT_SLICES, BROKER_NAMESPACE, keys.of_slice, LIGHTHOUSE_SLICES)

    def _watch(
        self, kind: str, client: Client, of: str, namespace: str, keys_of: Part, topic: str = "", name: str = ""
    ) -> None:
        watcher = Watcher(
            self.domain, name or kind, client, of, topic or of, namespace,
            self.broker_watch if client is self.broker else "watch",
            keys_of=keys_of, queue=self.queue, known=self.known,
        )  # fmt: skip
        watcher.queues_first = kind == "serviceexports" or self.release.does(QUEUES_WHAT_IT_MADE)
        watcher.queues_known = self.release.does(QUEUES_KNOWN)
        self._watchers[kind].append(watcher)

    @property
    def watchers(self) -> tuple[Watcher, ...]:
        """All of them, in the order in which they are started."""
        return tuple(watcher for each in self._watchers.values() for watcher in each)

    def know(self, service_key: str) -> None:
        """Kubernetes' EndpointSlices of a service are a topic of their own here; upstream they are one watch."""
        if service_key in self._services:
            return
        self._services.append(service_key)
        for watcher in self._watchers["aggregates"]:
            watcher.keep_only(keys.OfAggregate(tuple(self._services), self.cluster if self.ips else ""))
        namespace, name = service_key.split("/")
        of = f"k8s-slices/{service_key}"
        self._watch("endpointslices", self.local, ENDPOINT_SLICES, namespace, keys.of_k8s_slice, k8s_slices(name), of)

    def informers(self, kind: str) -> tuple[Informer, ...]:
        return tuple(self._watchers[kind])

    def namespace_queues(self) -> Iterable[Channel]:
        return (self.queue,)

    def last_listed(self) -> Cell:
        return self.watchers[-1].synced

    def copy_at_once(self) -> None:
        """Refused before anything is run (:meth:`needs_contents`)."""

    def needs_copies(self) -> str:
        return ""

    def needs_contents(self) -> str:
        return "one reconcile makes copies and all else"
