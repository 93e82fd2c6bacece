"""Conditions of ServiceExports.

Source: lighthouse ``service_export_client.go:tryUpdateStatusConditions``, ``doUpdate`` at 9d3c39e; docs/FACTS.md C11.

Each update is a get and an update of status, tried again on conflict; a final failure is only logged, so callers go on.
"""

from __future__ import annotations

from collections.abc import Callable, Generator
from typing import Any

from msgspec.structs import replace

from models.kube.calls import CONFLICT
from models.kube.client import Client
from models.kube.create_or_update import TRIES
from models.kube.objects import SERVICE_EXPORTS, Condition, Only, ServiceExport
from sim.core import Request, Sleep

VALID = Condition("Valid", "True")
SERVICE_UNAVAILABLE = Condition("Valid", "False", "ServiceUnavailable")
READY = Condition("Ready", "True")
AWAITING_EXPORT = Condition("Ready", "False", "AwaitingExport")
NO_SERVICE_IMPORT = Condition("Ready", "False", "NoServiceImport")
EXPORT_FAILED = Condition("Ready", "False", "ExportFailed")


def with_condition(export: ServiceExport, condition: Condition) -> ServiceExport:
    """The ServiceExport with this condition in place of any of its type."""
    others = [c for c in export.conditions if c.type != condition.type]
    return replace(export, conditions=tuple(sorted((*others, condition), key=lambda c: c.type)))


def unless_present(export: ServiceExport, condition: Condition) -> ServiceExport:
    """The ServiceExport with this condition, unless it has one of its type."""
    return export if export.condition(condition.type) else with_condition(export, condition)


def merged(wanted: ServiceExport, stored: ServiceExport) -> ServiceExport:
    """The stored ServiceExport with the conditions of another one, whose types replace its own."""
    for condition in wanted.conditions:
        stored = with_condition(stored, condition)
    return stored


def set_condition(
    client: Client,
    service_key: str,
    condition: Condition,
    merge: Callable[[ServiceExport, Condition], ServiceExport] = with_condition,
) -> Generator[Request, Any, None]:
    """Write one condition if it differs; nothing if the ServiceExport is gone."""
    namespace, name = service_key.split("/")
    part = Only(condition.type)
    for _ in range(TRIES):
        found = yield client.get_part(SERVICE_EXPORTS, namespace, name, part)
        if not found:
            return
        wanted = merge(found.object, condition)
        if wanted == found.object:
            return
        if (yield client.update_part(wanted, found, part, merged)) is not CONFLICT:
            return
        yield Sleep("conflict-retry")
