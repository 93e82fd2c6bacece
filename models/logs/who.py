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
