"""What went wrong in at most 8 lines; of the loss of an export what led to it, step by step, found by following causes
backwards. Where nothing is wrong it is told what happened.

The write that took the exporter out of the aggregate has a cause: the item that its worker took, which a step queued,
which had a cause; and so on to the fault. Of that chain only the steps that a person would name are told.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from models.exports import Export
from models.faults.fault import Turn
from models.judgement import spans_of
from models.kube.calls import ApiCall, Delete, DeleteCollection, GetObject, ObjectWrite
from models.kube.objects import SERVICE_EXPORTS, SERVICE_IMPORTS
from models.kube.pending import DELETE
from models.kube.syncer import Enqueue
from models.properties.exported_is_named import is_exported
from models.submariner.names import aggregate_name
from models.telling.causes import chain, last, under_way
from models.telling.copies import first_astray, is_about_copies, story_of_copy
from models.telling.data_plane import OF_TABLES, story_of_tables
from models.telling.lines import KEEP, LINES_MAX, MAY_GO, TELL, Line, at_most, cluster_of, of_containers
from models.telling.objects import KINDS, story_of_object
from models.telling.script import acts
from models.telling.wrong import first_wrong
from models.topology import Topology
from sim.core import Get, Step
from sim.core.model import Changes
from sim.core.property import Property, When

ASK_FOR_IMPORTS = ("L1", "I1", "I4", "I13", "S1", "E1", "D3")
"""Properties that a lost export violates."""
OF_OTHERS = ("I3", "I6", "I9", "I11", "C1")
"""Properties that say nothing of exports and aggregates, of which nothing is told here."""


def tell(topology: Topology, steps: Sequence[Step], get: Get, changes: Changes) -> list[str]:
    """The story with times in s."""
    return [f"{at_ms / 1000:9.3f} s  {words}" for at_ms, words in story(topology, steps, get, changes)]


def story(
    topology: Topology, steps: Sequence[Step], get: Get, changes: Changes, prop: Property | None = None
) -> list[tuple[float, str]]:
    """The story of the first export that is lost at the end, else of the first that was lost meanwhile; of a copy where
    one is not as its aggregate is and no aggregate lacks an export; of the data plane where nothing else is wrong.
    ``prop`` is what is violated, where that is known: copies are told of only where it asks for them, and first where
    it asks for no export, the data plane only where it asks for that.
    """
    found = _first_loss(topology, steps, get)
    is_lost = found is not None and not topology.is_named(get, found[0])
    end_ms = ended_at(steps, changes)
    if prop is None or is_about_copies(topology, prop):
        copy = first_astray(topology, get)
        of_exports = prop is None or any(topology.export_cell(export) in prop.cells for export in topology.exports)
        if copy is not None and not (is_lost and of_exports):
            return _in_order(story_of_copy(copy, steps, get, changes))
    explains = found is not None and is_lost and is_exported(topology, get, found[0])
    if prop is not None and not (explains and prop.name in ASK_FOR_IMPORTS):
        wrong = first_wrong(topology, prop.name, get)
        if wrong is not None:
            return _in_order(story_of_object(topology, wrong, steps, end_ms))
        if prop.name in OF_TABLES:
            return _in_order(story_of_tables(topology, steps, get, end_ms))
    if found is None or (prop is not None and prop.name in OF_OTHERS):
        return _in_order(story_of_tables(topology, steps, get, end_ms)) if prop is None else []
    export, index = found
    told = [_line(topology, export, steps[i]) for i in chain(steps, index)[:-1]]
    at_ms, weight, words = _line(topology, export, steps[index])
    told.append((at_ms, weight, words + _reason(steps, index)))
    told += [_of_script(topology, export, step) for step in steps[:index] if acts(step)]
    lines = sorted({line for line in told if line[2]}, key=lambda line: line[0])
    lines += _decisive_read(export, steps, index)
    when = "then" if prop is not None and prop.when is When.ALWAYS else "at rest"
    lines += _aftermath(topology, export, steps, index, get, changes, when)
    return _in_order(lines)


def ended_at(steps: Sequence[Step], changes: Changes) -> float:
    """When the last step was taken, or the last change seen."""
    return max(steps[-1].at_ms if steps else 0.0, changes[-1][0] if changes else 0.0)


def _in_order(lines: Sequence[Line]) -> list[tuple[float, str]]:
    return [(at_ms, words) for at_ms, _, words in at_most(LINES_MAX, lines)]


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


# -- words -----------------------------------------------------------------------------------------------------------


def _line(topology: Topology, export: Export, step: Step) -> Line:
    """The step as a line of the story, without words where a person would not name it."""
    request: Any = step.request
    words, weight = "", TELL
    container = of_containers(step)
    if container is not None:
        weight, words = container
    elif isinstance(request, Enqueue) and request.operation.type == DELETE:
        words = _queued_words(export, step, request.operation.object)
    elif step.domain == "users" and isinstance(request, ApiCall):
        words, weight = _user_words(export, step), KEEP
    elif isinstance(request, Delete | DeleteCollection | ObjectWrite) and step.response:
        words, weight = _write_words(topology, export, step)
    return step.at_ms, weight, words


def _of_script(topology: Topology, export: Export, step: Step) -> Line:
    """What the script does: to the export, or to something else, which may matter."""
    at_ms, weight, words = _line(topology, export, step)
    if words:
        return at_ms, weight, words
    is_fault = not isinstance(step.request, ApiCall | Turn)
    return at_ms, TELL if is_fault else MAY_GO, step.words()


def _user_words(export: Export, step: Step) -> str:
    """What a user does to the export itself."""
    request: Any = step.request
    kind = request.object.kind if isinstance(request, ObjectWrite) else getattr(request, "kind", "")
    if kind != SERVICE_EXPORTS or f" {export.service_key}" not in step.words():
        return ""
    return f"a user {request.verb}s ServiceExport {export.service_key} in {request.api.name}"


def _write_words(topology: Topology, export: Export, step: Step) -> tuple[str, int]:
    """A write of an agent, and how much it matters."""
    request: Any = step.request
    me = cluster_of(step)
    if isinstance(request, Delete) and request.kind == SERVICE_IMPORTS:
        own = topology.cluster(me).api is topology.broker_api and request.api is topology.broker_api
        where = ", on its own API server, which is the broker's" if own and "broker" in request.namespace else ""
        weight = KEEP if request.name == aggregate_name(export.service_key) else MAY_GO
        return f"agent {me} deletes ServiceImport {request.namespace}/{request.name}{where}", weight
    if isinstance(request, DeleteCollection):
        names = ", ".join(obj.name for obj in step.response.items)
        return f"agent {me} deletes its EndpointSlice {names}", MAY_GO
    if isinstance(request, Delete):
        return f"agent {me} deletes {request.kind} {request.namespace}/{request.name}", MAY_GO
    if request.object.kind == SERVICE_IMPORTS and request.object.name == aggregate_name(export.service_key):
        named = ", ".join(step.response.clusters) or "nobody"
        return f"agent {me} writes aggregate {request.object.name}: it names {named}", KEEP
    return "", MAY_GO


def _reason(steps: Sequence[Step], index: int) -> str:
    """Why a write was made: what the worker was at was the deletion of something else."""
    _, head = under_way(steps, index)
    if head is None or head.type != DELETE or head.object.kind not in KINDS or head.object.kind == SERVICE_IMPORTS:
        return ""
    return f", as {KINDS[head.object.kind]} {head.object.name} of {cluster_of(steps[index])} was deleted"


def _queued_words(export: Export, step: Step, obj: Any) -> str:
    """A deletion that was queued; nothing if it is about another service."""
    taken_for = getattr(obj, "annotation", "")
    if taken_for.split("/")[-1] == aggregate_name(export.service_key):
        return f"agent {cluster_of(step)} lists all ServiceImports and takes {taken_for} for a stray copy"
    if export.service_key in (taken_for, getattr(obj, "service", ""), obj.key):
        return f"agent {cluster_of(step)} queues the deletion of {obj.kind} {obj.key}"
    return ""


def _decisive_read(export: Export, steps: Sequence[Step], loss: int) -> list[Line]:
    """The exporter's own read of the aggregate before the loss, after which it does not join again (FACTS C15)."""
    name = aggregate_name(export.service_key)
    domain = f"{export.cluster}/lighthouse-agent"
    index = last(
        steps, loss, lambda s: isinstance(s.request, GetObject) and s.domain == domain
        and s.process.startswith("s5") and s.request.name == name,
    )  # fmt: skip
    if index is None or export.cluster not in getattr(steps[index].response, "clusters", ()):
        return []
    words = f"agent {export.cluster} reads aggregate {name}: it names {export.cluster} already, so nothing is added"
    return [(steps[index].at_ms, TELL, words)]


