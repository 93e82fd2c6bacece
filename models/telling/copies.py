"""The story of a copy that is not as its aggregate is: who wrote both, what the agent of its cluster heard of that, and
what it was not told.

Where a copy is not made nobody writes it, so that what comes after the last write counts as well: what the syncer of
copies (S6), and whoever tells it, did then.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec

from models.cluster import Cluster
from models.faults.fault import Over, Turn
from models.faults.namespace import DeleteNamespace, Heard
from models.kube.api_server import CLOSED, DELETED
from models.kube.calls import NOT_FOUND, ApiCall, Delete, DeleteCollection, Failure, ObjectWrite
from models.kube.informer import Deliver, Replace
from models.kube.missing_namespaces import HAS_COME, Record
from models.kube.missing_namespaces import Turn as NamespaceTurn
from models.kube.objects import NAMESPACES, ServiceImport
from models.kube.pending import DELETE
from models.kube.syncer import Enqueue
from models.properties.copies_follow import is_copied
from models.submariner.agent.agent import LighthouseAgent
from models.submariner.names import BROKER_NAMESPACE, aggregate_name
from models.telling.causes import chain, queued
from models.telling.lines import KEEP, MAY_GO, TELL, Line, of_containers
from models.topology import Topology
from sim.core import Cell, Get, Read, Step, Take
from sim.core.model import Changes
from sim.core.property import Property

WRITES = ObjectWrite | Delete | DeleteCollection | DeleteNamespace
Told = dict[int, tuple[int, str]]
"""By the index of the step: how much it matters, and the words."""


class Astray(msgspec.Struct, frozen=True):
    """A copy that is not as its aggregate is."""

    topology: Topology
    cluster: Cluster
    service_key: str

    @property
    def name(self) -> str:
        """The name of the aggregate."""
        return aggregate_name(self.service_key)

    @property
    def namespace(self) -> str:
        """The namespace of the copy."""
        return self.service_key.split("/", maxsplit=1)[0]

    @property
    def agent(self) -> str:
        """The agent that makes the copy, in words."""
        return f"agent {self.cluster.name}"

    def cell(self) -> Cell:
        """The copy."""
        return self.topology.copy_cell(self.cluster, self.service_key)


def is_about_copies(topology: Topology, prop: Property) -> bool:
    """Whether a property asks for copies."""
    return any(topology.copy_cell(c, key) in prop.cells for c in topology.clusters for key in topology.service_keys())


def first_astray(topology: Topology, get: Get) -> Astray | None:
    """The first copy that is not as its aggregate is, if one is."""
    for key in topology.service_keys():
        there = topology.copy_cells(get, key)
        for cluster in topology.clusters:
            cell = topology.copy_cell(cluster, key)
            if cell in there and not is_copied(topology, topology.aggregate(get, key), get(cell)):
                return Astray(topology, cluster, key)
    return None


def story_of_copy(copy: Astray, steps: Sequence[Step], get: Get, changes: Changes) -> list[Line]:
    """The lines of the story, in no order."""
    cells = copy.topology.aggregate_cells(copy.service_key)
    aggregates = sorted(
        (written for cell in cells for written in _written(steps, changes, cell)), key=lambda written: written[0]
    )
    copies = _written(steps, changes, copy.cell())
    latest = max((index for index, _ in (*aggregates, *copies)), default=-1)
    told: Told = {}
    for index, step in enumerate(steps):
        words = _heard(copy, steps, index)
        if words:
            told[index] = (TELL if index > latest else MAY_GO, words)
        elif step.domain == "users" and not isinstance(step.request, Turn | Over | Heard):
            told[index] = _of_user(step)
    if latest >= 0:
        told |= _causes(copy, steps, latest)
    told |= _of_aggregate(copy, steps, aggregates, latest)
    told |= {index: (KEEP if index == copies[-1][0] else TELL, _of_copy(copy, steps[index], value))
             for index, value in copies}  # fmt: skip
    lines = [(steps[index].at_ms, weight, words) for index, (weight, words) in told.items() if words]
    end_ms = max(steps[-1].at_ms, changes[-1][0] if changes else 0.0)
    is_told = any(index > latest and _heard(copy, steps, index) for index in told)
    return [*lines, (end_ms, KEEP, _in_the_end(copy, get, is_told=is_told))]


def _written(steps: Sequence[Step], changes: Changes, cell: Cell) -> list[tuple[int, Any]]:
    """The steps that changed a cell, and what was in it then."""
    out = []
    for at_ms, changed, value in changes:
        if changed is cell:
            at = [index for index, step in enumerate(steps) if step.at_ms == at_ms]
            writes = [i for i in at if isinstance(steps[i].request, WRITES) and steps[i].response]
            out += [(index, value) for index in (writes or at)[-1:]]
    return out


def _causes(copy: Astray, steps: Sequence[Step], index: int) -> Told:
    """What led to a write: what ended and started, and who queued it having looked in vain."""
    out: Told = {}
    asked = queued(steps, index)
    for place in chain(steps, index if asked is None else asked):
        words = _heard(copy, steps, place)
        found = (KEEP, words) if words else of_containers(steps[place])
        if found is not None:
            out[place] = found
    return out


# -- words -----------------------------------------------------------------------------------------------------------


def _who(step: Step) -> str:
    domain, _, what = step.domain.partition("/")
    return f"agent {domain}" if what else "somebody"


def _of_user(step: Step) -> tuple[int, str]:
    """What the script does."""
    request: Any = step.request
    if isinstance(request, ObjectWrite) and request.object.kind == NAMESPACES:
        return TELL, f"a user creates namespace {request.object.name} in {request.api.name}"
    return of_containers(step) or (TELL, request.words(step.choice, step.response))


def _of_aggregate(copy: Astray, steps: Sequence[Step], written: Sequence[tuple[int, Any]], latest: int) -> Told:
    """The writes of the aggregate; those after which it names others than before matter, and the last of all writes."""
    out: Told = {}
    named: str | None = None
    for index, value in written:
        who, after = _who(steps[index]), _named(value)
        weight = KEEP if index == latest or value is None else TELL if after != named else MAY_GO
        done = "deletes" if value is None else "writes"
        out[index] = (weight, f"{who} {done} aggregate {copy.name}{f': it names {after}' if value else ''}")
        named = after
    return out


def _of_copy(copy: Astray, step: Step, value: Any) -> str:
    """A write of the copy."""
    where = copy.cluster.name
    if isinstance(step.request, DeleteNamespace):
        return f"a user deletes namespace {copy.namespace} of {where}, and with it the copy of aggregate {copy.name}"
    if value is None:
        return f"{_who(step)} deletes the copy of aggregate {copy.name} in {where}"
    said = f": it names {_named(value)}" if copy.topology.has_contents else ""
    return f"{_who(step)} writes the copy of aggregate {copy.name} in {where}{said}"


def _named(stored: ServiceImport | None) -> str:
    return ", ".join(stored.clusters if stored else ()) or "nobody"


def _heard(copy: Astray, steps: Sequence[Step], index: int) -> str:
    """What the agent of the cluster heard of the aggregate or of the namespace, or looked for, in words; else empty."""
    step, agent = steps[index], copy.cluster.agent
    words = ""
    if step.domain != agent.domain.name or not isinstance(agent, LighthouseAgent):
        return words
    syncer = agent.remote_imports
    match step.request:
        case Deliver(informer=informer) | Replace(informer=informer) if informer is syncer.informer:
            words = _of_broker(copy, step)
        case Deliver(informer=informer) | Replace(informer=informer) if informer is agent.namespaces:
            words = _of_namespaces(copy, steps, index)
        case NamespaceTurn(missing=missing) if missing.syncer is syncer:
            words = _told_of_namespace(copy, steps, index)
        case Enqueue(syncer=told, operation=operation) if told is syncer and operation.object.key == _key(copy):
            words = f"{copy.agent} queues the deletion of its copy" if operation.type == DELETE else ""
        case Read(cell=cell) if step.process == syncer.told_by and cell is syncer.informer.entry(_key(copy)):
            stray = f"{copy.agent} has not heard of aggregate {copy.name}: it takes its copy for a stray one"
            words = "" if step.response else stray
        case Record() | ApiCall() as request if step.process.split("/")[0] in (syncer.name, syncer.told_by):
            failed = isinstance(step.response, Failure) and step.response is not NOT_FOUND
            words = request.words(step.choice, step.response) if failed or isinstance(request, Record) else ""
    return words


def _key(copy: Astray) -> str:
    return f"{BROKER_NAMESPACE}/{copy.name}"


def _of_broker(copy: Astray, step: Step) -> str:
    """What S6's informer heard."""
    request: Any = step.request
    if isinstance(request, Replace):
        there = any(obj.key == _key(copy) for obj in request.listed.items)
        return f"{copy.agent} lists aggregates: {copy.name} is {'there' if there else 'missing'}"
    event = step.response
    if event.type is CLOSED:
        return f"{copy.agent} loses its watch of aggregates"
    if event.object.key != _key(copy):
        return ""
    return f"{copy.agent} hears that aggregate {copy.name} {'is gone' if event.type is DELETED else 'is there'}"


