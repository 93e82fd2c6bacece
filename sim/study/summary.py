"""From the rows of a study to its summary and its exit code."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from itertools import combinations
from typing import Any

from sim.study.rows import OUTCOMES, AlgorithmSummary, Failure, Paired, Quantiles, Row, Share, Summary
from sim.study.statistics import exact_interval, mcnemar_exact, quantile

LOST_FOR_EVER = "lost for ever"
LOSSES = (LOST_FOR_EVER, "lost temporarily")
"""The outcomes in which a living service was without its import at some time."""
MS_PER_MINUTE = 60_000


def summarise(
    rows: Sequence[Row],
    *,
    scenario: str,
    settings: Mapping[str, Any],
    seeds: str,
    asked: int,
    exports: int,
    observed_minutes: float,
    expected: Mapping[str, str],
    failure: Failure | None,
    notes: Sequence[str],
    assumptions: Sequence[str],
    properties: Mapping[str, str] | None = None,
) -> Summary:
    """The summary of all rows, in whatever order they come.

    ``rows`` are the runs that were made, at most one for each seed and algorithm; ``asked`` are those that were asked
    for, over all algorithms alike. ``expected`` is what the scenario expects of each algorithm: "fails", "holds", or ""
    for nothing; its order is that of the summary. Algorithms that only the rows name follow, by name.
    """
    by_algorithm = _by_algorithm(rows, expected)
    asked_of_each = asked / max(1, len(by_algorithm))
    algorithms = [
        _summarise_algorithm(name, expected.get(name, ""), list(by_seed.values()), asked_of_each)
        for name, by_seed in by_algorithm.items()
    ]
    return Summary(
        scenario=scenario,
        settings=dict(settings),
        seeds=seeds,
        asked=asked,
        done=len(rows),
        exports=exports,
        observed_minutes=observed_minutes,
        algorithms=algorithms,
        paired=[_pair(first, second, by_algorithm) for first, second in combinations(by_algorithm, 2)],
        failure=failure,
        as_expected=_as_expected(algorithms),
        notes=list(notes),
        assumptions=list(assumptions),
        properties=dict(properties or {}),
    )


def exit_code(summary: Summary) -> int:
    """What the command exits with: 0 as expected, 1 not as expected, 3 undetermined, as also where runs are missing."""
    if summary.as_expected is False:
        return 1
    return 3 if summary.as_expected is None or summary.done < summary.asked else 0


def broken_though_fine(each: AlgorithmSummary, properties: Mapping[str, str]) -> dict[str, int]:
    """The properties violated by an algorithm that loses nothing, premises that were missed aside."""
    if any(each.outcomes[lost].count for lost in LOSSES):
        return {}
    return {name: count for name, count in each.violated.items() if "(sometimes)" not in properties.get(name, "")}


def _by_algorithm(rows: Sequence[Row], expected: Mapping[str, str]) -> dict[str, dict[int, Row]]:
    """The rows of each algorithm by seed; both in an order that the order of the rows does not change."""
    others = sorted({row.algorithm for row in rows} - set(expected))
    by_algorithm: dict[str, dict[int, Row]] = {name: {} for name in (*expected, *others)}
    for row in sorted(rows, key=lambda row: row.seed):
        assert row.outcome in OUTCOMES, f"unknown outcome {row.outcome!r}"
        by_seed = by_algorithm[row.algorithm]
        assert row.seed not in by_seed, f"seed {row.seed} was run twice under {row.algorithm}"
        by_seed[row.seed] = row
    return by_algorithm


def _summarise_algorithm(name: str, expected: str, rows: Sequence[Row], asked: float) -> AlgorithmSummary:
    not_at_rest = sum(not row.at_rest for row in rows)
    return AlgorithmSummary(
        algorithm=name,
        expected=expected,
        verdict=_verdict(rows, all_settled=len(rows) >= asked and not not_at_rest),
        runs=len(rows),
        outcomes={outcome: _share(sum(row.outcome == outcome for row in rows), len(rows)) for outcome in OUTCOMES},
        exports_lost_mean=sum(row.lost for row in rows) / max(1, len(rows)),
        dns_failed_minutes=_minutes(row.dns_failed_ms for row in rows),
        connect_failed_minutes=_minutes(row.connect_failed_ms for row in rows),
        loss_minutes=_minutes(row.loss_ms for row in rows),
        not_at_rest=not_at_rest,
        violated=dict(sorted(Counter(name for row in rows for name in row.violated.split()).items())),
    )


def _verdict(rows: Sequence[Row], *, all_settled: bool) -> str:
    """One loss is enough for "fails", however many runs are missing; "holds" needs every run, and each at rest."""
    if any(row.outcome in LOSSES for row in rows):
        return "fails"
    return "holds" if rows and all_settled else "unknown"


def _share(count: int, of: int) -> Share:
    low, high = exact_interval(count, of)
    return Share(count, of, low, high)


def _minutes(times_ms: Iterable[float]) -> Quantiles:
    minutes = [time_ms / MS_PER_MINUTE for time_ms in times_ms]
    if not minutes:
        return Quantiles(0.0, 0.0)  # not a number would not survive JSON; the summary says that there was no run
    return Quantiles(quantile(minutes, 0.5), quantile(minutes, 0.95))


def _pair(first: str, second: str, by_algorithm: Mapping[str, Mapping[int, Row]]) -> Paired:
    """The pair table of the seeds that were run under both."""
    counts = {(lost, other): 0 for lost in (True, False) for other in (True, False)}
    for seed, row in by_algorithm[first].items():
        other = by_algorithm[second].get(seed)
        if other is not None:
            counts[row.outcome == LOST_FOR_EVER, other.outcome == LOST_FOR_EVER] += 1
    only_first, only_second = counts[True, False], counts[False, True]
    return Paired(
        first=first,
        second=second,
        both=counts[True, True],
        only_first=only_first,
        only_second=only_second,
        neither=counts[False, False],
        p=mcnemar_exact(only_first, only_second),
    )


def _as_expected(algorithms: Sequence[AlgorithmSummary]) -> bool | None:
    """Whether every expectation was met; None while one is open, or where nothing was expected and so nothing shown."""
    judged = [each for each in algorithms if each.expected]
    if any(each.verdict not in ("unknown", each.expected) for each in judged):
        return False
    if not judged or any(each.verdict == "unknown" for each in judged):
        return None
    return True
