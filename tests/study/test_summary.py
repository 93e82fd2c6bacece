"""From rows to the summary: counts, verdicts, pairs, and what the command exits with."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.study.rows import OUTCOMES, Quantiles, Row, Share, Summary
from sim.study.statistics import exact_interval, mcnemar_exact
from sim.study.summary import exit_code, summarise

EXPECTED = {"old": "fails", "new": "holds"}


def row(seed: int, algorithm: str, outcome: str = "fine", **others: Any) -> Row:
    values: dict[str, Any] = {
        "lost": int(outcome == "lost for ever"),
        "lost_meanwhile": int(outcome.startswith("lost")),
        "first_loss_ms": 1000.0 if outcome.startswith("lost") else None,
        "loss_ms": 0.0,
        "dns_failed_ms": 0.0,
        "connect_failed_ms": 0.0,
        "at_rest": True,
        "ended_ms": 60_000.0,
        "steps": 100,
        "events": 1000,
    }
    return Row(seed=seed, algorithm=algorithm, outcome=outcome, **{**values, **others})


def summary_of(
    rows: Sequence[Row], expected: Mapping[str, str] = EXPECTED, asked: int | None = None, **others: Any
) -> Summary:
    values: dict[str, Any] = {
        "scenario": "toy",
        "settings": {},
        "seeds": "0..9",
        "exports": 1,
        "observed_minutes": 10.0,
        "failure": None,
        "notes": [],
        "assumptions": [],
    }
    asked = len(rows) if asked is None else asked
    return summarise(rows, expected=expected, asked=asked, **{**values, **others})


def verdicts(summary: Summary) -> dict[str, str]:
    return {each.algorithm: each.verdict for each in summary.algorithms}


AS_EXPECTED = [
    row(0, "old", "lost for ever"),
    row(1, "old", "fine"),
    row(0, "new", "fine"),
    row(1, "new", "wrong status"),
]


def test_outcomes_are_counted_with_their_intervals() -> None:
    old, new = summary_of(AS_EXPECTED).algorithms
    assert list(old.outcomes) == list(OUTCOMES)
    assert old.outcomes["lost for ever"] == Share(1, 2, *exact_interval(1, 2))
    assert new.outcomes["wrong status"].count == 1
    assert new.outcomes["lost for ever"] == Share(0, 2, *exact_interval(0, 2))
    assert (old.runs, new.runs) == (2, 2)


def test_times_are_given_in_minutes() -> None:
    rows = [
        row(seed, "old", dns_failed_ms=60_000.0 * seed, connect_failed_ms=30_000.0 * seed, loss_ms=6_000.0 * seed)
        for seed in range(21)
    ]
    old = summary_of(rows, {"old": "holds"}).algorithms[0]
    assert old.dns_failed_minutes == Quantiles(10.0, 19.0)
    assert old.connect_failed_minutes == Quantiles(5.0, 9.5)
    assert old.loss_minutes.p95 == pytest.approx(1.9)


def test_the_mean_of_lost_exports_is_over_all_runs() -> None:
    rows = [row(0, "old", "lost for ever", lost=3), row(1, "old", "lost for ever", lost=2), row(2, "old")]
    assert summary_of(rows, {"old": "fails"}).algorithms[0].exports_lost_mean == pytest.approx(5 / 3)


@pytest.mark.parametrize(
    ("outcome", "verdict"),
    [
        ("lost for ever", "fails"),
        ("lost temporarily", "fails"),
        ("wrong status", "holds"),
        ("stale", "holds"),
        ("fine", "holds"),
    ],
)
def test_only_a_loss_makes_an_algorithm_fail(outcome: str, verdict: str) -> None:
    assert verdicts(summary_of([row(0, "old"), row(1, "old", outcome)], {"old": verdict})) == {"old": verdict}


def test_an_algorithm_does_not_hold_while_a_run_is_missing_or_not_at_rest() -> None:
    assert verdicts(summary_of(AS_EXPECTED[:3], asked=4)) == {"old": "fails", "new": "unknown"}
    restless = [*AS_EXPECTED[:3], row(1, "new", at_rest=False)]
    assert verdicts(summary_of(restless)) == {"old": "fails", "new": "unknown"}
    assert summary_of(restless).algorithms[1].not_at_rest == 1


def test_a_loss_is_a_failure_though_runs_are_missing() -> None:
    summary = summary_of(AS_EXPECTED[:1], asked=4)
    assert verdicts(summary) == {"old": "fails", "new": "unknown"}
    assert (summary.done, summary.asked) == (1, 4)


@pytest.mark.parametrize(
    ("rows", "asked", "as_expected", "code"),
    [
        (AS_EXPECTED, 4, True, 0),
        ([row(0, "old", "lost for ever"), row(0, "new", "lost temporarily")], 2, False, 1),
        ([row(0, "old"), row(0, "new")], 2, False, 1),
        (AS_EXPECTED[:3], 4, None, 3),
        ([row(0, "old"), row(0, "new", "lost for ever")], 4, False, 1),
        ([], 4, None, 3),
    ],
    ids=["met", "new fails too", "old does not fail", "a run is missing", "missing, but refuted", "no run"],
)
def test_expectations_and_exit_codes(rows: list[Row], asked: int, as_expected: bool | None, code: int) -> None:
    summary = summary_of(rows, asked=asked)
    assert summary.as_expected is as_expected
    assert exit_code(summary) == code


def test_where_nothing_is_expected_nothing_is_as_expected() -> None:
    assert summary_of([row(0, "mine")], {"mine": ""}).as_expected is None
    assert summary_of([row(0, "mine")], {}).as_expected is None


def test_an_algorithm_without_an_expectation_does_not_matter() -> None:
    assert summary_of([*AS_EXPECTED, row(0, "mine", "lost for ever"), row(1, "mine")]).as_expected is True


def test_pairs_are_counted_over_the_seeds_of_both_and_only_losses_for_ever_count() -> None:
    rows = [
        *(row(seed, "old", "lost for ever") for seed in range(8)),
        *(row(seed, "old", "lost temporarily") for seed in range(8, 12)),
        *(row(seed, "new", "lost for ever") for seed in (0, 1, 8)),
        *(row(seed, "new", "stale") for seed in (2, 3, 4, 5, 9, 10, 99)),
    ]
    (pair,) = summary_of(rows).paired
    assert (pair.both, pair.only_first, pair.only_second, pair.neither) == (2, 4, 1, 2)
    assert pair.p == mcnemar_exact(4, 1)


def test_there_is_a_pair_for_each_two_algorithms_in_their_order() -> None:
    rows = [row(0, name) for name in ("b", "new", "a", "old")]
    assert [(pair.first, pair.second) for pair in summary_of(rows).paired] == [
        ("old", "new"),
        ("old", "a"),
        ("old", "b"),
        ("new", "a"),
        ("new", "b"),
        ("a", "b"),
    ]


@given(st.permutations([row(seed, name, OUTCOMES[seed]) for seed in range(5) for name in ("old", "new", "a", "b")]))
def test_the_order_of_the_rows_does_not_matter(rows: list[Row]) -> None:
    assert summary_of(rows) == summary_of(sorted(rows, key=lambda each: (each.algorithm, each.seed)))


def test_the_same_run_twice_is_our_bug() -> None:
    with pytest.raises(AssertionError, match="run twice"):
        summary_of([row(0, "old"), row(0, "old")])
