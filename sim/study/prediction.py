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
    """How one run ended: all of it, and each service; ``delays`` are the names of those that it asked for.

    ``unspent`` is what the script waited for in vain.
    """

    seed: int
    state: str
    each: tuple[str, ...]
    at_rest: bool
    delays: tuple[str, ...]
    unspent: tuple[str, ...]


class Predicted(msgspec.Struct, frozen=True):
    """One end state: its share with the exact 95 % interval, and the run of the lowest seed that ends in it."""

    state: str
    share: Share
    at_rest: bool
    seed: int
    token: str
    command: str


class OfServices(msgspec.Struct, frozen=True):
    """One end state of a single service: of all services of all runs, so many ended in it; and so many runs have such
    a service, with the exact 95 % interval of that share. (Services of one run depend on each other.)
    """

    state: str
    services: int
    of: int
    runs: Share


class InVain(msgspec.Struct, frozen=True):
    """What the script waited for, and in how many runs in vain."""

    what: str
    runs: int


class Prediction(msgspec.Struct, frozen=True):
    """What runs of a script come to under one algorithm, the most frequent end state first.

    ``assumptions`` are the delays that nobody has measured, of those that some run asked for. ``services`` has the end
    states of single services, where there are several; ``notation`` says what the words of an end state mean.
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
    not_modelled: list[str]
    states: list[Predicted]
    services: list[OfServices]
    in_vain: list[InVain]
    notation: list[str]
    not_at_rest: int
    assumptions: list[str]


def predict(plan: Plan, algorithm: str, jobs: int, progress: Callable[[int], None]) -> Prediction:
    """The distribution of end states of one algorithm of the plan."""
    model, _ = prepared(plan.scenario, plan.settings, algorithm)  # before the fork: the workers inherit it
    ended = ends(plan, algorithm, jobs, progress)
    scope = model.scope()
    asked = {name for end in ended for name in end.delays}
    return Prediction(
        scenario=plan.scenario,
        settings=dict(plan.settings),
        algorithm=algorithm,
        seeds=f"{plan.first}:{plan.end}",
        runs=len(ended),
        observed_minutes=model.observe_ms / 60_000,
        about=scope.about,
        script=model.timeline(),
        left_out=scope.left_out,
        not_modelled=scope.not_modelled,
        states=_states(plan, algorithm, ended),
        services=_services(ended),
        in_vain=_in_vain(ended),
        notation=model.notation(),
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


def _services(ended: list[Ended]) -> list[OfServices]:
    """How single services ended, the most frequent state first; nothing where there is only one."""
    if all(len(end.each) < 2 for end in ended):
        return []
    counts = Counter(state for end in ended for state in end.each)
    runs = Counter(state for end in ended for state in set(end.each))
    out = []
    for state, count in sorted(counts.items(), key=lambda item: (-item[1], item[0])):
        share = Share(runs[state], len(ended), *exact_interval(runs[state], len(ended)))
        out.append(OfServices(state, count, counts.total(), share))
    return out


def _in_vain(ended: list[Ended]) -> list[InVain]:
    counts = Counter(what for end in ended for what in end.unspent)
    return [InVain(what, runs) for what, runs in counts.items()]


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
        get = made.machine.get
        out.append(
            Ended(
                seed, model.end_state(get), model.each_end_state(get), made.at_rest, made.delays,
                tuple(model.unspent(get)),
            )
        )  # fmt: skip
    return out
