"""Random small scenarios of the real model: the reduced search, the plain one and walks agree; so do services alone."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import count
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import assume, event, given
from hypothesis import strategies as st

from models.catalogue import CATALOGUE
from models.scenarios.alone import clash
from sim.explore.alone import entangled
from sim.explore.exhaust import Bounds, exhaust
from sim.explore.plainly import plainly
from sim.explore.subject import Subject
from sim.explore.walks import walks
from sim.timed.run import run
from tests.explore.examples import in_parts
from tests.explore.scenario_files import RELEASES, scenarios, subject

REDUCED_MAX, PLAIN_MAX = 1_500, 6_000
NUMBERS = count()


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("scenarios")


def fresh(folder: Path) -> Path:
    """A folder of its own: what was read of a file is remembered by its path."""
    out = folder / str(next(NUMBERS))
    out.mkdir()
    return out


Ends = dict[tuple[str, ...], tuple[str, ...]]


def ends(made: Subject, worlds: list[int]) -> Ends:
    """What worlds at rest say, with what they violate."""
    get = made.tables.packing.get
    return {
        made.model.outcome(get(world)): tuple(prop.name for prop in made.violations(world)) for world in worlds
    }  # fmt: skip


@in_parts(200)
@given(scenarios(), st.sampled_from(RELEASES))
def test_the_reduced_search_says_what_the_plain_one_says(folder: Path, drawn: dict[str, Any], release: str) -> None:
    """Where the plain search is too large, what walks come to must be among what the reduced one does. What runs in
    simulated time come to must be as well.
    """
    made = subject(drawn, release, fresh(folder))
    done = exhaust(made, Bounds(worlds=REDUCED_MAX))
    assume(not done.bound)
    found = ends(made, done.search.at_rest)
    timed = [run(made.model, made.world, seed) for seed in range(3)]
    assert {made.model.outcome(each.machine.get) for each in timed if each.at_rest} <= set(found)
    plain = plainly(made, Bounds(worlds=PLAIN_MAX), 0, None)
    event("compared with walks" if plain.bound else "compared with every world")
    if plain.bound:
        walked = [walk.worlds[-1] for _, walk in walks(made, "uniform", 0, 10) if walk.at_rest]
        assert ends(made, walked).items() <= found.items()
    else:
        assert ends(made, plain.found.at_rest) == found
        assert set(plain.found.at_rest) == set(done.search.at_rest)


# -- services alone ----------------------------------------------------------------------------------------------------


def told(made: Subject, worlds: list[int], service: str) -> set[tuple[str, ...]]:
    """What worlds at rest say of one service."""
    get = made.tables.packing.get
    return {
        tuple(line for line in made.model.outcome(get(world)) if line.startswith(f"demo/{service}:"))
        for world in worlds
    }


def names(drawn: dict[str, Any]) -> Iterator[str]:
    return (f"web-{number}" for number in range(1, drawn["exports"]["services"] + 1))


@in_parts(200, share=4)
@given(scenarios(services=2), st.sampled_from(RELEASES))
def test_a_service_alone_shows_what_happens_to_it_among_others(
    folder: Path, drawn: dict[str, Any], release: str
) -> None:
    """Where all of them together can be searched, just that; else what walks come to is among it."""
    alone = {}
    for name in names(drawn):
        made = subject(drawn, release, fresh(folder), name)
        done = exhaust(made, Bounds(worlds=REDUCED_MAX))
        assume(not done.bound)
        assume(not entangled(made, done.search.at_rest))
        alone[name] = told(made, done.search.at_rest, name)
    whole = subject(drawn, release, fresh(folder))
    done = exhaust(whole, Bounds(worlds=4 * REDUCED_MAX))
    event("compared with walks" if done.bound else "compared with a search of all services")
    walked = [walk.worlds[-1] for _, walk in walks(whole, "uniform", 0, 6) if walk.at_rest] if done.bound else []
    for name, ways in alone.items():
        if done.bound:
            assert told(whole, walked, name) <= ways
        else:
            assert told(whole, done.search.at_rest, name) == ways


def test_services_that_differ_in_names_have_spaces_of_one_size(folder: Path) -> None:
    """Of two clusters without the broker, either may export: one stands for the other."""
    drawn = {
        "name": "three", "about": "three clusters", "broker": "a", "observe_ms": 300_000,
        "hosts": {"host-1": ["a"], "host-2": ["b"], "host-3": ["c"]},
        "exports": {"services": 3, "from": ["a", "b", "c"]},
        "script": [{"at_ms": 1000, "fault": "agent-crash", "clusters": ["b", "c"]}],
    }  # fmt: skip
    path = folder / "three.yaml"
    path.write_text(yaml.safe_dump(drawn))
    found, reason = CATALOGUE.alone(str(path), {}, symmetry=True)
    assert not reason
    assert [each.stands_for for each in found] == [("web-1",), ("web-2", "web-3")]
    assert len(CATALOGUE.alone(str(path), {}, symmetry=False)[0]) == 3
    sizes = {}
    for name in names(
        drawn
    ):  # a reduced space depends on the order in which processes are begun with, which names give
        plain = plainly(subject(drawn, "0.19.0", fresh(folder), name), Bounds(), 16, None)
        sizes[name] = [len(level) for level in plain.found.levels]
    assert sizes["web-2"] == sizes["web-3"] != sizes["web-1"]


def test_an_operation_on_one_of_two_clusters_tells_them_apart(folder: Path) -> None:
    drawn = {
        "name": "three", "about": "three clusters", "broker": "a", "observe_ms": 300_000,
        "hosts": {"host-1": ["a"], "host-2": ["b"], "host-3": ["c"]},
        "exports": {"services": 4, "from": ["b", "c"]},
        "script": [{"at_ms": 1000, "do": "unexport", "cluster": "b", "service": "web-1"}],
    }  # fmt: skip
    path = folder / "apart.yaml"
    path.write_text(yaml.safe_dump(drawn))
    found = CATALOGUE.alone(str(path), {}, symmetry=True)[0]
    assert [each.stands_for for each in found] == [("web-1",), ("web-2", "web-4"), ("web-3",)]


def test_services_that_share_clusterset_ips_are_not_searched_alone(folder: Path) -> None:
    drawn: dict[str, Any] = {
        "name": "ips", "about": "a pool", "broker": "a", "observe_ms": 300_000, "hosts": {"host-1": ["a"]},
        "exports": {"services": 2, "from": ["a"]}, "clusterset_ips": 2, "script": [],
    }  # fmt: skip
    path = folder / "ips.yaml"
    path.write_text(yaml.safe_dump(drawn))
    assert "clusterset IPs" in CATALOGUE.alone(str(path), {}, symmetry=True)[1]
    drawn["exports"]["services"] = 1
    path = folder / "one.yaml"
    path.write_text(yaml.safe_dump(drawn))
    assert not CATALOGUE.alone(str(path), {}, symmetry=True)[1]


def test_releases_services_and_old_imports_of_their_own_tell_clusters_apart(folder: Path) -> None:
    drawn: dict[str, Any] = {
        "name": "own", "about": "two clusters", "broker": "separate", "observe_ms": 300_000,
        "hosts": {"host-1": ["a"], "host-2": ["b"]}, "exports": {"services": 2, "from": ["a", "b"]}, "script": [],
    }  # fmt: skip

    def found(algorithm: str = "0.19.1", script: list[dict[str, Any]] | None = None, **exports: Any) -> int:
        path = fresh(folder) / "own.yaml"
        path.write_text(yaml.safe_dump({**drawn, "exports": {**drawn["exports"], **exports}, "script": script or []}))
        return len(CATALOGUE.alone(str(path), {}, symmetry=True, algorithm=algorithm)[0])

    assert found() == 1
    assert found("0.19.1+0.19.0@b") == 2
    assert found(specs={"b": {"type": "Headless"}}) == 2
    assert found(later=["b"]) == 2
    assert found(script=[{"at_ms": 1000, "do": "legacy-import", "of": "b"}]) == 2
    assert found(script=[{"at_ms": 1000, "do": "legacy-import", "of": name} for name in "ab"]) == 1


def test_names_that_collide_are_noticed() -> None:
    """FACTS R8: both are a-b-c on the broker; FACTS R7: the legacy import of one is the aggregate of the other."""
    assert "a-b-c" in clash(("b-c/a", "c/a-b"), ["x"])
    assert "web-demo-east" in clash(("demo/web", "demo-east/web"), ["east"])
    assert not clash(("demo/web-1", "demo/web-2"), ["a", "b"])
