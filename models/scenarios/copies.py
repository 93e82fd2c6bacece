"""Whether copies of aggregates may be left out of a search, or made at once, and what stands in the way."""

from __future__ import annotations

import shlex
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from models.faults import Operation
from models.faults.calls import CallsOperation, KillAtWrite
from models.faults.legacy import LegacyOperation
from models.faults.roll_out import RollOut
from models.faults.watches import CutBroker, StaleList, informers_of
from models.hints import WITHOUT_DATA_PLANE
from models.scenarios.alone import clash
from models.scenarios.scenario import COPIES, WITH_COPIES, ScenarioFile
from sim.core import BadInput

if TYPE_CHECKING:
    from models.topology import Topology

AT_ONCE, OFF, ON = "at once", "off", "on"
COSTS = {AT_ONCE: "which copies are there in the end is kept", OFF: "nothing is said of copies"}
NEEDED_BY_DNS = "the data plane resolves names by them"


def missing_copies(topology: Topology, scenario: ScenarioFile, script: Sequence[Operation]) -> list[BadInput]:
    """What is wrong with leaving out copies of aggregates, or what they say, if either is: others than S4 and S6 need
    it, or what is asked. Each says what would be accepted instead.
    """
    needed = _needed(scenario.copies, topology, scenario, script)
    others = [other for other in (OFF, AT_ONCE) if not _needed(other, topology, scenario, script)]
    accepted = [f"--set {shlex.quote(f'{COPIES}={other}')}" for other in others] + [WITH_COPIES]
    if needed == [NEEDED_BY_DNS]:
        accepted.insert(0, WITHOUT_DATA_PLANE)
    return [BadInput(f"copies is {scenario.copies}, but {words}", "; or ".join(accepted)) for words in needed]


def leaving_out_copies(topology: Topology, scenario: ScenarioFile, script: Sequence[Operation]) -> list[str]:
    """The options that leave out copies of aggregates, or what they say meanwhile, and what that costs; none where that
    is so already.
    """
    if scenario.copies != ON:
        return []
    able = [other for other in (AT_ONCE, OFF) if not _needed(other, topology, scenario, script)]
    return [f"--set {shlex.quote(f'{COPIES}={other}')} ({COSTS[other]})" for other in able]


def _needed(copies: str, topology: Topology, scenario: ScenarioFile, script: Sequence[Operation]) -> list[str]:
    """Why copies cannot be as they are to be, in words."""
    if copies == ON:
        return []
    out = [
        f"in {cluster.agent.release.name} {words}{_as_asked(script, words)}"
        for cluster in topology.clusters
        if (words := cluster.agent.needs_copies())
    ]
    shared = clash(topology.service_keys(), [cluster.name for cluster in topology.clusters])
    if shared:
        out.append(f"{shared}, so S6 may delete what is no copy (R7)")
    if topology.data_plane or topology.dns_alone:
        out.append(NEEDED_BY_DNS)
    if any("copy" in text for text in scenario.search.forbids):
        out.append("what is forbidden (search.forbids) is about copies")
    if deleting := _by(script, lambda operation: getattr(operation, "what", "") == "copy"):
        out.append(f"the script deletes a copy{deleting}")
    return list(dict.fromkeys([*out, *(_needed_contents(topology, script) if copies == AT_ONCE else ())]))


def _needed_contents(topology: Topology, script: Sequence[Operation]) -> list[str]:
    """Why copies cannot be made at once, in words."""
    out = [
        f"in {cluster.agent.release.name} {words}{_as_asked(script, words)}"
        for cluster in topology.clusters
        if (words := cluster.agent.needs_contents())
    ]
    if any(cluster.next_agent for cluster in topology.clusters):
        out.append(f"a second agent of a cluster writes them as well{_by(script, lambda o: isinstance(o, RollOut))}")
    if deleting := _by(script, lambda operation: getattr(operation, "what", "") == "imported-slice"):
        out.append(f"the script deletes an imported EndpointSlice{deleting}")
    if topology.namespaces_change:
        out.append(f"namespaces that they are in come and go{_by(script, lambda o: o.changes_namespaces)}")
    if any(cluster.agent.has_meter for cluster in topology.clusters):
        calls = _by(script, lambda o: isinstance(o, KillAtWrite | CallsOperation | CutBroker))
        out.append(f"the script counts, fails or holds up calls of agents{calls}")
    if any(informer.past for cluster in topology.clusters for informer in informers_of(cluster.agent)):
        out.append(f"the script lets lists be of the past{_by(script, lambda o: isinstance(o, StaleList))}")
    return out


def _as_asked(script: Sequence[Operation], words: str) -> str:
    """The operations on account of which agents do more than copy, of those that they may do it for."""
    asks = {"looks for conflicts": _changes_services, "moves imports of before": _is_of_old}
    return "".join(_by(script, fits) for what, fits in asks.items() if what in words)


def _changes_services(operation: Operation) -> bool:
    return operation.changes_services


def _is_of_old(operation: Operation) -> bool:
    return isinstance(operation, LegacyOperation)


def _by(script: Sequence[Operation], fits: Callable[[Operation], bool]) -> str:
    """The operations of the script that are in the way, in words; empty if none is."""
    named = dict.fromkeys(f'"{operation.words()}"' for operation in script if fits(operation))
    return f", by {' and '.join(named)}" if named else ""
