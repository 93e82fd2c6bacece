"""Whether a request of the model is the call that a line of a log tells of, and whether its effect is what it says."""

from __future__ import annotations

from typing import Any

from models.kube.calls import (
    UNREACHABLE,
    ApiCall,
    Create,
    CreateGenerated,
    Delete,
    DeleteCollection,
    Failure,
    GetObject,
    Listed,
    ListObjects,
    ObjectWrite,
    Update,
    UpdateStatus,
)
from models.kube.informer import ListAndOpen
from models.kube.objects import ENDPOINT_SLICES, EndpointSlice, K8sEndpointSlice, ServiceExport, ServiceImport
from models.logs.entry import OK, Entry, Facts, LogFile, shown
from models.submariner.names import BROKER_NAMESPACE
from sim.core import Get, Request

Names = tuple[tuple[str, str], ...]
"""Pairs (name in the log, name in the model) of objects whose names servers made."""
VERBS: tuple[tuple[type[ApiCall], str], ...] = (
    (DeleteCollection, "deletecollection"),
    (ListObjects, "list"),
    (ListAndOpen, "list"),
    (GetObject, "get"),
    (UpdateStatus, "updateStatus"),
    (Update, "update"),
    (Create, "create"),
    (CreateGenerated, "create"),
    (Delete, "delete"),
)


def fits(entry: Entry, request: Request, names: Names, servers: tuple[str, ...]) -> bool:
    """Whether the request is a call of this verb on this object, as far as the line says."""
    verb = next((verb for kind, verb in VERBS if isinstance(request, kind)), "")
    if verb != entry.verb or not isinstance(request, ApiCall) or not _same_server(entry, request):
        return False
    kind, namespace, name = _target(request)
    if kind != entry.kind or namespace != entry.namespace:
        return False
    if isinstance(request, ListAndOpen):
        of_service = entry.of_service or (not entry.informer and entry.namespace not in ("", BROKER_NAMESPACE))
        return entry.may_be_informers and of_service == ("service-name" in request.informer.topic)
    if isinstance(request, ListObjects):
        return not entry.informer
    if isinstance(request, CreateGenerated):
        return entry.name not in dict(names)
    return _same_name(entry, name, names, servers)


def _same_server(entry: Entry, request: ApiCall) -> bool:
    """Whether the call goes to the server that the line names, if it names one: one format tells only the namespace."""
    far = " on broker" in request.link.name
    if entry.api == "broker":
        return far or not entry.seen_by_proxy
    return not (entry.api == "local" and far)


def _target(request: ApiCall) -> tuple[str, str, str]:
    if isinstance(request, ObjectWrite):
        return request.object.kind, request.object.namespace, request.object.name
    if isinstance(request, ListAndOpen):
        return request.informer.kind, request.informer.namespace, ""
    assert isinstance(request, GetObject | ListObjects | Delete)
    return request.kind, request.namespace, getattr(request, "name", "")


def _same_name(entry: Entry, name: str, names: Names, servers: tuple[str, ...]) -> bool:
    if entry.kind != ENDPOINT_SLICES or entry.name == name:
        return entry.name == name
    known = dict(names)
    if entry.name in known:
        return known[entry.name] == name
    if name in known.values():
        return False
    stem = entry.name.rsplit("-", 1)[0]
    return any(name.rstrip("0123456789") == f"{stem}-{server}" for server in servers)


def bound(entry: Entry, model_name: str, names: Names) -> Names:
    """The pairs with this one added, if the name was made by a server."""
    if entry.kind != ENDPOINT_SLICES or entry.name in dict(names) or entry.name == model_name:
        return names
    return tuple(sorted((*names, (entry.name, model_name))))


def agrees(entry: Entry, request: Any, response: Any, before: Get, after: Get, names: Names) -> tuple[Names, str]:
    """The names after the call, and why its answer is not what the line says (empty if it is)."""
    result = response.reason if isinstance(response, Failure) else OK
    if result != entry.result:
        return names, f"the model answers {result}, the log says {entry.result}"
    if isinstance(request, ListObjects | ListAndOpen):
        return names, _lists_agree(entry, response, names) if isinstance(response, Listed) else ""
    if isinstance(request, CreateGenerated) and response:
        names = bound(entry, response.name, names)
    elif request is not None:
        names = bound(entry, _target(request)[2], names)
    return names, _objects_agree(entry, request, response, before, after)


