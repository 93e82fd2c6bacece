"""Whether some schedule comes to an end state, whatever the delays: by walks first, then by a search."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Sequence
from typing import Any

from msgspec.structs import replace

from models.measured.experiments import Experiment
from models.model import ScenarioModel
from models.releases import RELEASES
from models.scenarios.scenario import ScenarioFile
from models.telling.end_state import in_controllers, in_processes
from sim.core import Get
from sim.explore.exhaust import Bounds
from sim.explore.outcomes import outcomes
from sim.explore.subject import Subject
from sim.explore.walks import STRATEGIES, walks
from sim.timed.run import settle

WALKS, WORLDS_MAX = 1000, 300_000
"""A state is looked for by so many random walks of each kind, then by a search of so many worlds; never of seconds, as
what is published must not depend on the machine.
"""
COUNTS = re.compile(r"(missing|emptyports|ok)=(\d+)")
TOUCHED = {"nothing": "slices touched", "imports lost": "slices touched, imports lost"}
UPDATED_BEFORE = "where its EndpointSlice had been updated before"
Said = Callable[[ScenarioModel, Get], str]


def whole_state(model: ScenarioModel, get: Get) -> str:
    """The end state of all there is."""
    return model.end_state(get)


def searched(scenario: ScenarioFile, release: str, wanted: Sequence[str], said: Said) -> tuple[Counter[str], bool]:
    """The end states that some schedule comes to, until all that are wanted came; and whether these are all."""
    model = ScenarioModel(scenario, RELEASES[release])
    world = settle(model)
    subject = Subject(model, world, (), may_stop=False)
    seen: Counter[str] = Counter()
    for strategy in STRATEGIES:
        for _, walked in walks(subject, strategy, 0, WALKS):
            if walked.at_rest:
                seen[said(model, subject.tables.packing.get(walked.worlds[-1]))] += 1
            if not set(wanted) - set(seen):
                return seen, False
    found = outcomes(model, world, Bounds(WORLDS_MAX))
    get = found.subject.tables.packing.get
    seen.update(said(model, get(world)) for world in found.done.search.at_rest)
    return seen, not found.bound


def reached(experiment: Experiment, states: Sequence[str]) -> dict[str, str]:
    """Those of the states that did not come in time which some schedule comes to, each with what it takes: nothing
    (empty), or that the EndpointSlices of the service had been updated before, as an export in bulk leaves some of
    them (FACTS M4; the logs of such runs show it).

    Of several services each is looked at by itself, as none reads or writes what belongs to another: what was counted
    is reached where each kind that was counted is an end of one service.
    """
    scenario = experiment.scenarios[0]
    needs = {state: _needs(experiment, state) for state in states}
    found = _found(experiment, scenario, needs)
    out = {state: "" for state in states if needs[state] <= found}
    if len(out) < len(states) and scenario.exports.services > 1 and scenario.before in TOUCHED:
        found |= _found(experiment, replace(scenario, before=TOUCHED[scenario.before]), needs)
        out |= {state: UPDATED_BEFORE for state in states if state not in out and needs[state] <= found}
    return out


def _needs(experiment: Experiment, state: str) -> set[str]:
    """What must be reached for a state: itself, or the kinds of aggregates that it counts."""
    is_count = experiment.family.counted in ("aggregates", "missing")
    return {*kinds_of(state, experiment.scenarios[0].exports.services)} if is_count else {state}


def _found(experiment: Experiment, scenario: ScenarioFile, needs: dict[str, set[str]]) -> set[str]:
    """Those of the ends that are needed which some schedule comes to."""
    family = experiment.family
    wanted = sorted(set().union(*needs.values()))
    if family.counted == "states":
        said: Said = whole_state
    else:
        scenario = replace(scenario, exports=replace(scenario.exports, services=1))
        said = _service(family.way) if family.counted == "services" else _kind
    return set(searched(scenario, experiment.release, wanted, said)[0]) & set(wanted)


def kinds_of(state: str, services: int) -> list[str]:
    """The kinds of aggregates that a count of them names; where only the missing are counted, the rest counts as ok."""
    counts = {kind: int(number) for kind, number in COUNTS.findall(state)}
    if "ok" not in counts:
        counts["ok"] = services - counts["missing"]
    return [kind for kind, number in counts.items() if number]


def _kind(model: ScenarioModel, get: Get) -> str:
    """What became of the aggregate of the one service."""
    (key,) = model.topology.service_keys()
    stored: Any = get(model.topology.aggregate_cell(key))
    return "missing" if stored is None else "ok" if stored.ports else "emptyports"


def _service(way: str) -> Said:
    state = in_controllers if way == "controllers" else in_processes

    def said(model: ScenarioModel, get: Get) -> str:
        (key,) = model.topology.service_keys()
        return state(model.topology, get, key)

    return said
