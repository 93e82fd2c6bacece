"""The loss of one export in at most 8 lines: what led to it, step by step, found by following causes backwards.

The write that took the exporter out of the aggregate has a cause: the item that its worker took, which a step queued,
which had a cause; and so on to the fault. Of that chain only the steps that a person would name are told.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from models.judgement import spans_of
from models.kube.calls import ApiCall, Delete, GetObject, ObjectWrite
from models.kube.informer import Deliver
from models.kube.objects import SERVICE_IMPORTS
from models.kube.syncer import DELETE, Enqueue
from models.node.container import ExitContainer, StartContainer
from models.node.host import StopHost
from models.submariner.names import aggregate_name
from models.topology import Export, Topology
from sim.core import Get, Start, Step, Take
from sim.core.model import Changes

LINES_MAX = 8


def tell(topology: Topology, steps: Sequence[Step], get: Get, changes: Changes) -> list[str]:
    """The story of the first export that is lost at the end, else of the first that was lost meanwhile; times in s."""
    found = _first_loss(topology, steps, get)
    if found is None:
        return []
    export, index = found
    told = [(steps[i].at_ms, _words(topology, export, steps[i])) for i in _chain(steps, index)]
    lines = [(at_ms, words) for at_ms, words in told if words]
    lines += _decisive_read(export, steps, index)
    lines += _aftermath(topology, export, steps, index, get, changes)
    lines.sort(key=lambda line: line[0])
    return [f"{at_ms / 1000:9.3f} s  {words}" for at_ms, words in lines[:LINES_MAX]]


def _first_loss(topology: Topology, steps: Sequence[Step], get: Get) -> tuple[Export, int] | None:
    """The export, and the index of the last write that took it out of the aggregate."""
    losses: list[tuple[bool, int, Export]] = []
    for export in topology.exports:
        named = True
        for index, step in enumerate(steps):
            after = _named_after(topology, export, step)
            if after is False and named:
                losses.append((topology.is_named(get, export), index, export))
            named = named if after is None else after
    if not losses:
        return None
    came_back, index, export = min(losses)
    if not came_back:
        index = max(i for back, i, e in losses if e == export)
    return export, index


def _named_after(topology: Topology, export: Export, step: Step) -> bool | None:
    """Whether the aggregate names the exporter after a step that wrote it; None if it did not."""
    request = step.request
    if not isinstance(request, ApiCall) or request.api is not topology.broker_api or not step.response:
        return None
    name = aggregate_name(export.service_key)
    if isinstance(request, Delete) and request.kind == SERVICE_IMPORTS:
        return False if request.name == name and "broker" in request.namespace else None
    if isinstance(request, ObjectWrite) and request.object.kind == SERVICE_IMPORTS and request.object.name == name:
        return export.cluster in step.response.clusters
    return None


# -- causes ----------------------------------------------------------------------------------------------------------


def _chain(steps: Sequence[Step], index: int) -> list[int]:
    """The steps that led to this one, from the fault on."""
    out = []
    at: int | None = index
    while at is not None:
        out.append(at)
        at = _cause(steps, at)
    return out[::-1]


def _cause(steps: Sequence[Step], index: int) -> int | None:
    """The step before in the same process; for a taken item the one that queued it; for a start the starter's."""
    step = steps[index]
    if isinstance(step.request, Take) and step.request.channel.keyed:
        return _last(steps, index, lambda s: _queued(s, step.request.channel, step.choice))
    return _last(steps, index, lambda s: (s.domain, s.process) == (step.domain, step.process) or _starts(s, step))


def _last(steps: Sequence[Step], before: int, fits: Any) -> int | None:
    return next((i for i in range(before - 1, -1, -1) if fits(steps[i])), None)


def _queued(step: Step, channel: Any, key: Any) -> bool:
    request = step.request
    if isinstance(request, Enqueue):
        return request.syncer.queue is channel and request.operation.object.key == key
    if isinstance(request, Deliver):
        handler: Any = request.informer.handler
        return getattr(handler, "queue", None) is channel and getattr(step.response.object, "key", None) == key
    return False


def _starts(step: Step, started: Step) -> bool:
    request = step.request
    if isinstance(request, Start):
        return (request.domain.name, request.name) == (started.domain, started.process)
    if isinstance(request, StartContainer):
        return request.container.name == started.domain and started.process == "main"
    return False


