"""Kubernetes and MCS objects, as far as export state depends on them (docs/FACTS.md C2, C3).

Field names follow the APIs, snake_cased; what upstream keeps in labels and annotations stands in fields of its own. An
object's ``status_fields`` are its status subresource: create and update leave them alone, update of status writes
only them.
"""

from __future__ import annotations

from typing import Any, ClassVar

import msgspec
from msgspec.structs import replace

SERVICES, ENDPOINT_SLICES = "services", "endpointslices"
SERVICE_EXPORTS, SERVICE_IMPORTS = "serviceexports", "serviceimports"
GATEWAYS = "gateways"
GLOBAL_INGRESS_IPS = "globalingressips"
NAMESPACES = "namespaces"


class KubeObject(msgspec.Struct, frozen=True, kw_only=True):
    """An API object: where it is stored, and the topic by which watches select it."""

    namespace: str
    name: str
    kind: ClassVar[str]
    status_fields: ClassVar[tuple[str, ...]] = ()

    @property
    def topic(self) -> str:
        """What a watch or list selects by: the kind, or the kind with the value of a label."""
        return self.kind

    @property
    def key(self) -> str:
        """``<namespace>/<name>``, the key that informers and work queues use."""
        return f"{self.namespace}/{self.name}"


class Namespace(KubeObject, frozen=True, kw_only=True):
    """A namespace; ``created`` tells one from another of that name that was there before.

    Objects that are in no namespace stand in one of a name that no namespace can have.
    """

    SCOPE: ClassVar[str] = "(cluster)"
    kind: ClassVar[str] = NAMESPACES
    namespace: str = SCOPE
    created: int = 0


def without_status(obj: KubeObject) -> KubeObject:
    """What the API server stores of an object that is created: its status is empty."""
    empty: dict[str, Any] = dict.fromkeys(obj.status_fields, ())
    return replace(obj, **empty) if empty else obj


CLUSTER_IP, HEADLESS, NODE_PORT = "ClusterIP", "Headless", "NodePort"
CLUSTER_SET_IP = "ClusterSetIP"
NO_AFFINITY = "None"


class Service(KubeObject, frozen=True, kw_only=True):
    """A service; ``ports`` as ``name:number``. ``type`` is Headless for a ClusterIP service whose IP is None.

    ``affinity`` is its session affinity, ``affinity_config`` the timeout that goes with it; ``publish_not_ready`` says
    that addresses which are not ready are published as well. ``detail`` stands for its IP, which its local import and
    EndpointSlices show; scenarios leave it empty, as a Service has the same IP again there. ``mark`` is what users
    write on it and nobody reads: an update that changes nothing else is heard of all the same.
    """

    kind: ClassVar[str] = SERVICES
    ports: tuple[str, ...]
    type: str = CLUSTER_IP
    affinity: str = NO_AFFINITY
    affinity_config: str = ""
    publish_not_ready: bool = False
    detail: str = ""
    mark: str = ""


class Condition(msgspec.Struct, frozen=True):
    """A condition of a ServiceExport; ``reason`` is empty where upstream sets none."""

    type: str
    status: str
    reason: str = ""

    def words(self) -> str:
        return f"{self.type}={self.status}({self.reason})" if self.reason else f"{self.type}={self.status}"


def import_type(service: Service) -> str:
    """The type of the ServiceImport of a Service that can be exported."""
    return CLUSTER_SET_IP if service.type == CLUSTER_IP else HEADLESS


class ServiceExport(KubeObject, frozen=True, kw_only=True):
    """An MCS ServiceExport. ``created`` counts incarnations: it stands for the creation timestamp and the uid.

    ``use_ip`` is its annotation about a clusterset IP: ``true``, ``false`` or none.
    ``mark`` is what users write on it and nobody reads: a write of a status that was read before conflicts (FACTS R15).
    """

    kind: ClassVar[str] = SERVICE_EXPORTS
    status_fields: ClassVar[tuple[str, ...]] = ("conditions",)
    created: int
    use_ip: str = ""
    conditions: tuple[Condition, ...] = ()
    mark: str = ""

    def condition(self, type_: str) -> Condition | None:
        """The condition of that type, or None."""
        return next((c for c in self.conditions if c.type == type_), None)

    def is_true(self, type_: str) -> bool:
        """Whether the condition of that type is True."""
        return any(c.type == type_ and c.status == "True" for c in self.conditions)


class Offer(msgspec.Struct, frozen=True, order=True):
    """What the Service of an exporter is like in that which a service has but one of."""

    cluster: str
    type: str
    affinity: str
    affinity_config: str
    use_ip: str


