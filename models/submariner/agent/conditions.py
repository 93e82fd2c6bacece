"""Conditions of ServiceExports.

Source: lighthouse ``service_export_client.go:tryUpdateStatusConditions``, ``doUpdate`` at 9d3c39e; docs/FACTS.md C11.

Each update is a get and an update of status, tried again on conflict; a final failure is only logged, so callers go on.
"""

from __future__ import annotations

from collections.abc import Callable, Generator
from typing import Any

from msgspec.structs import replace

from models.kube.calls import CONFLICT, NOT_FOUND, Failure
from models.kube.client import Client
from models.kube.create_or_update import retry_on_conflict
from models.kube.objects import SERVICE_EXPORTS, Condition, Only, ServiceExport
from sim.core import Request

VALID = Condition("Valid", "True")
SERVICE_UNAVAILABLE = Condition("Valid", "False", "ServiceUnavailable")
READY = Condition("Ready", "True")
AWAITING_EXPORT = Condition("Ready", "False", "AwaitingExport")
NO_SERVICE_IMPORT = Condition("Ready", "False", "NoServiceImport")
EXPORT_FAILED = Condition("Ready", "False", "ExportFailed")
UNSUPPORTED_TYPE = Condition("Valid", "False", "UnsupportedServiceType")
CONFLICT_TYPE = "Conflict"
SYNCED = "Synced"
"""What Ready was called in 0.15.0: it counts as Ready, and gives way to it (``FindServiceExportStatusCondition``)."""
NO_CONFLICT = Condition(CONFLICT_TYPE, "False")
CONFLICTING_TYPE, CONFLICTING_PORTS = "ConflictingType", "ConflictingPorts"
CONFLICTING_AFFINITY, CONFLICTING_AFFINITY_CONFIG = "ConflictingSessionAffinity", "ConflictingSessionAffinityConfig"
CONFLICTING_IP_ENABLEMENT = "ConflictingClusterSetIPEnablement"


def legacy_names(type_: str) -> tuple[str, ...]:
    """The type of a condition, with what it was called before."""
    return (type_, SYNCED) if type_ == READY.type else (type_,)


def with_condition(export: ServiceExport, condition: Condition) -> ServiceExport:
    """The ServiceExport with this condition in place of any of its type."""
    others = [c for c in export.conditions if c.type not in legacy_names(condition.type)]
    return replace(export, conditions=tuple(sorted((*others, condition), key=lambda c: c.type)))


def unless_present(export: ServiceExport, condition: Condition) -> ServiceExport:
    """The ServiceExport with this condition, unless it has one of its type."""
    known = any(export.condition(name) for name in legacy_names(condition.type))
    return export if known else with_condition(export, condition)


def where_true(export: ServiceExport, condition: Condition) -> ServiceExport:
    """The ServiceExport with this condition, if it has one of its type that is True."""
    return with_condition(export, condition) if export.is_true(condition.type) else export


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
) -> Generator[Request, Any, bool]:
    """Write one condition if it differs; nothing if the ServiceExport is gone. False if it could not be written, which
    upstream only logs (FACTS R15).
    """
    names = legacy_names(condition.type)
    return (yield from _write(client, service_key, names, lambda export: merge(export, condition)))


def set_conflicts(
    client: Client,
    service_key: str,
    add: tuple[str, ...],
    remove: tuple[str, ...],
    other: Condition | None = None,
    *,
    rewrites: Request | None = None,
) -> Generator[Request, Any, None]:
    """Add and remove reasons of the Conflict condition in one update, with another condition where given.

    The condition becomes False when its last reason goes, and is never False before it was True
    (``mergeConflictCondition``). ``rewrites`` is asked whether it is written though only its text differs.
    """

    def change(export: ServiceExport) -> ServiceExport:
        before = reasons_of(export)
        reasons = tuple(sorted({*before, *add} - {*remove}))
        if reasons != before:
            conflict = Condition(CONFLICT_TYPE, "True", ",".join(reasons)) if reasons else NO_CONFLICT
            export = with_condition(export, conflict)
        return with_condition(export, other) if other is not None else export

    types = (CONFLICT_TYPE, *(legacy_names(other.type) if other else ()))
    yield from _write(client, service_key, types, change, rewrites)


def reasons_of(export: ServiceExport | None) -> tuple[str, ...]:
    """The reasons of its Conflict condition: what of it others ask for; none if it is not True, or absent."""
    condition = export.condition(CONFLICT_TYPE) if export is not None else None
    return tuple(condition.reason.split(",")) if condition is not None and condition.status == "True" else ()


def _write(
    client: Client,
    service_key: str,
    types: tuple[str, ...],
    change: Callable[[ServiceExport], ServiceExport],
    rewrites: Request | None = None,
) -> Generator[Request, Any, bool]:
    namespace, name = service_key.split("/")
    part = Only(types)

    def attempt() -> Generator[Request, Any, bool | Failure]:
        found = yield client.get_part(SERVICE_EXPORTS, namespace, name, part)
        if not found:
            return found is NOT_FOUND
        wanted = change(found.object)
        if wanted == found.object and not (rewrites is not None and (yield rewrites)):
            return True
        written = yield client.update_part(wanted, found, part, merged)
        return CONFLICT if written is CONFLICT else bool(written) or written is NOT_FOUND

    return bool((yield from retry_on_conflict(attempt)))
