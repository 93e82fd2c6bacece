"""What releases of before 0.15 have left: ServiceImports of single clusters, EndpointSlices with old names, and
aggregates of before 0.19. A script that makes any of them has the agents look for them (FACTS H6, H12).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Literal

from msgspec.structs import replace

from models.faults.fault import Operation, Steps, cluster_of
from models.kube.client import Client
from models.kube.objects import SERVICE_IMPORTS, EndpointSlice, ServiceImport
from models.submariner.names import BROKER_NAMESPACE, OPERATOR_NAMESPACE, aggregate_name, local_import_name
from sim.core import BadInput

if TYPE_CHECKING:
    from models.topology import Topology

BROKER = "broker"


class LegacyOperation(Operation, frozen=True, kw_only=True):
    """An operation on what an old release has left of every service."""

    def install(self, topology: Topology) -> None:
        for cluster in topology.clusters:
            cluster.agent.migrates = True


class LegacyImport(LegacyOperation, frozen=True, kw_only=True, tag="legacy-import", tag_field="do"):
    """The import of one cluster (``of``, which need not run any more) comes to the broker, or to a cluster's operator
    namespace; or goes.
    """

    of: str
    to: str = BROKER
    what: Literal["comes", "goes"] = "comes"
    name: ClassVar[str] = "legacy-import"

    def check(self, topology: Topology) -> None:
        if self.to != BROKER:
            cluster_of(topology, self.to, self.name)
        if not self.of:
            raise BadInput(f"{self.name}: of is empty", "the name of a cluster")

    def words(self) -> str:
        return f"the import of {self.of} of an old release {self.what}"

    def steps(self, topology: Topology) -> Steps:
        user, namespace = topology.broker_user, BROKER_NAMESPACE
        if self.to != BROKER:
            user, namespace = topology.cluster(self.to).user, OPERATOR_NAMESPACE
        for key in topology.service_keys():
            name = local_import_name(key, self.of)
            if self.what == "goes":
                yield user.delete(SERVICE_IMPORTS, namespace, name)
                continue
            yield from _create(user, ServiceImport(
                namespace=namespace, name=name, label=key, source_cluster=self.of, clusters=(self.of,), legacy=True,
            ))  # fmt: skip


class OldAggregate(LegacyOperation, frozen=True, kw_only=True, tag="old-aggregate", tag_field="do"):
    """An aggregate of before clusterset IPs, which names these clusters; or these are added to the one that is there,
    as their agents are upgraded.
    """

    clusters: tuple[str, ...] = ()
    name: ClassVar[str] = "old-aggregate"

    def words(self) -> str:
        return f"an aggregate of an old release names {' and '.join(self.clusters) or 'nobody'}"

    def steps(self, topology: Topology) -> Steps:
        user = topology.broker_user
        for key in topology.service_keys():
            name = aggregate_name(key)
            found = yield user.get(SERVICE_IMPORTS, BROKER_NAMESPACE, name)
            if found:
                named = tuple(sorted({*found.clusters, *self.clusters}))
                yield user.update_status(replace(found, clusters=named), found)
                continue
            yield from _create(user, ServiceImport(
                namespace=BROKER_NAMESPACE, name=name, annotation=key, clusters=self.clusters,
            ))  # fmt: skip


class LegacySlice(LegacyOperation, frozen=True, kw_only=True, tag="legacy-slice", tag_field="do"):
    """An own EndpointSlice by one of the names of old releases, and its twin on the broker. Neither says which
    namespace it is of.
    """

    cluster: str
    named: Literal["without namespace", "as in 0.15"] = "without namespace"
    name: ClassVar[str] = "legacy-slice"

    def check(self, topology: Topology) -> None:
        cluster_of(topology, self.cluster, self.name)

    def words(self) -> str:
        return f"an EndpointSlice of an old release of {self.cluster}, named {self.named}"

    def steps(self, topology: Topology) -> Steps:
        for key in topology.service_keys():
            namespace, service = key.split("/")
            is_older = self.named == "without namespace"
            slice_ = EndpointSlice(
                namespace=namespace, service=f"/{service}", source_cluster=self.cluster, ports=(),
                name=f"{service}-{self.cluster}" if is_older else local_import_name(key, self.cluster),
                headless=not is_older, generate_name=False,
            )  # fmt: skip
            yield topology.cluster(self.cluster).user.create(slice_)
            yield topology.broker_user.create(replace(slice_, namespace=BROKER_NAMESPACE, cluster_id=self.cluster))


def _create(user: Client, wanted: ServiceImport) -> Steps:
    """Create an import, and its status if it has one."""
    stored = yield user.create(wanted)
    if stored and wanted.clusters:
        yield user.update_status(wanted, stored)
