"""S2, Service deletion (lighthouse ``agent.go:serviceToRemoteServiceImport`` at 9d3c39e; FACTS H3, H4)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from models.kube.informer import Informer
from models.kube.objects import SERVICES, Only, Service
from models.kube.pending import CREATE, Operation
from models.kube.syncer import Enqueue, Handling, Syncer
from models.releases.parts import RETRIES_CONDITIONS
from models.submariner.agent.conditions import SERVICE_UNAVAILABLE, set_condition
from models.submariner.agent.service_export import delete_local_import
from sim.core import Read, is_present

if TYPE_CHECKING:
    from models.submariner.agent.agent import LighthouseAgent


class ServiceSyncer(Syncer):
    """Runs an export again when its Service appears or changes, and ends it when the Service goes."""

    def __init__(self, agent: LighthouseAgent) -> None:
        informer = Informer(agent.domain, "s2-services", agent.local, SERVICES, SERVICES)
        super().__init__(informer, queueing=agent.release.queueing)
        self.agent = agent

    def changed(self, obj: Service, *, is_create: bool) -> Handling:
        export = yield Read(self.agent.exports.informer.entry(obj.key), Only())
        if export is not None:
            yield Enqueue(self.agent.exports, Operation(CREATE, export))
        return False

    def deleted(self, obj: Service) -> Handling:
        if not (yield Read(self.agent.exports.informer.entry(obj.key), is_present)):
            return False
        said = yield from set_condition(self.agent.local, obj.key, SERVICE_UNAVAILABLE)
        if not said and self.agent.release.does(RETRIES_CONDITIONS):
            return True
        return (yield from delete_local_import(self.agent, obj.key))
