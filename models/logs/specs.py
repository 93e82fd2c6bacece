"""What Services were like, as far as the lines of a log tell."""

from __future__ import annotations

import re
from collections.abc import Iterator

from models.exports import Export, ServiceSpec
from models.kube.objects import ENDPOINT_SLICES, HEADLESS, SERVICE_IMPORTS, SERVICES
from models.logs.entry import Entry, Facts, LogFile
from models.logs.who import cluster_of
from models.submariner.names import BROKER_NAMESPACE, aggregate_name, local_import_name

HEARD_MS = 95.0
"""So long after a change of a Service its agent looks at the import: two keys of 50 ms, less what clocks may be off."""


def facts_of_import(log: LogFile, export: Export, after: int = 0) -> Iterator[Facts]:
    """What lines tell of the local ServiceImport of an export, from a line on until the Service is changed again.

    What is read after a change, and before the import is written, is from before the change, unless it is read so late
    that the change must have been heard of: then the import is left as it is. What is written last is from after the
    change, as what is written first may be due to the change before. Of a change that is followed by another before
    the import is written, that write tells.
    """
    if after == 0:
        yield from _facts_at_first(log, export)
        return
    changed_ms = next((entry.at_ms + max(0.0, entry.lasts_ms) for entry in log.entries if entry.number == after), 0.0)
    written: list[Facts] = []
    read: list[Facts] = []
    kept: list[Facts] = []
    is_over = False
    for entry in log.entries:
        if entry.number <= after:
            continue
        is_over = is_over or _changes_service(log, export, entry)
        facts = (entry.sent or entry.got) if _is_of_import(export, entry) else None
        if is_over and (written or kept):
            break
        if facts is None:
            continue
        if entry.is_write:
            written.append(facts)
            kept.clear()
        else:
            read.append(facts)
            if not written and not is_over and entry.at_ms >= changed_ms + HEARD_MS:
                kept.append(facts)
    yield from (*reversed(written), *kept, *read)


def _facts_at_first(log: LogFile, export: Export) -> Iterator[Facts]:
    is_over = False
    for entry in log.entries:
        is_over = is_over or _changes_service(log, export, entry)
        if not _is_of_import(export, entry):
            continue
        if is_over and entry.is_write:
            break
        facts = entry.sent or entry.got
        if facts is not None:
            yield facts


def _is_of_import(export: Export, entry: Entry) -> bool:
    local = local_import_name(export.service_key, export.cluster)
    return entry.kind == SERVICE_IMPORTS and entry.name == local and entry.namespace != BROKER_NAMESPACE


def _changes_service(log: LogFile, export: Export, entry: Entry) -> bool:
    mine = f"{entry.namespace}/{entry.name}" == export.service_key and cluster_of(log, entry.agent) == export.cluster
    return mine and entry.is_outside and entry.kind == SERVICES and entry.verb in ("create", "update")


def shows_import_updated(log: LogFile, export: Export, after: int) -> bool:
    """Whether the local ServiceImport was updated after a line, before the Service changes again."""
    local = local_import_name(export.service_key, export.cluster)
    for entry in log.entries:
        if entry.number > after:
            if _changes_service(log, export, entry):
                return False
            if (entry.verb, entry.kind, entry.name) == ("update", SERVICE_IMPORTS, local):
                return True
    return False


def reads_import(log: LogFile, export: Export, after: int) -> bool:
    """Whether the local ServiceImport was read after a line: as its agent does that hears of a change of the Service,
    though another may have undone it by then.
    """
    local = local_import_name(export.service_key, export.cluster)
    return any(
        (entry.verb, entry.kind, entry.name) == ("get", SERVICE_IMPORTS, local)
        for entry in log.entries
        if entry.number > after
    )


def _facts_of_aggregate(log: LogFile, export: Export) -> Iterator[Facts]:
    """What lines tell of the aggregate that names the exporter, before one was created; of it alone first, but for one
    whose status others have left and the rest of it not yet.
    """
    name, found = aggregate_name(export.service_key), []
    for entry in log.entries:
        if (entry.kind, entry.namespace, entry.name) != (SERVICE_IMPORTS, BROKER_NAMESPACE, name):
            continue
        if entry.verb == "create":
            break
        facts = entry.sent or entry.got
        if facts is not None and export.cluster in (facts.clusters or ()) and facts.ports:
            found.append(facts)
    alone = (export.cluster,)
    yield from (facts for facts in found if facts.clusters == alone and facts.timestamps in (None, (), alone))
    yield from found


def spec_of(log: LogFile, export: Export, after: int = 0) -> ServiceSpec:
    """What a Service is like from a line on: as the next local ServiceImport says, and what else is known."""
    facts = next(facts_of_import(log, export, after), None)
    if facts is None and after == 0:
        facts = next(_facts_of_aggregate(log, export), None)
    letter = next(letter for letter, cluster in log.clusters.items() if cluster == export.cluster)
    headless = facts is not None and facts.type == HEADLESS
    if log.type_if_untold and (facts is None or facts.type is None):
        headless = log.type_if_untold == HEADLESS
    elif facts is None or facts.type is None or headless:
        headless = headless or f"{letter} exports headless" in log.script
        if facts is None and re.search(r"\bheadless\b", log.script) and "exports headless" not in log.script:
            headless = True
    ports = ServiceSpec().ports
    if facts is not None and isinstance(facts.ports, tuple) and facts.ports:
        ports = facts.ports
    elif facts is not None and isinstance(facts.ports, int):
        ports = (*ports, *(f"port-{number}:{8000 + number}" for number in range(2, 10)))[: facts.ports]
    return ServiceSpec("Headless" if headless else "ClusterIP", ports, slices=max([1, *_slices(log, export, headless)]))


def _slices(log: LogFile, export: Export, headless: bool) -> Iterator[int]:
    """How many EndpointSlices of Kubernetes lists show."""
    namespace, name = export.service_key.split("/")
    for entry in log.entries:
        here = (entry.kind, entry.verb, entry.namespace) == (ENDPOINT_SLICES, "list", namespace)
        if not here or entry.count is None or cluster_of(log, entry.agent) != export.cluster:
            continue
        of_other = entry.lists and not any(listed.startswith(f"{name}-") for listed in entry.lists)
        if (entry.of_service or (headless and not entry.informer)) and not of_other:
            yield entry.count
