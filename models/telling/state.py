"""The state of a world in words: objects, beliefs and kernel tables."""

from __future__ import annotations

from typing import Any

from models.cluster import Cluster
from models.node.kernel import TABLES
from models.topology import Topology
from sim.core import Get


def describe(topology: Topology, get: Get) -> list[str]:
    """One line for each fact, broker first, then each cluster."""
    out = [f"broker (API server {topology.broker_api.name}): {'up' if get(topology.broker_api.up) else 'down'}"]
    out += [f"  aggregate {key}: {_import(topology.aggregate(get, key))}" for key in topology.service_keys()]
    for cluster in topology.clusters:
        out += _cluster(topology, cluster, get)
    return out


def _import(found: Any) -> str:
    if found is None:
        return "missing"
    ports = ",".join(found.ports) or "none"
    return f"clusters {{{','.join(found.clusters)}}} ports {ports}"


def _copy(topology: Topology, cluster: Cluster, get: Get, key: str) -> str:
    """A copy; of one that says nothing only that it is there."""
    if not topology.has_copies:
        return "left out"
    found = get(topology.copy_cell(cluster, key))
    return "there" if found is not None and not topology.has_contents else _import(found)


def _cluster(topology: Topology, cluster: Cluster, get: Get) -> list[str]:
    out = [f"cluster {cluster.name}: API server {get(cluster.api.up) or 'down'}"]
    states = ", ".join(f"{c.name.split('/', 1)[1]} {get(c.state) or 'not started'}" for c in cluster.containers)
    out.append(f"  containers: {states}")
    for export in topology.exports:
        if export.cluster == cluster.name:
            stored = get(topology.export_cell(export))
            conditions = " ".join(c.words() for c in stored.conditions) if stored else "missing"
            out.append(f"  ServiceExport {export.service_key}: {conditions}")
    out += [f"  copy {key}: {_copy(topology, cluster, get, key)}" for key in topology.service_keys()]
    if topology.data_plane:
        out += _data_plane(topology, cluster, get)
    return out


def _data_plane(topology: Topology, cluster: Cluster, get: Get) -> list[str]:
    gateway = get(topology.gateway_cell(cluster))
    connections = ", ".join(f"{remote} {status}" for remote, status in gateway.connections) if gateway else ""
    out = [f"  Gateway: {connections or 'no connections'}"]
    for kernel in cluster.kernels:
        tables = " ".join(table for table in TABLES if get(kernel.table(table))) or "none"
        out.append(f"  kernel tables on {kernel.node}: {tables}")
    for key in cluster.client.services:
        seen = get(cluster.client.seen(key))
        found = f"DNS {seen.dns}, {'connected' if seen.connected else 'not connected'}" if seen else "no client"
        out.append(f"  client, {key}, when it last looked: {found}")
    return out
