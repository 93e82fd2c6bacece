"""What a line of somebody else does: users, kills and starts, outages."""

from __future__ import annotations

from collections.abc import Generator
from typing import Any

from msgspec.structs import replace

from models.exports import Export
from models.faults.broker_down import StartApi, StopApi
from models.faults.namespace import DeleteNamespace, topics_with
from models.faults.pause import Freeze
from models.kube.client import Client
from models.kube.objects import (
    ENDPOINT_SLICES,
    HEADLESS,
    LIGHTHOUSE_SLICES,
    NAMESPACES,
    SERVICE_EXPORTS,
    SERVICES,
    Namespace,
    ServiceExport,
    k8s_slices,
)
from models.logs.behind import AGAIN, opened
from models.logs.entry import Entry
from models.logs.late import TAKEN_UP, taken_up
from models.logs.long_waits import LONG, NO_MORE
from models.logs.requests import BreakWatches, DeleteNamed, Empty
from models.logs.specs import reads_import, shows_import_updated, spec_of
from models.logs.updated import as_updated
from models.logs.watching import informers_of
from models.logs.who import cluster_of, keys_of, owners_of
from models.logs.world import LogWorld
from models.node.container import ExitContainer, StartContainer
from models.submariner.agent.agent import LighthouseAgent
from models.submariner.agents import upstream
from sim.core import Request, Write

Steps = Generator[Request, Any, None]


