"""Scenarios in which clusters are alike: searches that rename clusters, and such as do not, come to the same."""

from __future__ import annotations

from itertools import count
from pathlib import Path
from typing import Any

import pytest
from hypothesis import assume, event, given
from hypothesis import strategies as st

from models.catalogue import CATALOGUE
from sim.explore.check import Checked, Plan
from sim.explore.coverage import coverage
from sim.explore.exhaust import Bounds, Exhausted, exhaust
from sim.explore.subject import Subject
from tests.explore.examples import in_parts
from tests.explore.scenario_files import BEFORE, RELEASES, subject
from tests.explore.test_scenarios import ends

WORLDS_MAX = 2_500
NUMBERS = count()


def alike(clusters: str, script: list[dict[str, Any]], **more: Any) -> dict[str, Any]:
    """A scenario in which each cluster stands on a host of its own and exports the one service."""
    return {
        "name": "alike",
        "about": "clusters that are alike",
        "hosts": {f"host-{cluster}": [cluster] for cluster in clusters},
        "broker": "separate",
        "exports": {"services": 1, "from": list(clusters), "spread": "from each"},
        "observe_ms": 300_000,
        "script": script,
        **more,
    }


def made(drawn: dict[str, Any], release: str, folder: Path) -> Subject:
    out = folder / str(next(NUMBERS))  # what was read of a file is remembered by its path
    out.mkdir()
    return subject(drawn, release, out, may_stop=False)


def same(one: Exhausted, other: Exhausted) -> None:
    """What worlds at rest say, how many there are, and how far they are where nobody is killed."""
    assert ends(one.subject, one.search.at_rest) == ends(other.subject, other.search.at_rest)
    assert len(one.search.at_rest) == len(other.search.at_rest)
    for done in (one, other):
        for world in done.search.at_rest[-4:]:
            path = done.path(world)
            assert (done.subject.follow(path)[-1], len(path)) == (world, done.distance(done.subject.begin, world))


CRASH = [{"at_ms": 1000, "fault": "agent-crash", "clusters": ["a", "b"]}]


def test_twins_that_were_not_met_are_covered_and_known(tmp_path: Path) -> None:
    search = exhaust(made(alike("ab", CRASH), "0.19.0", tmp_path), symmetric=True).search
    assert search.twins is not None
    explored, noted = list(search.worlds), list(search.twins)
    assert noted and not {*explored} & {*noted}
    assert list(search.covered()) == explored + noted
    assert search.find(1) is None
    assert all(search.find(world) is search.worlds[world] for world in explored + noted)
    assert not list(search.twins)


def test_a_step_to_a_twin_leads_to_a_world_that_is_covered(tmp_path: Path) -> None:
    search = exhaust(made(alike("ab", CRASH), "0.19.0", tmp_path), symmetric=True).search
    twins = search.twins
    assert twins is not None
    noted = {*twins}
    kinds = set()
    for frame in map(search.frame, list(search.worlds)):
        for index in frame.able:
            entry = frame.entries[index]
            assert entry is not None
            after = [search.tables.after(frame.world, outcome) for outcome in entry.outcomes]
            assert twins.cover(frame, index) == all(each in search.worlds or each in noted for each in after)
            kinds.add((twins.cover(frame, index), any(each in noted for each in after)))
    assert kinds == {(True, True), (True, False), (False, False)}


def test_two_clusters_that_crash_are_searched_once(tmp_path: Path) -> None:
    apart = exhaust(made(alike("ab", CRASH), "0.19.0", tmp_path))
    once = exhaust(made(alike("ab", CRASH), "0.19.0", tmp_path), symmetric=True)
    assert (once.subject.symmetry, once.subject.asymmetry) == ("a for b, b for a", "")
    assert once.search.twins is not None and once.search.twins.origins
    assert len(once.search.worlds) < len(apart.search.worlds)
    same(apart, once)


