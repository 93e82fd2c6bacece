"""The lighthouse agent of one cluster: its clients, its syncers and the order in which it starts.

Source: lighthouse ``agent.go`` at 9d3c39e.
"""

from __future__ import annotations

import msgspec

from models.kube.api_server import ApiServer
from models.kube.client import Client
from models.node.container import Container
from models.releases.parts import CONFIRMS_RECONCILES
from models.releases.release import Release
from models.submariner.agent.conflicts import ConflictChecker
from models.submariner.agent.endpoint_slice_in import IncomingSlices
from models.submariner.agent.endpoint_slice_out import OutgoingSlices
from models.submariner.agent.headless import HeadlessSliceController
from models.submariner.agent.local_import import LocalImportSyncer
from models.submariner.agent.remote_import import RemoteImportSyncer
from models.submariner.agent.service import ServiceSyncer
from models.submariner.agent.service_export import ServiceExportSyncer
from models.submariner.agent.slice_controller import SliceController
from models.submariner.agent.start import main
from sim.core import Domain, Link


class Ways(msgspec.Struct, frozen=True):
    """What differs between the ways of running of docs/FACTS.md M1.

    ``limiter`` names the client limits, or is empty. ``whole_binary`` adds main.go: discovery, the broker probe and the
    namespace informer. ``api_server_drops_empty_labels`` makes each sync of a copy send an update that changes nothing.
    """

    limiter: str = "client"
    whole_binary: bool = True
    api_server_drops_empty_labels: bool = True


class LighthouseAgent:
    """One agent. ``cluster`` is its cluster ID, ``broker_api`` the server that holds the broker namespace.

    ``checks_conflicts`` is false where no two exporters can differ, so that looking for conflicts would change nothing.
    """

    def __init__(
        self, cluster: str, local_api: ApiServer, broker_api: ApiServer, node: Domain, release: Release, ways: Ways,
        *, checks_conflicts: bool = False,
    ) -> None:  # fmt: skip
        self.cluster = cluster
        self.release = release
        self.ways = ways
        self.needs_certificate = False
        self.domain = Domain(f"{cluster}/lighthouse-agent")
        self.container = Container(self.domain, node, main, (self,))
        far = broker_api is not local_api
        self.broker_watch = "broker-watch" if far else "watch"
        leg = "broker-call" if far else "call"
        agent = self.domain.name
        self.local = Client(Link(f"{agent} on {local_api.name}", self.domain, "call", "call", ways.limiter), local_api)
        self.broker = Client(Link(f"{agent} on broker", self.domain, leg, leg, ways.limiter), broker_api)
        self.checks_conflicts = checks_conflicts
        self.conflicts = ConflictChecker(self)
        self.exports = ServiceExportSyncer(self)
        self.services = ServiceSyncer(self)
        self.slices_out = OutgoingSlices(self)
        self.slices_in = IncomingSlices(self)
        self.local_imports = LocalImportSyncer(self)
        self.remote_imports = RemoteImportSyncer(self)
        for syncer in (self.exports, self.services, self.slices_out, self.slices_in, self.remote_imports):
            syncer.looks_in_store = release.looks_in_store
            syncer.confirms_reconciles = release.does(CONFIRMS_RECONCILES)
        self.local_imports.confirms_reconciles = True  # only a proposal's reconcile queues anything there
        self._controllers: dict[tuple[str, bool], SliceController] = {}

    def __repr__(self) -> str:
        return f"agent {self.cluster}"

    def slice_controller(self, service_key: str, *, headless: bool) -> SliceController:
        """The EndpointSlice controller (S7) of one exported service."""
        found = self._controllers.get((service_key, headless))
        if found is None:
            kind = HeadlessSliceController if headless else SliceController
            found = self._controllers[service_key, headless] = kind(self, service_key)
        return found
