"""The coverage sentence: one paragraph that says what a verdict rests on, safe to paste into a review."""

from __future__ import annotations

from collections.abc import Callable

import msgspec
from msgspec.structs import replace

from sim.core.model import Scope
from sim.explore.check import Checked
from sim.explore.eventually import Result
from sim.explore.findings import unreached
from sim.explore.verdict import Coverage, Report, Verdict, ended
from sim.explore.walks import PCT, PCT_DEPTH, miss_bound

FREEDOM = (
    "Timers may fire at any moment; no delay, rate or probability is assumed, and no fairness: every process may wait "
    "for ever, but a world is judged at rest only where no process can step."
)
FREEDOM_FAIR = (
    "Timers may fire at any moment; no delay, rate or probability is assumed. A fair process does not wait for ever "
    "while it can step all the time; nothing is assumed of the order in which it takes keys or items."
)
FOR_GOOD = {
    Result.HOLDS: "holds from some world on",
    Result.VIOLATED: "fails again and again",
    Result.UNDETERMINED: "was not determined",
}
IDLE_MAX = 3
"""Of so many processes that took no step each is named."""
STOPS_NOT = " (it does not stop before the end of this)"
ALONE = (
    "Each service is searched alone, as nothing that is done for one reads or writes what belongs to another; services "
    "that differ only in names are searched once."
)
REDUCTIONS = (
    "partial-order reduction by persistent sets from explored futures; conflicts of status updates that a retry makes "
    "good are left out"
)


def coverage(outs: list[tuple[str, Checked]], scope: Scope, together: str = "") -> Coverage:
    """What was covered by one check, or by one for each of several services, which are named.

    ``together`` says why services that could have been searched alone were not.
    """
    parts = [_covered(out) for _, out in outs]
    first = outs[0][1]
    bounds = [*(part.bound for part in parts), *(known.bound for _, out in outs for known in out.for_good.values())]
    made = Coverage(
        scope=scope.about,
        exported=scope.exported,
        script=scope.script,
        may_stop=first.plan.may_stop,
        search=parts[0].search,
        worlds=sum(part.worlds for part in parts),
        steps=sum(part.steps for part in parts),
        at_rest=sum(part.at_rest for part in parts),
        learned=sum(out.subject.tables.learner.learned for _, out in outs),
        walks=sum(out.walked for _, out in outs),
        bound=next((bound for bound in bounds if bound), ""),
        complete=all(part.complete for part in parts),
        never=_common(outs, _never),
        depth=max(part.depth for part in parts),
        in_vain=_common(outs, lambda out: out.taken.vain()),
        idle=_common(outs, lambda out: out.taken.idle(of_script=False)),
        unreached=_common(outs, _unreached),
        left_out=scope.left_out,
        not_modelled=scope.not_modelled,
        smaller=scope.smaller,
        restless=any(out.done is not None and out.done.search.cycles for _, out in outs),
    )
    return replace(made, sentence=_sentence(outs, parts, made, together))


class Covered(msgspec.Struct, frozen=True):
    """What one search covered."""

    search: str
    worlds: int
    steps: int
    at_rest: int
    bound: str
    complete: bool
    depth: int


def _covered(out: Checked) -> Covered:
    done, plain = out.done, out.plain
    if plain is not None:
        found = plain.found
        return Covered(
            "plain", found.worlds, found.steps(), len(found.at_rest), plain.bound, not plain.bound, found.depth
        )
    if done is not None:
        search = done.search
        worlds, at_rest = len(search.worlds) + len(search.stack), len(search.at_rest)
        return Covered("reduced", worlds, search.steps, at_rest, done.bound, not done.bound, search.deepest - 1)
    return Covered("walks", 0, 0, 0, out.walk_bound, complete=False, depth=out.longest)


def _symmetry(out: Checked) -> str:
    """Which worlds were taken for one, or why none were though there are renamings."""
    done, subject = out.done, out.subject
    if done is not None and done.search.twins is not None:
        return (
            f"Worlds that differ only by a renaming of clusters ({subject.symmetry}) are searched once; each step "
            "that was worked out was compared with the renamed one."
        )
    if subject.asymmetry:
        return f"Clusters that could be renamed were told apart, as a step tells them apart: {subject.asymmetry}."
    return ""


def _never(out: Checked) -> list[str]:
    """Operations of the script that no explored schedule carried out, in words."""
    return [words for words in map(out.subject.model.operation, out.taken.idle(of_script=True)) if words]


def _unreached(out: Checked) -> list[str]:
    """The premises that no world explored has reached, with what they say."""
    return [f"{prop.name} ({prop.sentence})" for prop in unreached(out)]


def _common(outs: list[tuple[str, Checked]], of: Callable[[Checked], list[str]]) -> list[str]:
    """What is said of each of several checks."""
    first, *others = (of(out) for _, out in outs)
    return [words for words in first if all(words in other for other in others)]


