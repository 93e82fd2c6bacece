"""The migrator of imports of before 0.15, which is gone since 0.21 (FACTS H12, R7)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from models.kube.calls import UNREACHABLE
from models.kube.objects import SERVICE_IMPORTS
from models.kube.syncer import Handling
from models.submariner.names import BROKER_NAMESPACE, local_import_name
from sim.core import Read, Write

if TYPE_CHECKING:
    from models.submariner.agent.agent import LighthouseAgent


def delete_legacy_import(agent: LighthouseAgent, key: str) -> Handling:
    """Delete this cluster's import of before 0.15 from the broker, once per process and service (FACTS H12).

    Source: lighthouse ``service_import_migrator.go:onSuccessfulSyncFromBroker`` at 9d3c39e.
    """
    done = agent.domain.cell(f"migrated/{key}")
    name = local_import_name(key, agent.cluster)
    if not (yield Read(done)):
        gone = yield agent.broker.delete(SERVICE_IMPORTS, BROKER_NAMESPACE, name)
        if gone is UNREACHABLE:
            return True
        yield Write(done, True)
    return False
