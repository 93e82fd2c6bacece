"""Predictions: how often a script ends in which state, over many seeds."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable

import msgspec

from sim.study.campaign import Plan, one, prepared
from sim.study.conclude import token_of
from sim.study.rows import Share
from sim.study.statistics import exact_interval
from sim.study.workers import workers

SEEDS_OF_CHUNK = 10


class Ended(msgspec.Struct, frozen=True):
    """How one run ended; ``delays`` are the names of those that it asked for."""

    seed: int
    state: str
    at_rest: bool
    delays: tuple[str, ...]


class Predicted(msgspec.Struct, frozen=True):
    """One end state: its share with the exact 95 % interval, and the run of the lowest seed that ends in it."""

    state: str
    share: Share
    at_rest: bool
    seed: int
    token: str
    command: str


class Prediction(msgspec.Struct, frozen=True):
    """What runs of a script come to under one algorithm, the most frequent end state first.

    ``assumptions`` are the delays that nobody has measured, of those that some run asked for.
    """

    scenario: str
    settings: dict[str, str]
    algorithm: str
    seeds: str
    runs: int
    observed_minutes: float
    about: str
    script: list[str]
    left_out: list[str]
    states: list[Predicted]
    not_at_rest: int
    assumptions: list[str]


def predict(plan: Plan, algorithm: str, jobs: int, progress: Callable[[int], None]) -> Prediction:
    """The distribution of end states of one algorithm of the plan."""
    model, _ = prepared(plan.scenario, plan.settings, algorithm)  # before the fork: the workers inherit it
    ended = ends(plan, algorithm, jobs, progress)
    about, script, left_out = model.scope()
    asked = {name for end in ended for name in end.delays}
    return Prediction(
        scenario=plan.scenario,
        settings=dict(plan.settings),
        algorithm=algorithm,
        seeds=f"{plan.first}:{plan.end}",
        runs=len(ended),
        observed_minutes=model.observe_ms / 60_000,
        about=about,
        script=script,
        left_out=left_out,
        states=_states(plan, algorithm, ended),
        not_at_rest=sum(not end.at_rest for end in ended),
        assumptions=[text for text in model.timing.assumed() if text.split()[0] in asked],
    )


def _states(plan: Plan, algorithm: str, ended: list[Ended]) -> list[Predicted]:
    counts = Counter((end.state, end.at_rest) for end in ended)
    first = {(end.state, end.at_rest): end.seed for end in reversed(ended)}
    out = []
    for (state, at_rest), count in sorted(counts.items(), key=lambda item: (-item[1], item[0])):
        seed = first[state, at_rest]
        token = token_of(plan, algorithm, seed)
        share = Share(count, len(ended), *exact_interval(count, len(ended)))
        out.append(Predicted(state, share, at_rest, seed, token, f"python -m sim replay {token}"))
    return out


def ends(plan: Plan, algorithm: str, jobs: int, progress: Callable[[int], None]) -> list[Ended]:
    """How each run ended, in the order of seeds."""
    starts = range(plan.first, plan.end, SEEDS_OF_CHUNK)
    out: list[Ended] = []
    if jobs == 1 or len(starts) == 1:
        for first in starts:
            before = len(out)
            out += _chunk(plan, algorithm, first)
            progress(len(out) - before)
        return out
    with workers(min(jobs, len(starts))) as pool:
        for made in pool.map(_chunk, *zip(*((plan, algorithm, first) for first in starts), strict=True)):
            out += made
            progress(len(made))
    return out


def _chunk(plan: Plan, algorithm: str, first: int) -> list[Ended]:
    model, _ = prepared(plan.scenario, plan.settings, algorithm)
    out = []
    for seed in range(first, min(first + SEEDS_OF_CHUNK, plan.end)):
        made = one(plan, algorithm, seed)
        out.append(Ended(seed, model.end_state(made.machine.get), made.at_rest, made.delays))
    return out
