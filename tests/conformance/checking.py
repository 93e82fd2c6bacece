"""What is expected: each line of "then" as a question to a world."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Any

from models.exports import Export
from models.kube.calls import Delete, DeleteCollection
from models.kube.objects import ENDPOINT_SLICES, LIGHTHOUSE_SLICES, SERVICE_IMPORTS, Condition, k8s_slices
from models.properties.copies_follow import is_followed
from models.submariner.names import BROKER_NAMESPACE, OPERATOR_NAMESPACE, local_import_name
from models.submariner.resolver import Answer, Resolver
from models.topology import Topology
from sim.core import Get, Step
from sim.timed.run import Run

NAME = "web-1"


class Seen:
    """One world at rest, seen by the checks of one service."""

    def __init__(self, topology: Topology, get: Get, namespace: str = "demo") -> None:
        self.topology, self.get, self.namespace = topology, get, namespace
        self.key = f"{namespace}/{NAME}"
        self.aggregate: Any = get(topology.aggregate_cell(self.key))

    def export(self, cluster: str) -> Any:
        """The ServiceExport of a cluster."""
        return self.get(self.topology.export_cell(Export(cluster, self.key)))

    def condition(self, cluster: str, type_: str) -> Condition | None:
        """A condition of it."""
        stored = self.export(cluster)
        assert stored is not None, f"{cluster} exports nothing"
        found: Condition | None = stored.condition(type_)
        return found

    def broker_slices(self, service: str = "") -> list[Any]:
        """The EndpointSlices of the service on the broker."""
        api = self.topology.broker_api
        found = api.select(self.get, ENDPOINT_SLICES, LIGHTHOUSE_SLICES, BROKER_NAMESPACE)
        return [slice_ for slice_ in found if slice_.service == (service or self.key)]

    def slices(self, cluster: str, *, own: bool, service: str = "") -> list[Any]:
        """Lighthouse's EndpointSlices in the service's namespace: own ones, or imported."""
        api = self.topology.cluster(cluster).api
        found = api.select(self.get, ENDPOINT_SLICES, LIGHTHOUSE_SLICES, self.namespace)
        return [s for s in found if s.service == (service or self.key) and (s.source_cluster == cluster) is own]

    def k8s_slices(self, cluster: str) -> list[Any]:
        """The EndpointSlices of the service that Kubernetes manages."""
        api = self.topology.cluster(cluster).api
        return list(api.select(self.get, ENDPOINT_SLICES, k8s_slices(NAME), self.namespace))

    def copy(self, cluster: str) -> Any:
        """The copy of the aggregate in a cluster."""
        return self.get(self.topology.copy_cell(self.topology.cluster(cluster), self.key))

    def old_imports(self, cluster: str = "") -> tuple[str, ...]:
        """The clusters whose imports of before 0.15 are on the broker, or in a cluster's operator namespace."""
        api = self.topology.cluster(cluster).api if cluster else self.topology.broker_api
        namespace = OPERATOR_NAMESPACE if cluster else BROKER_NAMESPACE
        found = api.select(self.get, SERVICE_IMPORTS, SERVICE_IMPORTS, namespace)
        return tuple(each.source_cluster for each in found if each.legacy)

    def local_import(self, cluster: str) -> Any:
        """The local import of a cluster."""
        name = local_import_name(self.key, cluster)
        return self.get(self.topology.cluster(cluster).api.object(SERVICE_IMPORTS, OPERATOR_NAMESPACE, name))

    def free_ips(self, cluster: str) -> int:
        """How many clusterset IPs of a cluster's range its agent has to give."""
        ips = self.topology.cluster(cluster).agent.ips
        assert ips is not None, "there are no clusterset IPs"
        return ips.free(self.get)

    def resolver(self, cluster: str) -> Resolver:
        """The DNS server of a cluster."""
        dns = self.topology.cluster(cluster).dns
        assert isinstance(dns, Resolver), "given: DNS servers"
        return dns

    def asked(self, cluster: str, of: str = "", host: str = "") -> Answer:
        """What it answers."""
        return self.resolver(cluster).ask(self.get, self.key, of, host)

    def answers(self, cluster: str, of: str, host: str, said: str, ports: str | None) -> bool:
        """Whether it answers with these records, and with these ports if they are named."""
        found = self.asked(cluster, of, host)
        return found.records == tuple(said.split()) and (ports is None or found.ports == tuple(ports.split()))

    def told(self) -> list[Any]:
        """What there is, for a message."""
        exports = [self.get(self.topology.export_cell(export)) for export in self.topology.exports]
        return [self.aggregate, *exports, *self.broker_slices()]


