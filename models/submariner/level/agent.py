"""The agent of one cluster that has one reconcile for each service: its watches, its queue and its start.

No upstream function: a proposal (models/releases/level.py).
"""

from __future__ import annotations

from collections.abc import Iterable

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
from models.submariner.agent.base import Agent
from models.submariner.level import keys
from models.submariner.level.worker import main
from models.submariner.names import BROKER_NAMESPACE
from sim.core import Cell, Channel, Part

KINDS = (
    "serviceexports", "services", "serviceimports", "endpointslices", "namespaces", "aggregates",
    "broker-endpointslices",
)  # fmt: skip
"""What is watched, by the names of :data:`models.faults.watches.Kind`, in the order in which it is started."""


class LevelAgent(Agent):
    """One agent."""

    main = staticmethod(main)

    def make(self) -> None:
        self.queue = Channel("services/queue", self.domain, self.release.queueing.back_off, keyed=True)
        self.known = self.domain.cell("services/known")
        self._services: list[str] = []
        self._watchers: dict[str, list[Watcher]] = {kind: [] for kind in KINDS}
        local, broker, slices = self.local, self.broker, LIGHTHOUSE_SLICES
        self._watch("serviceexports", local, SERVICE_EXPORTS, "", keys.own)
        self._watch("services", local, SERVICES, "", keys.own)
        if self.release.does(WATCHES_COPIES):
            self._watch("serviceimports", local, SERVICE_IMPORTS, "", keys.of_copy)
            self._watch("endpointslices", local, ENDPOINT_SLICES, "", keys.of_local_slice, slices)
        if self.namespaces_change:
            self._watch("namespaces", local, NAMESPACES, Namespace.SCOPE, keys.of_namespace)
        self._watch("aggregates", broker, SERVICE_IMPORTS, BROKER_NAMESPACE, keys.OfAggregate())
        self._watch("broker-endpointslices", broker, ENDPOINT_SLICES, BROKER_NAMESPACE, keys.of_slice, slices)

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
