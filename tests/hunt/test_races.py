"""Races that need more than one namespace, a call that hangs, a list that is late or a cluster that leaves are found by
general scripts, and are not where that is not so.
"""

from __future__ import annotations

import pytest

from models.hunt.configurations import Ground, configurations
from sim.explore.hunt import Cell, Effort, hunt
from tests.hunt.configurations import HUNTER

EFFORT = Effort(walks=40, worlds=10_000, doom_worlds=2_000, ends=4)


def hunted(ground: Ground, words: str, algorithm: str = "0.19.1", effort: Effort = EFFORT) -> Cell:
    (it,) = [each for each in configurations([ground]) if each.words.endswith(words)]
    return hunt(HUNTER, it, algorithm, effort)


def names(cell: Cell) -> set[str]:
    return {found.cause.name for found in cell.found}


def of_two_namespaces(other: str) -> Ground:
    """Services web-x in demo and web in another namespace."""
    return Ground(
        services=("web-x", "web"), only_in={"web-x": "demo", "web": other}, lengths=(1, 2), families=("each",)
    )


@pytest.mark.parametrize("release", ["0.15", "0.19.1", "0.22"])
def test_a_shared_name_of_an_aggregate_is_found(release: str) -> None:
    found = hunted(of_two_namespaces("x-demo"), "exported from a; unexport demo/web-x in a", release)
    assert names(found) == {"R8"}


def test_without_a_shared_name_nothing_is_wrong() -> None:
    cell = hunted(of_two_namespaces("y-demo"), "exported from a; unexport demo/web-x in a")
    assert (cell.verdict, cell.found) == ("exhausted", ())
