"""The coverage sentence: one paragraph that says what a verdict rests on, safe to paste into a review."""

from __future__ import annotations

from msgspec.structs import replace

from sim.explore.check import Checked
from sim.explore.eventually import Result
from sim.explore.exhaust import Exhausted
from sim.explore.verdict import Coverage, Verdict
from sim.explore.walks import PCT_DEPTH, miss_bound

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
REDUCTIONS = (
    "partial-order reduction by persistent sets from explored futures; conflicts of status updates that a retry makes "
    "good are left out"
)


def coverage(out: Checked, scope: str, script: list[str], left_out: list[str]) -> Coverage:
    """What was covered."""
    done, plain, tables = out.done, out.plain, out.subject.tables
    made = Coverage(
        scope=scope,
        script=script,
        may_stop=out.plan.may_stop,
        search="plain" if plain else "reduced" if done else "walks",
        worlds=plain.found.worlds if plain else len(done.search.worlds) if done else 0,
        steps=plain.found.steps() if plain else done.search.steps if done else 0,
        at_rest=plain.found.resting if plain else len(done.search.at_rest) if done else 0,
        learned=tables.learner.learned,
        walks=out.walked,
        bound=plain.bound if plain else done.bound if done else "",
        complete=(plain is not None and not plain.bound) or (done is not None and not done.bound),
        never=_never(out),
        left_out=left_out,
    )
    return replace(made, sentence=_sentence(out, made))


def _never(out: Checked) -> list[str]:
    """Operations of the script that no explored schedule carried out."""
    if out.done is None or out.done.bound:
        return []
    packing = out.subject.tables.packing
    return [
        slot.process
        for slot in packing.slots
        if slot.domain is out.subject.model.users and len(slot.values) <= 2 and slot.process.startswith("operation")
    ]


def _sentence(out: Checked, made: Coverage) -> str:
    script = "; ".join(made.script) or "nothing"
    stops = ", or fewer of these (the environment may stop before any)" if made.may_stop else ""
    parts = [
        f"{made.scope}. The environment does, in this order but at any moment: {script}{stops}.",
        _searched(out.done, made, _strategy(out)),
        f"Reductions: {REDUCTIONS}." if out.done else "",
        *(f"{name} {FOR_GOOD[known.result]}: {known.why}." for name, known in out.for_good.items()),
        FREEDOM if not out.for_good else FREEDOM_FAIR,
        f"Never carried out: {', '.join(made.never)}." if made.never else "",
        f"Not modelled: {'; '.join(made.left_out)}.",
    ]
    return " ".join(part for part in parts if part)


def _strategy(out: Checked) -> str:
    """How walks chose, and what PCT promises."""
    if out.plan.strategy != "pct":
        return out.plan.strategy
    processes = len(out.subject.tables.packing.slots)
    missed = miss_bound(processes, out.longest, PCT_DEPTH, out.walked)
    return (
        f"pct of depth {PCT_DEPTH}: with {processes} processes and {out.longest} steps, a violation that needs "
        f"{PCT_DEPTH} orderings is missed with a probability of at most {missed:.6f}"
    )


def _searched(done: Exhausted | None, made: Coverage, strategy: str) -> str:
    if made.search == "walks":
        return f"Sampled by {made.walks} random walks only ({strategy}); nothing is known of other schedules."
    counts = f"{made.worlds} worlds, {made.steps} steps, {made.at_rest} worlds at rest"
    if made.complete:
        cycles = "" if done is None or not done.search.cycles else "; some schedules never come to rest"
        return f"Every reachable world was covered ({counts}{cycles})."
    if made.bound.startswith("--depth"):
        return f"Every world within {made.bound.split()[1]} steps was seen, without reduction ({counts})."
    return f"The search was ended by {made.bound} ({counts}); nothing is known of what it did not reach."


def word(verdict: Verdict) -> str:
    """The verdict in a few words."""
    return {
        Verdict.VIOLATED: "VIOLATED",
        Verdict.EXHAUSTED: "HOLDS: every reachable world was seen",
        Verdict.HOLDS: "HOLDS within the bounds",
        Verdict.UNDETERMINED: "UNDETERMINED",
    }[verdict]
