"""Copies of aggregates may be left out of a search: what becomes of all else is the same, and it is said."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import assume, event, given
from hypothesis import strategies as st

from models.catalogue import CATALOGUE
from models.kube.syncer import Enqueue
from sim.core import Await, BadInput, Read, Start
from sim.explore.exhaust import Bounds, Exhausted, exhaust
from sim.explore.following import Schedule, scheduled
from sim.explore.learning import Outcome
from sim.explore.subject import Subject
from sim.explore.walks import walks
from sim.timed.run import settle
from tests.explore.examples import in_parts
from tests.explore.scenario_files import DIFFER, RELEASES, SHARED, check_refused, scenarios, subject
from tests.models.worlds import BASE

WORLDS_MAX = 4_000
COPIES = re.compile(r"; (copy in|copies are) .*")


def outcomes(made: Subject, worlds: list[int]) -> set[tuple[str, ...]]:
    """What worlds at rest say of all but copies."""
    get = made.tables.packing.get
    return {tuple(COPIES.sub("", line) for line in made.model.outcome(get(world))) for world in worlds}


@in_parts(100)
@given(scenarios(), st.sampled_from(RELEASES))
def test_what_becomes_of_all_else_is_the_same(
    tmp_path_factory: pytest.TempPathFactory, drawn: dict[str, Any], release: str
) -> None:
    """Where a search with copies is too large, what walks with them come to must be among it."""
    folder = tmp_path_factory.mktemp("copies")
    without = subject({**drawn, "copies": "off"}, release, folder)
    done = exhaust(without, Bounds(worlds=WORLDS_MAX))
    assume(not done.bound)
    found = outcomes(without, done.search.at_rest)
    whole = subject(drawn, release, folder)
    all_of_it = exhaust(whole, Bounds(worlds=WORLDS_MAX))
    event("compared with walks" if all_of_it.bound else "compared with a search with copies")
    if all_of_it.bound:
        walked = [walk.worlds[-1] for _, walk in walks(whole, "uniform", 0, 10) if walk.at_rest]
        assert outcomes(whole, walked) <= found
    else:
        assert outcomes(whole, all_of_it.search.at_rest) == found


def searched(copies: str, before: str, worlds: int = 0) -> tuple[Subject, Exhausted]:
    settings = {"exported": "[a, b]", "restarted": "[a, b]", "before": before, "copies": copies}
    model = CATALOGUE.search("restart", settings, "0.19.0")
    made = Subject(model, settle(model), (), may_stop=False)
    return made, exhaust(made, Bounds(worlds=worlds))


def led(whole: Subject, schedule: Schedule) -> int:
    """Where a schedule without copies leads with them: S6 copies whenever it can, so that it never keeps others up."""
    tables, world = whole.tables, whole.begin
    for planned in schedule:
        world = settled(whole, world)
        for slot, outcome in whole.moves(world):
            at = tables.packing.slots[slot]
            if (at.domain.name, at.process, repr(outcome.choice)) == (planned.domain, planned.process, planned.choice):
                world = tables.after(world, outcome)
                break
        else:
            raise AssertionError(f"{planned} cannot be taken")
    return settled(whole, world)


def settled(whole: Subject, world: int) -> int:
    """The world in which S6 waits: it has started, its informer waits for events, its worker for what R-c tells it."""
    while able := [outcome for slot, outcome in whole.moves(world) if copies(whole, world, slot, outcome)]:
        world = whole.tables.after(world, able[0])
    return world


TAKEN_FOR_COPY = "-submariner-k8s-broker"
"""How the key ends of what R-c of the old agent takes for a copy."""


def copies(whole: Subject, world: int, slot: int, outcome: Outcome) -> bool:
    """Whether a step is one that there is only where copies are made."""
    at, entry = whole.tables.packing.slots[slot], whole.tables.entry(slot, world)
    assert entry is not None
    request: Any = entry.request
    if at.process == "main":
        waits = isinstance(request, Await) and "s6" in request.cell.name
        return waits or (isinstance(request, Start) and request.name == "s6-remote-imports/informer")
    if at.process == "reconcile-c":
        if not isinstance(request, Read | Enqueue):
            return False
        key = request.cell.name if isinstance(request, Read) else request.operation.object.key
        return not key.endswith(TAKEN_FOR_COPY)
    took = str((*at.value(world).responses, outcome.choice)[0])
    return at.process.startswith("s6-remote-imports/") and not took.endswith(TAKEN_FOR_COPY)


@pytest.mark.deep
@pytest.mark.parametrize("before", ["nothing", "slices touched"])
def test_the_old_agent_that_restarts_on_both_exporters_is_exhausted(before: str) -> None:
    """What is found with copies, as far as that search goes, is among it; and each schedule without goes with them."""
    without, done = searched("off", before)
    whole, part = searched("on", before, 200_000)
    assert not done.bound
    assert outcomes(whole, part.search.at_rest) <= outcomes(without, done.search.at_rest)
    for world in done.search.at_rest:
        path = done.path(world)
        end = led(whole, scheduled(without, path))
        assert not whole.moves(end)
        assert outcomes(whole, [end]) == outcomes(without, [world])


def test_a_search_without_copies_says_so() -> None:
    with_copies, without = (
        CATALOGUE.search("restart", {"copies": copies}, "0.19.0").scope().left_out for copies in ("on", "off")
    )
    assert [words for words in without if words not in with_copies] == [
        "copies of aggregates (of S6 there is only what R-c tells it)"
    ]


def test_nothing_is_said_of_copies_that_there_are_not() -> None:
    """I2 is not judged, and L1, E1 and every outcome say that they are of aggregates alone."""
    made = CATALOGUE.search("restart", {"copies": "off"}, "0.19.1")
    sentences = {prop.name: prop.sentence for prop in made.checked()}
    assert "I2" not in sentences
    assert sentences["L1"] == "every export is named by its aggregate"
    assert sentences["E1"] == "the desired state (I1, I4, I5) is reached and kept"
    assert made.outcome(settle(made).values.get)[0].endswith("; copies are left out")
    whole = {prop.name: prop.sentence for prop in CATALOGUE.search("restart", {}, "0.19.1").checked()}
    assert "I2" in whole and "copies" in whole["L1"] and "I2" in whole["E1"]


LEGACY = [{"at_ms": 1000, "do": "legacy-import", "of": "b", "to": "a"}]


@pytest.mark.parametrize(
    ("changes", "release", "reason"),
    [
        ({}, "proposed", "in proposed S6 joins aggregates again"),
        ({}, "0.22", "S6 keeps an import for each cluster"),
        ({"exports": SHARED}, "0.19.1", "share the name web-1-demo-a, so S6 may delete what is no copy (R7)"),
        ({"clusterset_ips": 1}, "0.19.1", "S6 gives IPs back"),
        ({"exports": DIFFER}, "0.19.1", "S6 looks for conflicts"),
        ({"script": LEGACY}, "0.19.1", "S6 moves imports of before 0.15"),
        (
            {"script": [{"at_ms": 1000, "do": "delete-object", "what": "copy", "cluster": "b"}]},
            "0.19.1",
            "deletes a copy",
        ),
        ({"search": {"judged": ["X1"], "forbids": ["copy in a missing"]}}, "0.19.1", "is about copies"),
    ],
)
def test_copies_that_others_need_are_not_left_out(
    tmp_path: Path, changes: dict[str, Any], release: str, reason: str
) -> None:
    check_refused(tmp_path, changes, release, {"copies": "off"}, reason)


def test_the_data_plane_needs_copies(tmp_path: Path) -> None:
    path = tmp_path / "dns.yaml"
    path.write_text(yaml.safe_dump({**BASE, "search": {"data_plane": "dns"}}))
    with pytest.raises(BadInput, match="the data plane resolves names by them"):
        CATALOGUE.search(str(path), {"copies": "off"}, "0.19.1")


@pytest.mark.parametrize("copies", ["off", "at once"])
def test_runs_in_time_have_copies(copies: str) -> None:
    """Agents that copy less start sooner, so shares of outcomes would be others."""
    assert CATALOGUE.search("restart", {"copies": copies}, "0.19.1").scope().about
    with pytest.raises(BadInput, match=f"copies is {copies}, which is for searches alone") as found:
        CATALOGUE.model("restart", {"copies": copies}, "0.19.1")
    assert found.value.accepted == '--set copies=on, or copies: "on" in a file'
