"""SIGINT (Ctrl-C) in ``sim check``: the first tells what is covered, whatever is under way; the second gives up."""

from __future__ import annotations

import pytest

from tests.cli.interrupting import TELLING, interrupted

DEAF = TELLING.replace(
    "run()",
    """
ask = sim.explore.check.for_good
def for_good(*given):
    return ask(*given[:-2], lambda *told: (given[-2](*told), time.sleep(0.2)), lambda: False)
sim.explore.check.for_good = for_good
run()
""",
).replace("from", "import sim.explore.check, time\nfrom", 1)
"""The same, but what must hold eventually is searched for slowly, and heeds no first interrupt."""
E1 = (
    "incident",
    "--set",
    "exporters=[b]",
    "--algorithm",
    "0.19.1",
    "--property",
    "E1",
    "--walks",
    "0",
    "--worlds",
    "0",
)
SHORTEST = "the shortest schedule of all: "
WALKS = ("incident", "--algorithm", "0.19.1", "--only-walks", "--walks", "1000000")


def on_cycles(line: str) -> bool:
    return "without reduction" in line


def test_walks_that_were_made_are_told_of() -> None:
    code, out, err = interrupted(("check", *WALKS), lambda line: " walks, " in line)
    assert code == 3
    assert "UNDETERMINED: interrupted" in out
    assert " of 1000000 random walks only (uniform), which were interrupted; nothing is known" in out
    assert "interrupted: what is covered is told; interrupt again to give up" in err


def test_the_search_that_was_finished_is_kept_while_what_must_hold_eventually_is_searched_for() -> None:
    code, out, _ = interrupted(("check", *E1), on_cycles)
    assert code == 3
    assert "UNDETERMINED: interrupted" in out
    assert "Every reachable world was covered (12631 worlds" in out
    assert "L1 holds (does not decide)" in out
    assert "E1 not determined" in out
    assert "E1 was not determined: the search of all worlds, without reduction, was interrupted (" in out


def test_a_second_one_gives_up() -> None:
    code, out, err = interrupted(("check", *E1), on_cycles, DEAF, twice=True)
    assert (code, out) == (3, "")
    assert err.splitlines()[-1] == "interrupted"


def test_the_search_for_the_shortest_names_the_interrupt() -> None:
    """The second of two searches."""
    arguments = ("restart", "--set", "before=imports lost", "--algorithm", "0.19.0", "--exhaustive", "--walks", "0")
    code, out, err = interrupted(("check", *arguments, "--no-cluster-symmetry"), lambda line: SHORTEST in line)
    assert code == 0, err  # a violation, as the scenario expects
    assert "there may be a shorter one: the second search, for the shortest, was interrupted" in out


def test_algorithms_that_it_did_not_come_to_are_named() -> None:
    both = ("incident", "--only-walks", "--walks", "1000000", "--algorithm", "0.19.1", "--algorithm", "0.19.0")
    code, out, err = interrupted(("check", *both), lambda line: " walks, " in line)
    assert code == 3
    assert "0.19.0:" not in out
    assert err.splitlines()[-1] == "interrupted: 0.19.0 not checked"


@pytest.mark.parametrize("search", ["reduced", "plain"])
def test_a_search_is_interrupted_and_not_ended_by_interrupted(search: str) -> None:
    arguments = ("incident", "--algorithm", "0.19.1", "--walks", "0", "--worlds", "0", "--search", search)
    code, out, _ = interrupted(("check", *arguments), lambda line: " worlds in " in line)
    assert code == 3
    assert "The search was interrupted (" in out
    assert "ended by interrupted" not in out
