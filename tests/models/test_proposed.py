"""The proposed agent loses nothing where others do, needs its parts, and the releases have none of them."""

from __future__ import annotations

import pytest

from models.catalogue import CATALOGUE
from models.releases import RELEASES
from models.releases.parts import PARTS
from sim.core import BadInput
from sim.explore.hunt import Effort, hunt
from tests.hunt.configurations import HUNTER, LOSING, configuration

EFFORT = Effort(walks=40, worlds=500, doom_worlds=500, ends=1)


def found(words: str, algorithm: str) -> set[str]:
    return {each.cause.name for each in hunt(HUNTER, configuration(words), algorithm, EFFORT).found}


@pytest.mark.parametrize("race", LOSING)
def test_nothing_is_wrong_where_the_release_has_a_race(race: str) -> None:
    assert race in found(LOSING[race], "0.19.1")
    assert found(LOSING[race], "proposed") == set()


@pytest.mark.parametrize(
    ("part", "race"),
    [
        ("joins-again", "R5"),
        ("owns-its-type", "R1c"),
        ("cleans-at-start", "R12"),
        ("looks-again", "N3"),
        ("sees-replacement", "R13"),
        ("ends-ready", "R14"),
        ("retries-conditions", "R15"),
        ("retries-lists", "M6"),
        ("keeps-ips", "N6"),
        ("reserves-ips", "R23"),
        ("refreshes-slices", "R5 (broker's slice)"),
    ],
)
def test_parts_are_needed(part: str, race: str) -> None:
    assert found(LOSING[race], f"proposed without {part}")


def test_who_loses_a_conflict_of_types_does_not_say_ready() -> None:
    """Found in an upgrade: an EndpointSlice of before the start was synced after the conflict, and said Ready again."""
    words = "exported from a and b; agent of a crashes, then type becomes Headless in a"
    effort = Effort(walks=40, worlds=5_000, doom_worlds=500, ends=1)
    assert hunt(HUNTER, configuration(words), "proposed", effort).found == ()
    assert found(words, "proposed without ends-ready")


def test_releases_have_none_of_the_parts() -> None:
    assert RELEASES["proposed"].parts == tuple(PARTS)
    assert all(not RELEASES[name].parts for name in ("0.19.0", "0.19.1"))
    assert set(CATALOGUE.guards("proposed")) >= set(PARTS)
    assert not set(CATALOGUE.guards("0.19.1")) & set(PARTS)


def test_clusters_may_run_different_releases() -> None:
    pair = next(each for each in HUNTER.configurations("small") if each.words.startswith("2 clusters"))
    model = HUNTER.model(pair, "0.19.1+proposed@b")
    agents = {cluster.name: cluster.agent.release.name for cluster in model.topology.clusters}  # type: ignore[attr-defined]
    assert agents == {"a": "0.19.1", "b": "proposed"}


@pytest.mark.parametrize("name", ["0.19.1+proposed", "0.19.1+proposed@z", "0.19.1+no@b", "0.19.1 without joins-again"])
def test_unknown_mixes_are_refused(name: str) -> None:
    pair = next(each for each in HUNTER.configurations("small") if each.words.startswith("2 clusters"))
    with pytest.raises(BadInput):
        HUNTER.model(pair, name)
