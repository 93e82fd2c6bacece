"""Checks of a scenario: what its file says must be about clusters that it has, and happen while it is observed."""

from __future__ import annotations

import re
from collections.abc import Collection
from typing import TYPE_CHECKING, Any

from models.exports import NAMESPACE
from models.properties import NAMES
from models.releases.named import release
from models.scenarios.scenario import ONLY
from sim.core import BadInput, refuse, unknown

if TYPE_CHECKING:
    from models.scenarios.scenario import ScenarioFile

NAME = re.compile(r"[a-z0-9]([a-z0-9-]*[a-z0-9])?")
NAMED = "small letters, digits and hyphens, no hyphen at either end"
PORT = re.compile(r"[a-z0-9-]+:[0-9]{1,5}")
SEPARATE = "separate"


def check(scenario: ScenarioFile) -> None:
    """Check what the types of the fields do not.

    Raises:
        BadInput: naming the field, the value and what would be accepted.
    """
    what = f"scenario {scenario.name}"
    clusters = [cluster for on in scenario.hosts.values() for cluster in on]
    if not clusters or not all(scenario.hosts.values()):
        raise BadInput(f"{what}: hosts is {scenario.hosts}", "each host with at least one cluster, as {host-1: [a, b]}")
    _check_names(clusters, what)
    if scenario.broker != SEPARATE and scenario.broker not in clusters:
        raise unknown(f"broker (in {what})", scenario.broker, [*clusters, SEPARATE])
    if not scenario.exports.from_:
        later = 'exported_at_start: "no" where only the script exports'
        raise BadInput(f"{what}: exports are from no cluster", f"{', '.join(clusters)}; {later}")
    for cluster in scenario.exports.from_:
        if cluster not in clusters:
            raise unknown(f"cluster (in exports of {what})", cluster, clusters)
    for cluster in scenario.exports.later:
        if cluster not in scenario.exports.from_:
            raise unknown(f"cluster (in exports.later of {what})", cluster, scenario.exports.from_)
    _between(scenario.exports.services, 1, 10_000, f"{what}: exports.services")
    _check_services(scenario, what)
    _check_specs(scenario, clusters, what)
    _between(scenario.observe_ms, 1, 1e9, f"{what}: observe_ms")
    _between(scenario.clusterset_ips or 0, 0, 1000, f"{what}: clusterset_ips")
    _between(scenario.rtt_ms, 0, 1e6, f"{what}: rtt_ms")
    for name in scenario.search.judged:
        if name not in NAMES:
            raise unknown(f"property (in search.judged of {what})", name, NAMES)
    refuse([error for _, error in untimely(scenario)])


def check_expected(scenario: ScenarioFile, options: Collection[str]) -> None:
    """Check that what is expected is of releases and options that there are.

    Raises:
        BadInput: one of them is unknown.
    """
    for expectation in scenario.expect:
        try:
            release(expectation.release)
        except BadInput as error:
            raise BadInput(f"expect of scenario {scenario.name}: {error.problem}", error.accepted) from None
        for option in expectation.unless:
            if option not in options:
                raise unknown(f"option (in expect.unless of scenario {scenario.name})", option, options)


def untimely(scenario: ScenarioFile) -> list[tuple[int, BadInput]]:
    """The operations, by number, that are outside the time of observation."""
    out = []
    for number, entry in enumerate(scenario.script, start=1):
        at_ms: Any = entry.get("at_ms")
        if isinstance(at_ms, int | float) and not 0 <= at_ms <= scenario.observe_ms:
            what = f"operation {number} of {scenario.name}: at_ms is {at_ms}"
            larger = "; or a larger observe_ms" if at_ms > scenario.observe_ms else ""
            accepted = f"a number from 0 to {scenario.observe_ms:g}, which is observe_ms{larger}"
            out.append((number, BadInput(what, accepted)))
    return out


def _check_services(scenario: ScenarioFile, what: str) -> None:
    names = scenario.exports.called()
    if scenario.exports.names and len(set(names)) != scenario.exports.services:
        accepted = f"{scenario.exports.services} different names; or as many exports.services as there are names"
        raise BadInput(f"{what}: exports.names are {names}", accepted)
    for name in names:
        if not NAME.fullmatch(name):
            raise BadInput(f"{what}: exports.names has {name!r}, which is no name of a service", NAMED)
    for name, only in scenario.exports.only_from.items():
        if name not in names:
            raise unknown(f"service (in exports.only_from of {what})", name, names)
        if scenario.exports.spread != "from each" or not only or not {*only} <= {*scenario.exports.from_}:
            raise BadInput(
                f"{what}: exports.only_from has {name}: {only}", "some clusters of exports.from, with spread: from each"
            )
    _check_namespaces(scenario, names, what)
    if scenario.only and scenario.only not in names:
        raise unknown(f"service (in {what})", scenario.only, names)


def _check_namespaces(scenario: ScenarioFile, names: list[str], what: str) -> None:
    spaces = scenario.exports.namespaces
    for space in spaces:
        if not NAME.fullmatch(space):
            raise BadInput(f"{what}: exports.namespaces has {space!r}, which is no name of a namespace", NAMED)
        if spaces.count(space) > 1:
            raise BadInput(f"{what}: exports.namespaces has {space} more than once", "each namespace once")
    for name, within in scenario.exports.only_in.items():
        if name not in names:
            raise unknown(f"service (in exports.only_in of {what})", name, names)
        if not within or not {*within} <= {*spaces}:
            raise BadInput(f"{what}: exports.only_in has {name}: {within}", "some of exports.namespaces")
    if spaces != (NAMESPACE,) and (scenario.data_plane != "off" or scenario.only):
        wanted = ['data_plane: "off"'] if scenario.data_plane != "off" else []
        wanted += [f"no {ONLY}"] if scenario.only else []
        accepted = f"exports.namespaces: [{NAMESPACE}]; or {' and '.join(wanted)}"
        raise BadInput(f"{what}: exports.namespaces are {list(spaces)}", accepted)


def _check_names(clusters: list[str], what: str) -> None:
    for cluster in clusters:
        if not NAME.fullmatch(cluster):
            raise BadInput(f"{what}: hosts has {cluster!r}, which is no name of a cluster", NAMED)
        if clusters.count(cluster) > 1:
            raise BadInput(f"{what}: cluster {cluster!r} stands twice in hosts", "each cluster on one host")


def _check_specs(scenario: ScenarioFile, clusters: list[str], what: str) -> None:
    for cluster, spec in scenario.exports.specs.items():
        if cluster not in clusters:
            raise unknown(f"cluster (in exports.specs of {what})", cluster, clusters)
        _between(spec.slices, 0, 10, f"{what}: exports.specs.{cluster}.slices")
        for port in spec.ports:
            if not PORT.fullmatch(port):
                raise BadInput(f"{what}: exports.specs.{cluster}.ports has {port!r}", "name:number, such as http:80")


def _between(value: float, low: float, high: float, what: str) -> None:
    if not low <= value <= high:
        raise BadInput(f"{what} is {value:g}", f"a number from {low:g} to {high:g}")