Check = Callable[[Seen, "re.Match[str]"], bool]


def all_have(slices: list[Any], field: str, value: Any) -> bool:
    """Whether there are slices, and each has that value."""
    return bool(slices) and all(getattr(slice_, field) == value for slice_ in slices)


def named(said: str) -> tuple[str, ...]:
    """The clusters that a line names, or nobody."""
    return () if said == "nobody" else tuple(said.split())


IMPORTS: tuple[tuple[str, Check], ...] = (
    (r"no aggregate", lambda w, m: w.aggregate is None),
    (r"aggregate names (.*)", lambda w, m: w.aggregate is not None and w.aggregate.clusters == tuple(m[1].split())),
    (r"aggregate has ports (.*)", lambda w, m: w.aggregate is not None and w.aggregate.ports == tuple(m[1].split())),
    (r"aggregate has affinity (\w+) ?(\w*)", lambda w, m: (
        w.aggregate is not None and (w.aggregate.affinity, w.aggregate.affinity_config) == (m[1], m[2]))),
    (r"copies follow", lambda w, m: is_followed(w.topology, w.get, w.key)),
    (r"copy in (\w+) names (.*)", lambda w, m: (
        w.copy(m[1]) is not None and w.copy(m[1]).clusters == tuple(m[2].split()))),
    (r"no copy in (\w+)", lambda w, m: w.copy(m[1]) is None),
)  # fmt: skip
IPS: tuple[tuple[str, Check], ...] = (
    (r"aggregate has an IP of (\w+)", lambda w, m: (
        w.aggregate is not None and w.aggregate.allocated_by == m[1] and w.aggregate.ip.startswith(f"{m[1]}/"))),
    (r"aggregate has no IP", lambda w, m: w.aggregate is not None and not w.aggregate.ip),
    (r"(\d+) IPs of (\w+) are free", lambda w, m: w.free_ips(m[2]) == int(m[1])),
)  # fmt: skip
MIGRATION: tuple[tuple[str, Check], ...] = (
    (r"old imports on broker are of (.+)", lambda w, m: w.old_imports() == named(m[1])),
    (r"old imports in (\w+) are of (.+)", lambda w, m: w.old_imports(m[1]) == named(m[2])),
    (r"(no )?local import of (\w+)", lambda w, m: (w.local_import(m[2]) is None) is bool(m[1])),
    (r"local import of (\w+) is relabelled", lambda w, m: (
        w.local_import(m[1]) is not None and not w.local_import(m[1]).legacy)),
)  # fmt: skip
SLICES: tuple[tuple[str, Check], ...] = (
    (r"(\d+) slices on broker", lambda w, m: len(w.broker_slices()) == int(m[1])),
    (r"(\d+) slices of (\w+)", lambda w, m: len(w.slices(m[2], own=True)) == int(m[1])),
    (r"(\d+) slices imported in (\w+)", lambda w, m: len(w.slices(m[2], own=False)) == int(m[1])),
    (r"(\d+) old slices of (\w+)", lambda w, m: len(w.slices(m[2], own=True, service=f"/{NAME}")) == int(m[1])),
    (r"(\d+) old slices on broker", lambda w, m: len(w.broker_slices(f"/{NAME}")) == int(m[1])),
    (r"slices of (\w+) are (not )?ready", lambda w, m: all_have(w.slices(m[1], own=True), "ready", not m[2])),
    (r"slices on broker are (not )?ready", lambda w, m: all_have(w.broker_slices(), "ready", not m[1])),
    (r"slices on broker have label (\w+)", lambda w, m: all_have(w.broker_slices(), "labels", (m[1],))),
    (r"slices on broker have endpoints (.*)", lambda w, m: (
        all_have(w.broker_slices(), "endpoints", tuple(m[1].split())))),
    (r"slices on broker have ports (.*)", lambda w, m: all_have(w.broker_slices(), "ports", tuple(m[1].split()))),
    (r"slices on broker are from (.+)", lambda w, m: (
        {s.source_cluster for s in w.broker_slices()} == set(m[1].split()))),
    (r"(\d+) slices of Kubernetes in (\w+)", lambda w, m: len(w.k8s_slices(m[2])) == int(m[1])),
    (r"slices on broker publish not ready", lambda w, m: all_have(w.broker_slices(), "publish_not_ready", True)),
    (r"sources on broker are (.*)", lambda w, m: {s.source for s in w.broker_slices()} == set(m[1].split())),
)  # fmt: skip
CONDITIONS: tuple[tuple[str, Check], ...] = (
    (r"(Valid|Ready|Conflict|Synced) of (\w+) is absent", lambda w, m: w.condition(m[2], m[1]) is None),
    (r"(Valid|Ready|Conflict|Synced) of (\w+) is (True|False) ?(\S*)", lambda w, m: (
        w.condition(m[2], m[1]) == Condition(m[1], m[3], m[4]))),
)  # fmt: skip
DNS: tuple[tuple[str, Check], ...] = (
    (r"DNS of (\w+) does not know it", lambda w, m: not w.asked(m[1]).exists),
    (r"DNS of (\w+) has no address", lambda w, m: w.asked(m[1]) == Answer(exists=True)),
    (r"DNS of (\w+) answers (?:in turn )?([^:]+?)(?: with ports (.*))?", lambda w, m: (
        w.answers(m[1], "", "", m[2], m[3]))),
    (r"DNS of (\w+) asked for (\w+)(?: (\S+))? does not know it", lambda w, m: (
        not w.asked(m[1], m[2], m[3] or "").exists)),
    (r"DNS of (\w+) asked for (\w+)(?: (\S+))? answers ([^:]+?)(?: with ports (.*))?", lambda w, m: (
        w.answers(m[1], m[2], m[3] or "", m[4], m[5]))),
    (r"DNS of (\w+) knows (\d+) services?", lambda w, m: len(w.resolver(m[1]).known(w.get)) == int(m[2])),
)  # fmt: skip
CHECKS = (*IMPORTS, *IPS, *MIGRATION, *SLICES, *CONDITIONS, *DNS)
PREFIX = re.compile(r"in namespace (\w+): (.*)")