class Outside:
    """Does what lines of others than agents tell of."""

    def __init__(self, world: LogWorld) -> None:
        self.world = world
        self.log = world.log
        self.topology = world.topology

    def does(self, entry: Entry) -> Steps:
        """What the line tells of."""
        if entry.verb in ("KILL", "START"):
            container = self.world.agents[entry.agent].container
            yield ExitContainer(container, "killed") if entry.verb == "KILL" else StartContainer(container)
            if entry.verb == "START":
                yield from self._cut_still(entry)
        elif entry.verb in ("PAUSED", "RESUMED"):
            agent = self.world.agents[entry.agent]
            yield Freeze(agent.container, frozen=entry.verb == "PAUSED")
            if entry.verb == "PAUSED" and self._is_told_nothing(entry):
                yield BreakWatches(tuple(informers_of(self.log, agent, local=True)))
        elif entry.verb in ("DELETED", "EMPTIED"):
            yield Empty(self.topology.broker_api, slices_too=entry.empties_slices)
        elif entry.verb in ("API_DOWN", "API_UP"):
            api = self.topology.cluster(self.log.clusters[entry.note]).api
            yield StopApi(api) if entry.verb == "API_DOWN" else StartApi(api)
        elif entry.verb in ("CUT_OFF", "BROKER_CUT", "BACK", "BROKER_BACK"):
            yield from self._cut(entry)
        elif entry.verb == TAKEN_UP:
            yield taken_up(self.world, entry)
        elif entry.verb == AGAIN:
            yield opened(self.world, entry)
        elif entry.verb in (LONG, NO_MORE):
            yield Write(self.world.agents[entry.note].hanging, True if entry.verb == LONG else None)
        elif entry.verb in ("create", "update", "delete"):
            yield from self._user(entry)

    # -- links -----------------------------------------------------------------------------------------------------

    def _cut(self, entry: Entry) -> Steps:
        for agent in self._cut_agents(entry):
            local = entry.verb in ("CUT_OFF", "BACK")
            link = agent.local.link if local else agent.broker.link
            yield Write(link.cut, "cut" if entry.verb in ("CUT_OFF", "BROKER_CUT") else None)
            if entry.verb == "CUT_OFF" and self._misses_events(entry):
                yield BreakWatches(tuple(informers_of(self.log, agent, local=True)))

    def _cut_still(self, start: Entry) -> Steps:
        """A link that was cut stays so while its agent starts again."""
        agent = self.world.agents[start.agent]
        for verbs, link in (
            (("CUT_OFF", "BACK"), agent.local.link),
            (("BROKER_CUT", "BROKER_BACK"), agent.broker.link),
        ):
            earlier = [entry for entry in self.log.entries if entry.number < start.number and entry.verb in verbs]
            mine = [entry.verb for entry in earlier if agent in self._cut_agents(entry)]
            if mine[-1:] == [verbs[0]]:
                yield Write(link.cut, "cut")

    def _cut_agents(self, entry: Entry) -> list[LighthouseAgent]:
        if entry.note in self.world.agents:
            return [self.world.agents[entry.note]]
        if entry.note:
            return [upstream(self.topology.cluster(cluster_of(self.log, entry.note)).agent)]
        return [upstream(cluster.agent) for cluster in self.topology.clusters]

    def _misses_events(self, entry: Entry) -> bool:
        """Whether the server is restarted before the agent comes back: then its watches cannot be taken up again, and
        what happens from the cut on is not heard but from a list.
        """
        for later in self.log.entries:
            if later.number > entry.number and later.verb == "BACK":
                return False
            if later.number > entry.number and later.verb == "API_DOWN":
                return self.log.clusters[later.note] == cluster_of(self.log, entry.note)
        return False

    def _is_told_nothing(self, entry: Entry) -> bool:
        """Whether the server is killed while the agent stands still, and no event was on its way to it since then, in a
        log that tells of events: what the server had not sent yet is not heard but from a list.
        """
        for later in self.log.entries:
            if later.number <= entry.number:
                continue
            if later.verb == "RESUMED" or (later.verb == "event" and later.agent == entry.agent):
                return False
            if later.verb == "API_DOWN" and self.log.clusters[later.note] == cluster_of(self.log, entry.agent):
                return any(each.verb == "event" for each in self.log.entries)
        return False

    # -- users -----------------------------------------------------------------------------------------------------

    def _user(self, entry: Entry) -> Steps:
        server = "broker" if entry.agent == "user@broker" else cluster_of(self.log, entry.agent)
        if server == "broker" and self.log.broker in self.log.clusters.values():
            server = self.log.broker
        client = self.world.client(server)
        if entry.kind == NAMESPACES:
            yield self._namespace(client, entry)
        elif entry.verb == "delete":
            yield self._delete(client, entry)
        elif entry.verb == "create":
            yield from self._create(client, entry, server)
        else:
            found = yield client.get(entry.kind, entry.namespace, entry.name)
            if found:
                yield client.update(self._changed(found, entry, server), found)

    def _namespace(self, client: Client, entry: Entry) -> Request:
        if entry.verb != "delete":
            return client.create(Namespace(name=entry.name))
        services = [key.split("/")[1] for key in keys_of(self.log) if key.startswith(f"{entry.name}/")]
        return DeleteNamespace(client.link, client.api, entry.name, topics_with(services))

    def _delete(self, client: Client, entry: Entry) -> Request:
        made = entry.kind == ENDPOINT_SLICES and "-k8s" not in entry.name
        service = entry.name.rsplit("-k8s", 1)[0]
        topic = LIGHTHOUSE_SLICES if made else k8s_slices(service) if entry.kind == ENDPOINT_SLICES else entry.kind
        owners = owners_of(self.log, entry) if made else ()
        return DeleteNamed(client.api, entry.kind, entry.namespace, entry.name, topic, made, owners)

    def _create(self, client: Client, entry: Entry, server: str) -> Steps:
        """A Service that is created has an IP that none had before."""
        if entry.kind == SERVICE_EXPORTS:
            yield client.create(ServiceExport(namespace=entry.namespace, name=entry.name, created=1000 + entry.number))
        elif entry.kind == SERVICES:
            export = Export(server, f"{entry.namespace}/{entry.name}")
            made = spec_of(self.log, export, entry.number).service(entry.namespace, entry.name)
            yield client.create(made if made.type == HEADLESS else replace(made, detail=f"created #{entry.number}"))
        elif entry.kind == ENDPOINT_SLICES:
            service = entry.name.rsplit("-k8s", 1)[0]
            spec = spec_of(self.log, Export(server, f"{entry.namespace}/{service}"), entry.number)
            slice_ = spec.endpoint_slices(entry.namespace, service)[0]
            yield client.create(replace(slice_, name=entry.name, detail=f"created #{entry.number}"))

    def _changed(self, found: Any, entry: Entry, server: str) -> Any:
        """An object as a user changed it, as far as lines tell."""
        if entry.kind == ENDPOINT_SLICES:
            return self._changed_slice(found, entry, server)
        if entry.kind == SERVICE_EXPORTS:
            return replace(found, mark=f"#{entry.number}")
        if entry.kind != SERVICES:
            return found
        export = Export(server, f"{entry.namespace}/{entry.name}")
        spec = spec_of(self.log, export, entry.number)
        changed = replace(found, type=spec.type, ports=spec.ports)
        shown = self.log.all_changes_count or shows_import_updated(self.log, export, entry.number)
        if changed == found and shown:
            return replace(found, detail=f"updated #{entry.number}")
        if changed == found and reads_import(self.log, export, entry.number):
            return replace(found, mark=f"updated #{entry.number}")
        return changed

    def _changed_slice(self, found: Any, entry: Entry, server: str) -> Any:
        """An EndpointSlice of Kubernetes as what the agent makes of it later tells; its addresses are not told."""
        return as_updated(self.log, entry, server, replace(found, detail=f"updated #{entry.number}"))