def _not_taken(made: Coverage) -> list[str]:
    """What did not happen in all that was explored."""
    where = "" if made.complete else " in what was explored"
    idle, more = ", ".join(made.idle[:IDLE_MAX]), len(made.idle) - IDLE_MAX
    return [
        f"Never carried out{where}: {', '.join(made.never)}." if made.never else "",
        f"Waited for in vain{where}: {'; '.join(made.in_vain)}." if made.in_vain else "",
        f"Took no step{where}: {idle}{f' and {more} more processes' if more > 0 else ''}." if made.idle else "",
        f"Premises reached in no world that was explored: {', '.join(made.unreached)}." if made.unreached else "",
    ]


def _sentence(outs: list[tuple[str, Checked]], parts: list[Covered], made: Coverage, together: str) -> str:
    script = "; ".join(made.script) or "nothing"
    stops = ", or fewer of these (the environment may stop before any)" if made.may_stop else STOPS_NOT
    searched = [f"{name}{_searched(out, part)}" for (name, out), part in zip(outs, parts, strict=True)]
    out = [
        f"{made.scope}. The environment does, in this order but at any moment: {script}{stops}.",
        ALONE if len(outs) > 1 or outs[0][0] else "",
        f"The services are searched together: {together}." if together else "",
        *searched,
        f"Reductions: {REDUCTIONS}." if any(part.search == "reduced" for part in parts) else "",
        *dict.fromkeys(_symmetry(out) for _, out in outs),
        *dict.fromkeys(
            f"{name} {FOR_GOOD[known.result]}: {known.why}."
            for _, each in outs
            for name, known in each.for_good.items()
        ),
        FREEDOM_FAIR if any(each.for_good for _, each in outs) else FREEDOM,
        *_not_taken(made),
        f"Left out of this run, though other scenarios have it: {'; '.join(made.left_out)}." if made.left_out else "",
        f"Not modelled: {'; '.join(made.not_modelled)}." if made.not_modelled else "",
    ]
    return " ".join(part for part in out if part)


def _strategy(out: Checked) -> str:
    """How walks chose, and what PCT promises."""
    if out.plan.strategy != PCT:
        return out.plan.strategy
    processes = len(out.subject.tables.packing.slots)
    missed = miss_bound(processes, out.planned, PCT_DEPTH, out.counted)
    longer = out.walked - out.counted
    counted = f"the {out.counted} of these walks that took no more" if longer else "these walks"
    return (
        f"pct of depth {PCT_DEPTH}: if no schedule has more than {out.planned} steps or {processes} processes, a "
        f"violation that {PCT_DEPTH} orderings bring about, whichever keys and other ways are chosen, is missed by "
        f"{counted} with a probability of at most {missed:.6f}"
    )


def _searched(out: Checked, part: Covered) -> str:
    if part.search == "walks" and part.bound:
        searched = "" if out.plan.only_walks else "; no search was begun"
        return (
            f"Sampled by {out.walked} of {out.plan.walks} random walks only ({_strategy(out)}), which were "
            f"{ended(part.bound)}{searched}; nothing is known of other schedules."
        )
    if part.search == "walks":
        return (
            f"Sampled by {out.walked} random walks only, of at most {part.depth} steps ({_strategy(out)}); nothing is "
            "known of other schedules."
        )
    resting = f"{part.at_rest} world{'' if part.at_rest == 1 else 's'} at rest"
    deep = "the farthest is" if part.search == "plain" else "the longest schedule followed has"
    counts = f"{part.worlds} worlds, {part.steps} steps, {resting}; {deep} {part.depth} steps"
    counts += " away" if part.search == "plain" else ""
    if part.complete:
        cycles = "" if out.done is None or not out.done.search.cycles else "; some schedules never come to rest"
        return f"Every reachable world was covered ({counts}{cycles})."
    if part.bound.startswith("--depth"):
        deeper = "nothing is known of what lies deeper"
        return f"Every world within {part.bound.split()[1]} steps was seen, without reduction ({counts}); {deeper}."
    beside = f" and {out.walked} random walks" if out.walked else ""
    return f"The search was {ended(part.bound)} ({counts}); nothing is known of what it{beside} did not reach."


def word(report: Report) -> str:
    """The verdict in a few words."""
    if report.verdict is Verdict.EXHAUSTED and report.coverage.restless:
        return "HOLDS at rest: every reachable world was covered; some schedules never come to rest"
    return {
        Verdict.VIOLATED: "VIOLATED",
        Verdict.EXHAUSTED: "HOLDS: every reachable world was covered",
        Verdict.HOLDS: f"HOLDS within the bounds: {report.coverage.bound}",
        Verdict.UNDETERMINED: f"UNDETERMINED{': ' if report.coverage.bound else ''}{ended(report.coverage.bound)}",
    }[report.verdict]
