"""What the commands that search have in common: a question, its answer, and progress."""

from __future__ import annotations

import shlex
import sys
from collections.abc import Callable, Iterable, Iterator
from typing import TypeVar

from msgspec.structs import replace

from sim.cli.progress import Progress
from sim.core.errors import BadInput, refuse, unknown
from sim.core.model import Alone, Model
from sim.core.property import Property, When
from sim.core.world import World
from sim.explore.alone import AloneChecked, at_rest_of, entangled
from sim.explore.check import Asker, Checked, Plan, check
from sim.explore.checkpoint import Checkpoint
from sim.explore.counterexample import counterexample, with_no_return
from sim.explore.coverage import coverage
from sim.explore.estimate import whole, whole_depth_first
from sim.explore.exhaust import NO_BOUNDS, Bounds, Interrupted, never
from sim.explore.findings import findings, joined
from sim.explore.graph import Graph
from sim.explore.plain import Plain
from sim.explore.reduced import Reduced
from sim.explore.subject import Moves, Subject, chosen
from sim.explore.token import ScheduleToken, encode, picks
from sim.explore.verdict import Report, Verdict
from sim.report.verdict_text import amount, wrapped
from sim.study.delays import check_delays
from sim.study.find import catalogue
from sim.study.rows import FAILS
from sim.study.token import version
from sim.timed.run import settle

T = TypeVar("T")

TELLING = 1.1
"""An estimate of the whole is told where it is so many times what was met."""
SAY_EVERY_S = 2.0
NAMES_MAX = 5
GRAVEST = [Verdict.VIOLATED, Verdict.UNDETERMINED, Verdict.HOLDS, Verdict.EXHAUSTED]


class SearchProgress:
    """A line on stderr every few seconds: worlds, rate, depth and frontier, about how many worlds there are, and when
    the search ends at the latest. ``about`` says which of several searches it is.
    """

    def __init__(self, *about: str) -> None:
        self._about = about
        self._said = 0.0

    def of(self, purpose: str) -> SearchProgress:
        """Whom to tell of a search that looks for something."""
        return type(self)(*self._about, *([purpose] if purpose else []))

    def walks(self, total: int) -> Callable[[int], None]:
        """Whom to tell of walks."""
        return Progress(total, "walks", quiet_s=SAY_EVERY_S).advance

    def __call__(self, search: Reduced | Plain | Graph, seconds: float, bounds: Bounds = NO_BOUNDS) -> None:
        if seconds < self._said:
            self._said = 0.0  # another search has begun
        if seconds - self._said < SAY_EVERY_S:
            return
        self._said = seconds
        worlds = search.worlds if isinstance(search, Plain) else len(search.worlds)
        kind = "worlds without reduction" if isinstance(search, Graph) else "worlds"
        rate = worlds / seconds
        about = f"{', '.join(self._about)}: " if self._about else ""
        line = f"{about}{worlds} {kind} in {seconds:.0f} s, {rate:.0f}/s, {_stands(search)}; {_in_all(search)}; "
        print(line + _at_the_latest(worlds, seconds, bounds), file=sys.stderr, flush=True)  # noqa: T201


def _stands(search: Reduced | Plain | Graph) -> str:
    """How deep a search stands, and how much is there to go on with."""
    if not isinstance(search, Reduced):
        return f"depth {search.depth}, frontier {search.frontier}"
    resting = f"{len(search.at_rest)} at rest"
    if search.closing is not None and not search.stack:
        waiting = len(search.closing.work.heap) if search.closing.work is not None else 0
        return f"looking again at worlds that schedules come back to, {waiting} left, {resting}"
    steps = amount(sum(len(frame.todo) for frame in search.stack), "step")
    return f"depth {len(search.stack)}, frontier {steps}, {resting}"


def _in_all(search: Reduced | Plain | Graph) -> str:
    """About how many worlds there are; of a search depth first also how many there are at least: those explored, and
    those on the way to where it stands.
    """
    if isinstance(search, Reduced):
        least = len(search.worlds) + len(search.stack)
        perhaps = whole_depth_first(len(search.worlds), search.stack) or 0
        return f"at least {least}{f', perhaps {_rounded(perhaps)},' if perhaps > TELLING * least else ''} in all"
    levels = search.levels if isinstance(search, Graph) else [len(level) for level in search.levels]
    worlds = whole(levels)
    return "the whole cannot be told yet" if worlds is None else f"roughly {_rounded(worlds)} in all"


