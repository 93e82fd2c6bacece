"""S1, ServiceExport -> local ServiceImport.

Source: lighthouse ``agent.go:serviceExportToServiceImport`` at 9d3c39e; FACTS H1, H2.
"""

from __future__ import annotations

from collections.abc import Generator
from typing import TYPE_CHECKING, Any

from models.kube.calls import NOT_FOUND, UNREACHABLE
from models.kube.create_or_update import create_or_update
from models.kube.informer import Informer
from models.kube.objects import (
    CLUSTER_IP,
    HEADLESS,
    SERVICE_EXPORTS,
    SERVICE_IMPORTS,
    SERVICES,
    Condition,
    Only,
    Service,
    ServiceExport,
    ServiceImport,
    import_type,
)
from models.kube.pending import LOOK, Operation
from models.kube.syncer import Enqueue, Handling, Syncer
from models.releases.parts import LOOKS_AGAIN, RETRIES_CONDITIONS, SEES_REPLACEMENT
from models.submariner.agent.conditions import SERVICE_UNAVAILABLE, UNSUPPORTED_TYPE, VALID, set_condition
from models.submariner.names import OPERATOR_NAMESPACE, local_import_name
from sim.core import Read, Request, is_present

if TYPE_CHECKING:
    from models.submariner.agent.agent import LighthouseAgent


class ServiceExportSyncer(Syncer):
    """Makes the local ServiceImport of each ServiceExport whose Service exists."""

    def __init__(self, agent: LighthouseAgent) -> None:
        informer = Informer(
            agent.domain,
            "s1-service-exports",
            agent.local,
            SERVICE_EXPORTS,
            SERVICE_EXPORTS,
            keeps=Only(("Valid", "Conflict")),
        )
        super().__init__(informer, part=Only(), queueing=agent.release.queueing)
        self.agent = agent

    def wants_update(self, old: ServiceExport, new: ServiceExport) -> bool:
        """Only if Valid turned False, or about a clusterset IP (``shouldProcessServiceExportUpdate``)."""
        if old.use_ip != new.use_ip:
            return True
        if old.created != new.created and self.agent.release.does(SEES_REPLACEMENT):
            return True
        valid, before = new.condition("Valid"), old.condition("Valid")
        return valid is not None and valid.status == "False" and (before is None or before.status != "False")

    def changed(self, obj: ServiceExport, *, is_create: bool) -> Handling:
        agent, key = self.agent, obj.key
        service = yield Read(agent.services.informer.entry(key))
        if service is not None and agent.release.does(LOOKS_AGAIN):
            # so that what is taken back is not made again
            service = yield agent.local.get(SERVICES, service.namespace, service.name)
            if service is UNREACHABLE:
                return True
        if not service:
            said = yield from set_condition(agent.local, key, SERVICE_UNAVAILABLE)
            return not said and agent.release.does(RETRIES_CONDITIONS)
        if service.type not in (CLUSTER_IP, HEADLESS):
            yield from set_condition(agent.local, key, UNSUPPORTED_TYPE)
            return (yield from delete_local_import(agent, key))
        return (yield from self._export(obj, service))

    def _export(self, obj: ServiceExport, service: Service) -> Handling:
        """Make the local ServiceImport of an export whose Service is there."""
        agent, key = self.agent, obj.key
        address = ""
        if agent.global_ips is not None and service.type == CLUSTER_IP:
            address = yield agent.global_ips.of_service(obj)
            if isinstance(address, Condition):
                yield from set_condition(agent.local, key, address)
                return False
        said = yield from set_condition(agent.local, key, VALID)
        if not said and agent.release.does(RETRIES_CONDITIONS):
            return True
        local_import = ServiceImport(
            namespace=OPERATOR_NAMESPACE,
            name=local_import_name(key, agent.cluster),
            type=import_type(service),
            ports=service.ports if service.type == CLUSTER_IP else (),  # of a headless one they are not imported
            affinity=service.affinity,
            affinity_config=service.affinity_config,
            label=key,
            source_cluster=agent.cluster,
            timestamps=agent.release.sharing.import_stamp(agent, obj),
            clusters=(agent.cluster,),
            publish_not_ready=service.publish_not_ready,
            use_ip=obj.use_ip,
            ip=address,
            detail=service.detail,
        )
        made = yield from create_or_update(agent.local, local_import, told=was_changed)
        if not made:
            return True
        if agent.release.does(LOOKS_AGAIN) and (yield from self._look_again(key)):
            return True
        if agent.release.does(SEES_REPLACEMENT) and made == AS_IT_WAS:
            yield from self._tell_a_new_one(local_import)
        return False

    def _tell_a_new_one(self, local_import: ServiceImport) -> Generator[Request, Any, None]:
        """A ServiceExport that is not Ready and whose local ServiceImport was there already: S5 looks at that again, as
        nothing else would (a proposal's).
        """
        agent = self.agent
        namespace, name = local_import.label.split("/")
        export = yield agent.local.get(SERVICE_EXPORTS, namespace, name, Only(("Ready",)))
        if export and not export.is_true("Ready"):
            yield Enqueue(agent.local_imports, Operation(LOOK, local_import))

    def _look_again(self, key: str) -> Handling:
        """Take back what was made of a ServiceExport or a Service that has gone meanwhile (a proposal's)."""
        agent = self.agent
        namespace, name = key.split("/")
        for kind in (SERVICE_EXPORTS, SERVICES):
            found = yield agent.local.get(kind, namespace, name, is_present)
            if found is NOT_FOUND:
                if kind == SERVICES:
                    yield from set_condition(agent.local, key, SERVICE_UNAVAILABLE)
                return (yield from delete_local_import(agent, key))
            if not found:
                return True
        return False

    def deleted(self, obj: ServiceExport) -> Handling:
        return (yield from delete_local_import(self.agent, obj.key))


AS_IT_WAS, CHANGED = "as it was", "changed"


def was_changed(before: ServiceImport | None, stored: ServiceImport) -> str:
    """What is remembered of a local ServiceImport that was made as desired."""
    return AS_IT_WAS if before == stored else CHANGED


def delete_local_import(agent: LighthouseAgent, service_key: str) -> Handling:
    """Delete the local ServiceImport through the federator that S1 and S2 share; True if it must be tried again."""
    name = local_import_name(service_key, agent.cluster)
    return (yield agent.local.delete(SERVICE_IMPORTS, OPERATOR_NAMESPACE, name)) is UNREACHABLE