class ServiceImport(KubeObject, frozen=True, kw_only=True):
    """An MCS ServiceImport: a local one, the aggregate on the broker, or a copy of the aggregate.

    ``label`` and ``annotation`` are the service and its namespace as upstream marks them
    (``multicluster.kubernetes.io/service-name`` and ``lighthouse.submariner.io/sourceNamespace``): labels on a local
    ServiceImport, annotations on the aggregate, neither on a copy. ``timestamps`` are the exporters' creation times.
    ``as_created`` says of a copy that its empty labels are still there: the first update after a create drops them,
    where the API server keeps them (FACTS M5). ``detail`` is the Service's. ``unmarked`` says of an aggregate, and of
    its copies, that the annotation use-clusterset-ip is not there, which the next ``Distribute`` writes (FACTS H5).
    Since 0.22 the broker has an import of each cluster as well: a copy of the local one, with a generated name. Before
    0.15 it had nothing else; ``legacy`` says that the labels are those of that time.
    ``ip`` is a clusterset IP from the range of ``allocated_by``, or of a local one a global IP; ``use_ip`` says whether
    there is to be a clusterset IP. ``offers`` is an annotation that no release of upstream knows: there agents of the
    proposal ``level`` say what their Services are like.
    """

    kind: ClassVar[str] = SERVICE_IMPORTS
    status_fields: ClassVar[tuple[str, ...]] = ("clusters",)
    type: str = CLUSTER_SET_IP
    ports: tuple[str, ...] = ()
    affinity: str = NO_AFFINITY
    affinity_config: str = ""
    label: str = ""
    annotation: str = ""
    source_cluster: str = ""
    timestamps: tuple[tuple[str, int], ...] = ()
    clusters: tuple[str, ...] = ()
    as_created: bool = False
    generate_name: bool = False
    publish_not_ready: bool = False
    legacy: bool = False
    use_ip: str = ""
    ip: str = ""
    allocated_by: str = ""
    detail: str = ""
    unmarked: bool = False
    offers: tuple[Offer, ...] = ()


class K8sEndpointSlice(KubeObject, frozen=True, kw_only=True):
    """The EndpointSlice that Kubernetes makes for a service; ``labels`` are those that users gave the service.

    ``endpoints`` are named only where a script does so; ``detail`` stands for addresses.
    """

    kind: ClassVar[str] = ENDPOINT_SLICES
    service: str
    ports: tuple[str, ...]
    ready: bool = True
    labels: tuple[str, ...] = ()
    endpoints: tuple[str, ...] = ()
    detail: str = ""

    @property
    def topic(self) -> str:
        return k8s_slices(self.service)


class GlobalIngressIP(KubeObject, frozen=True, kw_only=True):
    """What globalnet allocates: an IP, or none yet for the ``reason`` of its condition."""

    kind: ClassVar[str] = GLOBAL_INGRESS_IPS
    allocated: str = ""
    reason: str = ""


class EndpointSlice(KubeObject, frozen=True, kw_only=True):
    """The EndpointSlice that lighthouse makes: in the service's namespace, on the broker, and imported elsewhere.

    ``service`` is the key of the service. ``cluster_id`` is the label that the broker syncer stamps on, empty before.
    ``headless`` is the label of that name; a headless service has one for each EndpointSlice of Kubernetes, whose name
    is its ``source``. ``generate_name`` says that ``metadata.generateName`` is still set: the first update after a
    create drops it, which is a change (FACTS M4). ``labels`` are the service's own, ``detail`` stands for its
    addresses.
    """

    kind: ClassVar[str] = ENDPOINT_SLICES
    service: str
    source_cluster: str
    ports: tuple[str, ...]
    ready: bool = True
    headless: bool = False
    source: str = ""
    cluster_id: str = ""
    generate_name: bool = True
    labels: tuple[str, ...] = ()
    endpoints: tuple[str, ...] = ()
    publish_not_ready: bool = False
    detail: str = ""

    @property
    def topic(self) -> str:
        return LIGHTHOUSE_SLICES


LIGHTHOUSE_SLICES = f"{ENDPOINT_SLICES}/managed-by=lighthouse-agent"


def k8s_slices(service: str) -> str:
    """The topic of the EndpointSlices that Kubernetes makes for the service of that name."""
    return f"{ENDPOINT_SLICES}/service-name={service}"


class Only(msgspec.Struct, frozen=True):
    """The part of a ServiceExport without any condition but those of some types; None if it is absent."""

    types: tuple[str, ...] = ()

    def __call__(self, export: ServiceExport | None) -> ServiceExport | None:
        if export is None:
            return None
        return replace(export, conditions=tuple(c for c in export.conditions if c.type in self.types))


def marks_of(found: ServiceImport | None) -> ServiceImport | None:
    """The part of a ServiceImport that tells which service it belongs to, and nothing that ever changes."""
    return found and replace(
        found, type=CLUSTER_SET_IP, ports=(), affinity=NO_AFFINITY, affinity_config="", timestamps=(), clusters=(),
        generate_name=False, publish_not_ready=False, use_ip="", allocated_by="", detail="", unmarked=False,
    )  # fmt: skip


class Terms(msgspec.Struct, frozen=True):
    """What exporters of a service must agree on, besides its ports."""

    type: str
    affinity: str
    affinity_config: str


def terms_of(found: ServiceImport | None) -> Terms | None:
    """The part of a ServiceImport that exporters must agree on; None if it is absent."""
    return Terms(found.type, found.affinity, found.affinity_config) if found else None


def marks_and_terms_of(found: ServiceImport | None) -> ServiceImport | None:
    """The part of a local ServiceImport that is distributed."""
    return found and replace(found, timestamps=(), clusters=())


def all_but_clusters_of(found: ServiceImport | None) -> ServiceImport | None:
    """The part of a local ServiceImport that is distributed where the time of the export stands on it."""
    return found and replace(found, clusters=())


def origin_of(found: EndpointSlice | None) -> EndpointSlice | None:
    """The part of an EndpointSlice that tells where it is from, and nothing that ever changes."""
    return found and replace(
        found, ports=(), ready=True, generate_name=False, labels=(), endpoints=(), publish_not_ready=False, detail=""
    )


def ports_of(found: EndpointSlice | None) -> EndpointSlice | None:
    """The part of an EndpointSlice that tells where it is from and what ports it has."""
    return found and replace(
        found, ready=True, generate_name=False, labels=(), endpoints=(), publish_not_ready=False, detail=""
    )