def _rounded(worlds: int) -> str:
    """A number that is no better than two digits of it."""
    return f"{float(f'{worlds:.2g}'):.0f}"


def _at_the_latest(worlds: int, seconds: float, bounds: Bounds) -> str:
    """When the search ends at this rate if there is no end to its space."""
    left = []
    if bounds.worlds and worlds:
        left.append((max(0.0, bounds.worlds - worlds) * seconds / worlds, f"{bounds.worlds} worlds"))
    if bounds.seconds:
        left.append((max(0.0, bounds.seconds - bounds.spent_s - seconds), f"{bounds.seconds:g} s"))
    if not left:
        return "it ends when nothing is left"
    first, bound = min(left)
    return f"gives up in {first:.0f} s at the latest ({bound})"


def prepared(scenario: str, settings: dict[str, str], algorithm: str) -> tuple[Model, World]:
    """The model as a search looks at it, and the settled world in which its script begins."""
    model = searched(scenario, settings, algorithm)
    return model, settle(model)


def searched(scenario: str, settings: dict[str, str], algorithm: str) -> Model:
    """The model as a search looks at it. Its delays are checked too, though a search needs none of them.

    Raises:
        BadInput: an unknown scenario, option, value or algorithm, or a delay that is none.
    """
    model = catalogue().search(scenario, settings, algorithm)
    check_delays(model)
    return model


def heading(scenario: str, settings: dict[str, str], algorithm: str) -> list[str]:
    """What was asked: the scenario with all its settings, who exports what in it, what of the model is left out, and
    the command.
    """
    values = "".join(f" {key}={value}" for key, value in catalogue().search_plan(scenario, settings).settings.items())
    scope = searched(scenario, settings, algorithm).scope()
    return [
        *wrapped("scenario  ", scenario + values),
        *wrapped("exported  ", ", ".join(scope.exported)),
        *wrapped("left out  ", "; ".join(scope.left_out) or "nothing"),
        f"command   {shlex.join(['sim', *sys.argv[1:]])}",
        "",
    ]


def judged(model: Model, names: tuple[str, ...]) -> tuple[Property, ...]:
    """The properties of these names.

    Raises:
        BadInput: there is none of a name.
    """
    known = {prop.name: prop for prop in (*model.checked(), *model.askable())}
    deciding = tuple(prop for prop in known.values() if prop.when is not When.SOMETIMES)
    theirs = [prop.name for prop in deciding]
    said = "is a premise, which is reached or not: it decides no verdict"
    premises = [name for name in names if name in known and name not in theirs]
    refuse([BadInput(f"{name} {said}", ", ".join(theirs)) for name in premises])
    return tuple(chosen(deciding, names, lambda name: _no_property(model, name, theirs)))


def _no_property(model: Model, name: str, known: Iterable[str]) -> BadInput:
    """The error for a property that is not judged here: there is none, or only where the scenario has more."""
    elsewhere = model.judged_where().get(name, "")
    if elsewhere:
        return BadInput(f"property {name} is not judged here", f"{elsewhere}, or one of {', '.join(known)}")
    return unknown("property", name, known)


