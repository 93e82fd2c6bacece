"""What a ServiceExport is to say of itself."""

from __future__ import annotations

from typing import TYPE_CHECKING

from models.kube.objects import CLUSTER_SET_IP, Condition, EndpointSlice, ServiceExport, ServiceImport
from models.submariner.agent.conditions import (
    CONFLICT_TYPE,
    CONFLICTING_AFFINITY,
    CONFLICTING_AFFINITY_CONFIG,
    CONFLICTING_IP_ENABLEMENT,
    CONFLICTING_PORTS,
    CONFLICTING_TYPE,
    EXPORT_FAILED,
    NO_CONFLICT,
    NO_SERVICE_IMPORT,
    READY,
    SERVICE_UNAVAILABLE,
    UNSUPPORTED_TYPE,
    VALID,
    reasons_of,
    with_condition,
)
from models.submariner.level.observed import Observed
from models.submariner.level.shares import offer

if TYPE_CHECKING:
    from models.submariner.level.agent import LevelAgent


def not_offered(seen: Observed, export: ServiceExport) -> ServiceExport:
    """Of an export without a Service that can be exported."""
    valid = UNSUPPORTED_TYPE if seen.service else SERVICE_UNAVAILABLE
    return _said(export, valid, NO_SERVICE_IMPORT, ())


def refused(_seen: Observed, export: ServiceExport) -> ServiceExport:
    """Of an export whose aggregate is not for it, as of another type."""
    return _said(export, VALID, EXPORT_FAILED, (CONFLICTING_TYPE,))


def served(
    agent: LevelAgent,
    seen: Observed,
    export: ServiceExport,
    aggregate: ServiceImport,
    slices: tuple[EndpointSlice, ...],
) -> ServiceExport:
    """Of an export that the aggregate names, with what its exporters do not agree on."""
    return _said(export, VALID, READY, _conflicts(agent, seen, export, aggregate, slices))


def _conflicts(
    agent: LevelAgent,
    seen: Observed,
    export: ServiceExport,
    aggregate: ServiceImport,
    slices: tuple[EndpointSlice, ...],
) -> tuple[str, ...]:
    assert seen.service is not None
    mine = offer(agent, seen.service, export)
    offers = {*aggregate.offers, mine}
    differs = {
        CONFLICTING_PORTS: len({tuple(sorted(each.ports)) for each in slices}) > 1,
        CONFLICTING_TYPE: _differ(mine.type, aggregate.type, *(each.type for each in offers)),
        CONFLICTING_AFFINITY: _differ(mine.affinity, aggregate.affinity, *(each.affinity for each in offers)),
        CONFLICTING_AFFINITY_CONFIG: _differ(
            mine.affinity_config, aggregate.affinity_config, *(each.affinity_config for each in offers)
        ),
    }
    if agent.ips and mine.type == aggregate.type == CLUSTER_SET_IP:
        wanted = (each.use_ip for each in offers if each.type == CLUSTER_SET_IP)
        differs[CONFLICTING_IP_ENABLEMENT] = _differ(mine.use_ip, aggregate.use_ip, *wanted)
    return tuple(sorted(reason for reason, is_so in differs.items() if is_so))


def _differ(*values: str) -> bool:
    return len({*values}) > 1


def _said(export: ServiceExport, valid: Condition, ready: Condition, reasons: tuple[str, ...]) -> ServiceExport:
    export = with_condition(with_condition(export, valid), ready)
    if reasons != tuple(sorted(reasons_of(export))):
        conflict = Condition(CONFLICT_TYPE, "True", ",".join(reasons)) if reasons else NO_CONFLICT
        export = with_condition(export, conflict)
    return export
