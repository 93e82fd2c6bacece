"""Small configurations: clusters, exporters, types, what was before, and general scripts; smallest first."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import product
from typing import Any

import msgspec
import yaml

from models.exports import NAMESPACE
from models.hunt.moves import Standing
from models.hunt.scripts import Script, faults, sequences, timed
from sim.core.hunting import Configuration

CLUSTER_IP: dict[str, Any] = {}
HEADLESS: dict[str, Any] = {"type": "Headless"}
TWO_SLICES: dict[str, Any] = {"type": "Headless", "slices": 2}
OTHER_PORTS: dict[str, Any] = {"ports": ["https:443"]}
TOUCHED, LOST, BOTH = "slices touched", "imports lost", "slices touched, imports lost"


BASE = ("users", "crash", "broker")


class Ground(msgspec.Struct, frozen=True, kw_only=True):
    """What some scripts run on, and of which families of moves they are made (:mod:`models.hunt.moves`).

    ``lengths`` are the lengths of scripts, all clusters together, each at ``most`` so long, of ``families``; or else
    ``own`` has for each cluster the families at each place of its script. The broker is on the first cluster.
    ``services`` are the names of services where there are several, ``only_from`` those that fewer clusters export,
    ``briefly``: checks of ports wait for their cache no longer than upstream's;
    ``earlier`` are operations before the beginning, each with its words;
    ``only_in`` the one namespace of each where these differ;
    ``later`` are the exporters that do not export yet;
    ``ips`` is how many clusterset IPs a cluster has to give; ``effort`` says how much more than usual is done.
    """

    clusters: tuple[str, ...] = ("a",)
    exporters: tuple[str, ...] = ("a",)
    specs: Mapping[str, dict[str, Any]] = {}
    begun: bool = True
    later: tuple[str, ...] = ()
    before: str = "nothing"
    lengths: tuple[int, ...] = (1, 2)
    most: int = 99
    families: tuple[str, ...] = BASE
    own: Mapping[str, tuple[tuple[str, ...], ...]] = {}
    services: tuple[str, ...] = ()
    only_from: Mapping[str, tuple[str, ...]] = {}
    only_in: Mapping[str, str] = {}
    earlier: tuple[tuple[str, Mapping[str, Any]], ...] = ()
    ips: int = 0
    briefly: bool = False
    effort: int = 1

    def words(self) -> str:
        """The ground in words."""
        count = len(self.clusters)
        clusters = "one cluster with the broker" if count == 1 else f"{count} clusters, broker on {self.clusters[0]}"
        kinds = ", ".join(f"{cluster}: {_kind(self.specs[cluster])}" for cluster in sorted(self.specs)) or "ClusterIP"
        first = [cluster for cluster in self.exporters if cluster not in self.later]
        exported = f"exported from {' and '.join(first)}" if self.begun else "not exported yet"
        exported += f", not yet from {' and '.join(self.later)}" if self.later else ""
        names = self.keys() if self.only_in else self.services
        kinds += f"; services {' and '.join(names)}{self._where()}" if names else ""
        kinds += f"; each cluster has {self.ips} clusterset IPs to give" if self.ips else ""
        kinds += "; checks of ports wait briefly" if self.briefly else ""
        before = [*([] if self.before == "nothing" else [self.before]), *(words for words, _ in self.earlier)]
        return f"{clusters}; {kinds}; {exported}{'; before: ' * bool(before)}{', '.join(before)}"

    def _where(self) -> str:
        if not self.only_from:
            return f" in cluster {self.clusters[0]}" if len(self.exporters) == 1 else ""
        only = (f"{name} from {' and '.join(clusters)} alone" for name, clusters in sorted(self.only_from.items()))
        return f", {', '.join(only)}"

    def keys(self) -> tuple[str, ...]:
        """The services with the namespaces that they are in, where there are several."""
        return tuple(f"{self.only_in.get(name, NAMESPACE)}/{name}" for name in self.services)

    def weight(self) -> int:
        """How much larger it is than the smallest."""
        extra = sum(2 if spec.get("slices", 1) > 1 else 1 for spec in self.specs.values())
        several = 2 * len(self.services) + (self.ips > 0) + self.briefly
        before = 0 if self.before == "nothing" else len(self.before.split(","))
        before += len(self.earlier)
        return 2 * (len(self.clusters) - 1) + len(self.exporters) - 1 + extra + before + several


def _kind(spec: Mapping[str, Any]) -> str:
    type_ = spec.get("type", "ClusterIP")
    slices = f" with {spec['slices']} EndpointSlices" if spec.get("slices", 1) > 1 else ""
    return f"{type_}{slices}{' with other ports' if 'ports' in spec else ''}"


def configurations(grounds: list[Ground]) -> list[Configuration]:
    """All configurations of these grounds, smallest first; a script comes once for each ground."""
    made = [each for number, ground in enumerate(grounds) for each in _of(ground, number)]
    return sorted(made, key=lambda each: (each.size, each.name))


def _of(ground: Ground, number: int) -> Iterator[Configuration]:
    for families in _shares(ground):
        standing = [_standing(ground, cluster) for cluster in ground.clusters]
        choices: list[list[Script]] = [
            sequences(cluster, begin, at_places)
            for cluster, begin, at_places in zip(ground.clusters, standing, families, strict=True)
        ]
        shares = [len(at_places) for at_places in families]
        for place, chosen in enumerate(product(*choices)):
            words, script = timed(chosen)
            name = f"g{number:02}-{sum(shares)}-{''.join(map(str, shares))}-{place:03}"
            yield _made(ground, name, words, script)


def _shares(ground: Ground) -> list[list[tuple[tuple[str, ...], ...]]]:
    """The families at each place of each cluster's script, for each way to share the lengths among clusters."""
    if ground.own:
        return [[ground.own.get(cluster, ()) for cluster in ground.clusters]]
    shares = [
        each
        for length in ground.lengths
        for each in product(range(length + 1), repeat=len(ground.clusters))
        if sum(each) == length and max(each, default=0) <= ground.most
    ]
    return [[(ground.families,) * count for count in each] for each in shares]


