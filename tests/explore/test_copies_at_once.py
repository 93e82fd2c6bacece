"""Copies may be made at once: whether they are there in the end, and what becomes of all else, is the same."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import assume, event, given
from hypothesis import strategies as st

from models.catalogue import CATALOGUE
from models.hints import WITHOUT_DATA_PLANE
from models.kube.informer import ListAndOpen, ListAtOnce
from sim.core import BadInput
from sim.core.property import When
from sim.explore.exhaust import Bounds, exhaust
from sim.explore.subject import Subject
from sim.explore.walks import walks
from sim.timed.run import settle
from tests.explore.examples import in_parts
from tests.explore.scenario_files import DIFFER, SHARED, UPSTREAM, check_refused, scenarios, subject
from tests.models.worlds import BASE

WORLDS_MAX = 4_000
CONTENTS = re.compile(r"(copy in \w+) \{[^}]*\}(?: without ports)?")
AT_ONCE = {"copies": "at once"}
SMALLER = [
    "'copies=at once' (which copies are there in the end is kept)",
    "copies=off (nothing is said of copies)",
]
OLDER = ["0.15", "0.16.7", "0.17.2", "0.18.1", "0.21"]


def outcomes(made: Subject, worlds: list[int]) -> set[tuple[str, ...]]:
    """What worlds at rest say of all, but of copies only whether they are there."""
    get = made.tables.packing.get
    return {tuple(CONTENTS.sub(r"\1 there", line) for line in made.model.outcome(get(world))) for world in worlds}


def compare(drawn: dict[str, Any], release: str, folder: Path, worlds: int) -> str:
    """Search a scenario with copies made at once, and as agents make them; how that could be compared, in words. Where
    the latter is too large, what walks come to must be among the former.
    """
    at_once = subject({**drawn, **AT_ONCE}, release, folder)
    done = exhaust(at_once, Bounds(worlds=worlds))
    if done.bound:
        return ""
    found = outcomes(at_once, done.search.at_rest)
    whole = subject(drawn, release, folder)
    all_of_it = exhaust(whole, Bounds(worlds=4 * worlds))
    if not all_of_it.bound:
        assert outcomes(whole, all_of_it.search.at_rest) == found
        return "with a search"
    walked = [walk.worlds[-1] for _, walk in walks(whole, "uniform", 0, 10) if walk.at_rest]
    assert outcomes(whole, walked) <= found
    return "with walks"


@in_parts(100)
@given(scenarios(), st.sampled_from(UPSTREAM + OLDER))
def test_what_is_there_in_the_end_is_the_same(
    tmp_path_factory: pytest.TempPathFactory, drawn: dict[str, Any], release: str
) -> None:
    compared = compare(drawn, release, tmp_path_factory.mktemp("copies"), WORLDS_MAX)
    assume(compared)
    event(f"compared {compared}")


@in_parts(40)
@given(scenarios(), st.sampled_from(UPSTREAM))
def test_what_must_hold_always_is_violated_alike(
    tmp_path_factory: pytest.TempPathFactory, drawn: dict[str, Any], release: str
) -> None:
    folder = tmp_path_factory.mktemp("always")
    violated = []
    for settings in (AT_ONCE, {}):
        made = subject({**drawn, **settings}, release, folder, when=When.ALWAYS)
        done = exhaust(made, Bounds(worlds=WORLDS_MAX))
        assume(not done.bound)
        violated.append({target for target in done.search.targets if isinstance(target, str)})
    event(f"violated: {sorted(violated[0])}")
    assert violated[0] == violated[1]


CRASHES = [{"at_ms": 1000, "fault": "agent-crash", "clusters": [cluster]} for cluster in ("a", "b")]
GONE = {"at_ms": 1000, "do": "delete-aggregates"}
TWO = {
    "name": "two",
    "about": "copies are there in the end, or one is not",
    "hosts": {"host-a": ["a"], "host-b": ["b"]},
    "broker": "a",
    "exports": {"services": 1, "from": ["b"]},
    "observe_ms": 300_000,
    "before": "slices touched",
}


@pytest.mark.parametrize("release", ["0.19.0", "0.19.1"])
def test_a_copy_that_a_reconcile_deletes_too_late_is_found_missing(tmp_path: Path, release: str) -> None:
    """R-c looks while the aggregate is away, and what it queues is handled after S6 has copied the new one (R19)."""
    drawn = {**TWO, "script": [GONE, CRASHES[1]]}
    at_once, whole = subject({**drawn, **AT_ONCE}, release, tmp_path), subject(drawn, release, tmp_path)
    done, all_of_it = exhaust(at_once), exhaust(whole)
    found = outcomes(at_once, done.search.at_rest)
    assert found == outcomes(whole, all_of_it.search.at_rest)
    assert any("aggregate {b}" in line and "copy in b missing" in line for lines in found for line in lines)
    assert 3 * len(done.search.worlds) < len(all_of_it.search.worlds)


def both_restart(before: str) -> set[tuple[str, ...]]:
    settings = {"exported": "[a, b]", "restarted": "[a, b]", "before": before, **AT_ONCE}
    model = CATALOGUE.search("restart", settings, "0.19.0")
    made = Subject(model, settle(model), (), may_stop=False)
    done = exhaust(made)
    assert not done.bound
    return outcomes(made, done.search.at_rest)


@pytest.mark.deep
def test_the_first_list_may_be_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """The old agent, exported from and restarted on both clusters, comes to the same where its first lists may wait."""
    found = both_restart("slices touched")
    monkeypatch.setattr(ListAtOnce, "at_once", ListAndOpen.at_once)
    assert both_restart("slices touched") == found


def test_a_search_of_copies_made_at_once_says_so() -> None:
    made = CATALOGUE.search("restart", AT_ONCE, "0.19.1")
    left_out = made.scope().left_out
    assert any(words.startswith("what copies of aggregates and imported EndpointSlices say") for words in left_out)
    sentences = {prop.name: prop.sentence for prop in made.checked()}
    assert (
        sentences["I2"]
        == "every cluster has a copy of each aggregate, equal to it where that names a cluster, and no other"
    )
    assert sentences["L1"] == "every export is named by its aggregate and by all copies of it"
    assert made.outcome(settle(made).values.get)[0].endswith("copy in a there, copy in b there")


IMPORTED = {"at_ms": 1000, "do": "delete-object", "what": "imported-slice", "cluster": "b"}


@pytest.mark.parametrize(
    ("settings_", "release", "options"),
    [
        ({}, "0.19.0", [f"--set {option}" for option in SMALLER]),
        ({}, "proposed", []),
        (AT_ONCE, "0.19.0", []),
    ],
)
def test_a_scope_names_what_would_make_a_search_smaller(
    settings_: dict[str, str], release: str, options: list[str]
) -> None:
    assert CATALOGUE.search("operations", settings_, release).scope().smaller == options


@pytest.mark.parametrize(
    ("changes", "release", "reason"),
    [
        ({}, "proposed", "S4 refreshes EndpointSlices (S4: the syncer that imports EndpointSlices)"),
        ({}, "0.22", "S6 keeps an import for each cluster"),
        ({"exports": SHARED}, "0.19.1", "share the name web-1-demo-a, so S6 may delete what is no copy (R7)"),
        ({"exports": DIFFER}, "0.19.1", "S4 looks for conflicts"),
        ({"script": [IMPORTED]}, "0.19.1", "the script deletes an imported EndpointSlice"),
        ({"script": [{"at_ms": 1000, "do": "delete-namespace", "cluster": "b"}]}, "0.19.1", "come and go"),
        ({"script": [{"at_ms": 1000, "fault": "roll-out", "cluster": "b"}]}, "0.19.1", "a second agent"),
        ({"script": [{"at_ms": 1000, "fault": "cut-broker", "cluster": "b"}]}, "0.19.1", "counts, fails or holds up"),
        (
            {"script": [{"at_ms": 1000, "fault": "stale-list", "cluster": "b", "kind": "aggregates"}]},
            "0.19.1",
            "lets lists be of the past",
        ),
    ],
)
def test_copies_are_not_made_at_once_where_somebody_minds(
    tmp_path: Path, changes: dict[str, Any], release: str, reason: str
) -> None:
    check_refused(tmp_path, changes, release, AT_ONCE, reason)


CUT = {"at_ms": 1000, "fault": "cut-broker", "cluster": "b"}
COPY_GONE = {"at_ms": 2000, "do": "delete-object", "what": "copy", "cluster": "b"}
ON = '--set copies=on, or copies: "on" in a file'


@pytest.mark.parametrize(("changes", "copies", "by", "accepted"), [
    ({"script": [CUT]}, "at once", 'by "the broker is cut off from agent b"', f"--set copies=off; or {ON}"),
    ({"script": [CUT, COPY_GONE]}, "off", 'by "somebody deletes copy of b"', ON),
    ({"search": {"data_plane": "dns"}}, "off", "the data plane", f"{WITHOUT_DATA_PLANE}; or {ON}"),
])  # fmt: skip
def test_a_refusal_names_what_is_in_the_way_and_what_works(
    tmp_path: Path, changes: dict[str, Any], copies: str, by: str, accepted: str
) -> None:
    path = tmp_path / "refused.yaml"
    path.write_text(yaml.safe_dump({**BASE, **changes}))
    with pytest.raises(BadInput, match=re.escape(by)) as found:
        CATALOGUE.search(str(path), {"copies": copies}, "0.19.1")
    assert found.value.accepted == accepted
