"""A run of the model as a log of the format of the controllers, as ``docs/FACTS.md`` M1 has them: so that what the
model does can be held against the model.

The steps of a run are taken once more on the world that they began in, as a line tells of objects as they are stored
and a step only what was asked and answered.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
from msgspec.structs import replace

from models.faults.fault import Steps
from models.faults.namespace import DeleteNamespace
from models.faults.service import CreateService
from models.kube.calls import (
    ApiCall,
    Create,
    CreateGenerated,
    Delete,
    DeleteCollection,
    Failure,
    Fits,
    GetObject,
    Listed,
    ListObjects,
    ObjectWrite,
    Update,
    UpdatePart,
    UpdateStatus,
)
from models.kube.informer import ListAndOpen
from models.kube.meter import KILLED_AFTER, KILLED_BEFORE
from models.kube.objects import (
    ENDPOINT_SLICES,
    HEADLESS,
    NAMESPACES,
    SERVICE_IMPORTS,
    EndpointSlice,
    Service,
    ServiceExport,
    ServiceImport,
)
from models.model import ScenarioModel
from models.node.container import EXITED, PAUSED, RUNNING
from models.topology import Topology
from sim.core import Machine, Step
from sim.core.world import World
from sim.timed.run import run

Row = dict[str, Any]
CODES = {"0.19.0": "0.19.0", "0.19.1": "0.19.0+fix"}
VERBS: tuple[tuple[type[ApiCall], str], ...] = (
    (DeleteCollection, "deletecollection"), (ListObjects, "list"), (ListAndOpen, "list"), (GetObject, "get"),
    (UpdateStatus, "updateStatus"), (Update, "update"), (Create, "create"), (CreateGenerated, "create"),
    (Delete, "delete"), (DeleteNamespace, "delete"),
)  # fmt: skip
TOLD_LISTS = (SERVICE_IMPORTS, ENDPOINT_SLICES)
"""What informers list that is told; other lists of theirs, and watches, are left out as in real logs."""


class CreatesAnew(CreateService, frozen=True, kw_only=True, tag="create-service-anew", tag_field="do"):
    """A Service that is created has an IP that none had before, and its pods addresses, as logs are read; in scenarios
    it has the same again.
    """

    def steps(self, topology: Topology) -> Steps:
        steps, answer = super().steps(topology), None
        while True:
            try:
                request: Any = steps.send(answer)
            except StopIteration:
                return
            made = request.object
            same = isinstance(made, Service) and made.type == HEADLESS
            anew = made if same else replace(made, detail=f"created at {self.at_ms}")
            answer = yield replace(request, object=anew)


class Called(msgspec.Struct, frozen=True):
    """A call, and what a line may tell of it: its answer, and the object as it was ``stored`` before."""

    request: ApiCall
    response: Any
    stored: Any
    verb: str
    kind: str
    namespace: str
    name: str


class Writer:
    """Takes the steps of one run again, and tells of them."""

    def __init__(self, model: ScenarioModel, world: World) -> None:
        self.machine = Machine()
        self.machine.load(world)
        model.begin(self.machine)
        self.made = 0
        self.containers = [(cluster.name, cluster.agent.container) for cluster in model.topology.clusters]
        self.ran = {cluster: self.machine.get(container.state) for cluster, container in self.containers}
        self.instances = {cluster: 1 if state == RUNNING else 0 for cluster, state in self.ran.items()}

    def rows(self, steps: list[Step]) -> Iterator[Row]:
        """The lines of these steps."""
        for step in steps:
            process = self.machine.process(step.domain, step.process)
            assert process is not None, f"{step.domain}:{step.process} does not run"
            stored = self._stored(step.request)
            self.machine.step(process, step.choice)
            row = self._told(step, stored)
            if row is not None:
                yield {"t_ms": round(step.at_ms, 2), **row}
            for row in (*self._besides(step), *self._marks()):
                yield {"t_ms": round(step.at_ms, 2), **row}

    def _stored(self, request: Any) -> Any:
        """The object that a call is about, as it is stored."""
        if isinstance(request, ObjectWrite):
            target = request.object
            return self.machine.get(request.api.object(target.kind, target.namespace, target.name))
        if isinstance(request, GetObject | Delete):
            return self.machine.get(request.api.object(request.kind, request.namespace, request.name))
        return None

    def _marks(self) -> Iterator[Row]:
        for cluster, container in self.containers:
            was, state = self.ran[cluster], self.machine.get(container.state)
            self.ran[cluster] = state
            if state == was:
                continue
            verb = {PAUSED: "PAUSED", EXITED: "KILL"}.get(str(state), "RESUMED" if was == PAUSED else "START")
            self.instances[cluster] += verb == "START"
            yield self._mark(cluster, verb)

    def _mark(self, cluster: str, verb: str) -> Row:
        return {
            "agent": f"{cluster}#{self.instances[cluster]}", "verb": verb,
            "resource": "", "namespace": "", "name": "", "result": "ok",
        }  # fmt: skip

    # -- calls -----------------------------------------------------------------------------------------------------

    def _told(self, step: Step, stored: Any) -> Row | None:
        request, response = step.request, step.response
        verb = next((verb for kind, verb in VERBS if isinstance(request, kind)), "")
        if not verb or not isinstance(request, ApiCall) or response is KILLED_BEFORE:
            return None
        kind, namespace, name = target(request)
        if is_users(request):
            if verb in ("get", "list", "deletecollection"):
                return None
        elif self._leaves_no_line(request, response):
            return None
        if response is KILLED_AFTER:
            response = self._answer(request, stored)
        if isinstance(request, CreateGenerated):
            self.made += 1  # a name that a server makes for what it then refuses is never seen again
            name = response.name if response else f"{name}refused{self.made}"
        return self._line(step, Called(request, response, stored, verb, kind, namespace, of_server(kind, name)))

    def _leaves_no_line(self, request: ApiCall, response: Any) -> bool:
        """Whether a call of an agent is left out in this format."""
        kind = target(request)[0]
        return kind == NAMESPACES or (isinstance(request, ListAndOpen) and kind not in TOLD_LISTS)

    def _line(self, step: Step, call: Called) -> Row:
        """The line of a call."""
        name = call.name
        if isinstance(call.request, DeleteCollection) and isinstance(call.response, Listed):
            name = ",".join(made(item) for item in call.response.items)
        row = {
            "agent": self._agent(call.request), "verb": call.verb, "resource": call.kind, "namespace": call.namespace,
            "name": name, "result": _result(call.response),
        }  # fmt: skip
        digest = "" if is_users(call.request) else self._digest(call.request, call.response, call.stored)
        return {**row, "digest": digest} if digest else row

    def _besides(self, step: Step) -> Iterator[Row]:
        """What is told of a step besides: of what somebody deletes together, as the EndpointSlices of a Service, each
        one as in real logs.
        """
        request = step.request
        if isinstance(request, DeleteCollection) and is_users(request):
            for item in step.response.items if isinstance(step.response, Listed) else ():
                alone = Delete(request.link, request.api, item.kind, item.namespace, item.name, item.topic)
                yield self._line(step, Called(alone, True, item, "delete", item.kind, item.namespace, made(item)))

    def _agent(self, request: ApiCall) -> str:
        caller, _, server = request.link.name.partition(" on ")
        if caller == "user":
            return f"user@{server}"
        cluster = caller.split("/", maxsplit=1)[0]
        return f"{cluster}#{self.instances[cluster]}"

    def _digest(self, request: ApiCall, response: Any, stored: Any) -> str:
        if isinstance(request, DeleteCollection):
            return ""
        if isinstance(request, ListObjects | ListAndOpen):
            return self._list(request, response) if isinstance(response, Listed) else ""
        if isinstance(request, GetObject):
            return digest(stored) if response else ""
        if isinstance(request, UpdatePart):
            return digest(request.merge(request.object, stored)) if stored is not None else ""
        if isinstance(request, ObjectWrite):
            return digest(request.object) + (" rv=" if isinstance(request, Create) else "")
        return "precond" if isinstance(request, Delete) and request.read is not None else ""

    def _answer(self, request: ApiCall, stored: Any) -> Any:
        """What a call was answered that its caller did not live to hear: as far as objects tell."""
        if isinstance(request, CreateGenerated):
            made = request.object
            names: Any = self.machine.get(request.api.names(made.topic, made.namespace))
            mine = [name for name in names or () if name.rsplit("-", 1)[0] == made.name.rstrip("-")]
            last = max(mine, key=lambda name: int(re.findall(r"\d+$", name)[0]), default="")
            return replace(made, name=last) if last else Failure("namespace not found")
        if isinstance(request, Create):
            return True if stored is None else Failure("AlreadyExists")
        if isinstance(request, Update | UpdateStatus | Delete) and stored is None:
            return Failure("NotFound")
        return True

    def _list(self, request: ListObjects | ListAndOpen, response: Listed) -> str:
        informs = isinstance(request, ListAndOpen)
        found = self._found(request, response)
        return f"{'informer ' if informs else ''}n={len(found)} [{','.join(map(made, found))}]"

    def _found(self, request: ListObjects | ListAndOpen, response: Listed) -> tuple[Any, ...]:
        """The objects of a list, whole."""
        of: Any = request.informer if isinstance(request, ListAndOpen) else request
        found = request.api.select(self.machine.get, of.kind, of.topic, of.namespace)
        if isinstance(request, ListObjects):
            found = tuple(obj for obj in found if Fits(request.where)(obj))
        assert len(found) == len(response.items), "a list is what is stored"
        return found


def is_users(request: ApiCall) -> bool:
    """Whether no agent makes the call."""
    return request.link.name.startswith("user ")


def target(request: ApiCall) -> tuple[str, str, str]:
    """The kind, namespace and name that a call is about."""
    if isinstance(request, DeleteNamespace):
        return NAMESPACES, "", request.name
    if isinstance(request, ObjectWrite):
        target = request.object
        return target.kind, "" if target.kind == NAMESPACES else target.namespace, target.name
    if isinstance(request, ListAndOpen):
        return request.informer.kind, request.informer.namespace, ""
    assert isinstance(request, GetObject | ListObjects | Delete)
    return request.kind, request.namespace, getattr(request, "name", "")


def _result(response: Any) -> str:
    if not isinstance(response, Failure):
        return "ok"
    return "error: broker unreachable" if response.reason == "Unreachable" else response.reason


def made(obj: Any) -> str:
    """The name of an object as lines have it."""
    return of_server(obj.kind, obj.name)


def of_server(kind: str, name: str) -> str:
    """The name with an ending as servers make it, where one has made it: pairing names is a part of what is tried."""
    stem = re.sub(r"-(cluster-)?[a-z]+[0-9]+$", "", name)
    if kind != ENDPOINT_SLICES or stem == name or "-k8s" in name:
        return name
    return f"{stem}-{hashlib.sha256(name.encode()).hexdigest()[:5]}"


def digest(obj: Any) -> str:
    """An object as the lines of real logs have it."""
    if isinstance(obj, ServiceExport):
        return " ".join(sorted(condition.words() for condition in obj.conditions))
    if isinstance(obj, ServiceImport):
        stamps = " ".join(cluster for cluster, _ in obj.timestamps)
        return f"clusters=[{' '.join(obj.clusters)}] ports=[{' '.join(obj.ports)}] type={obj.type} ts=[{stamps}]"
    if isinstance(obj, EndpointSlice):
        ready = "true" if obj.ready else "false"
        return f"cluster={obj.source_cluster} ready={ready} ports=[{' '.join(obj.ports)}]"
    return ""


def create_anew(model: ScenarioModel) -> None:
    """Let Services that the script creates be others than those before."""
    model.operations = [
        CreatesAnew(**msgspec.structs.asdict(each)) if isinstance(each, CreateService) else each
        for each in model.operations
    ]


def assert_same(writer: Writer, machine: Machine) -> None:
    """The steps that were taken again lead to the same world."""
    assert all(writer.machine.get(cell) == machine.get(cell) for cell in machine.values), "taken again, all is the same"


def log_of(model: ScenarioModel, world: World, seed: int) -> list[Row]:
    """The log of one run: its head, and its lines."""
    create_anew(model)
    ran = run(model, world, seed, record=True)
    writer = Writer(model, world)
    rows = [{"seq": seq, **row} for seq, row in enumerate(writer.rows(ran.recorded), start=1)]
    assert_same(writer, ran.machine)
    names = [cluster.name for cluster in model.topology.clusters]
    shared = any(cluster.api is model.topology.broker_api for cluster in model.topology.clusters)
    place = "broker on A" if shared else "separate broker"
    head = {
        "experiment": f"written by {model.scenario}, seed {seed}", "code": CODES.get(model.algorithm, model.algorithm),
        "topology": f"{','.join(name.upper() for name in names)}; {place}",
        "script": "; ".join(operation.words() for operation in model.operations),
        "end_state": ran.judgement.end_state,
    }  # fmt: skip
    return [head, *rows]


def save(rows: list[Row], path: Path) -> str:
    """Write a log, a line for each row; its path."""
    path.write_text("\n".join(json.dumps(row) for row in rows) + "\n")
    return str(path)
