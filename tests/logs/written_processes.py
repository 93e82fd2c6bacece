"""A run of the model as a log of the format of whole processes (``docs/FACTS.md`` M1, M12), as the one of the
controllers is in :mod:`tests.logs.written`.

A proxy tells when a request left and when it was answered, which a recorded step does not: the driver is asked.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from models.kube.api_server import ADDED, DELETED, MODIFIED, ApiServer, WatchEvent
from models.kube.calls import ApiCall, Delete, DeleteCollection, GetObject, Listed, ListObjects, ObjectWrite, UpdatePart
from models.kube.informer import Deliver, Informer, ListAndOpen
from models.kube.meter import Meter
from models.kube.objects import (
    ENDPOINT_SLICES,
    NAMESPACES,
    EndpointSlice,
    K8sEndpointSlice,
    KubeObject,
    ServiceExport,
    ServiceImport,
)
from models.logs.processes import KINDS
from models.model import ScenarioModel
from models.submariner.agents import upstream
from sim.core import Link, Step
from sim.core.machine import Running
from sim.core.world import World
from sim.timed.driver import TimedDriver
from sim.timed.waiting import Flight
from tests.logs.written import CODES, Called, Row, Writer, assert_same, create_anew, is_users, made

SHORT = {kind: short for short, kind in KINDS.items()}
CODES_OF = {"NotFound": 404, "namespace not found": 404, "Conflict": 409, "AlreadyExists": 409}
NOTES = {
    "START": "start agent",
    "KILL": "SIGKILL agent",
    "PAUSED": "stopped (signal) agent",
    "RESUMED": "continued agent",
}
TYPES = (ADDED, MODIFIED, DELETED)
Place = tuple[str, str, str]
"""API server, kind, key."""


class Telling(TimedDriver):
    """Remembers of each recorded call when it left and when its answer was back: ``flights``, by number of the step."""

    def __init__(self, model: ScenarioModel, seed: int) -> None:
        super().__init__(model.timing, seed, model.observed, record=True)
        self.flights: dict[int, tuple[float, float]] = {}

    def _answer(self, process: Running, request: Any, flight: Flight) -> bool:
        is_back = super()._answer(process, request, flight)
        self._tell(flight)
        return is_back

    def _serve(self, process: Running, flight: Flight) -> Any:
        yield from super()._serve(process, flight)
        self._tell(flight)

    def _tell(self, flight: Flight) -> None:
        assert self.steps is not None
        self.flights[len(self.steps) - 1] = (flight.leave_ms, flight.at_ms)


class ProcessesWriter(Writer):
    """Tells of the steps of one run as a proxy does."""

    def __init__(self, model: ScenarioModel, world: World, driver: Telling, *, events: bool) -> None:
        super().__init__(model, world)
        self.tells_events = events
        steps = driver.steps or []
        self._flights = {id(steps[number]): flight for number, flight in driver.flights.items()}
        links = {cluster.name: upstream(cluster.agent).broker.link for cluster in model.topology.clusters}
        self.cuts = {
            name: link.meter.cut if isinstance(link.meter, Meter) else link.cut for name, link in links.items()
        }
        self.is_cut: dict[str, Any] = dict.fromkeys(links)
        self.past: dict[Place, list[Any]] = {}
        apis = {api.storage: api for api in model.topology.apis}
        for cell, value in world.values.items():
            if cell.domain in apis and isinstance(value, KubeObject):
                self._remember(apis[cell.domain], value)

    def _marks(self) -> Iterator[Row]:
        yield from super()._marks()
        for cluster, cut in self.cuts.items():
            was, self.is_cut[cluster] = self.is_cut[cluster], self.machine.get(cut)
            if bool(was) != bool(self.is_cut[cluster]):
                of_whom = f"broker unreachable for agent {letter(cluster)}"
                yield _note(of_whom if self.is_cut[cluster] else "broker reachable again")

    def _mark(self, cluster: str, verb: str) -> Row:
        return _note(f"{NOTES[verb]} {letter(cluster)}")

    def _stored(self, request: Any) -> Any:
        """Also remembers what there was, as events tell it whole."""
        found = super()._stored(request)
        if found is not None:
            self._remember(request.api, found)
        return found

    def _remember(self, api: ApiServer, obj: Any) -> None:
        versions = self.past.setdefault((api.name, obj.kind, obj.key), [])
        if obj not in versions[-1:]:
            versions.append(obj)

    def _besides(self, step: Step) -> Iterator[Row]:
        yield from super()._besides(step)
        request = step.request
        if isinstance(request, ObjectWrite) and step.response:
            name = getattr(step.response, "name", request.object.name)
            now = self.machine.get(request.api.object(request.object.kind, request.object.namespace, name))
            if now is not None:
                self._remember(request.api, now)
        if self.tells_events and isinstance(request, Deliver) and step.response.type in TYPES:
            yield self._event(request.informer, step.response)

    def _event(self, informer: Informer, event: WatchEvent) -> Row:
        """An event that passes on its way to an informer."""
        obj = event.object
        client = informer.client
        versions = self.past.get((client.api.name, obj.kind, obj.key), [])
        keeps = informer.keeps or (lambda whole: whole)
        whole = next((each for each in reversed(versions) if event.type == DELETED or keeps(each) == obj), obj)
        place = obj.name if obj.kind == NAMESPACES else f"{obj.namespace}/{made(obj)}"
        return {
            "agent": letter(informer.domain.name.split("/", maxsplit=1)[0]), "api": _api(client.link), "verb": "event",
            "res": SHORT[obj.kind], "obj": place, "got": facts(whole), "note": event.type,
        }  # fmt: skip

    def _leaves_no_line(self, request: ApiCall, response: Any) -> bool:
        return getattr(response, "reason", "") == "Unreachable"

    def _line(self, step: Step, call: Called) -> Row:
        request, response = call.request, call.response
        left_ms, back_ms = self._flights[id(step)]
        place = f"{call.namespace}/{call.name}" if call.namespace and call.kind != NAMESPACES else call.name
        row: Row = {
            "t_ms": round(left_ms, 2), "dur_ms": round(back_ms - left_ms, 2), "agent": self._agent(request),
            **({} if is_users(request) else {"api": _api(request.link)}),
            "verb": call.verb, "res": SHORT[call.kind], **({"obj": place} if place else {}),
        }  # fmt: skip
        if not response:
            return {**row, "code": CODES_OF[response.reason], **self._sent(call), "got": {"reason": response.reason}}
        row["code"] = 201 if call.verb == "create" else 200
        if isinstance(request, ListObjects | ListAndOpen) and isinstance(response, Listed):
            names = [f"{obj.namespace}/{made(obj)}" for obj in self._items(request, response)]
            return {**row, **_query(request), "got": {"items": names or None, "n": len(names)}}
        if is_users(request):
            return row
        if isinstance(request, Delete):
            return {**row, "got": {"reason": None}}
        return {**row, **self._sent(call), **self._got(call)}

    def _items(self, request: ListObjects | ListAndOpen, response: Listed) -> tuple[Any, ...]:
        """What is listed; what is deleted is not there any more."""
        return response.items if isinstance(request, DeleteCollection) else self._found(request, response)

    def _sent(self, call: Called) -> Row:
        request = call.request
        if not isinstance(request, ObjectWrite) or is_users(request):
            return {}
        if not isinstance(request, UpdatePart):
            return {"sent": facts(request.object)}
        return {"sent": facts(request.merge(request.object, call.stored))} if call.stored is not None else {}

    def _got(self, call: Called) -> Row:
        if isinstance(call.request, GetObject):
            return {"got": facts(call.stored)}
        assert isinstance(call.request, ObjectWrite)
        target = call.request.object
        name = getattr(call.response, "name", target.name)
        return {"got": facts(self.machine.get(call.request.api.object(target.kind, target.namespace, name)))}

    def _agent(self, request: ApiCall) -> str:
        caller, _, server = request.link.name.partition(" on ")
        if caller == "user":
            return f"user@{server if server == 'broker' else letter(server)}"
        return letter(caller.split("/", maxsplit=1)[0])


def _note(text: str) -> Row:
    return {"agent": "driver", "verb": "note", "note": text}


def _api(link: Link) -> str:
    return "B" if link.name.endswith(" on broker") else "L"


def letter(cluster: str) -> str:
    """The letter of a cluster: real logs say ``A`` for cluster-a."""
    return cluster.removeprefix("cluster-").upper()


def _query(request: ListObjects | ListAndOpen) -> Row:
    """What a list selects, and that an informer's names a version."""
    informer = request.informer if isinstance(request, ListAndOpen) else None
    parts = []
    if isinstance(request, ListObjects) and request.kind == ENDPOINT_SLICES:
        parts.append("sel")
    elif informer is not None and informer.kind == ENDPOINT_SLICES:
        parts.append("sel:svc" if "service-name" in informer.topic else "sel:lh")
    if informer is not None:
        parts.append("rv=0")
    return {"q": " ".join(parts)} if parts else {}


