"""From the rows of a campaign to its summary: what is said, and the shortest failing run, run again with every step."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from sim.core.errors import BadInput
from sim.core.model import Model
from sim.study.campaign import Plan, one, prepared
from sim.study.find import catalogue
from sim.study.rows import FAILS, Failure, Row, Summary
from sim.study.summary import LOSSES, summarise
from sim.study.token import Token, encode, version
from sim.timed.run import Run

MS_PER_MINUTE = 60_000
LOSS = "L1"
"""The property that a lost import violates, which runs are judged by."""


class Shown(msgspec.Struct):
    """The run that a report shows: its model, the run with every step, and its row."""

    model: Model
    run: Run
    row: Row


def conclude(plan: Plan, rows: Sequence[Row]) -> tuple[Summary, Shown | None]:
    """The summary of the rows, and the run to be shown: the shortest failing one, else none."""
    found = catalogue()
    model, _ = prepared(plan.scenario, plan.settings, plan.algorithms[0])
    expected = _expected(plan)
    shown = _shortest_failure(plan, rows, expected) or _worth_a_look(plan, rows)
    summary = summarise(
        rows,
        scenario=plan.scenario,
        settings=found.settings(plan.scenario, dict(plan.settings)),
        seeds=f"{plan.first}:{plan.end}",
        asked=plan.runs(),
        exports=model.exports,
        observed_minutes=model.observe_ms / MS_PER_MINUTE,
        expected={algorithm: expected.get(algorithm, "") for algorithm in plan.algorithms},
        failure=_failure(plan, shown) if shown else None,
        notes=[*_notes(rows), *_not_judged(plan)],
        assumptions=_assumptions(model, shown),
        properties=model.properties(),
    )
    return summary, shown


def token_of(plan: Plan, algorithm: str, seed: int) -> str:
    """The token of one run of the plan."""
    digest = catalogue().digest(plan.scenario)
    return encode(Token(version(), plan.scenario, digest, dict(plan.settings), algorithm, seed))


def _shortest_failure(plan: Plan, rows: Sequence[Row], expected: dict[str, str]) -> Shown | None:
    """Of the runs that lost an export: unexpected ones first, then those lost for ever, then the fewest steps."""
    failing = [row for row in rows if row.outcome in LOSSES]
    if not failing:
        return None
    chosen = min(
        failing,
        key=lambda row: (expected.get(row.algorithm) == FAILS, LOSSES.index(row.outcome), row.steps, row.seed),
    )
    model, _ = prepared(plan.scenario, plan.settings, chosen.algorithm)
    return Shown(model, one(plan, chosen.algorithm, chosen.seed, record=True), chosen)


def _worth_a_look(plan: Plan, rows: Sequence[Row]) -> Shown | None:
    """Where nothing is lost: the run that violates most, and of those the first."""
    if not rows:
        return None
    chosen = min(rows, key=lambda row: (-len(row.violated.split()), row.seed))
    model, _ = prepared(plan.scenario, plan.settings, chosen.algorithm)
    return Shown(model, one(plan, chosen.algorithm, chosen.seed, record=True), chosen)


def _failure(plan: Plan, shown: Shown) -> Failure:
    made = shown.run
    token = token_of(plan, shown.row.algorithm, shown.row.seed)
    timeline = shown.model.tell(made.recorded, made.machine.get, made.changes)
    return Failure(shown.row.seed, shown.row.algorithm, timeline, token, f"python -m sim replay {token}")


def _assumptions(model: Model, shown: Shown | None) -> list[str]:
    """The delays that nobody has measured, of those that the shown run asked for."""
    asked = set(shown.run.delays) if shown else set(model.timing.delays)
    return [text for text in model.timing.assumed() if text.split()[0] in asked]


def _expected(plan: Plan) -> dict[str, str]:
    """What is expected of lost imports: that a scenario fails by what else it judges says nothing of them."""
    expected = catalogue().expected(plan.scenario, dict(plan.settings))
    return {name: "" if verdict == FAILS and _judged_else(plan) else verdict for name, verdict in expected.items()}


def _judged_else(plan: Plan) -> list[str]:
    """What a search of the scenario judges beside lost imports."""
    try:
        return [name for name in catalogue().search_plan(plan.scenario, dict(plan.settings)).judged if name != LOSS]
    except BadInput:  # the search of the scenario does not go with these settings, and nobody asked for one
        return []


def _not_judged(plan: Plan) -> list[str]:
    """What the runs do not tell of what the scenario judges."""
    others = _judged_else(plan)
    if not others:
        return []
    decides = "what is expected here is about lost imports alone, and so is the exit code"
    return [f"{decides}; sim check judges {', '.join(others)} in this scenario"]


def _notes(rows: Sequence[Row]) -> list[str]:
    """What the tables do not show. A rare loss may be in no run, so where one loses nothing that is said."""
    begin = "every run begins with all exports settled, from one world"
    out = [f"{begin}; a timeline counts from the beginning of the script, minutes count from the first fault"]
    lost = [row for row in rows if row.lost]
    latent = sum(row.latent > 0 for row in lost)
    if latent:
        out.append(
            f"in {latent} of {len(lost)} runs with a loss for ever, DNS goes on answering for a lost export "
            "from memory: the loss shows when CoreDNS restarts"
        )
    if any(row.outcome not in LOSSES for row in rows):
        out.append(
            "runs are samples in time, drawn from the delays: what none shows may happen all the same; sim check "
            "judges every schedule"
        )
    restless = sum(not row.at_rest for row in rows)
    if restless:
        out.append(
            f"{restless} runs were not at rest when the observation ended: what they would still do is not known"
        )
    return out
