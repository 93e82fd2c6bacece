"""``sim compare`` and ``sim necessity``, by the command line."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import yaml

from models.catalogue import CATALOGUE
from sim.cli.compare import title
from sim.explore.exhaust import Bounds
from sim.explore.outcomes import outcomes
from sim.timed.run import settle
from tests.cli.interrupting import interrupted
from tests.cli.run import sim
from tests.cli.test_check import token_in


def test_compare_says_what_the_fix_closes() -> None:
    done = sim("compare", "0.19.0", "0.19.1")
    assert done.returncode == 0, done.stderr
    first = done.stdout.partition("\n\n")[0]
    assert first.startswith("scenario  restart exported=[a] restarted=[a] before=nothing services=1 ")
    assert first.endswith("command   sim compare 0.19.0 0.19.1")
    assert "only 0.19.0 can come to: 1 outcome, 1 of them a loss" in done.stdout
    assert "only 0.19.1 can come to: 0 outcomes" in done.stdout
    assert "with these options and the above left out: 0.19.1 never loses an import" in done.stdout
    assert "left out globalnet; clusterset IPs;" in " ".join(first.split())


def test_a_comparison_that_was_cut_off_does_not_say_what_only_one_can_come_to() -> None:
    """One search ends and the other does not, either way round; and neither ends."""
    done = sim("compare", "0.19.0", "0.19.1", "--worlds", "100")
    assert done.returncode == 3
    assert "both can come to: 1 outcome, 0 of them" in done.stdout and "only 0.19.0 can" not in done.stdout
    assert "only 0.19.1 can" not in done.stdout and "never loses" not in done.stdout
    for name in ("0.19.0", "0.19.1"):
        assert f"seen of {name} only, within bounds: " in done.stdout
        assert f"the search of {name} was ended by --worlds 100: what was not seen" in done.stdout


@pytest.mark.parametrize(("bounds", "titles"), [
    (("", ""), ["only old can come to", "only new can come to"]),
    (("--worlds 9", ""), ["seen of old within bounds, impossible in new", "seen of new only, within bounds"]),
    (("", "--worlds 9"), ["seen of old only, within bounds", "seen of new within bounds, impossible in old"]),
    (("--worlds 9", "--worlds 9"), ["seen of old only, within bounds", "seen of new only, within bounds"]),
])  # fmt: skip
def test_what_is_impossible_in_one_is_said_only_where_it_was_exhausted(
    bounds: tuple[str, str], titles: list[str]
) -> None:
    old, new = bounds
    assert [title("old", old, "new", new), title("new", new, "old", old)] == titles


def test_necessity_removes_each_guard_of_the_fixed_agent() -> None:
    """And names the properties that break, an end, and a schedule that replays it."""
    done = sim("necessity")
    assert done.returncode == 0, done.stderr
    assert "0.19.1, as it is: nothing can be violated, over all schedules" in done.stdout
    said = dict(re.findall(r"^without ([a-z-]+): (.*?)(?:\n\n|\Z)", done.stdout, re.MULTILINE | re.DOTALL))
    assert set(said) == {"skips-annotated", "skips-labelled", "looks-in-store", "precondition"}
    assert "breaks  nothing more, over all schedules: not needed in this scenario" in said["precondition"]
    for guard in ("skips-annotated", "skips-labelled", "looks-in-store"):
        assert "breaks  L1, I1, I4, E1: with it they never are" in said[guard]
        steps = re.search(r"L1 is violated in (\d+) steps, which end so:\n    demo/web-1: aggregate miss", said[guard])
        again = sim("replay", token_in(said[guard]))
        assert steps is not None and again.stdout.endswith(f"; {steps[1]} steps\n")
        assert "aggregate missing" in again.stdout


RACE = [{"at_ms": 5000, "do": "unexport", "cluster": "b"}, {"at_ms": 5000, "do": "export", "cluster": "a"}]


def test_what_the_precondition_is_for(tmp_path: Path) -> None:
    """The last exporter goes while another comes."""
    path = tmp_path / "race.yaml"
    path.write_text(yaml.safe_dump(RACE))
    done = sim(
        "necessity", str(path), "--set", "exported=[b]", "--set", "copies=at once", "--guard", "precondition",
        "--walks", "250", "--worlds", "5000",
    )  # fmt: skip
    assert done.returncode == 3  # as the search with the guard was cut off
    said = " ".join(done.stdout.split())
    assert "seen to be violated; the search was ended by --worlds 5000" in said
    assert re.search("breaks L1, I1, I4(, E1)?: with it they were not seen to be, before --worlds 5000", said)
    assert "ServiceExport in a says Ready=True, Valid=True" in sim("replay", token_in(done.stdout)).stdout


def test_what_breaks_anyway_is_told_beside_what_a_guard_is_for() -> None:
    done = sim("necessity", "re-export", "--worlds", "2000", "--guard", "skips-annotated")
    assert done.returncode == 3
    assert "as it is: L1, I1, I4, E1 seen to be violated" in done.stdout
    assert done.stdout.count("without ") == 1
    assert re.search(r"breaks  nothing more that was seen .*\n +anyway  L1, I1, I4, E1", done.stdout)
    assert sim("necessity", "--guard", "hope").returncode == 2


def test_necessity_looks_at_the_whole_script_where_the_scenario_says_so() -> None:
    """Were the environment to stop before the export, I5 would be violated with the part as well."""
    done = sim("necessity", "gone-exporter", "--algorithm", "level", "--guard", "oldest-decides")
    assert "level, as it is: I1, E1 can be violated, over all schedules" in done.stdout
    assert "breaks  L1, I5: with it they never are" in done.stdout
    assert "ServiceExport in a says Conflict=True" in sim("replay", token_in(done.stdout)).stdout


def test_walks_show_what_a_search_that_is_cut_off_did_not_reach() -> None:
    done = sim("compare", "0.19.0", "0.19.1", "--worlds", "60")
    assert done.returncode == 3
    first, *_ = done.stdout.partition("over all schedules")
    assert "seen of 0.19.0 only, within bounds: 1 outcome, 1 of them a loss" in first
    shown = sim("outcomes", "--algorithm", "0.19.0", "--worlds", "60").stdout
    assert "80 random walks looked further" in shown and "violates L1" in shown


def test_a_schedule_of_an_outcome_is_the_shorter_of_search_and_walks() -> None:
    model = CATALOGUE.search("restart", {}, "0.19.0")
    found = outcomes(model, settle(model), Bounds(worlds=1000))
    assert found.bound and found.walks
    for world in found.done.search.at_rest:
        way = found.done.way(world)
        key = model.outcome(found.subject.tables.packing.get(world))
        (steps,) = [each.steps for each in found.outcomes if each.words == key]
        assert way is None or steps <= len(way)


def test_an_interrupt_of_outcomes_tells_what_was_seen() -> None:
    asked = ("outcomes", "restart", "--set", "exported=[a, b]", "--set", "restarted=[a, b]", "--worlds", "0")
    code, out, err = interrupted(asked, lambda line: " at rest" in line and "0 at rest" not in line)
    assert code == 3
    assert re.search(r"\d outcomes? so far, there may be more: interrupted", out)
    assert "0.19.1 was not searched" in err
