"""The violation that a check has found, told: its schedule in words, the point of no return, and what would have saved
it.
"""

from __future__ import annotations

import msgspec

from sim.core.property import When
from sim.explore.check import NOBODY, Asker, Checked, fails
from sim.explore.deciding import Flip, deciding
from sim.explore.doom import point_of_no_return
from sim.explore.exhaust import Bounds
from sim.explore.slice import mattering
from sim.explore.subject import Told
from sim.explore.verdict import Counterexample, ShownStep, ended
from sim.explore.words import briefly, shown_step

DOOM_WORLDS, PROOF_WORLDS = 20_000, 400_000
"""Worlds that a search for the point of no return may look at, and one that is to prove it."""
STORY_LINES = 8


def counterexample(out: Checked, token: str) -> Counterexample | None:
    """The violation, told."""
    if out.shown is None or out.violated is None:
        return None
    subject, shown, prop = out.subject, out.shown, out.violated
    told = subject.told(shown.moves)
    lines = subject.model.story(told.steps, told.machine.get, told.changes, prop)
    story = [(int(at), words) for at, words in lines]
    inside = mattering(subject, shown.moves, shown.worlds, prop)
    steps = [shown_step(place + 1, step, matters=place in inside) for place, step in enumerate(told.steps)]
    undone, stopped = _undone(out, told)
    return Counterexample(
        property=prop.name,
        steps=len(shown.moves),
        faults=sum(subject.rank(slot) for slot, _ in shown.moves),
        how=_how(out),
        cycle=out.cycle,
        is_shortest=out.is_shortest,
        story=story or _what_changed(steps, told, subject.model.users.name),
        shown=steps,
        end=subject.model.outcome(told.machine.get),
        token=token,
        replay=f"python -m sim replay {token}",
        undone=undone,
        stopped=stopped,
    )


def _undone(out: Checked, told: Told) -> tuple[list[str], int]:
    """The operations that a schedule does not carry out, in words, and the step at which the environment stops: of one
    that begins more is seen than that it may.
    """
    model = out.subject.model
    taken: dict[str, list[int]] = {}
    for number, step in enumerate(told.steps, start=1):
        if step.domain == model.users.name:
            taken.setdefault(step.process, []).append(number)
    names = [slot.process for slot in out.subject.tables.packing.slots if slot.domain is model.users]
    undone = [name for name in sorted(names) if model.operation(name) and len(taken.get(name, ())) < 2]
    stops = [taken[name][0] for name in undone if name in taken and not told.machine.is_running(model.users, name)]
    return [model.operation(name) for name in undone], min(stops, default=0)


def _what_changed(steps: list[ShownStep], told: Told, environment: str) -> list[tuple[int, str]]:
    """The last steps that matter and are seen from outside: the environment's, and those that change observed cells;
    the last that matter at all where there are none.
    """
    changing = {int(at) for at, _, _ in told.changes}
    mattering = [step for step in steps if step.matters]
    acting = {place + 1 for place, step in enumerate(told.steps) if step.domain == environment and briefly(step)}
    seen = [
        step for step in mattering
        if step.number in changing or step.number in acting
        or (step.writes and step.process.startswith(f"{environment}:"))
    ]  # fmt: skip
    return [(step.number, step.words) for step in (seen or mattering)[-STORY_LINES:]]


def _how(out: Checked) -> str:
    if out.cycle:
        return f"its last {out.cycle} steps may be repeated for ever, and put no process off that can always step"
    if out.is_shortest:
        return "the shortest of all schedules"
    if out.is_met:
        shrunk = "" if out.violated is not None and out.violated.when is When.ALWAYS else ", and shrunk"
        return f"met by the search before it was {ended(out.done.bound if out.done else '')}{shrunk}"
    if out.is_compared:
        second = f": the second search, for the shortest, was {ended(out.second_bound)}" if out.second_bound else ""
        return f"the shortest of walks and search, shrunk; there may be a shorter one{second}"
    found = f"found by {out.walked} walks and shrunk"
    shorter = _shorter(out)
    return f"{found}; {shorter}" if shorter else found


def _shorter(out: Checked) -> str:
    """Why no shorter schedule than that of the walks was found, if it is not known that there is none."""
    if out.walk_bound:
        return f"no shorter one was searched for, as the walks were {ended(out.walk_bound)}"
    if not out.plan.exhaustive and out.done is None and out.plain is None:
        return "--exhaustive looks for a shorter one"
    bound = next((each.bound for each in (out.done, out.plain) if each is not None and each.bound), "")
    return f"the search for a shorter one was {ended(bound)}" if bound else ""


def with_no_return(out: Checked, found: Counterexample, asker: Asker = NOBODY) -> Counterexample:
    """The counterexample with its point of no return, where it has one and nobody interrupts the search for it."""
    assert out.shown is not None
    assert out.violated is not None
    subject = out.subject
    if out.violated.when is When.ALWAYS or out.cycle:
        return found
    wrong, bounds, proof = fails(subject, out.violated), _within(out, DOOM_WORLDS), _within(out, PROOF_WORLDS)
    told = asker.told("the point of no return")
    doom = point_of_no_return(subject, out.shown.moves, out.shown.worlds, wrong, bounds, proof, told, asker.interrupted)
    if asker.interrupted():
        return found
    flips = deciding(subject, out.shown.moves, out.shown.worlds, wrong, doom.step)
    return msgspec.structs.replace(
        found,
        no_return=doom.step,
        no_return_words=_fatal(out, found, doom.step) if doom.step else "the beginning",
        no_return_is_exact=doom.is_exact,
        saved_by=list(dict.fromkeys(_saved_by(out, found, flip, doom.step) for flip in flips)),
    )


def _fatal(out: Checked, found: Counterexample, number: int) -> str:
    """The step after which all is lost; of the script also what begins with it."""
    assert out.shown is not None
    slot = out.subject.tables.packing.slots[out.shown.moves[number - 1][0]]
    model, step = out.subject.model, found.shown[number - 1]
    words = model.operation(slot.process) if slot.domain is model.users and number not in dict(found.story) else ""
    return f"{step.words} ({words})" if words else _told(found, step)


def _told(found: Counterexample, step: ShownStep) -> str:
    """A step as the story tells it, so that a reader finds it there again; else in words of its own, as the last one,
    beside which the story tells the end.
    """
    told = {number: words for number, words in reversed(found.story) if number < found.steps}
    return told.get(step.number, step.words)


def _within(out: Checked, worlds: int) -> Bounds:
    """The bounds of the check, and no more than so many worlds."""
    bounds = out.left()
    return msgspec.structs.replace(bounds, worlds=min(worlds, bounds.worlds or worlds))


def _saved_by(out: Checked, found: Counterexample, flip: Flip, no_return: int) -> str:
    """A step that, had it come first, would have saved it: of the script what it does, unless it chooses; of what the
    schedule does later its number and how the story tells it.
    """
    model, slot = out.subject.model, out.subject.tables.packing.slots[flip.slot]
    words = model.operation(slot.process) if slot.domain is model.users and not flip.is_choice else ""
    if words:
        return f'{"what is left of " * bool(slot.value(flip.world).responses)}"{words}"'
    process = f"{slot.domain.name}:{slot.process}"
    for step in found.shown[no_return:]:
        if step.process == process and step.words == flip.words:
            return f"step {step.number}: {_told(found, step)}"
    is_said = slot.domain is model.users or slot.process in flip.words
    return flip.words if is_said else f"{flip.words}, by {slot.process}"