def _of_namespaces(copy: Astray, steps: Sequence[Step], index: int) -> str:
    """What the informer of namespaces heard."""
    request: Any = steps[index].request
    if isinstance(request, Replace):
        if not any(obj.name == copy.namespace for obj in request.listed.items):
            return f"{copy.agent} lists namespaces: {copy.namespace} is missing"
        knew = _knew(copy, steps[:index])
        return f"{copy.agent} lists namespaces: {copy.namespace} is there{', and it never heard that it went' * knew}"
    event = steps[index].response
    if event.type is CLOSED:
        return f"{copy.agent} loses its watch of namespaces"
    if event.object.name != copy.namespace:
        return ""
    return f"{copy.agent} hears that namespace {copy.namespace} {'is gone' if event.type is DELETED else 'has come'}"


def _knew(copy: Astray, steps: Sequence[Step]) -> bool:
    """Whether the namespace went and its informer, which ran all the time, has not heard of it."""
    for step in reversed(steps):
        request: Any = step.request
        if isinstance(request, DeleteNamespace) and request.api is copy.cluster.api and step.response:
            return True
        watches = copy.cluster.agent.informers("namespaces")
        about = isinstance(request, Deliver | Replace) and request.informer in watches
        if about and not (isinstance(request, Deliver) and step.response.type is CLOSED):
            return False
    return False