def _aftermath(
    topology: Topology, export: Export, steps: Sequence[Step], loss: int, get: Get, changes: Changes, when: str
) -> list[Line]:
    """The copies that follow, what users see in the end, and what clients saw."""
    out = []
    namespace, name = export.service_key.split("/")
    gone = [
        step for step in steps[loss:]
        if isinstance(step.request, Delete) and (step.request.namespace, step.request.name) == (namespace, name)
        and step.request.kind == SERVICE_IMPORTS and step.response
    ]  # fmt: skip
    if gone:
        out.append((gone[-1].at_ms, MAY_GO, _gone_words(topology, export, gone)))
    stored = get(topology.export_cell(export))
    end_ms = ended_at(steps, changes)
    if stored is not None and not topology.is_named(get, export):
        conditions = ", ".join(condition.words() for condition in stored.conditions)
        words = f"{when}, ServiceExport {export.service_key} of {export.cluster} still says {conditions}"
        out.append((end_ms, KEEP, words))
        out += _dns(topology, export, changes, end_ms)
    return out


def _gone_words(topology: Topology, export: Export, gone: Sequence[Step]) -> str:
    """Where copies were deleted."""
    apis = {step.request.api for step in gone if isinstance(step.request, Delete)}
    where = [cluster.name for cluster in topology.clusters if cluster.api in apis]
    if len(where) == 1:
        return f"the copy of ServiceImport {export.service_key} is deleted in {where[0]}"
    every = "every cluster" if len(where) == len(topology.clusters) else " and ".join(where)
    return f"the copies of ServiceImport {export.service_key} are deleted in {every}"


def _dns(topology: Topology, export: Export, changes: Changes, end_ms: float) -> list[Line]:
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
        return [(end_ms, KEEP, words)]
    return []
