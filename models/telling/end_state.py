"""What there is in the end, in the two notations in which the outcomes of real runs are written down.

Controllers: ``agg {a} ports=http:80 | broker EPS [a] | a: SE[Ready=True Valid=True] localSI copy={a} ports=http:80
ownEPS=1 importedEPS=[] | b: noSE copy=missing ownEPS=0 importedEPS=[a]``. Processes: ``agg=B/1p ts=B beps=B | A:
copy=B/1p lsi=- eps=B se=- | B: ...``. Of timestamps the first says only those that differ from the clusters.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

from models.kube.objects import ENDPOINT_SLICES, HEADLESS, LIGHTHOUSE_SLICES, SERVICE_EXPORTS, SERVICE_IMPORTS
from models.submariner.names import BROKER_NAMESPACE, OPERATOR_NAMESPACE, local_import_name

if TYPE_CHECKING:
    from collections.abc import Callable

    from models.cluster import Cluster
    from models.kube.api_server import ApiServer
    from models.topology import Topology
    from sim.core import Get


PROCESSES = (
    "agg: the aggregate on the broker, as clusters it names / number of ports; - is missing: the import is lost",
    "and so is the export of a cluster that exports and that it does not name",
    "ts: clusters that it has a timestamp of (it has none where each cluster has an import of its own)",
    "beps: whose EndpointSlices are on the broker; A2: two of a",
    "and for each cluster",
    "copy: its copy of the aggregate",
    "lsi: whether its local ServiceImport is there, + or -",
    "eps: whose lighthouse EndpointSlices it has",
    "se: conditions of its ServiceExport, - if there is none",
    "n x ... || m x ...: n services ended like this, m like that",
)
CONTROLLERS = (
    "agg: the aggregate on the broker, with {clusters it names} and its ports; missing: the import is lost",
    "and so is the export of a cluster that exports and that it does not name",
    "ts: clusters that it has a timestamp of, where these are others",
    "broker EPS: whose EndpointSlices are on the broker",
    "then for each cluster:",
    "SE: its ServiceExport with conditions, or noSE",
    "localSI: its local ServiceImport is there",
    "copy: its copy of the aggregate",
    "ownEPS: how many lighthouse EndpointSlices of its own it has",
    "importedEPS: whose others it has",
    "n x ... || m x ...: n services ended like this, m like that",
)


def end_state(topology: Topology, get: Get, way: str) -> str:
    """The end state of the services; where they differ, how many are in which."""
    found = Counter(each_end_state(topology, get, way))
    if len(found) == 1:
        return next(iter(found))
    return " || ".join(
        f"{count} x {text}" for text, count in sorted(found.items(), key=lambda item: (-item[1], item[0]))
    )


def each_end_state(topology: Topology, get: Get, way: str) -> tuple[str, ...]:
    """The end state of each service by itself."""
    state = in_controllers if way == "controllers" else in_processes
    return tuple(state(topology, get, key) for key in topology.service_keys())


def notation(way: str) -> list[str]:
    """What the words of an end state mean."""
    return list(CONTROLLERS if way == "controllers" else PROCESSES)


def in_controllers(topology: Topology, get: Get, key: str) -> str:
    """One service in the notation of the controllers."""
    parts = [
        f"agg {_import(topology.aggregate(get, key))}",
        f"broker EPS [{','.join(_sources(topology.broker_api, get, BROKER_NAMESPACE, key))}]",
    ]
    for cluster in topology.clusters:
        sources = _slices(cluster, get, key)
        imported = [source for source in sources if source != cluster.name]
        local = " localSI" if _local_import(cluster, get, key) else ""
        parts.append(
            f"{cluster.name}: {_export(cluster, get, key)}{local} copy={_copy(topology, cluster, get, key, _import)} "
            f"ownEPS={sources.count(cluster.name)} importedEPS=[{','.join(imported)}]"
        )
    return " | ".join(parts)


def _export(cluster: Cluster, get: Get, key: str) -> str:
    stored: Any = get(cluster.api.object(SERVICE_EXPORTS, *key.split("/")))
    return f"SE[{' '.join(condition.words() for condition in stored.conditions)}]" if stored else "noSE"


def _import(found: Any) -> str:
    if found is None:
        return "missing"
    ports = "headless" if found.type == HEADLESS else ",".join(sorted(found.ports)) or "empty"
    stamped = [cluster for cluster, _ in found.timestamps]
    stamps = f" ts=[{','.join(stamped)}]" if stamped != list(found.clusters) else ""
    return f"{{{','.join(found.clusters)}}} ports={ports}{stamps}"


def in_processes(topology: Topology, get: Get, key: str) -> str:
    """One service in the notation of the processes."""
    aggregate: Any = topology.aggregate(get, key)
    stamps = f" ts={_plus([cluster for cluster, _ in aggregate.timestamps])}" if aggregate else ""
    broker = _counted(_sources(topology.broker_api, get, BROKER_NAMESPACE, key))
    parts = [f"agg={_short(aggregate)}{stamps} beps={broker}"]
    parts += [
        f"{cluster.name.upper()}: copy={_copy(topology, cluster, get, key, _short)} "
        f"lsi={'+' if _local_import(cluster, get, key) else '-'} eps={_counted(_slices(cluster, get, key))} "
        f"se={_conditions(cluster, get, key)}"
        for cluster in topology.clusters
    ]
    return " | ".join(parts)


def _copy(topology: Topology, cluster: Cluster, get: Get, key: str, words: Callable[[Any], str]) -> str:
    """The copy of an aggregate in words, where there are copies."""
    if not topology.has_copies:
        return "left out"
    copy = get(topology.copy_cell(cluster, key))
    return words(copy) if topology.has_contents or copy is None else "there"


def _short(found: Any) -> str:
    return f"{_plus(found.clusters)}/{len(found.ports)}p" if found else "-"


def _plus(clusters: Any) -> str:
    return "+".join(cluster.upper() for cluster in clusters)


def _counted(sources: list[str]) -> str:
    counts = [f"{name.upper()}{count if count > 1 else ''}" for name, count in sorted(Counter(sources).items())]
    return ("" if all(len(name) == 1 for name in sources) else "+").join(counts) or "-"


def _conditions(cluster: Cluster, get: Get, key: str) -> str:
    stored: Any = get(cluster.api.object(SERVICE_EXPORTS, *key.split("/")))
    if stored is None:
        return "-"
    return ",".join(f"{c.type}={c.status}{f':{c.reason}' if c.reason else ''}" for c in stored.conditions)


def _local_import(cluster: Cluster, get: Get, key: str) -> bool:
    return bool(get(cluster.api.object(SERVICE_IMPORTS, OPERATOR_NAMESPACE, local_import_name(key, cluster.name))))


def _slices(cluster: Cluster, get: Get, key: str) -> list[str]:
    return _sources(cluster.api, get, key.split("/", maxsplit=1)[0], key)


def _sources(api: ApiServer, get: Get, namespace: str, key: str) -> list[str]:
    """The source clusters of a service's lighthouse slices in a namespace, one for each."""
    found = api.select(get, ENDPOINT_SLICES, LIGHTHOUSE_SLICES, namespace)
    return sorted(slice_.source_cluster for slice_ in found if slice_.service == key)
