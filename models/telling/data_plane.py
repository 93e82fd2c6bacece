"""The story of a broken data plane: which kernel tables are missing in the end, who took them, what gateways said of
their connections since, and what clients saw.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import cast

from models.client import Look, Seen
from models.faults.pause import Freeze
from models.kube.objects import ServiceImport
from models.node.host import FlushTables, StopHost, SuspendHost
from models.node.kernel import Install
from models.properties.connected_carries import carries_nothing
from models.properties.dns_answers import misled
from models.properties.kernel_as_asked import missing
from models.submariner.gateway import Gateway, Judge
from models.telling.lines import KEEP, MAY_GO, TELL, Line, of_containers
from models.telling.script import acts
from models.topology import Topology
from sim.core import Get, Step

OF_TABLES = ("D1", "D2", "D3")
"""The properties that are told of here."""
OF_NODES = (SuspendHost, FlushTables, StopHost, Freeze)
"""What happens to machines."""
ACTS_MAX = 5
"""So many steps of the script are always told."""
SEEN = (Judge, Look)
"""What gateways and clients find out; of each only the last time."""


def story_of_tables(topology: Topology, steps: Sequence[Step], get: Get, end_ms: float) -> list[Line]:
    """The lines of the story, in no order: what the script did, what became of containers, who found out what, and
    what is broken in the end.
    """
    ends: list[str] = []
    if topology.data_plane:  # what is left out is not missing
        ends = [*_missing(topology, get), *_connections(topology, get), *_answers(topology, get)]
    lacking = {kernel.node for kernel, _ in missing(topology, get)}
    are_few = sum(map(acts, steps)) <= ACTS_MAX
    lines: list[Line] = []
    seen: dict[tuple[str, str], Line] = {}
    for step in steps:
        request = step.request
        words = request.words(step.choice, step.response)
        container = of_containers(step)
        if acts(step):
            lines.append((step.at_ms, KEEP if are_few else TELL if isinstance(request, OF_NODES) else MAY_GO, words))
        elif container is not None:
            lines.append((step.at_ms, MAY_GO, container[1]))
        elif isinstance(request, Install) and request.kernel.node in lacking:
            lines.append((step.at_ms, MAY_GO, words))
        elif isinstance(request, SEEN):
            of = step.process if isinstance(request, Judge) else ""  # a client is told of once, whatever it asks for
            seen[step.domain, of] = (step.at_ms, TELL, words)
    return [*lines, *seen.values(), *((end_ms, KEEP, f"at rest, {words}") for words in ends)]


def _missing(topology: Topology, get: Get) -> Iterator[str]:
    """The tables that are missing; nodes that lack the same in one sentence."""
    of_nodes: dict[str, list[str]] = {}
    for kernel, table in missing(topology, get):
        of_nodes.setdefault(kernel.node, []).append(table)
    alike: dict[tuple[str, ...], list[str]] = {}
    for node, tables in of_nodes.items():
        alike.setdefault(tuple(tables), []).append(node)
    lacks = [f"{' and '.join(nodes)} without {', '.join(tables)}" for tables, nodes in alike.items()]
    if lacks:
        yield f"kernel tables are missing, and nobody looks after them: {'; '.join(lacks)}"


def _connections(topology: Topology, get: Get) -> Iterator[str]:
    """The connections that are called connected and carry nothing."""
    said = [f"{cluster} to {remote}" for cluster, remote in carries_nothing(topology, get)]
    if said:
        yield f"connections are called connected and carry nothing: {', '.join(said)}"


def _answers(topology: Topology, get: Get) -> Iterator[str]:
    """The first client whose last answer does not fit the aggregate, and how many others there are."""
    every = list(misled(topology, get))
    for cluster, key in every[:1]:
        seen, aggregate = cast("Seen", get(cluster.client.seen(key))), topology.aggregate(get, key)
        named = aggregate.clusters if isinstance(aggregate, ServiceImport) else ()
        gateway = cast("Gateway | None", get(topology.gateway_cell(cluster)))
        more = f"; and so of {len(every) - 1} more" if len(every) > 1 else ""
        status = dict(gateway.connections) if gateway else {}
        found = "".join(
            f"; Gateway of {cluster.name} says {status[name]} of {name}" for name in named if name in status
        )
        whose = f"which {', '.join(named) or 'nobody'} exports"
        yield f"DNS of {cluster.name} says {seen.dns} of {key}, {whose}{found}{more}"
