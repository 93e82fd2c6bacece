"""What the commands that search have in common: a question, its answer, and progress."""

from __future__ import annotations

import sys
from collections.abc import Iterator

from msgspec.structs import replace

from sim.core.errors import unknown
from sim.core.model import Model
from sim.core.property import Property
from sim.core.world import World
from sim.explore.check import Checked, Plan, check, counterexample, findings, with_no_return
from sim.explore.checkpoint import Checkpoint
from sim.explore.coverage import coverage
from sim.explore.plain import Plain
from sim.explore.reduced import Reduced
from sim.explore.subject import Moves, Subject, chosen
from sim.explore.token import ScheduleToken, encode, picks
from sim.explore.verdict import Report, Verdict
from sim.study.find import catalogue
from sim.study.token import version
from sim.timed.run import settle

FAILS, HOLDS = "fails", "holds"
SAY_EVERY_S = 2.0


class SearchProgress:
    """A line on stderr every few seconds: worlds, rate, how deep the search stands."""

    def __init__(self) -> None:
        self._said = 0.0

    def __call__(self, search: Reduced | Plain, seconds: float) -> None:
        if seconds - self._said < SAY_EVERY_S:
            return
        self._said = seconds
        if isinstance(search, Plain):
            rate = search.worlds / seconds
            print(f"{search.worlds} worlds, {rate:.0f}/s, depth {search.depth}", file=sys.stderr, flush=True)  # noqa: T201
            return
        worlds = len(search.worlds)
        print(  # noqa: T201
            f"{worlds} worlds, {worlds / seconds:.0f}/s, {len(search.at_rest)} at rest, "
            f"{len(search.stack)} on the way, about {search.estimate():.0%} done",
            file=sys.stderr,
            flush=True,
        )


def prepared(scenario: str, settings: dict[str, str], algorithm: str) -> tuple[Model, World]:
    """The model as a search looks at it, and the settled world in which its script begins."""
    model = catalogue().search(scenario, settings, algorithm)
    return model, settle(model)


def judged(model: Model, names: tuple[str, ...]) -> tuple[Property, ...]:
    """The properties of these names.

    Raises:
        BadInput: there is none of a name.
    """
    known = [prop.name for prop in model.checked()]
    return tuple(chosen(model.checked(), names, lambda name: unknown("property", name, known)))


def ask(
    scenario: str,
    settings: dict[str, str],
    algorithm: str,
    names: tuple[str, ...],
    plan: Plan,
    progress: SearchProgress,
    keep: Checkpoint | None = None,
) -> Iterator[Report]:
    """Check one algorithm; yields the report, and once more with the point of no return where that is asked for."""
    searched = catalogue().search_plan(scenario, settings)
    model, world = prepared(scenario, settings, algorithm)
    plan = replace(plan, may_stop=plan.may_stop and searched.may_stop)
    out = check(model, world, judged(model, names or searched.judged), plan, progress, keep)
    report = reported(out, scenario, searched.settings, settings, algorithm)
    yield report
    if report.counterexample is not None and plan.explain:
        yield replace(report, counterexample=with_no_return(out, report.counterexample))


def reported(out: Checked, scenario: str, values: dict[str, str], settings: dict[str, str], algorithm: str) -> Report:
    """The report of a check."""
    declared = catalogue().expected(scenario, settings).get(algorithm, "")
    fails = out.verdict is Verdict.VIOLATED
    scope, script, left_out = out.subject.model.scope()
    token = token_of(out.subject, out.shown.moves, scenario, settings, algorithm) if out.shown is not None else ""
    return Report(
        scenario=scenario,
        settings=values,
        algorithm=algorithm,
        version=version(),
        verdict=out.verdict,
        expected=declared,
        as_expected=fails is (declared == FAILS),
        findings=findings(out),
        coverage=coverage(out, scope, script, left_out),
        counterexample=counterexample(out, token) if token else None,
    )


def token_of(subject: Subject, moves: Moves, scenario: str, settings: dict[str, str], algorithm: str) -> str:
    """The token of a schedule."""
    digest = catalogue().digest(scenario)
    made = picks(subject, moves)
    return encode(ScheduleToken(version(), scenario, digest, settings, algorithm, subject.may_stop, made))
