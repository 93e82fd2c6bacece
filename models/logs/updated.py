"""What an EndpointSlice of Kubernetes was like after a user's update, as those tell that its agent makes of it.

An agent looks at its own EndpointSlice (a list) before it writes it, or leaves it as it is. What it writes before the
slice of Kubernetes is updated again, or goes, is what it was updated to. What it writes on the broker may be older.
"""

from __future__ import annotations

from msgspec.structs import replace

from models.kube.objects import ENDPOINT_SLICES, NAMESPACES, SERVICES, K8sEndpointSlice
from models.logs.entry import Entry, Facts, LogFile
from models.logs.who import cluster_of

HEARD_MS = 45.0
"""After so long a look is due to the update (50 ms, less what a clock may be off); before, to one before it perhaps."""


def as_updated(log: LogFile, update: Entry, cluster: str, was: K8sEndpointSlice) -> K8sEndpointSlice:
    """What it was updated to; if no line tells, its readiness changed."""
    written, is_seen = _told_after(log, update, cluster)
    if written is not None:
        ports = written.ports if isinstance(written.ports, tuple) and written.ports else was.ports
        return replace(was, ready=all(written.ready or ()), ports=ports)
    return was if is_seen else replace(was, ready=not was.ready)


def _told_after(log: LogFile, update: Entry, cluster: str) -> tuple[Facts | None, bool]:
    """What its agent wrote after a user's write of an EndpointSlice, and whether it looked without writing."""
    stem = update.name.rsplit("-k8s", 1)[0]
    written: Facts | None = None
    looks = is_over = False
    for entry in log.entries:
        if entry.number <= update.number or cluster_of(log, entry.agent) != cluster:
            continue
        if entry.is_outside and entry.is_write:
            is_over = is_over or _is_of(entry, update, stem)
        if entry.is_outside or (entry.kind, entry.namespace) != (ENDPOINT_SLICES, update.namespace):
            continue
        if _looks(entry, stem):
            if is_over and (written is not None or looks):
                break
            looks = looks or entry.at_ms >= update.at_ms + max(0.0, update.lasts_ms) + HEARD_MS
        elif _writes(entry, stem, cluster):
            written = entry.sent
            if is_over:
                break
    return written, looks and written is None


def _is_of(write: Entry, update: Entry, stem: str) -> bool:
    """Whether a user's write is of what was updated, or of what it goes with."""
    if write.kind == NAMESPACES:
        return write.name == update.namespace
    place = (write.kind, write.namespace, write.name)
    return place == (ENDPOINT_SLICES, update.namespace, update.name) or (
        place == (SERVICES, update.namespace, stem) and write.verb != "update"
    )


def _looks(entry: Entry, stem: str) -> bool:
    """Whether it is a list of the slices of one Service that the agent has made; one of none does not say of which."""
    is_list = entry.verb == "list" and not entry.informer and entry.namespace != ""
    return is_list and (not entry.lists or any(name.rsplit("-", 1)[0] == stem for name in entry.lists))


def _writes(entry: Entry, stem: str, cluster: str) -> bool:
    if entry.sent is None or not entry.sent.ready or entry.sent.cluster not in (None, cluster):
        return False
    return entry.name.rsplit("-", 1)[0] == stem