def _told_of_namespace(copy: Astray, steps: Sequence[Step], index: int) -> str:
    """What S6 makes of a namespace that came or went."""
    request: Any = steps[index].request
    if request.namespace != copy.namespace:
        return ""
    if request.prefix != HAS_COME:
        return f"{copy.agent} notes what it copies into namespace {copy.namespace}"
    at = (steps[index].domain, steps[index].process)
    later = (s for s in steps[index:] if (s.domain, s.process) == at and isinstance(s.request, Take))
    nothing = all(step.choice != _key(copy) for step in later)
    what = "has noted nothing to copy into it" if nothing else "copies into it what it has noted"
    return f"{copy.agent} turns to namespace {copy.namespace}, which has come, and {what}"


def _in_the_end(copy: Astray, get: Get, *, is_told: bool) -> str:
    """The copy and its aggregate at the end."""
    aggregate: Any = copy.topology.aggregate(get, copy.service_key)
    stored: Any = get(copy.cell())
    where = copy.cluster.name
    if aggregate is None:
        words = f"at rest, {where} still has a copy of aggregate {copy.name}, which is gone"
    elif stored is None:
        words = f"at rest, {where} has no copy of aggregate {copy.name}, which names {_named(aggregate)}"
    else:
        words = f"at rest, the copy of aggregate {copy.name} in {where} is not as the aggregate is"
        if stored.clusters != aggregate.clusters:
            words += f": it names {_named(stored)}, the aggregate {_named(aggregate)}"
    return words if is_told else f"{words}; nothing tells {copy.agent} to mend it"
