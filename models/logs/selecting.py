"""What a list was about, where the lines around it tell: agents list EndpointSlices by service, their own by cluster.

What such a list does not show may be there all the same: what others made, or of another service.
"""

from __future__ import annotations

import msgspec

from models.kube.objects import ENDPOINT_SLICES, SERVICE_IMPORTS
from models.logs.entry import Entry, LogFile
from models.logs.who import cluster_of, keys_of
from models.submariner.names import BROKER_NAMESPACE, aggregate_name

Where = tuple[tuple[str, str], ...]
"""(field, value) pairs that select objects."""


class Blank(msgspec.Struct, frozen=True):
    """Where a list showed nothing: no object that fits ``where`` (field, value) pairs, which leave out what it was not
    about.
    """

    server: str
    kind: str
    namespace: str
    where: Where = ()


def selected(log: LogFile, entry: Entry) -> Where | None:
    """What a list was about, besides kind and namespace; None if lines do not tell of which service it was."""
    if entry.kind != ENDPOINT_SLICES or entry.informer or not entry.namespace:
        return ()
    on_broker = entry.namespace == BROKER_NAMESPACE
    keys = [key for key in keys_of(log) if on_broker or key.startswith(f"{entry.namespace}/")]
    if len(keys) > 1:
        keys = _asked_before(log, entry, keys) if on_broker else _made_after(log, entry, keys)
    if len(keys) != 1 or (not on_broker and _was_there(log, entry, keys[0].split("/")[1])):
        return None
    own = () if on_broker else (("source_cluster", cluster_of(log, entry.agent)),)
    return (("service", keys[0]), *own)


def _was_there(log: LogFile, entry: Entry, name: str) -> bool:
    """Whether a list of own EndpointSlices shows one of the service that nobody made before: then the list of none was
    about one of several slices of Kubernetes, as lists for headless services are.
    """
    made: set[str] = set()
    for other in log.entries:
        if (other.kind, other.namespace) != (entry.kind, entry.namespace):
            continue
        if cluster_of(log, other.agent) != cluster_of(log, entry.agent) or other.informer:
            continue
        if other.verb == "create":
            made.add(other.name)
        shown = [each for each in other.lists or () if each.rsplit("-", 1)[0] == name]
        if any(each not in made for each in shown):
            return True
    return False


def _asked_before(log: LogFile, entry: Entry, keys: list[str]) -> list[str]:
    """The services of the aggregate that the agent got just before: the list is of its EndpointSlices."""
    got = ""
    for earlier in log.entries:
        if earlier.number >= entry.number:
            break
        if (earlier.agent, earlier.kind, earlier.namespace) == (entry.agent, SERVICE_IMPORTS, BROKER_NAMESPACE):
            got = earlier.name or got
    return [key for key in keys if aggregate_name(key) == got]


def _made_after(log: LogFile, entry: Entry, keys: list[str]) -> list[str]:
    """The service of the EndpointSlice that the agent then makes, as it found none."""
    for later in log.entries:
        mine = (later.agent, later.kind, later.namespace) == (entry.agent, entry.kind, entry.namespace)
        if later.number <= entry.number or not mine or later.informer:
            continue
        if later.verb != "create":
            break
        return [key for key in keys if key.split("/")[1] == later.name.rsplit("-", 1)[0]]
    return []
