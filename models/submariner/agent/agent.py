"""The lighthouse agent of one cluster: its clients, its syncers and the order in which it starts.

Source: lighthouse ``agent.go`` at 9d3c39e.
"""

from __future__ import annotations

from collections.abc import Iterable

from models.kube.informer import Informer, ListAtOnce
from models.kube.missing_namespaces import MissingNamespaces, NamespaceHandler
from models.kube.objects import HEADLESS, NAMESPACES, Namespace, marks_of, origin_of
from models.kube.syncer import Syncer
from models.releases.parts import CONFIRMS_RECONCILES, SEES_REPLACEMENT
from models.releases.release import Namespaces
from models.submariner.agent import endpoint_slice_in, remote_import
from models.submariner.agent.base import Agent
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
from sim.core import Cell, Channel

AGAIN = "-again"
"""The end of the name of a controller that is started while the one before it has not ended."""


class LighthouseAgent(Agent):
    """One agent of upstream's design: a syncer for each kind of object."""

    main = staticmethod(main)

    def make(self) -> None:
        release = self.release
        self.at_once: tuple[Syncer, ...] = ()  # the syncers that copy in one step; a scenario's
        self.queues_checks = self.checks_conflicts and not release.conflicts.of_all
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
        if self.namespaces_change:
            self._follow_namespaces()
        self._controllers: dict[tuple[str, bool], SliceController] = {}

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

    def informers(self, kind: str) -> tuple[Informer, ...]:
        if kind == "namespaces":
            return () if self.namespaces is None else (self.namespaces,)
        syncers = {
            "serviceexports": self.exports, "services": self.services, "endpointslices": self.slices_out,
            "serviceimports": self.local_imports, "broker-endpointslices": self.slices_in,
            "aggregates": self.remote_imports,
        }  # fmt: skip
        return (syncers[kind].informer,)

    def know(self, service_key: str) -> None:
        for headless in (False, True):
            self.slice_controller(service_key, headless=headless)

    def namespace_queues(self) -> Iterable[Channel]:
        return (self.slices_in.queue, self.remote_imports.queue)

    def last_listed(self) -> Cell:
        return self.remote_imports.informer.synced

    def needs_copies(self) -> str:
        words = self.remote_imports.does_more()
        return f"{words} (S6: the syncer that copies aggregates)" if words else ""

    def needs_contents(self) -> str:
        words = self.slices_in.does_more()
        return f"{words} (S4: the syncer that imports EndpointSlices)" if words else ""

    def copying(self) -> tuple[Syncer, ...]:
        """The syncers that do nothing but copy from the broker; on its own cluster S6 may delete aggregates (#3188)."""
        own = self.broker.api is self.local.api
        return (self.slices_in,) if own else (self.slices_in, self.remote_imports)

    def let_calls_hang(self) -> None:
        """From now on a call may hang, and stopping S7 give up meanwhile."""
        super().let_calls_hang()
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
