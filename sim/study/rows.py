"""What a study keeps: a row for each run, and the summary of all rows."""

from __future__ import annotations

from typing import Any

import msgspec

OUTCOMES = ("lost for ever", "lost temporarily", "wrong status", "stale", "fine")
"""The outcomes of a run, worst first; a run has the worst that any of its services has."""
FAILS = "fails"
"""What a scenario may expect of an algorithm, and what one does that loses an import."""


class Row(msgspec.Struct, frozen=True):
    """One run: one seed under one algorithm. Times in ms of simulated time, counted from the first fault.

    Attributes:
        seed: the seed that all algorithms share.
        algorithm: the name of the release.
        outcome: one of :data:`OUTCOMES`.
        lost: exports that are lost when nothing is left to happen.
        lost_meanwhile: exports that were lost at some time, whether or not they came back.
        first_loss_ms: when the first one was lost; None if none was.
        loss_ms: the longest time that one export was lost, up to the end of the observation.
        dns_failed_ms: the longest time that one client had no DNS answer for one service.
        connect_failed_ms: the longest time that one client could not connect to one service.
        at_rest: whether nothing was left to happen when the observation ended.
        ended_ms: when the last step was taken.
        steps: requests carried out.
        events: events of the simulator.
        latent: lost exports that DNS goes on answering for, from memory.
        violated: the names of the properties that the run violates, separated by spaces.
        end_state: the aggregates in the end, as ``<state>:<how many>``, such as ``missing:2 {b}:2``.
    """

    seed: int
    algorithm: str
    outcome: str
    lost: int
    lost_meanwhile: int
    first_loss_ms: float | None
    loss_ms: float
    dns_failed_ms: float
    connect_failed_ms: float
    at_rest: bool
    ended_ms: float
    steps: int
    events: int
    latent: int = 0
    end_state: str = ""
    violated: str = ""


class Share(msgspec.Struct, frozen=True):
    """A count among ``of`` runs, with the exact (Clopper-Pearson) 95 % interval of the share."""

    count: int
    of: int
    low: float
    high: float


class Quantiles(msgspec.Struct, frozen=True):
    """Median and 95th percentile, in minutes."""

    median: float
    p95: float


class AlgorithmSummary(msgspec.Struct, frozen=True):
    """All runs of one algorithm.

    ``expected`` is what the scenario expects ("fails" or "holds", or nothing), ``verdict`` what was seen. ``violated``
    counts the runs that violate each property.
    """

    algorithm: str
    expected: str
    verdict: str
    runs: int
    outcomes: dict[str, Share]
    exports_lost_mean: float
    dns_failed_minutes: Quantiles
    connect_failed_minutes: Quantiles
    loss_minutes: Quantiles
    not_at_rest: int
    violated: dict[str, int] = {}


class Paired(msgspec.Struct, frozen=True):
    """The same seeds under two algorithms: seeds in which the import was lost (for ever) under both, one, or neither.

    ``p`` is the exact two-sided McNemar probability, from the discordant pairs alone.
    """

    first: str
    second: str
    both: int
    only_first: int
    only_second: int
    neither: int
    p: float


class Failure(msgspec.Struct, frozen=True):
    """The shortest failing run: its timeline in words, its token and the command that replays it.

    Where nothing was lost, a run worth a look: its timeline is empty.
    """

    seed: int
    algorithm: str
    timeline: list[str]
    token: str
    command: str


class Summary(msgspec.Struct, frozen=True):
    """What ``explore`` prints. ``done`` of ``asked`` runs were made; fewer after an interrupt."""

    scenario: str
    settings: dict[str, Any]
    seeds: str
    asked: int
    done: int
    exports: int
    observed_minutes: float
    algorithms: list[AlgorithmSummary]
    paired: list[Paired]
    failure: Failure | None
    as_expected: bool | None
    notes: list[str]
    assumptions: list[str]
    properties: dict[str, str] = {}