@pytest.mark.deep
def test_of_two_clusters_that_unexport_half_is_searched(tmp_path: Path) -> None:
    script = [{"at_ms": 1000, "do": "unexport", "cluster": cluster} for cluster in "ab"]
    apart = exhaust(made(alike("ab", script), "0.19.1", tmp_path))
    once = exhaust(made(alike("ab", script), "0.19.1", tmp_path), symmetric=True)
    assert len(once.search.worlds) < 0.6 * len(apart.search.worlds)
    same(apart, once)


def test_handlers_that_go_through_clusters_by_name_switch_it_off_and_it_is_said(tmp_path: Path) -> None:
    """Of three exporters, a reconcile of the third looks at the slices of the other two one after the other."""
    crash = [{"at_ms": 1000, "fault": "agent-crash", "clusters": ["a", "b", "c"]}]
    done = exhaust(made(alike("abc", crash), "0.19.1", tmp_path), Bounds(worlds=100), symmetric=True)
    assert done.search.twins is None
    assert "reconcile-a" in done.subject.asymmetry
    out = Checked(done.subject, Plan())
    out.done = done
    said = coverage([("", out)], done.subject.model.scope()).sentence
    assert "Clusters that could be renamed were told apart" in said


@pytest.mark.parametrize("settings_", [{}, {"broker": "b"}, {"broker": "separate"}])
def test_where_one_cluster_has_the_broker_or_exports_alone_there_is_nothing_to_rename(
    settings_: dict[str, str],
) -> None:
    assert not CATALOGUE.search("incident", settings_, "0.19.1").renamings()


def test_services_of_different_clusters_tell_these_apart_and_three_exporters_need_two_renamings(tmp_path: Path) -> None:
    two = {"services": "2", "broker": "separate"}
    assert not CATALOGUE.search("incident", two, "0.19.1").renamings()
    assert len(made(alike("abc", []), "0.19.1", tmp_path).model.renamings()) == 2  # of which all six are made
    fleet = made(alike("abc", []), "0.19.1+0.19.0@a", tmp_path).model.renamings()
    assert [repr(each) for each in fleet] == ["b for c, c for b"]


@st.composite
def scripts(draw: st.DrawFn) -> list[dict[str, Any]]:
    """Each cluster does the same at the same time, once or twice."""
    out: list[dict[str, Any]] = []
    for at_ms in draw(st.sampled_from([[1000], [1000, 2000]])):
        kind = draw(st.sampled_from(["unexport", "export", "agent-crash", "delete-aggregates", "both crash"]))
        if kind == "delete-aggregates":
            out.append({"at_ms": at_ms, "do": kind})
        elif kind == "both crash":
            out.append({"at_ms": at_ms, "fault": "agent-crash", "clusters": ["a", "b"]})
        else:
            for cluster in "ab":
                about = {"fault": kind, "clusters": [cluster]} if kind == "agent-crash" else {"do": kind}
                out.append({"at_ms": at_ms, **({"cluster": cluster} if "do" in about else {}), **about})
    return out


@in_parts(200, share=8)
@given(scripts(), st.sampled_from(RELEASES), st.sampled_from(BEFORE), st.sampled_from(["yes", "no"]), st.booleans())
def test_random_scenarios_of_clusters_that_are_alike(
    tmp_path_factory: pytest.TempPathFactory, script: list[dict[str, Any]], release: str, before: str, exported: str,
    third: bool,
) -> None:  # fmt: skip
    """With ``third``, the broker stands on a third cluster, which exports nothing."""
    more: dict[str, Any] = {"before": before, "exported_at_start": exported}
    if third:
        more |= {"hosts": {f"host-{cluster}": [cluster] for cluster in "abc"}, "broker": "c"}
    folder = tmp_path_factory.mktemp("alike")
    apart = exhaust(made(alike("ab", script, **more), release, folder), Bounds(worlds=WORLDS_MAX))
    assume(not apart.bound)
    once = exhaust(made(alike("ab", script, **more), release, folder), Bounds(worlds=WORLDS_MAX), symmetric=True)
    event("symmetric" if once.search.twins is not None else f"told apart: {once.subject.asymmetry[:60]}")
    assert not once.bound
    same(apart, once)
