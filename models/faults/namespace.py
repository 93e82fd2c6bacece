"""A namespace is deleted, with all that is in it, and created again."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, ClassVar

from models.faults.fault import Operation, Steps, cluster_of
from models.kube.calls import NOT_FOUND, ApiCall
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
from models.topology import NAMESPACE
from sim.core import Cell, Get, Transaction

if TYPE_CHECKING:
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


class UserDeletesNamespace(Operation, frozen=True, kw_only=True, tag="delete-namespace", tag_field="do"):
    """The namespace of the services goes from a cluster: Services, exports, EndpointSlices and imports with it."""

    cluster: str
    name: ClassVar[str] = "delete-namespace"
    changes_namespaces: ClassVar[bool] = True

    def check(self, topology: Topology) -> None:
        cluster_of(topology, self.cluster, self.name)

    def words(self) -> str:
        return f"a user deletes namespace {NAMESPACE} in {self.cluster}"

    def steps(self, topology: Topology) -> Steps:
        user = topology.cluster(self.cluster).user
        services = sorted({export.service_key.split("/")[1] for export in topology.named_exports})
        yield DeleteNamespace(user.link, user.api, NAMESPACE, topics_with(services))


class UserCreatesNamespace(Operation, frozen=True, kw_only=True, tag="create-namespace", tag_field="do"):
    """The namespace of the services comes to a cluster, empty."""

    cluster: str
    name: ClassVar[str] = "create-namespace"
    changes_namespaces: ClassVar[bool] = True

    def check(self, topology: Topology) -> None:
        cluster_of(topology, self.cluster, self.name)

    def words(self) -> str:
        return f"a user creates namespace {NAMESPACE} in {self.cluster}"

    def steps(self, topology: Topology) -> Steps:
        yield topology.cluster(self.cluster).user.create(Namespace(name=NAMESPACE))
