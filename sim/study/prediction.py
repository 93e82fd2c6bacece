"""Predictions: how often a script ends in which state, over many seeds."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from contextlib import closing
from functools import partial

import msgspec

from sim.core.model import Model
from sim.study.campaign import Plan, one, prepared
from sim.study.chunks import chunks
from sim.study.conclude import token_of
from sim.study.interrupts import Interrupts
from sim.study.rows import Share
from sim.study.sentences import sentences
from sim.study.statistics import exact_interval

SEEDS_OF_CHUNK = 10


class Ended(msgspec.Struct, frozen=True):
    """How one run ended: all of it, and each service; ``delays`` are the names of those that it asked for.

    ``unspent`` is what the script waited for in vain, ``violated`` the names of the properties that it violates.
    """

    seed: int
    state: str
    each: tuple[str, ...]
    at_rest: bool
    delays: tuple[str, ...]
    unspent: tuple[str, ...]
    violated: tuple[str, ...]


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


class Broken(msgspec.Struct, frozen=True):
    """A property that is violated, and in how many runs."""

    property: str
    sentence: str
    runs: int


class InVain(msgspec.Struct, frozen=True):
    """What the script waited for, and in how many runs in vain."""

    what: str
    runs: int


class Prediction(msgspec.Struct, frozen=True):
    """What runs of a script come to under one algorithm, the most frequent end state first.

    ``runs`` are fewer than were ``asked`` for after an interrupt. ``assumptions`` are the delays that nobody has
    measured, of those that some run asked for. ``services`` has the end states of single services, where there are
    several; ``notation`` says what the words of an end state mean.
    """

    scenario: str
    settings: dict[str, str]
    algorithm: str
    seeds: str
    asked: int
    runs: int
    observed_minutes: float
    about: str
    script: list[str]
    left_out: list[str]
    not_modelled: list[str]
    states: list[Predicted]
    services: list[OfServices]
    in_vain: list[InVain]
    violated: list[Broken]
    notation: list[str]
    not_at_rest: int
    assumptions: list[str]


def predict(
    plan: Plan, algorithm: str, jobs: int, progress: Callable[[int], None], interrupts: Interrupts
) -> Prediction:
    """The distribution of end states of one algorithm of the plan; of the runs that are done after an interrupt."""
    model, _ = prepared(plan.scenario, plan.settings, algorithm)  # before the fork: the workers inherit it
    ended = ends(plan, algorithm, jobs, progress, interrupts)
    scope = model.scope()
    asked = {name for end in ended for name in end.delays}
    return Prediction(
        scenario=plan.scenario,
        settings=dict(plan.settings),
        algorithm=algorithm,
        seeds=f"{plan.first}:{plan.end}",
        asked=plan.end - plan.first,
        runs=len(ended),
        observed_minutes=model.observe_ms / 60_000,
        about=scope.about,
        script=model.timeline(),
        left_out=scope.left_out,
        not_modelled=scope.not_modelled,
        states=_states(plan, algorithm, ended),
        services=_services(ended),
        in_vain=_in_vain(ended),
        violated=_violated(ended, model),
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


def _violated(ended: list[Ended], model: Model) -> list[Broken]:
    """What is violated in how many runs; a premise that is not reached is no violation."""
    counts = Counter(name for end in ended for name in end.violated)
    return [Broken(name, sentence, counts[name]) for name, sentence in sentences(model).items() if counts[name]]


def ends(plan: Plan, algorithm: str, jobs: int, progress: Callable[[int], None], interrupts: Interrupts) -> list[Ended]:
    """How each run ended, in the order of seeds; of fewer after an interrupt."""
    out: list[Ended] = []
    seeds = range(plan.first, plan.end, SEEDS_OF_CHUNK)
    with closing(chunks(partial(_chunk, plan, algorithm), seeds, jobs, interrupts)) as made:
        for some in made:
            out += some
            progress(len(some))
    return sorted(out, key=lambda end: end.seed)


def _chunk(plan: Plan, algorithm: str, first: int, end: int, interrupts: Interrupts) -> list[Ended]:
    model, _ = prepared(plan.scenario, plan.settings, algorithm)
    out: list[Ended] = []
    for seed in range(first, end):
        if interrupts.came:
            break
        made = one(plan, algorithm, seed)
        get = made.machine.get
        out.append(
            Ended(
                seed, model.end_state(get), model.each_end_state(get), made.at_rest, made.delays,
                tuple(model.unspent(get)), tuple(made.judgement.violated.split()),
            )
        )  # fmt: skip
    return out
