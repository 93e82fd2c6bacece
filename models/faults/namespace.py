"""A namespace is deleted, with all that is in it, and created again."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, ClassVar

from models.exports import NAMESPACE
from models.faults.fault import ClusterOperation, Steps
from models.kube.calls import NOT_FOUND, ApiCall
from models.kube.missing_namespaces import TURNS
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
from sim.core import Cell, Channel, Get, Transaction, Value, Wait

if TYPE_CHECKING:
    from models.kube.informer import Informer
    from models.topology import Topology


class DeleteNamespace(ApiCall, frozen=True):
    """Delete a namespace and what is in it (``topics``: kinds, and what watches select by) in one step.

    In Kubernetes that takes a while, in which nothing can be created in it; that while is not modelled.
    """

    name: str
    topics: tuple[tuple[str, str], ...]
    verb: ClassVar[str] = "delete"

    def served(self, get: Get) -> Iterable[Cell]:
        api = self.api
        out = [*api.written_cells(api.namespace(self.name), NAMESPACES, Namespace.SCOPE)]
        for kind, topic in self.topics:
            out += api.selected_cells(get, kind, topic, self.name)
            out += api.streams(topic, self.name)
        return out

    def serve(self, tx: Transaction) -> Any:
        api = self.api
        stored = tx.get(api.namespace(self.name))
        if stored is None:
            return NOT_FOUND
        for kind, topic in self.topics:
            for obj in api.select(tx.get, kind, topic, self.name):
                api.remove(tx, api.object(kind, self.name, obj.name), obj)
        api.remove(tx, api.namespace(self.name), stored)
        return True

    def target(self) -> str:
        return f"namespace {self.name}"

    def matters(self, response: Any) -> bool:
        return True


def topics_with(services: Iterable[str]) -> tuple[tuple[str, str], ...]:
    """All that may be in a namespace with these Services: kinds, and what watches select them by."""
    kinds = (SERVICES, SERVICE_EXPORTS, SERVICE_IMPORTS)
    slices = (LIGHTHOUSE_SLICES, *map(k8s_slices, services))
    return (*((kind, kind) for kind in kinds), *((ENDPOINT_SLICES, topic) for topic in slices))


class UserDeletesNamespace(ClusterOperation, frozen=True, kw_only=True, tag="delete-namespace", tag_field="do"):
    """The namespace of the services goes from a cluster: Services, exports, EndpointSlices and imports with it."""

    name: ClassVar[str] = "delete-namespace"
    changes_namespaces: ClassVar[bool] = True

    def words(self) -> str:
        return f"a user deletes namespace {NAMESPACE} in {self.cluster}"

    def steps(self, topology: Topology) -> Steps:
        user = topology.cluster(self.cluster).user
        services = sorted({export.service_key.split("/")[1] for export in topology.named_exports})
        yield DeleteNamespace(user.link, user.api, NAMESPACE, topics_with(services))


class Heard(Wait, frozen=True):
    """Wait until an agent has taken note that a namespace went, or has no watch that could tell it: as a user does who
    waits a second.
    """

    namespace: str
    informer: Informer
    queues: tuple[Channel, ...]

    def words(self, choice: Value, response: Any) -> str:
        return f"the user has waited until {self.informer.domain.name} has heard that namespace {self.namespace} went"

    def reads(self, get: Get, choice: Value) -> Iterable[Cell]:
        informer = self.informer
        return (informer.stream, informer.entry(self._key()), *informer.barriers, *self.queues)

    def _key(self) -> str:
        return f"{Namespace.SCOPE}/{self.namespace}"

    def ready(self, get: Get) -> bool:
        keys = [key for queue in self.queues for key in get(queue) or ()]
        informer = self.informer
        is_deaf = get(informer.stream) is None and any(get(barrier) for barrier in informer.barriers)
        told = not get(informer.stream) and get(informer.entry(self._key())) is None
        return (told or is_deaf) and not any(key.startswith(TURNS) for key in keys)


class UserCreatesNamespace(ClusterOperation, frozen=True, kw_only=True, tag="create-namespace", tag_field="do"):
    """The namespace of the services comes to a cluster, empty.

    ``once_heard``: not before the agent there has taken note of what happened to it before. Its queue has a key for a
    namespace that came and one for a namespace that went; without a clock those that wait are taken in any order,
    while upstream's waits make it the order of the events, unless they come within milliseconds.
    """

    once_heard: bool = False
    name: ClassVar[str] = "create-namespace"
    changes_namespaces: ClassVar[bool] = True

    def words(self) -> str:
        return f"a user creates namespace {NAMESPACE} in {self.cluster}"

    def steps(self, topology: Topology) -> Steps:
        cluster = topology.cluster(self.cluster)
        informers = cluster.agent.informers("namespaces") if self.once_heard else ()
        for informer in informers:
            yield Heard(NAMESPACE, informer, tuple(cluster.agent.namespace_queues()))
        yield cluster.user.create(Namespace(name=NAMESPACE, created=1_000_000 + int(self.at_ms)))
