"""Whose a line is, and which server and services it is about."""

from __future__ import annotations

import re

from models.kube.objects import ENDPOINT_SLICES, SERVICE_EXPORTS, SERVICE_IMPORTS, SERVICES
from models.logs.entry import Entry, LogFile
from models.submariner.names import BROKER_NAMESPACE, OPERATOR_NAMESPACE


def cluster_of(log: LogFile, agent: str) -> str:
    """The ID of the cluster of an agent or user; empty if it is of none."""
    letter = re.sub(r"^user@", "", agent).split("#")[0]
    if letter in log.clusters:
        return log.clusters[letter]
    return log.clusters.get(letter.rstrip("0123456789"), "")


def server_of(log: LogFile, entry: Entry) -> str:
    """The server that a line is about: a cluster's ID, or ``broker`` where that has a server of its own."""
    on_broker = entry.api == "broker" or entry.namespace == BROKER_NAMESPACE or entry.agent == "user@broker"
    if on_broker:
        return broker_of(log)
    return cluster_of(log, entry.agent)


def broker_of(log: LogFile) -> str:
    """The server that holds the broker namespace: a cluster's ID, or ``broker``."""
    return log.broker if log.broker in log.clusters.values() else "broker"


def keys_of(log: LogFile) -> tuple[str, ...]:
    """The services that the log is about, as ``<namespace>/<name>``; where it names none, those of EndpointSlices."""
    spaces = ("", BROKER_NAMESPACE, OPERATOR_NAMESPACE)
    mine = [entry for entry in log.entries if entry.namespace not in spaces and entry.name]
    kinds = (SERVICE_EXPORTS, SERVICES, SERVICE_IMPORTS)
    found = {f"{entry.namespace}/{entry.name}" for entry in mine if entry.kind in kinds}
    if not found:
        slices = [entry for entry in mine if entry.kind == ENDPOINT_SLICES and "-" in entry.name]
        found = {f"{entry.namespace}/{entry.name.rsplit('-', 1)[0]}" for entry in slices}
    return tuple(sorted(found | {*log.also}))


def owners_of(log: LogFile, deletion: Entry) -> tuple[str, ...]:
    """The clusters whose EndpointSlice somebody may have deleted whose name a server made, as far as lines tell.

    Agents touch only their own on the broker, and list only their own in its namespace; what an agent touches there and
    does not list is what it imports. Who had another one just then did not have this one as well.
    """
    name = deletion.name
    own = _told_owner(log, name)
    if own:
        return (own,)
    stem = name.rsplit("-", 1)[0]
    there: set[str] = set()
    others: set[str] = set()
    for entry in log.entries:
        if entry.kind != ENDPOINT_SLICES or "-k8s" in entry.name:
            continue
        if entry.name == name and not entry.is_outside and entry.namespace != BROKER_NAMESPACE:
            others.add(cluster_of(log, entry.agent))
        shown = {each for each in (entry.name, *(entry.lists or ())) if each.rsplit("-", 1)[0] == stem} - {name}
        if entry.number >= deletion.number:
            continue
        if entry.verb in ("delete", "deletecollection"):
            there -= shown
        else:
            there |= shown
    others |= {_told_owner(log, each) for each in there | _there_before(log, stem, deletion)}
    return tuple(cluster for cluster in log.clusters.values() if cluster not in others)


def _there_before(log: LogFile, stem: str, line: Entry) -> set[str]:
    """The EndpointSlices of a service that lines show for the first time after a line, and that nobody made."""
    seen: set[str] = set()
    out: set[str] = set()
    for entry in log.entries:
        if entry.kind != ENDPOINT_SLICES or entry.number == line.number:
            continue
        for name in (entry.name, *(entry.lists or ())):
            if name not in seen and name.rsplit("-", 1)[0] == stem and "-k8s" not in name:
                seen.add(name)
                if entry.number > line.number and entry.verb != "create" and name != line.name:
                    out.add(name)
    return out


def _told_owner(log: LogFile, name: str) -> str:
    for entry in log.entries:
        if entry.kind != ENDPOINT_SLICES or entry.is_outside or entry.informer:
            continue
        facts = entry.sent or entry.got
        on_broker = entry.namespace == BROKER_NAMESPACE
        if entry.name == name and facts is not None and facts.cluster:
            return facts.cluster
        if (entry.name == name and on_broker) or (name in (entry.lists or ()) and not on_broker and entry.namespace):
            return cluster_of(log, entry.agent)
    return ""