def holds(said: str, topology: Topology, get: Get) -> bool:
    """Whether a line of "then" is true in a world."""
    elsewhere = PREFIX.fullmatch(said)
    seen = Seen(topology, get, elsewhere[1]) if elsewhere else Seen(topology, get)
    said = elsewhere[2] if elsewhere else said
    for pattern, check in CHECKS:
        found = re.fullmatch(pattern, said)
        if found is not None:
            return check(seen, found)
    raise AssertionError(f"{said!r} is no line of then")


NOTHING_DELETED = "nothing was deleted"
RESTLESS = "it is tried again and again"
WAS = re.compile(r"(Valid|Ready|Conflict) of (\w+) was (True|False) ?(\S*)")
"""What a condition was at some time of the run."""


def is_of_run(said: str) -> bool:
    """Whether a line is about the run, and not about the world in which it ends."""
    return said in (NOTHING_DELETED, RESTLESS) or WAS.fullmatch(said) is not None


def of_worlds(then: tuple[str, ...]) -> list[str]:
    """The lines that are about a world."""
    return [said for said in then if not is_of_run(said)]


def happened(said: str, topology: Topology, done: Run) -> bool:
    """Whether a line about a run is true of it; its steps are recorded."""
    if said == NOTHING_DELETED:
        return deletes(done.recorded) == []
    if said == RESTLESS:
        return not done.at_rest
    found = WAS.fullmatch(said)
    assert found is not None
    cell = topology.export_cell(Export(found[2], f"demo/{NAME}"))
    were: list[Any] = [value for _, changed, value in done.changes if changed is cell and value is not None]
    return Condition(found[1], found[3], found[4]) in [export.condition(found[1]) for export in were]


def deletes(steps: Sequence[Step]) -> list[str]:
    """What was deleted in a run, and was there."""
    calls = [step for step in steps if isinstance(step.request, Delete | DeleteCollection)]
    return [step.request.target() for step in calls if step.response]  # type: ignore[attr-defined]
