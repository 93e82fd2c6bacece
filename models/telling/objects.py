"""The story of an object that is not as it should be: what users and faults did, who wrote it last, and what those who
should have written it heard and read since.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from models.kube.api_server import ADDED, CLOSED, DELETED, MODIFIED
from models.kube.calls import (
    NOT_FOUND,
    ApiCall,
    Delete,
    DeleteCollection,
    Failure,
    GetObject,
    GetPart,
    ObjectWrite,
    UpdatePart,
    UpdateStatus,
)
from models.kube.informer import Deliver, Replace
from models.kube.objects import ENDPOINT_SLICES, SERVICE_EXPORTS, SERVICE_IMPORTS, SERVICES, ServiceExport
from models.submariner.agent.conditions import CONFLICTING_TYPE, reasons_of
from models.submariner.names import BROKER_NAMESPACE, OPERATOR_NAMESPACE, local_import_name
from models.telling.lines import KEEP, MAY_GO, TELL, Line, cluster_of, of_containers
from models.telling.script import USERS, acts
from models.telling.wrong import Thing, Wrong, ports_words
from models.topology import Topology
from sim.core import Step

KINDS = {
    SERVICES: "Service", SERVICE_EXPORTS: "ServiceExport", SERVICE_IMPORTS: "ServiceImport",
    ENDPOINT_SLICES: "EndpointSlice",
}  # fmt: skip
LEADS = {
    Thing.AGGREGATE: (SERVICE_EXPORTS, SERVICES, SERVICE_IMPORTS),
    Thing.TERMS: (SERVICE_EXPORTS, SERVICES, SERVICE_IMPORTS),
    Thing.EXPORT: (SERVICE_EXPORTS, SERVICES, SERVICE_IMPORTS),
    Thing.SLICE: (SERVICE_EXPORTS, SERVICES, ENDPOINT_SLICES),
}
"""The kinds of objects from which each is made, or which lead to them."""
USERS_MAX = 4
"""So many steps of the script are always told."""
HEARD = {ADDED: "is there", MODIFIED: "has changed", DELETED: "is gone"}


def story_of_object(topology: Topology, wrong: Wrong, steps: Sequence[Step], end_ms: float) -> list[Line]:
    """The lines of the story, in no order."""
    teller = _Teller(topology, wrong)
    script = [index for index, step in enumerate(steps) if acts(step)]
    latest = max(script, default=0)
    writes = [index for index, step in enumerate(steps) if teller.writes(step)]
    lines: list[Line] = []
    of_agents: dict[str, Line] = {}  # of the same words only the last
    for index, step in enumerate(steps):
        after = TELL if index > latest else MAY_GO
        found = of_containers(step)
        if found is None and step.domain == USERS:
            weight = KEEP if len(script) <= USERS_MAX else TELL
            found = (weight, teller.of_user(step)) if index in script else None
        elif found is None and index in writes:
            found = (KEEP if index == writes[-1] else MAY_GO, teller.of_write(step))
        elif found is None:
            words = teller.of_agent(step)
            of_agents |= {words: (step.at_ms, after, words)} if words else {}
        if found is not None and found[1]:
            lines.append((step.at_ms, *found))
    return [*lines, *of_agents.values(), (end_ms, KEEP, f"at rest, {wrong.words}")]


class _Teller:
    """Steps in words, where they are about the service."""

    def __init__(self, topology: Topology, wrong: Wrong) -> None:
        self.topology = topology
        self.wrong = wrong
        self.key = wrong.export.service_key
        self.cluster = wrong.export.cluster
        self._api = topology.cluster(self.cluster).api
        self._names = topology.aggregate_names(self.key)

    # -- which objects -----------------------------------------------------------------------------------------------

    def is_about(self, obj: Any) -> bool:
        """Whether an object is of the service; EndpointSlices and local imports of the cluster that is concerned."""
        namespace, name = self.key.split("/")
        if obj.kind == ENDPOINT_SLICES:
            of = getattr(obj, "source_cluster", self.cluster)
            return of == self.cluster and obj.service in (self.key, name if obj.namespace == namespace else self.key)
        return self._is_named(obj.kind, obj.namespace, obj.name)

    def _is_named(self, kind: str, namespace: str, name: str) -> bool:
        if kind == SERVICE_IMPORTS and namespace in (BROKER_NAMESPACE, OPERATOR_NAMESPACE):
            return name in (*self._names, local_import_name(self.key, self.cluster))
        return kind in KINDS and f"{namespace}/{name}" == self.key

    def _is_the_object(self, kind: str, namespace: str, name: str) -> bool:
        match self.wrong.thing:
            case Thing.AGGREGATE | Thing.TERMS:
                return (kind, namespace) == (SERVICE_IMPORTS, BROKER_NAMESPACE) and name in self._names
            case Thing.EXPORT:
                return kind == SERVICE_EXPORTS and f"{namespace}/{name}" == self.key
            case Thing.SLICE:
                return kind == ENDPOINT_SLICES and namespace == BROKER_NAMESPACE

    def writes(self, step: Step) -> bool:
        """Whether an agent writes the object."""
        request: Any = step.request
        if step.domain == USERS or not step.response or isinstance(step.response, Failure):
            return False
        if self.wrong.thing is Thing.EXPORT and cluster_of(step) != self.cluster:
            return False
        if isinstance(request, ObjectWrite):
            obj = request.object
            return self._is_the_object(obj.kind, obj.namespace, obj.name) and self.is_about(obj)
        if isinstance(request, DeleteCollection):
            return any(self._is_the_object(o.kind, o.namespace, o.name) for o in step.response.items)
        is_of_slice = self.wrong.thing is not Thing.SLICE or cluster_of(step) == self.cluster
        return (
            isinstance(request, Delete) and is_of_slice
            and self._is_the_object(request.kind, request.namespace, request.name)
        )  # fmt: skip

    # -- in words ----------------------------------------------------------------------------------------------------

    def of_user(self, step: Step) -> str:
        """What the script does."""
        request: Any = step.request
        if isinstance(request, DeleteCollection) and request.kind == ENDPOINT_SLICES:
            return "" if request.namespace != BROKER_NAMESPACE else str(request.words(step.choice, step.response))
        if not isinstance(request, ObjectWrite | Delete):
            return str(request.words(step.choice, step.response))
        if isinstance(request, Delete):
            return f"a user deletes {KINDS.get(request.kind, request.kind)} {request.namespace}/{request.name} in " + (
                request.api.name
            )
        obj: Any = step.response if step.response and step.response is not True else request.object
        more = f": it is {obj.type}, with {ports_words(obj.ports)}" if obj.kind == SERVICES else ""
        verb = {"create": "creates"}.get(request.verb, "changes")
        return f"a user {verb} {KINDS.get(obj.kind, obj.kind)} {obj.key} in {request.api.name}{more}"

    def of_write(self, step: Step) -> str:
        """What an agent writes of the object."""
        request: Any = step.request
        me = f"agent {cluster_of(step)}"
        if isinstance(request, DeleteCollection):
            return f"{me} deletes EndpointSlice {', '.join(obj.name for obj in step.response.items)} on the broker"
        if isinstance(request, Delete):
            where = " on the broker" if self.wrong.thing is Thing.SLICE else ""
            what = "aggregate" if request.kind == SERVICE_IMPORTS else KINDS[request.kind]
            return f"{me} deletes {what} {request.name}{where}"
        obj = request.object if step.response is True else step.response
        match self.wrong.thing:
            case Thing.AGGREGATE:
                return f"{me} writes aggregate {obj.name}: it names {', '.join(obj.clusters) or 'nobody'}"
            case Thing.TERMS:
                named = ", ".join(obj.clusters) or "nobody"
                return f"{me} writes aggregate {obj.name}: it names {named}, with {ports_words(obj.ports)}"
            case Thing.EXPORT:
                conditions = ", ".join(condition.words() for condition in obj.conditions) or "nothing"
                return f"{me} sets {conditions} of ServiceExport {obj.key}"
            case Thing.SLICE:
                return f"{me} writes EndpointSlice {obj.name} on the broker"

    def of_agent(self, step: Step) -> str:
        """What the agent of the cluster heard or read of the object and of what leads to it, wrote of the latter, or
        failed to do; empty of all else.
        """
        request: Any = step.request
        if cluster_of(step) != self.cluster:
            return ""
        words = ""
        match request:
            case Deliver() if step.response.type is not CLOSED and self._leads(step.response.object):
                words = f"hears that {self._label(step.response.object)} {HEARD[step.response.type]}"
            case Replace():
                words = self._listed(request)
            case ApiCall() if isinstance(step.response, Failure) and step.response is not NOT_FOUND:
                return str(request.words(step.choice, step.response))
            case GetObject() if not isinstance(request, GetPart) and self._is_the_object(
                request.kind, request.namespace, request.name
            ):
                words = f"reads {self._read(request.name, step.response)}"
            case UpdatePart(object=ServiceExport() as obj) if obj.key == self.key and CONFLICTING_TYPE in reasons_of(
                obj
            ):
                words = f"sets Conflict of ServiceExport {self.key}: its type is not that of the aggregate"
            case Delete(namespace=namespace) if step.response and namespace == OPERATOR_NAMESPACE:
                mine = self._is_named(request.kind, namespace, request.name)
                words = "deletes its local ServiceImport" if mine else ""
            case ObjectWrite(object=obj) if not isinstance(request, UpdateStatus) and step.response:
                mine = obj.namespace == OPERATOR_NAMESPACE and self.is_about(obj)
                words = "writes its local ServiceImport" if mine else ""
        return f"agent {self.cluster} ({step.process.split('/')[0]}) {words}" if words else ""

    def _listed(self, request: Replace) -> str:
        """What a list says of what leads to the object."""
        informer = request.informer
        if informer.kind not in LEADS[self.wrong.thing] or informer.client.api is not self._api:
            return ""
        what, name = f"{KINDS[informer.kind]}s", self.key
        if informer.kind == SERVICE_IMPORTS:
            if informer.namespace != OPERATOR_NAMESPACE:
                return ""
            what, name = f"local {what}", local_import_name(self.key, self.cluster)
        elif informer.kind == ENDPOINT_SLICES:
            name = f"one of {self.key}"
        there = any(self.is_about(obj) for obj in request.listed.items)
        return f"lists {what}: {name} is {'there' if there else 'missing'}"

    def _leads(self, obj: Any) -> bool:
        return obj.kind in LEADS[self.wrong.thing] and self.is_about(obj) and obj.namespace != BROKER_NAMESPACE

    def _label(self, obj: Any) -> str:
        if obj.kind == SERVICE_IMPORTS:
            return "its local ServiceImport" if obj.namespace == OPERATOR_NAMESPACE else f"its copy of {self.key}"
        return f"{KINDS[obj.kind]} {obj.key}"

    def _read(self, name: str, found: Any) -> str:
        """What an agent sees of the object."""
        if self.wrong.thing is Thing.EXPORT:
            said = ", ".join(each.words() for each in getattr(found, "conditions", ()))
            there = f"says {said}" if said else "is there"
            return f"ServiceExport {self.key}: it {'is missing' if found is NOT_FOUND or not found else there}"
        if self.wrong.thing is Thing.SLICE:
            return f"EndpointSlice on the broker: it is {'missing' if found is NOT_FOUND or not found else 'there'}"
        of = getattr(found, "annotation", self.key)
        if of != self.key:
            return f"aggregate {name}: it is that of {of}"
        clusters = ", ".join(getattr(found, "clusters", ()))
        there = f"names {clusters}" if clusters else "is there"  # what a reader does not use is not in what it reads
        return f"aggregate {name}: it {'is missing' if found is NOT_FOUND or not found else there}"
