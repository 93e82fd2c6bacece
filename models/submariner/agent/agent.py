"""The lighthouse agent of one cluster: its clients, its syncers and the order in which it starts.

Source: lighthouse ``agent.go`` at 9d3c39e.
"""

from __future__ import annotations

import msgspec

from models.kube.api_server import ApiServer
from models.kube.client import Client
from models.kube.informer import Informer, ListAtOnce
from models.kube.meter import Meter
from models.kube.missing_namespaces import MissingNamespaces, NamespaceHandler
from models.kube.objects import HEADLESS, NAMESPACES, Namespace, marks_of, origin_of
from models.kube.syncer import Syncer
from models.node.container import Container
from models.releases.parts import CONFIRMS_RECONCILES, SEES_REPLACEMENT
from models.releases.release import Namespaces, Release
from models.submariner.agent import endpoint_slice_in, remote_import
from models.submariner.agent.clusterset_ip import ClustersetIps
from models.submariner.agent.conflicts import ConflictChecker
from models.submariner.agent.endpoint_slice_in import IncomingSlices
from models.submariner.agent.endpoint_slice_out import OutgoingSlices
from models.submariner.agent.global_ips import GlobalIps
from models.submariner.agent.headless import HeadlessSliceController
from models.submariner.agent.local_import import LocalImportSyncer
from models.submariner.agent.remote_import import RemoteImportSyncer
from models.submariner.agent.service import ServiceSyncer
from models.submariner.agent.service_export import ServiceExportSyncer
from models.submariner.agent.slice_controller import SliceController
from models.submariner.agent.start import main
from sim.core import Cell, Domain, Link, Request

AGAIN = "-again"
"""The end of the name of a controller that is started while the one before it has not ended."""


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

    ``checks_conflicts`` is false where no two exporters can differ, so that looking for conflicts would change nothing;
    ``namespaces_change`` where no namespace comes or goes, so that nobody needs to hear of it. ``instance`` tells two
    agents of one cluster apart.
    """

    def __init__(
        self, cluster: str, local_api: ApiServer, broker_api: ApiServer, node: Domain, release: Release, ways: Ways,
        *, checks_conflicts: bool = False, namespaces_change: bool = False, instance: str = "",
    ) -> None:  # fmt: skip
        self.cluster = cluster
        self.release = release
        self.ways = ways
        self.needs_certificate = False
        self.ips: ClustersetIps | None = None  # where a scenario has clusterset IPs
        self.global_ips: GlobalIps | None = None  # where a scenario has globalnet
        self.migrates = False  # whether there is anything of before 0.15; a script's
        self.domain = Domain(f"{cluster}/lighthouse-agent{instance}")
        self.container = Container(self.domain, node, main, (self,))
        far = broker_api is not local_api
        self.broker_watch = "broker-watch" if far else "watch"
        leg = "broker-call" if far else "call"
        agent = self.domain.name
        self.local = Client(Link(f"{agent} on {local_api.name}", self.domain, "call", "call", ways.limiter), local_api)
        self.broker = Client(Link(f"{agent} on broker", self.domain, leg, leg, ways.limiter), broker_api)
        self._meter: Meter | None = None
        self.waits_briefly = False  # whether a check of ports waits for its cache as upstream does; a scenario's
        self.rewrites: Request | None = None  # whether conditions are written because of texts, which only logs tell
        self.copies = True  # whether S6 watches and copies aggregates; a scenario's
        self.at_once: tuple[Syncer, ...] = ()  # the syncers that copy in one step; a scenario's
        self.call_hangs = False  # whether a script lets one hang
        self.checks_conflicts = checks_conflicts
        self.queues_checks = checks_conflicts and not release.conflicts.of_all
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
        self.namespaces: Informer | None = None
        if namespaces_change:
            self._follow_namespaces()
        self._controllers: dict[tuple[str, bool], SliceController] = {}

    def __repr__(self) -> str:
        return f"agent {self.cluster}"

    def _follow_namespaces(self) -> None:
        """The namespace informer, and what S4 and S6 do with its events."""
        syncers, handling = (self.slices_in, self.remote_imports), self.release.namespaces
        if handling is Namespaces.NOTHING:
            for syncer in syncers:
                syncer.retries_without_namespace = True
            return
        informer = Informer(self.domain, "namespaces", self.local, NAMESPACES, NAMESPACES, Namespace.SCOPE)
        MissingNamespaces(self.slices_in, endpoint_slice_in.namespace_of)
        MissingNamespaces(self.remote_imports, remote_import.namespace_of)
        NamespaceHandler(
            informer, syncers, tells_of_deletions=handling is Namespaces.FULL,
            sees_replacement=self.release.does(SEES_REPLACEMENT),
        )  # fmt: skip
        self.namespaces = informer

    def copy_at_once(self) -> None:
        """From now on S4 and S6 know of what they copy only whether it is there, make and delete each copy in one step,
        and S6 lists as soon as it can.
        """
        self.at_once = (self.slices_in, self.remote_imports)
        self.slices_in.informer.keep_only(origin_of)
        self.remote_imports.informer.keep_only(marks_of)
        self.remote_imports.informer.lists = ListAtOnce

    def copying(self) -> tuple[Syncer, ...]:
        """The syncers that do nothing but copy from the broker; on its own cluster S6 may delete aggregates (#3188)."""
        own = self.broker.api is self.local.api
        return (self.slices_in,) if own else (self.slices_in, self.remote_imports)

    @property
    def has_meter(self) -> bool:
        """Whether a script has asked for a meter."""
        return self._meter is not None

    def metered(self) -> Meter:
        """The meter on this agent's links, put there when first asked for; ordinary worlds have none."""
        if self._meter is None:
            self._meter = Meter(self.container, self.broker.link)
            self.local.link.meter = self.broker.link.meter = self._meter
        return self._meter

    @property
    def hanging(self) -> Cell:
        """The call that hangs, in words: known to this process alone, so gone with it."""
        return self.domain.cell("hanging call")

    def let_calls_hang(self) -> None:
        """From now on a call may hang, and stopping S7 give up meanwhile."""
        self.call_hangs = True
        for (service_key, headless), found in self._controllers.items():
            self._pair(found, service_key, headless=headless)

    def _pair(self, found: SliceController, service_key: str, *, headless: bool) -> None:
        """Give a controller the other one, that is started while it goes on."""
        if found.other is None:
            found.other = kind_of(headless=headless)(self, service_key, again=AGAIN)
            found.other.other = found

    def marked_controller(self, service_key: str, mark: str) -> SliceController:
        """The controller by what its entry in the table of those that run says."""
        found = self.slice_controller(service_key, headless=mark.removesuffix(AGAIN) == HEADLESS)
        return found.other if mark.endswith(AGAIN) and found.other is not None else found

    def slice_controller(self, service_key: str, *, headless: bool) -> SliceController:
        """The EndpointSlice controller (S7) of one exported service."""
        found = self._controllers.get((service_key, headless))
        if found is None:
            found = self._controllers[service_key, headless] = kind_of(headless=headless)(self, service_key)
            if self.call_hangs:
                self._pair(found, service_key, headless=headless)
        return found


def kind_of(*, headless: bool) -> type[SliceController]:
    """The class of S7 for a type of service."""
    return HeadlessSliceController if headless else SliceController
