"""What a DNS server sees of a service, put there by hand: an import, slices, and which clusters are connected.

For scenarios without agents that look at the DNS server alone.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Literal

from models.faults.fault import ClusterOperation, Steps
from models.kube.client import Client
from models.kube.objects import (
    ENDPOINT_SLICES,
    LIGHTHOUSE_SLICES,
    SERVICE_IMPORTS,
    EndpointSlice,
    KubeObject,
    ServiceImport,
)
from models.submariner.gateway import CONNECTED, CONNECTING, Gateway
from models.submariner.names import OPERATOR_NAMESPACE

if TYPE_CHECKING:
    from models.topology import Topology


class PutImport(ClusterOperation, frozen=True, kw_only=True, tag="put-import", tag_field="do"):
    """An import of every service comes to the cluster, changes, or goes."""

    type: Literal["ClusterSetIP", "Headless"] = "ClusterSetIP"
    ip: str = ""
    ports: tuple[str, ...] = ()
    what: Literal["comes", "goes"] = "comes"
    name: ClassVar[str] = "put-import"

    def words(self) -> str:
        return f"an import {self.what} in {self.cluster}"

    def steps(self, topology: Topology) -> Steps:
        user = topology.cluster(self.cluster).user
        for key in topology.service_keys():
            namespace, name = key.split("/")
            if self.what == "goes":
                yield user.delete(SERVICE_IMPORTS, namespace, name)
            else:
                made = ServiceImport(namespace=namespace, name=name, type=self.type, ip=self.ip, ports=self.ports)
                yield from put(user, made)


class PutSlice(ClusterOperation, frozen=True, kw_only=True, tag="put-slice", tag_field="do"):
    """A slice of a cluster (``of``) comes to the cluster, changes, or goes. With ``endpoints`` it is of a headless
    service: ``[host=]address``, and ``!`` behind one that is not ready.
    """

    of: str
    number: int = 0
    ready: bool = True
    ports: tuple[str, ...] = ()
    endpoints: tuple[str, ...] = ()
    publish_not_ready: bool = False
    what: Literal["comes", "goes"] = "comes"
    name: ClassVar[str] = "put-slice"

    def words(self) -> str:
        return f"a slice of {self.of} {self.what} in {self.cluster}"

    def steps(self, topology: Topology) -> Steps:
        user = topology.cluster(self.cluster).user
        for key in topology.service_keys():
            namespace, service = key.split("/")
            name = f"{service}-{self.of}{self.number}"
            if self.what == "goes":
                yield user.delete(ENDPOINT_SLICES, namespace, name, LIGHTHOUSE_SLICES)
                continue
            yield from put(user, EndpointSlice(
                namespace=namespace, name=name, service=key, source_cluster=self.of, ready=self.ready,
                ports=self.ports, endpoints=self.endpoints, headless=bool(self.endpoints), generate_name=False,
                publish_not_ready=self.publish_not_ready, cluster_id="" if self.of == self.cluster else self.of,
            ))  # fmt: skip


class PutGateway(ClusterOperation, frozen=True, kw_only=True, tag="put-gateway", tag_field="do"):
    """The Gateway object of a cluster says which connections there are, and which of them are broken."""

    connected: tuple[str, ...] = ()
    broken: tuple[str, ...] = ()
    name: ClassVar[str] = "put-gateway"

    def words(self) -> str:
        return f"{self.cluster} is connected to {' and '.join(self.connected) or 'nobody'}"

    def steps(self, topology: Topology) -> Steps:
        cluster = topology.cluster(self.cluster)
        states = {**dict.fromkeys(self.connected, CONNECTED), **dict.fromkeys(self.broken, CONNECTING)}
        connections = tuple(sorted(states.items()))
        name = cluster.gateway_kernel.node
        yield from put(cluster.user, Gateway(namespace=OPERATOR_NAMESPACE, name=name, connections=connections))


def put(user: Client, wanted: KubeObject) -> Steps:
    """Create an object, or update the one there is."""
    found = yield user.get(wanted.kind, wanted.namespace, wanted.name)
    yield user.update(wanted, found) if found else user.create(wanted)
