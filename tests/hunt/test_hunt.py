"""A hunt finds known races from general scripts, names them, merges equal causes, and is the same every time."""

from __future__ import annotations

from pathlib import Path

import pytest

from sim.explore.hunt import Cell, Effort, Found, hunt
from sim.study.hunting import merged
from tests.cli.run import sim
from tests.hunt.configurations import HUNTER, configuration

EFFORT = Effort(walks=40, worlds=1_000, doom_worlds=1_000, ends=2)
RE_EXPORT, RECREATE = "unexport in a, then export in a", "delete the Service in a, then create the Service in a"
CRASH, BY_HAND = "; agent of a crashes", "; aggregates deleted by hand"


def hunted(words: str, algorithm: str = "0.19.0") -> Cell:
    return hunt(HUNTER, configuration(words), algorithm, EFFORT)


def names(cell: Cell) -> set[str]:
    return {found.cause.name for found in cell.found}


@pytest.mark.parametrize(
    ("words", "race"),
    [(CRASH, "3188"), (RE_EXPORT, "R1"), (BY_HAND, "R5"), ("unexport in a, then agent of a crashes", "R12")],
)
def test_known_races_are_found_and_named(words: str, race: str) -> None:
    cell = hunted(words)
    assert race in names(cell)
    assert all(
        found.cause.is_known and found.cause.handlers for found in cell.found if found.cause.name == race != "R5"
    )


def test_the_fix_closes_3188_in_every_schedule() -> None:
    fixed = hunt(HUNTER, configuration(CRASH), "0.19.1", Effort(20, 5_000, 1_000, 2))
    assert (fixed.verdict, fixed.found) == ("exhausted", ())


def test_a_race_on_no_list_is_said_to_be() -> None:
    cell = hunted("unexport in a, then type becomes Headless in a")
    (found,) = [found for found in cell.found if found.cause.name == "N3"]
    assert not found.cause.is_known


def test_equal_causes_are_merged_and_shown_by_the_smallest() -> None:
    cells = [hunted(RECREATE, "0.19.1"), hunted(RE_EXPORT, "0.19.1")]
    assert [names(cell) for cell in cells] == [{"R1"}, {"R1"}]
    (finding,) = merged(cells)
    assert finding.shows_in == 2
    assert finding.found.configuration == configuration(RE_EXPORT)
    assert merged(cells[::-1])[0].found == finding.found


@pytest.mark.parametrize(
    ("words", "algorithm", "race"),
    [
        ("export in a, then a status update of the agent of a fails", "0.19.1", "N6"),
        ("a crashes with a user wants no clusterset IP in b", "0.19.1", "R24"),
        ("a crashes with unexport in b", "0.22", "N7"),
        ("one cluster with the broker; ClusterIP; exported from a; type becomes Headless in a", "0.22", "N8"),
    ],
)
def test_what_is_on_no_list_of_ips_and_of_0_22_is_found(words: str, algorithm: str, race: str) -> None:
    walks = Effort(walks=60, worlds=1, doom_worlds=500, ends=1)
    assert race in names(hunt(HUNTER, configuration(words), algorithm, walks))


def test_a_failure_that_a_retry_does_not_take_back_is_found_by_search() -> None:
    cut_off = configuration("exported from a; ports change in a, then agent of a cut off the broker")
    effort = Effort(walks=10, worlds=5_000, doom_worlds=2_000, ends=2)
    assert names(hunt(HUNTER, cut_off, "0.22", effort)) == {"N9"}
    assert not hunt(HUNTER, cut_off, "0.21", effort).found


def test_a_cause_is_told_by_the_service_that_is_wrong() -> None:
    """The other service is written last here: by that, the cause would be on no list."""
    names_collide = "services web-1 and web-1-demo in cluster demo; exported from demo; delete the Service in demo"
    cell = hunt(
        HUNTER, configuration(names_collide), "0.19.1", Effort(walks=20, worlds=5_000, doom_worlds=2_000, ends=8)
    )
    assert "R14" in names(cell)
    assert all(name for name in names(cell))


def test_losses_for_good_come_first() -> None:
    ranked = [
        finding.found for finding in merged([hunted(RE_EXPORT), hunted("type becomes Headless in a"), hunted(BY_HAND)])
    ]
    assert [found.is_for_good for found in ranked] == sorted((found.is_for_good for found in ranked), reverse=True)


def test_what_was_so_at_the_beginning_is_not_found_lost_for_good() -> None:
    lost = next(each for each in HUNTER.configurations("small") if "before: imports lost; aggregates" in each.words)
    found: list[Found] = list(hunt(HUNTER, lost, "0.19.1", EFFORT).found)
    assert {(each.cause.name, each.is_for_good) for each in found} == {("R21", False)}


def test_scripts_make_sense() -> None:
    """Nobody unexports twice in a row, or creates a Service that is there."""
    for each in HUNTER.configurations("small"):
        assert "unexport in a, then unexport in a" not in each.words
        assert "exported from a; create the Service" not in each.words
        assert "exported from b; unexport in a" not in each.words
    sizes = [each.size for each in HUNTER.configurations("full")]
    assert sizes == sorted(sizes)


def test_pages_are_the_same_every_time(tmp_path: Path) -> None:
    script = tmp_path / "race.yaml"
    script.write_text(HUNTER.saved(configuration(RE_EXPORT), "lost, yet Ready", {}))
    written = []
    for jobs in ("1", "2"):
        out = tmp_path / "out"
        done = sim("hunt", "--configuration", str(script), "--budget", "tiny", "--out", str(out), "--jobs", jobs)
        assert done.returncode == 1, done.stderr
        written.append({path.name: path.read_bytes() for path in sorted(out.iterdir())})
    assert written[0] == written[1]
    assert set(written[0]) == {"index.md", "r1-lost-yet-ready.md", "r1-lost-yet-ready.yaml"}
    checked = sim("check", str(out / "r1-lost-yet-ready.yaml"), "--algorithm", "0.19.1", "--no-explain")
    assert "VIOLATED (expected: fails; as expected)" in checked.stdout
