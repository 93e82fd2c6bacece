"""What the first lists of a log show of the world before anything changed in it."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from models.kube.objects import ENDPOINT_SLICES, NAMESPACES, SERVICE_EXPORTS, SERVICE_IMPORTS, SERVICES
from models.logs.beginning import Place
from models.logs.entry import OK, Entry, LogFile
from models.logs.who import keys_of, server_of
from models.submariner.names import BROKER_NAMESPACE, OPERATOR_NAMESPACE


class First(msgspec.Struct, frozen=True):
    """The first list of a kind on a server, in a namespace (empty: in all), before anything of that kind was changed.

    ``count`` is how many objects there were, and ``names`` those that are told, as ``<namespace>/<name>``.
    """

    server: str
    kind: str
    namespace: str
    count: int
    names: tuple[str, ...]

    @property
    def is_whole(self) -> bool:
        """Whether all objects are named."""
        return len(self.names) == self.count


def first_lists(log: LogFile) -> tuple[First, ...]:
    """The first lists of the log."""
    out: dict[tuple[str, str, str], First] = {}
    changed: set[tuple[str, str]] = set()
    for entry in log.entries:
        server = server_of(log, entry)
        where = (server, entry.kind, entry.namespace)
        if entry.verb in ("DELETED", "EMPTIED"):
            changed |= {(server_of(log, entry), SERVICE_IMPORTS), (server_of(log, entry), ENDPOINT_SLICES)}
            changed |= {
                (server, kind) for server in log.clusters.values() for kind in (SERVICE_IMPORTS, ENDPOINT_SLICES)
            }
        elif entry.kind == NAMESPACES and entry.is_write:
            changed |= {(server, kind) for kind in (SERVICE_EXPORTS, SERVICE_IMPORTS, ENDPOINT_SLICES, SERVICES)}
        elif entry.is_write and entry.verb not in ("update", "updateStatus") and entry.result == OK:
            changed.add((server, entry.kind))
        elif _is_of_all(entry) and where not in out and (server, entry.kind) not in changed:
            out[where] = First(*where, entry.count or 0, tuple(_names(log, entry)))
    return tuple(out.values())


def _is_of_all(entry: Entry) -> bool:
    """Whether it lists all there is: not the EndpointSlices of one service or cluster."""
    if entry.verb != "list" or entry.result != OK or entry.count is None or entry.of_service:
        return False
    return entry.informer or entry.kind == SERVICE_IMPORTS


def _names(log: LogFile, entry: Entry) -> Iterator[str]:
    if entry.places is not None:
        yield from entry.places
        return
    for name in entry.lists or ():
        yield f"{entry.namespace or _space_of(log, entry.kind, name)}/{name}"


def _space_of(log: LogFile, kind: str, name: str) -> str:
    """The namespace of what is listed without: that which its name, and else the services of the log, speak for."""
    spaces = {key.split("/")[0] for key in keys_of(log)}
    mine = min(spaces) if spaces else "default"
    if kind == SERVICE_IMPORTS:
        if any(name.endswith(f"-{space}-{cluster}") for space in {*spaces, mine} for cluster in log.clusters.values()):
            return OPERATOR_NAMESPACE
        if any(name.endswith(f"-{space}") for space in {*spaces, mine}):
            return BROKER_NAMESPACE
    return mine


def listed_keys(log: LogFile, firsts: tuple[First, ...]) -> set[str]:
    """The services that the lists speak of, or that an EndpointSlice is called for."""
    called = [
        f"{entry.namespace}/{entry.name}"
        for entry in log.entries
        if entry.kind == ENDPOINT_SLICES and "-" in entry.name and "-k8s" not in entry.name
    ]
    out: set[str] = set()
    for kind, place in (*((first.kind, name) for first in firsts for name in first.names), *(
        (ENDPOINT_SLICES, name) for name in called
    )):  # fmt: skip
        namespace, _, name = place.partition("/")
        if namespace not in (BROKER_NAMESPACE, OPERATOR_NAMESPACE, ""):
            out.add(f"{namespace}/{name.rsplit('-', 1)[0] if kind == ENDPOINT_SLICES else name}")
    return out


def listed_places(first: First) -> Iterator[Place]:
    """What a list shows, as places of objects."""
    for place in first.names:
        namespace, _, name = place.partition("/")
        yield first.server, first.kind, namespace, name
