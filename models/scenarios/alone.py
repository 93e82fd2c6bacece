"""Which services of a scenario can be searched alone, and which of them are alike but for names.

Nothing that the agents do for one service reads or writes what belongs to another, unless names collide (FACTS R7,
R8). They share workers, lists, restarts and start-up; DESIGN.md argues why a service alone shows all that can happen
to it among others, and what a search has to notice for that.
"""

from __future__ import annotations

from itertools import permutations
from typing import Any

from models.exports import NAMESPACE, Export
from models.releases.fleet import Fleet, release_of
from models.releases.release import Release
from models.scenarios.scenario import ScenarioFile
from models.scenarios.scripts import operations
from models.submariner.names import aggregate_name, local_import_name
from sim.core.model import Alone

CLUSTERS_MAX = 6
"""Clusters of more than these are not permuted."""
CLUSTER_FIELDS, CLUSTERS_FIELDS = {"cluster", "of", "to"}, {"clusters", "connected", "broken"}
"""The parameters of operations that name clusters."""
Signature = tuple[Any, ...]


def alone(scenario: ScenarioFile, *, symmetry: bool, release: Release | Fleet | None = None) -> tuple[list[Alone], str]:
    """The services to search, and why none may be searched alone, or an empty text.

    With ``symmetry`` one of several that are alike stands for all of them; no ``release`` is one for all clusters.
    """
    exports = scenario.exports.exports(scenario.only)
    keys = tuple(sorted({export.service_key for export in exports}, key=lambda key: (len(key), key)))
    reason = clash(keys, [cluster for on in scenario.hosts.values() for cluster in on])
    if len(keys) > 1 and any(operation.counts_calls for operation in operations(scenario)):
        reason = reason or "the script counts calls, which services share"
    if len(keys) > 1 and scenario.clusterset_ips is not None:
        reason = reason or "services share the clusterset IPs of a cluster"
    if scenario.exports.namespaces != (NAMESPACE,):
        reason = reason or "services of several namespaces may have one name"
    renamings = symmetries(scenario, release) if symmetry else [{}]
    classes: dict[Signature, list[str]] = {}
    for key in keys:
        name = key.split("/")[1]
        signature = (name,) if not symmetry else min(_signature(scenario, exports, key, to) for to in renamings)
        classes.setdefault(signature, []).append(name)
    return [Alone(names[0], tuple(names)) for names in classes.values()], reason


def clash(keys: tuple[str, ...], clusters: list[str]) -> str:
    """The first name that two services share on the broker, in words; or empty."""
    owners: dict[str, str] = {}
    for key in keys:
        for name in (aggregate_name(key), *(local_import_name(key, cluster) for cluster in clusters)):
            other = owners.setdefault(name, key)
            if other != key:
                return f"{other} and {key} share the name {name}"
    return ""


def _signature(scenario: ScenarioFile, exports: list[Export], key: str, to: dict[str, str]) -> Signature:
    """Who exports a service, from the oldest export on, and which operations are about it."""
    name = key.split("/")[1]
    exporters = tuple(to.get(e.cluster, e.cluster) for e in sorted(exports) if e.service_key == key)
    about = tuple(entry.get("service", "*") in ("*", name) for entry in (*scenario.earlier, *scenario.script))
    return (exporters, about)


def symmetries(scenario: ScenarioFile, release: Release | Fleet | None = None) -> list[dict[str, str]]:
    """The renamings of clusters under which hosts, broker, script, releases and kinds of services stay as they are."""
    names = sorted(cluster for on in scenario.hosts.values() for cluster in on)
    if len(names) > CLUSTERS_MAX:
        return [dict(zip(names, names, strict=True))]
    made = (dict(zip(names, image, strict=True)) for image in permutations(names))
    return [to for to in made if _keeps(scenario, to) and _are_alike(scenario, release, to)]


def _are_alike(scenario: ScenarioFile, release: Release | Fleet | None, to: dict[str, str]) -> bool:
    specs, later = scenario.exports.specs, scenario.exports.later
    return all(
        specs.get(name) == specs.get(image)
        and (name in later) == (image in later)
        and (release is None or release_of(release, name) == release_of(release, image))
        for name, image in to.items()
    )


def _keeps(scenario: ScenarioFile, to: dict[str, str]) -> bool:
    if to.get(scenario.broker, scenario.broker) != scenario.broker:
        return False
    hosts = {frozenset(on): host for host, on in scenario.hosts.items()}
    moved = {host: hosts.get(frozenset(to[cluster] for cluster in on)) for host, on in scenario.hosts.items()}
    if None in moved.values():
        return False
    if any(_plain(entry) != _plain(_renamed(entry, to, moved)) for entry in scenario.earlier):
        return False
    before = [_plain(entry) for entry in scenario.script]
    return sorted(before) == sorted(_plain(_renamed(entry, to, moved)) for entry in scenario.script)


def _renamed(entry: dict[str, Any], to: dict[str, str], hosts: dict[str, str | None]) -> dict[str, Any]:
    out = dict(entry)
    for field in CLUSTER_FIELDS & out.keys():
        out[field] = to.get(out[field], out[field])
    for field in CLUSTERS_FIELDS & out.keys():
        out[field] = [to.get(cluster, cluster) for cluster in out[field]]
    if "host" in out:
        out["host"] = hosts.get(out["host"], out["host"])
    return out


def _plain(entry: dict[str, Any]) -> str:
    listed = {field: sorted(value) if field in CLUSTERS_FIELDS else value for field, value in entry.items()}
    return repr(sorted(listed.items(), key=lambda item: item[0]))