def _standing(ground: Ground, cluster: str) -> Standing:
    has = cluster in ground.exporters
    exported = has and ground.begun and cluster not in ground.later
    spec = ground.specs.get(cluster, CLUSTER_IP)
    return Standing(
        has_users=has, exported=exported, served=has, type=spec.get("type", "ClusterIP"),
        ports=tuple(spec.get("ports", ("http:80",))), has_broker=cluster == ground.clusters[0],
        services=ground.keys(),
    )  # fmt: skip


def _made(ground: Ground, name: str, words: str, script: list[dict[str, Any]]) -> Configuration:
    count = len(ground.services) or 1
    exports: dict[str, Any] = {"services": count, "from": list(ground.exporters), "spread": "from each"}
    if ground.later:
        exports["later"] = list(ground.later)
    if ground.services:
        exports["names"] = list(ground.services)
    if ground.only_from:
        exports["only_from"] = {name: list(clusters) for name, clusters in ground.only_from.items()}
    if ground.only_in:
        exports["namespaces"] = list(dict.fromkeys(ground.only_in.values()))
        exports["only_in"] = {name: [namespace] for name, namespace in ground.only_in.items()}
    if ground.specs:
        exports["specs"] = {cluster: dict(spec) for cluster, spec in ground.specs.items()}
    scenario: dict[str, Any] = {
        "name": name,
        "about": f"{ground.words()}; {words}.",
        "hosts": {f"host-{place}": [cluster] for place, cluster in enumerate(ground.clusters, start=1)},
        "broker": ground.clusters[0],
        "exports": exports,
        "way": "controllers",
        "rtt_ms": 0,
        "data_plane": "off",
        "exported_at_start": "yes" if ground.begun else "no",
        "before": ground.before,
        "observe_ms": 600_000,
        "search": {"may_stop": False},
        "script": script,
    }
    if ground.earlier:
        scenario["earlier"] = [dict(entry) for _, entry in ground.earlier]
    if ground.briefly:
        scenario["checks_wait"] = "briefly"
    if ground.ips:
        scenario |= {"clusterset_ips": ground.ips, "ips_by_default": "yes"}
    size = (ground.weight() + len(script), faults(script), len(script), ground.weight())
    return Configuration(
        name, f"{ground.words()}; {words}", size, yaml.safe_dump(scenario, sort_keys=False), ground.effort
    )