def facts(obj: Any) -> Row:
    """An object as the lines of real logs have it."""
    if isinstance(obj, ServiceExport):
        words = sorted(re.sub(r"\((.*)\)$", r":\1", condition.words()) for condition in obj.conditions)
        return {"cond": ",".join(words)}
    if isinstance(obj, ServiceImport):
        stamps = [cluster for cluster, _ in obj.timestamps]
        return {"cl": list(obj.clusters), "ports": len(obj.ports), **({"ts": stamps} if stamps else {})}
    if isinstance(obj, EndpointSlice):
        own = {"cid": obj.cluster_id} if obj.cluster_id else {}
        return {**own, "ports": len(obj.ports), "ready": [obj.ready], "src": obj.source_cluster}
    return {"ports": len(obj.ports), "ready": [obj.ready]} if isinstance(obj, K8sEndpointSlice) else {}


def _sorted(rows: Iterator[Row]) -> list[Row]:
    return [{"seq": seq, **row} for seq, row in enumerate(sorted(rows, key=lambda row: float(row["t_ms"])))]


def log_of_processes(model: ScenarioModel, world: World, seed: int, *, events: bool = True) -> list[Row]:
    """The log of one run: its head, and its lines in the order in which they began; with ``events`` also what watches
    are sent, which real logs of several services leave out.
    """
    create_anew(model)
    driver = Telling(model, seed)
    driver.machine.load(world, asleep=True)
    driver.adopt()
    model.begin(driver.machine)
    at_rest = driver.run(model.observe_ms)
    judged = model.judge(world.values, driver.machine.get, driver.changes, model.observe_ms, at_rest=at_rest)
    writer = ProcessesWriter(model, world, driver, events=events)
    rows = _sorted(writer.rows(driver.steps or []))
    assert_same(writer, driver.machine)
    driver.close()
    broker = next((c.name for c in model.topology.clusters if c.api is model.topology.broker_api), "")
    place = f"broker namespace on {letter(broker)}" if broker else "separate broker API server R"
    head = {
        "code": CODES.get(model.algorithm, model.algorithm), "end_state": judged.end_state,
        "experiment": f"written by {model.scenario}, seed {seed}",
        "script": "; ".join(operation.words() for operation in model.operations),
        "topology": f"clusters {','.join(letter(c.name) for c in model.topology.clusters)}; {place}",
        "variant": f"{model.algorithm}",
    }  # fmt: skip
    return [head, *rows]
