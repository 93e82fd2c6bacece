"""Races that need more than one namespace, a call that hangs, a list that is late or a cluster that leaves are found by
general scripts, and are not where that is not so.
"""

from __future__ import annotations

import pytest

from models.hunt.configurations import HEADLESS, LOST, OTHER_PORTS, TWO_SLICES, Ground, configurations
from models.hunt.grounds import PAIR, lagging
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


def past(kind: str) -> Ground:
    """An API server that lags for one informer since before a re-export that has long been handled."""
    return Ground(earlier=lagging(kind), families=("crash",), lengths=(1,))


def test_a_first_list_of_the_past_is_found_where_the_removal_of_a_slice_takes_the_name() -> None:
    assert "R22" in names(hunted(past("broker-endpointslices"), "a crashes"))


@pytest.mark.parametrize(("release", "kind"), [("0.22", "broker-endpointslices"), ("0.19.1", "services")])
def test_a_first_list_of_the_past_does_nothing_elsewhere(release: str, kind: str) -> None:
    cell = hunted(past(kind), "a crashes", release)
    assert (cell.verdict, cell.found) == ("exhausted", ())


def test_a_first_list_of_the_past_handles_the_end_of_an_export_again() -> None:
    walks = Effort(walks=60, worlds=1, doom_worlds=1_000, ends=2)
    assert "N10" in names(hunted(past("serviceexports"), "a crashes", effort=walks))


HANGS = Ground(own={"a": (("hangs",), ("labels",), ("users",))})


def test_a_controller_that_goes_on_after_its_stop_is_found() -> None:
    assert names(hunted(HANGS, "a hangs, then no endpoint ready in a, then unexport in a")) == {"R18"}


def test_a_stop_that_is_tried_again_leaves_nothing_behind() -> None:
    """Lighthouse #1757, in 0.21."""
    cell = hunted(HANGS, "a hangs, then no endpoint ready in a, then unexport in a", "0.21")
    assert (cell.verdict, cell.found) == ("exhausted", ())


def test_without_a_call_that_hangs_nothing_is_left_behind() -> None:
    quick = Ground(own={"a": (("labels",), ("users",))})
    assert hunted(quick, "exported from a; no endpoint ready in a, then unexport in a").found == ()


LEAVES = Ground(clusters=("a", "b", "c"), exporters=("b", "c"), own={"b": (("leave",),), "c": (("changes",),)})


@pytest.mark.parametrize(("release", "races"), [("0.21", {"R27"}), ("0.22", {"R26", "R27"})])
def test_what_a_cluster_leaves_behind_is_found(release: str, races: set[str]) -> None:
    effort = Effort(walks=40, worlds=3_000, doom_worlds=1_000, ends=2)
    assert names(hunted(LEAVES, "b is gone with ports change in c", release, effort)) == races


def test_where_no_cluster_leaves_nothing_stays() -> None:
    alone = Ground(clusters=PAIR, exporters=("b",), families=("leave", "each"), lengths=(0, 1))
    assert hunted(alone, "nothing").found == ()
    assert names(hunted(alone, "cluster b is gone")) == {"R27"}


CHANGE = (("changes",),)


@pytest.mark.parametrize(
    ("release", "briefly", "is_found"), [("0.19.1", True, True), ("0.19.1", False, False), ("0.22", True, False)]
)
def test_a_check_that_waits_briefly_leaves_a_conflict(release: str, briefly: bool, is_found: bool) -> None:
    """R16: the cache may be older than the update that the check is about; 0.22 has no such check."""
    ground = Ground(clusters=PAIR, exporters=PAIR, specs={"a": OTHER_PORTS}, own={"b": CHANGE}, briefly=briefly)
    cell = hunted(ground, "; ports change in b", release, Effort(walks=40, worlds=20_000, doom_worlds=2_000, ends=2))
    assert names(cell) == ({"R16"} if is_found else set())
    assert is_found or cell.verdict == "exhausted"


def test_a_conflict_that_the_cache_does_not_show_yet_is_not_cleared() -> None:
    """R16, however long a check waits: what is to be cleared is looked for in the cache."""
    ground = Ground(clusters=PAIR, exporters=PAIR, own={"a": CHANGE, "b": CHANGE})
    walks = Effort(walks=60, worlds=5_000, doom_worlds=1_000, ends=2)
    assert names(hunted(ground, "ports change in a with ports change in b", effort=walks)) == {"R16"}


def test_without_a_shared_name_nothing_is_wrong() -> None:
    cell = hunted(of_two_namespaces("y-demo"), "exported from a; unexport demo/web-x in a")
    assert (cell.verdict, cell.found) == ("exhausted", ())


LEFT = Ground(clusters=PAIR, exporters=PAIR, before=LOST, lengths=(1,))
SEVERAL = Ground(specs={"a": TWO_SLICES}, lengths=(1,))
LATER = Ground(
    clusters=PAIR, exporters=PAIR, later=("a",), specs={"a": HEADLESS}, own={"a": (("users",),), "b": (("leave",),)}
)
TWICE = Ground(clusters=PAIR, exporters=PAIR, own={"a": (("users",),), "b": (("users",),)})


@pytest.mark.parametrize(
    ("ground", "words", "race"),
    [
        (LEFT, "imports lost; ports change in a", "N12"),
        (LEFT, "imports lost; broker's API down", "N12"),
        (SEVERAL, "exported from a; type becomes ClusterIP in a", "N13"),
        (TWICE, "delete the Service in a with delete the Service in b", "R14"),
        (LATER, "not yet from a; export in a with cluster b is gone", "N14"),
    ],
)
def test_what_only_larger_configurations_show_is_named(ground: Ground, words: str, race: str) -> None:
    assert race in names(hunted(ground, words))
    assert not names(hunted(ground, words, "level")) - {"R27"}  # no agent can end what a cluster that is gone has begun


def test_what_a_cluster_left_keeps_others_out_where_each_has_an_import_of_its_own_as_well() -> None:
    """Which is made, and is no aggregate (0.22)."""
    (found,) = hunted(LATER, "not yet from a; export in a with cluster b is gone", "0.22").found
    assert (found.cause.name, found.cause.handlers) == ("N14", ())


def test_of_two_exports_the_one_that_says_what_is_not_so_is_looked_at() -> None:
    """What a's agent wrote last of its own, that it is not Ready, is right; what b's says is not."""
    found = hunted(TWICE, "delete the Service in a with delete the Service in b").found
    (ready,) = [each for each in found if each.cause.name == "R14"]
    assert "which decides: H8: updateStatus ServiceExport Ready=True." in "\n".join(ready.cause.lines)


def test_a_panic_may_leave_what_was_begun() -> None:
    ground = Ground(own={"a": (("namespaces",), ("broker",))})
    walks = Effort(walks=300, worlds=6_000, doom_worlds=1_000, ends=20)
    cell = hunted(ground, "exported from a; the namespace goes in a, then broker's API down", effort=walks)
    assert ("stale", "M6") in {(each.symptom, each.cause.name) for each in cell.found}
