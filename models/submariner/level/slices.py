"""The EndpointSlices that a service is to have: the own ones here and on the broker, and those of others here."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec.structs import replace

from models.kube.objects import CLUSTER_IP, EndpointSlice
from models.releases.parts import KEEPS_NAMES
from models.submariner.level.observed import Observed
from models.submariner.names import BROKER_NAMESPACE

if TYPE_CHECKING:
    from models.submariner.level.agent import LevelAgent

Slices = tuple[EndpointSlice, ...]


def own_slices(agent: LevelAgent, seen: Observed) -> Slices:
    """One of a ClusterIP service; of a headless one, one for each EndpointSlice that Kubernetes has of it.

    Their names are fixed, so none is ever made twice, unless there is one of the kind by another name; names of
    services, namespaces and clusters have no dots, so that no two have one name (FACTS R8).
    """
    service = seen.service
    assert service is not None
    namespace, name = seen.key.split("/")
    labels = seen.sources[0].labels if seen.sources else ()
    fixed = f"{name}.{namespace}.{agent.cluster}"
    mine = (*of_own(agent, seen.local), *of_own(agent, seen.remote)) if agent.release.does(KEEPS_NAMES) else ()
    made = EndpointSlice(
        namespace=namespace, name=fixed, service=seen.key, source_cluster=agent.cluster,
        ports=service.ports, ready=any(source.ready for source in seen.sources), generate_name=False,
        labels=labels, publish_not_ready=service.publish_not_ready, detail=service.detail,
    )  # fmt: skip
    if service.type == CLUSTER_IP:
        return (replace(made, name=_adopted(mine, made)),)
    several = (
        replace(
            made, name=f"{source.name}.{fixed}", ports=source.ports, ready=source.ready, headless=True,
            source=source.name, labels=source.labels, endpoints=source.endpoints,
            detail=f"{service.detail}{source.detail}",
        )
        for source in seen.sources
    )  # fmt: skip
    return tuple(replace(each, name=_adopted(mine, each)) for each in several)


def _adopted(found: Slices, made: EndpointSlice) -> str:
    """The name of what there is of it already, if only by another: that of an agent of upstream's, which would take
    its deletion for the end of the export.
    """
    names = [each.name for each in found if (each.headless, each.source) == (made.headless, made.source)]
    return made.name if made.name in names else min(names, default=made.name)


def on_broker(agent: LevelAgent, own: Slices) -> Slices:
    """What the broker is to have of the own ones."""
    return tuple(replace(each, namespace=BROKER_NAMESPACE, cluster_id=agent.cluster) for each in own)


def of_own(agent: LevelAgent, found: Slices) -> Slices:
    """Those of the own cluster."""
    return tuple(each for each in found if each.source_cluster == agent.cluster)


def of_others(agent: LevelAgent, found: Slices) -> Slices:
    """Those of other clusters."""
    return tuple(each for each in found if each.source_cluster != agent.cluster)


def imported(agent: LevelAgent, seen: Observed) -> Slices:
    """What the namespace of the service is to have of other clusters."""
    namespace = seen.key.split("/", maxsplit=1)[0]
    return tuple(replace(each, namespace=namespace, generate_name=False) for each in of_others(agent, seen.remote))