def _lists_agree(entry: Entry, response: Listed, names: Names) -> str:
    if entry.count is not None and len(response.items) != entry.count:
        return f"the model lists {len(response.items)} objects, the log {entry.count}"
    known = dict(names)
    mine = {item.name for item in response.items if hasattr(item, "name")}
    if entry.lists and len(mine) == len({*entry.lists}):
        missing = [name for name in entry.lists if name in known and known[name] not in mine]
        if missing:
            return f"the model's list has no {missing[0]}"
    return ""


def _objects_agree(entry: Entry, request: Any, response: Any, before: Get, after: Get) -> str:
    if isinstance(request, GetObject) and response:
        stored = before(request.api.object(*_target(request)))
        return differing(entry.got, stored, "has")
    if not isinstance(request, ObjectWrite):
        return ""
    sent = request.object
    if entry.got is not None and response:
        name = response.name if isinstance(request, CreateGenerated) else sent.name
        stored = after(request.api.object(sent.kind, sent.namespace, name))
        wrong = differing(entry.got, stored, "stores")
        if wrong:
            return wrong
    if isinstance(sent, ServiceExport):  # only a part of it is sent: judged by what is stored
        if response and entry.got is None:
            stored = after(request.api.object(sent.kind, sent.namespace, sent.name))
            return differing(entry.sent, stored, "stores")
        return ""
    return differing(entry.sent, sent, "sends")


def differing(facts: Facts | None, obj: Any, does: str) -> str:
    """Why an object is not as the line tells; empty if it is."""
    if facts is None or obj is None:
        return ""
    mine = facts_of(obj)
    wrong = []
    for field in facts.__struct_fields__:
        told, is_so = getattr(facts, field), getattr(mine, field)
        if told is None or is_so is None:
            continue
        if isinstance(told, int) and isinstance(is_so, tuple):
            is_so = len(is_so)
        elif field in ("clusters", "timestamps", "conditions") or (field == "ports" and isinstance(told, tuple)):
            told, is_so = tuple(sorted(told)), tuple(sorted(is_so))
        if told != is_so:
            wrong.append(field)
    if not wrong:
        return ""
    only: dict[str, Any] = dict.fromkeys(facts.__struct_fields__)
    log = Facts(**{**only, **{field: getattr(facts, field) for field in wrong}})
    model = Facts(**{**only, **{field: getattr(mine, field) for field in wrong}})
    return f"the model {does} {shown(model)}, the log says {shown(log)}"


def facts_of(obj: Any) -> Facts:
    """What a line of a log would tell of an object."""
    if isinstance(obj, ServiceExport):
        return Facts(conditions=tuple(sorted(condition.words() for condition in obj.conditions)))
    if isinstance(obj, ServiceImport):
        stamps = tuple(cluster for cluster, _ in obj.timestamps)
        return Facts(clusters=obj.clusters, timestamps=stamps, type=obj.type, ports=obj.ports)
    if isinstance(obj, EndpointSlice):
        return Facts(cluster=obj.source_cluster, ports=obj.ports, ready=(obj.ready,))
    return Facts(ports=obj.ports, ready=(obj.ready,)) if isinstance(obj, K8sEndpointSlice) else Facts()


def silent(log: LogFile, request: Request, response: Any) -> bool:
    """Whether a call of the model would leave no line in a log of this format.

    A proxy does not see what is refused on the way to it.
    """
    if not isinstance(request, ApiCall) or (log.whole_binary and response is UNREACHABLE):
        return True
    kind, informer = "", isinstance(request, ListAndOpen)
    if isinstance(request, ListObjects | GetObject):
        kind = request.kind
    elif isinstance(request, ListAndOpen):
        kind = request.informer.kind
    if not isinstance(request, ObjectWrite | GetObject | ListObjects | ListAndOpen | Delete):
        return True  # discovery, watches
    if kind == "namespaces":
        return True
    return informer and not log.whole_binary and kind not in ("serviceimports", ENDPOINT_SLICES)