def ask(
    scenario: str,
    settings: dict[str, str],
    algorithm: str,
    names: tuple[str, ...],
    plan: Plan,
    progress: SearchProgress,
    tell: Callable[[Checked], None] | None = None,
    keep: Callable[[dict[str, str]], Checkpoint] | None = None,
    interrupted: Interrupted = never,
) -> Iterator[Report]:
    """Check one algorithm; yields the report, and once more with the point of no return where that is asked for.

    ``tell`` is handed what each check found before the report is made; ``keep`` has the checkpoint of a search under
    given settings; ``interrupted`` says whether to end with what is covered.
    """
    asker = Asker(progress.of, None, interrupted)
    asked = catalogue().search_plan(scenario, settings)
    plan = replace(plan, may_stop=plan.may_stop and asked.may_stop)
    names = names or asked.judged

    def checked(alone: Alone, more: dict[str, str]) -> AloneChecked:
        model, world = prepared(scenario, more, algorithm)
        own = replace(asker, progress=progress.of(alone.service).of, walked=progress.walks(plan.walks))
        return AloneChecked(alone, more, check(model, world, judged(model, names), plan, own, keep and keep(more)))

    def ends(each: AloneChecked) -> tuple[Subject, list[int]]:
        return each.out.subject, at_rest_of(each.out)

    outs, together = one_by_one(scenario, settings, algorithm, plan, checked, ends)
    if not outs:
        outs = [checked(Alone("", ()), settings)]
    for each in outs:
        if tell is not None:
            tell(each.out)
    declared = catalogue().expected(scenario, settings).get(algorithm, "")
    is_told = set(names) >= set(asked.judged) if declared == FAILS else set(names) <= set(asked.judged)
    told = declared if is_told else ""  # what is declared is of all together that the scenario judges
    report, best = reported(outs, together, scenario, asked.settings, settings, algorithm, told)
    yield report
    if report.counterexample is not None and plan.explain:
        yield replace(report, counterexample=with_no_return(best.out, report.counterexample, asker))


def one_by_one(
    scenario: str,
    settings: dict[str, str],
    algorithm: str,
    plan: Plan,
    search: Callable[[Alone, dict[str, str]], T],
    ends: Callable[[T], tuple[Subject, list[int]]],
) -> tuple[list[T], str]:
    """What ``search`` finds of each service alone; nothing, and why, if services must be searched together.

    ``search`` is given the service and the settings that restrict the scenario to it; ``ends`` says of what it found
    which worlds at rest there are.
    """
    services, clash = catalogue().alone(scenario, settings, symmetry=plan.symmetry, algorithm=algorithm)
    if sum(len(each.stands_for) for each in services) == 1:
        return [], ""
    if clash or not plan.alone:
        return [], clash or "that was asked for"
    out = []
    for each in services:
        out.append(search(each, {**settings, "only": each.service}))
        reason = entangled(*ends(out[-1]))
        if reason:
            return [], reason
    return out, ""


def label(alone: Alone) -> str:
    """The service that was searched, and those that it stands for; empty for all together."""
    others = [name for name in alone.stands_for if name != alone.service]
    if not alone.service:
        return ""
    return f"{alone.service}{f' (also for {_enumerated(others)})' if others else ''}: "


def _enumerated(names: list[str]) -> str:
    return ", ".join(names) if len(names) <= NAMES_MAX else f"{', '.join(names[:3])} and {len(names) - 3} others"


def reported(
    outs: list[AloneChecked], together: str, scenario: str, values: dict[str, str], settings: dict[str, str],
    algorithm: str, declared: str,
) -> tuple[Report, AloneChecked]:  # fmt: skip
    """The report of the checks of an algorithm, and the one that shows the shortest violation, if any does."""
    verdict = min((each.out.verdict for each in outs), key=GRAVEST.index)
    scope = catalogue().search(scenario, settings, algorithm).scope()
    best = min(outs, key=lambda each: len(each.out.shown.moves) if each.out.shown else sys.maxsize)
    token = ""
    if best.out.shown is not None:
        token = token_of(best.out.subject, best.out.shown.moves, scenario, best.settings, algorithm)
    labelled = [(label(each.alone), each.out) for each in outs]
    report = Report(
        scenario=scenario,
        settings=values,
        algorithm=algorithm,
        version=version(),
        verdict=verdict,
        expected=declared,
        as_expected=as_expected(verdict, declared),
        findings=joined([findings(each.out) for each in outs]),
        coverage=coverage(labelled, scope, together),
        counterexample=counterexample(best.out, token) if token else None,
    )
    return report, best


def as_expected(verdict: Verdict, declared: str) -> bool | None:
    """Whether a verdict is what was declared (to hold, where nothing was); None if it is undetermined."""
    return None if verdict is Verdict.UNDETERMINED else (verdict is Verdict.VIOLATED) is (declared == FAILS)


def token_of(subject: Subject, moves: Moves, scenario: str, settings: dict[str, str], algorithm: str) -> str:
    """The token of a schedule."""
    digest = catalogue().digest(scenario)
    made = picks(subject, moves)
    return encode(ScheduleToken(version(), scenario, digest, settings, algorithm, subject.may_stop, made))
