"""An import of each exporting cluster on the broker, beside the aggregate: the design since 0.22 (docs/FACTS.md C30).

Source: lighthouse ``service_import.go``, ``service_import_aggregate.go`` at 1681e3f, ``service_import_conflict.go`` at
0873396.

S5 federates to two places: the aggregate, then the cluster's own import. S6 of every exporter looks at all of these and
finds the precedent one: of the aggregate's type, the oldest. Only the precedent cluster writes ports and session
affinity into the aggregate. Assumed: a failed list is an error that is tried again (before, it ended the agent, FACTS
M6), and a delete by labels is a list and a delete of each.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec.structs import replace

from models.kube.calls import NOT_FOUND, UNREACHABLE, Listed
from models.kube.create_or_update import create_or_update_listed
from models.kube.objects import SERVICE_IMPORTS, ServiceImport, Terms, marks_of
from models.kube.syncer import Handling
from models.node.container import Panic
from models.submariner.agent.aggregator import update_terms
from models.submariner.agent.conditions import (
    CONFLICTING_AFFINITY,
    CONFLICTING_AFFINITY_CONFIG,
    CONFLICTING_IP_ENABLEMENT,
    CONFLICTING_PORTS,
    CONFLICTING_TYPE,
)
from models.submariner.agent.conflicts import change_reasons
from models.submariner.agent.reconcile import delete_if_missing
from models.submariner.agent.slice_controller import ReadStore
from models.submariner.names import BROKER_NAMESPACE, OPERATOR_NAMESPACE, aggregate_name, local_import_name
from sim.core import Read, Stage, is_present

if TYPE_CHECKING:
    from models.submariner.agent.agent import LighthouseAgent


def of_cluster(found: ServiceImport | None) -> ServiceImport | None:
    """The part of a reader who wants the imports of clusters: all of one; nothing of an aggregate."""
    return replace(found, generate_name=False) if found and found.label else None


def type_and_named_of(found: ServiceImport | None) -> tuple[str, bool] | None:
    """The type of an aggregate, and whether it names anybody; None if it is absent."""
    return (found.type, bool(found.clusters)) if found else None


class PerCluster:
    """What S5, S6 and the start of the agent do about imports of clusters."""

    def distribute(self, agent: LighthouseAgent, obj: ServiceImport) -> Handling:
        """The second federator of S5: the local ServiceImport, with a generated name; True to try again."""
        service = obj.label.split("/")[1]
        wanted = replace(obj, namespace=BROKER_NAMESPACE, name=f"{service}-", clusters=(), generate_name=True)
        if agent.ips:
            wanted = replace(wanted, use_ip=agent.ips.wanted(obj))
        identity = {"label": obj.label, "source_cluster": agent.cluster}
        return not (yield from create_or_update_listed(agent.broker, wanted, identity))

    def delete(self, agent: LighthouseAgent, obj: ServiceImport) -> Handling:
        """The same when the export ends."""
        identity = {"label": obj.label, "source_cluster": agent.cluster}
        listed = yield agent.broker.list(SERVICE_IMPORTS, SERVICE_IMPORTS, BROKER_NAMESPACE, identity, marks_of)
        if not isinstance(listed, Listed):
            return True
        for found in listed.items:
            gone = yield agent.broker.delete(SERVICE_IMPORTS, BROKER_NAMESPACE, found.name)
            if gone is UNREACHABLE:
                return True
        return False

    def seen(self, agent: LighthouseAgent, key: str) -> Handling:
        """S6, an import of some cluster came, changed or went: conflicts, and the aggregate if it is mine to write."""
        if not (yield Read(agent.exports.informer.entry(key), is_present)):
            return False
        aggregate = yield agent.broker.get(SERVICE_IMPORTS, BROKER_NAMESPACE, aggregate_name(key), type_and_named_of)
        if not aggregate:
            return aggregate is not NOT_FOUND
        type_, names_somebody = aggregate
        stored = yield ReadStore(agent.remote_imports.informer, of_cluster)
        offers = sorted((each for each in stored if each and each.label == key), key=lambda o: precedence(o, type_))
        if not offers:
            return False
        if agent.checks_conflicts:
            found = reasons(offers)
            if CONFLICTING_TYPE in found and not names_somebody:
                yield Panic(agent.container, OUT_OF_RANGE)
            clear = tuple(reason for reason in REASONS if reason not in found)
            yield from change_reasons(agent, key, found, clear)
        first = offers[0]
        if first.source_cluster != agent.cluster:
            return False
        ports = agent.release.ports.merge(each.ports for each in offers if each.type == first.type)
        terms = Terms(first.type, first.affinity, first.affinity_config)
        return not (yield from update_terms(agent, key, terms, ports))


REASONS = (
    CONFLICTING_TYPE, CONFLICTING_PORTS, CONFLICTING_AFFINITY, CONFLICTING_AFFINITY_CONFIG, CONFLICTING_IP_ENABLEMENT,
)  # fmt: skip
OUT_OF_RANGE = "a conflict of types, and the aggregate names nobody"
"""``checkForConflicts`` takes ``Status.Clusters[0]`` for its message (docs/FACTS.md C30)."""


def precedence(offer: ServiceImport, type_: str) -> tuple[bool, int, str]:
    """``sortServiceImportsByTimestamp``: never one of another type than the aggregate's, else the oldest first."""
    return (offer.type != type_, offer.timestamps[0][1], offer.source_cluster)


def reasons(offers: list[ServiceImport]) -> tuple[str, ...]:
    """``checkForConflicts``: in what the others differ from the first; of another type, in nothing else."""
    first = offers[0]
    alike = [offer for offer in offers if offer.type == first.type]
    differs = {
        CONFLICTING_TYPE: len(alike) < len(offers),
        CONFLICTING_PORTS: any(sorted(offer.ports) != sorted(first.ports) for offer in alike),
        CONFLICTING_AFFINITY: any(offer.affinity != first.affinity for offer in alike),
        CONFLICTING_AFFINITY_CONFIG: any(offer.affinity_config != first.affinity_config for offer in alike),
        CONFLICTING_IP_ENABLEMENT: any(offer.use_ip != first.use_ip for offer in alike),
    }
    return tuple(reason for reason in REASONS if differs[reason])


def delete_imports_without_local(agent: LighthouseAgent) -> Stage:
    """``reconcileLocalServiceImportsOnBroker``: own imports on the broker without a local ServiceImport."""
    for found in (yield ReadStore(agent.remote_imports.informer, of_cluster)):
        if found and found.source_cluster == agent.cluster:
            name = local_import_name(found.label, agent.cluster)
            local = ServiceImport(
                namespace=OPERATOR_NAMESPACE, name=name, label=found.label, source_cluster=agent.cluster
            )
            yield from delete_if_missing(agent.local_imports, local)
    return None


PER_CLUSTER = PerCluster()