# -- words -----------------------------------------------------------------------------------------------------------


def _words(topology: Topology, export: Export, step: Step) -> str:
    """The step as a line of the story, or nothing."""
    request = step.request
    if isinstance(request, StopHost | ExitContainer | StartContainer):
        return request.words(step.choice, step.response)
    if isinstance(request, Enqueue) and request.operation.type == DELETE:
        return _queued_words(export, step, request.operation.object)
    if isinstance(request, Delete) and request.kind == SERVICE_IMPORTS and step.response:
        where = "on its own API server, which is the broker's" if request.api is topology.broker_api else ""
        return f"agent {_cluster(step)} deletes ServiceImport {request.namespace}/{request.name} {where}".rstrip()
    if isinstance(request, ObjectWrite) and request.object.kind == SERVICE_IMPORTS and step.response:
        return f"agent {_cluster(step)}: {request.verb} ServiceImport {request.object.key}"
    return ""


def _queued_words(export: Export, step: Step, obj: Any) -> str:
    """A deletion that was queued; nothing if it is about another service."""
    taken_for = getattr(obj, "annotation", "")
    if taken_for.split("/")[-1] == aggregate_name(export.service_key):
        return f"agent {_cluster(step)} lists all ServiceImports and takes {taken_for} for a stray copy"
    if export.service_key in (taken_for, getattr(obj, "service", ""), obj.key):
        return f"agent {_cluster(step)} queues the deletion of {obj.kind} {obj.key}"
    return ""


def _cluster(step: Step) -> str:
    return step.domain.split("/")[0]


def _decisive_read(export: Export, steps: Sequence[Step], loss: int) -> list[tuple[float, str]]:
    """The exporter's own read of the aggregate before the loss, after which it writes nothing (FACTS C15)."""
    name = aggregate_name(export.service_key)
    domain = f"{export.cluster}/lighthouse-agent"
    index = _last(
        steps, loss, lambda s: isinstance(s.request, GetObject) and s.domain == domain
        and s.process.startswith("s5") and s.request.name == name,
    )  # fmt: skip
    if index is None or export.cluster not in getattr(steps[index].response, "clusters", ()):
        return []
    words = f"agent {export.cluster} reads aggregate {name}: {export.cluster} is named already, so it writes nothing"
    return [(steps[index].at_ms, words)]


def _aftermath(
    topology: Topology, export: Export, steps: Sequence[Step], loss: int, get: Get, changes: Changes
) -> list[tuple[float, str]]:
    """The copies that follow, what users see in the end, and what clients saw."""
    out = []
    namespace, name = export.service_key.split("/")
    gone = [
        step for step in steps[loss:]
        if isinstance(step.request, Delete) and (step.request.namespace, step.request.name) == (namespace, name)
        and step.request.kind == SERVICE_IMPORTS and step.response
    ]  # fmt: skip
    if gone:
        last = gone[-1]
        out.append((last.at_ms, f"the copies of ServiceImport {export.service_key} are deleted in every cluster"))
    stored = get(topology.export_cell(export))
    end_ms = max(steps[-1].at_ms, changes[-1][0] if changes else 0.0)
    if stored is not None and not topology.is_named(get, export):
        conditions = ", ".join(condition.words() for condition in stored.conditions)
        words = f"at rest, ServiceExport {export.service_key} of {export.cluster} still says {conditions}"
        out.append((end_ms, words))
        out += _dns(topology, export, changes, end_ms)
    return out


def _dns(topology: Topology, export: Export, changes: Changes, end_ms: float) -> list[tuple[float, str]]:
    """What DNS says to a client of another cluster in the end."""
    for cluster in topology.clusters:
        if cluster.name == export.cluster or export.service_key not in cluster.client.services:
            continue
        spans = list(spans_of(cluster.client.seen(export.service_key), changes, end_ms))
        if not spans or spans[-1][2] is None:
            continue
        seen = spans[-1][2]
        if seen.has_answer:
            words = f"coredns of {cluster.name} goes on answering from memory, until it restarts: the loss is latent"
        else:
            words = f"coredns of {cluster.name} answers {seen.dns}"
        return [(end_ms, words)]
    return []
