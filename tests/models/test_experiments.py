"""The measured experiments: the file is whole, and quick ones come out as they were measured."""

from __future__ import annotations

import pytest

from benchmarks import fidelity
from benchmarks.schedules import UPDATED_BEFORE, kinds_of, reached
from models.measured.experiments import Experiment, experiments
from models.scenarios.scripts import operations

ALL = experiments()
EXACT = (
    "E1f_firstStart", "E2_export write 5 after", "E3_R10_prior1", "E3_R11", "E3_R11b", "E3_R12", "E3_R13", "E3_R21",
    "E3_R25", "E3_R4", "E3_R4_control", "E3_R5_agg", "E3_R5_copyB", "E3_R5_importedB", "E3_R5_lheps", "E3_R9_crash",
    "E3_RD_dead", "E3_R3_nat_ns_rtt0", "X4.R11 A wins, B headless loses, A unexports",
    "E1f_chain D=15 restart 6", "E3_Q_gap45", "E3_R15", "E3_R6_roll", "E3_R7", "E3_R8", "E4_export a",
    "E3_R18_drain", "E3_R22_forced", "X5 1 services of a, restart 2",
    "X3 P4 a paused, its API server restarted meanwhile, export made again 6 ms later",
    "X3 P4g every watch of b on its own API server broken, export replaced",
    "X4.R3 b down while its namespace is replaced, rtt 300", "X4.R3 b down while its namespace is replaced, rtt 0",
)  # fmt: skip


def label(experiment: Experiment) -> str:
    return f"{experiment.name} {experiment.release}"


def test_every_script_can_be_read_and_every_count_is_one() -> None:
    assert len(ALL) > 500
    for experiment in ALL:
        assert all(operations(scenario) for scenario in experiment.scenarios)
        assert min(experiment.measured.values()) > 0
        assert "$" not in experiment.name


@pytest.mark.parametrize("experiment", [e for e in ALL if e.name in EXACT and e.release == "0.19.1"], ids=label)
def test_what_was_measured_comes_out(experiment: Experiment) -> None:
    row = fidelity.compare(experiment, 6)
    assert row.agrees
    assert set(row.modelled) == set(row.measured)


def test_every_named_experiment_is_there() -> None:
    assert set(EXACT) <= {experiment.name for experiment in ALL}


@pytest.mark.parametrize("name", ["E1f_delBeforeGet_exp1_touched", "E3_R1_forced"])
def test_a_forced_order_is_found(name: str) -> None:
    row = fidelity.compare(next(e for e in ALL if e.name == name and e.release == "0.19.0"), 1)
    assert row.agrees
    assert set(row.measured) <= set(row.found)
    assert "found" in fidelity.render([row])


def test_a_state_that_never_comes_is_told() -> None:
    whole = next(e for e in ALL if e.name == "E3_R13")
    wrong = Experiment(whole.name, whole.release, whole.family, whole.scenarios, {"agg {z}": 5}, "")
    row = fidelity.compare(wrong, 5)
    assert not row.agrees
    assert fidelity.render([row]).startswith("MISSED")


def experiment(name: str, release: str = "0.19.0") -> Experiment:
    return next(each for each in ALL if each.name == name and each.release == release)


@pytest.mark.parametrize(
    ("name", "release", "state", "how"),
    [
        ("E1_nsvc_50_D0", "0.19.0", "missing=3 emptyports=0 ok=47", ""),
        ("X4.R1 at once b rtt 100 gap 100", "0.19.0", None, ""),
        ("E3_R2multi_10_rtt100", "0.19.1", "missing=0 emptyports=1 ok=9", UPDATED_BEFORE),
        ("X4.R2n 15 services, all aggregates lost, loss 1", "0.19.1", None, UPDATED_BEFORE),
    ],
)
def test_what_did_not_come_in_time_comes_by_some_schedule(name: str, release: str, state: str | None, how: str) -> None:
    measured = experiment(name, release).measured
    found = reached(experiment(name, release), [state] if state else list(measured))
    assert set(found) == ({state} if state else set(measured))
    assert how in found.values()


def test_what_no_schedule_comes_to_is_not_reached() -> None:
    fixed = experiment("E1_nsvc_10_D0", "0.19.1")
    assert reached(fixed, ["missing=1 emptyports=0 ok=9"]) == {}
    assert reached(experiment("E3_R13", "0.19.1"), ["agg {z}"]) == {}
    assert kinds_of("missing=2", 2) == ["missing"]
    assert kinds_of("missing=2", 3) == ["missing", "ok"]
