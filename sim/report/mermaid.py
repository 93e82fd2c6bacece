"""A counterexample as a Mermaid sequence diagram: who did what to whom, in the order of the schedule.

The words of steps are all that it knows: "<domain> on <api> <verb> ..." is a call of an API server. Of the steps that
the model has no words for, only plain writes are drawn.
"""

from __future__ import annotations

import re
import textwrap
from collections.abc import Sequence

from sim.explore.verdict import Counterexample, ShownStep

STEPS_MAX = 40
NOTE_WIDTH = 48
WRITING = ("create", "update", "updateStatus", "patch", "delete", "deletecollection")
VERBS = ("get", "list", "watch", "call", *WRITING)
CALL = re.compile(rf"(?P<who>\S+) on (?P<api>\S+) (?P<verb>{'|'.join(VERBS)})\b(?P<rest>.*)", re.DOTALL)
ESCAPES = str.maketrans(
    {
        "#": "#35;", ";": "#59;", '"': "#quot;", "'": "#39;", "<": "#lt;", ">": "#gt;", "%": "#37;", "`": "#96;",
        "\n": " ", "\r": " ",
    }
)  # fmt: skip


def mermaid(found: Counterexample) -> str:
    """The steps of the story, and those that matter and write; of more than 40 of them, the latest."""
    steps, left_out = _chosen(found)
    ids = _participants(steps)
    over = f"Note over {_span(list(ids.values()))}: "
    lines = ["sequenceDiagram", *(f"  participant {short} as {_escaped(name)}" for name, short in ids.items())]
    lines += [f"  {over}{_wrapped(f'{left_out} earlier writes are left out')}"] if left_out else []
    lines += [f"  {over}{_wrapped(_no_return(found))}"] if found.no_return == 0 else []
    for step in steps:
        told = [words for number, words in found.story if number == step.number and words != step.words]
        if step.named or not told:
            lines.append(f"  {_arrow(step, ids)}")
        lines += [f"  Note over {ids[_domain(step)]}: {_wrapped(words)}" for words in told]
        if found.no_return == step.number:
            lines.append(f"  {over}{_wrapped(_no_return(found))}")
    return "\n".join(lines) + "\n"


def _chosen(found: Counterexample) -> tuple[list[ShownStep], int]:
    """The steps to draw, and how many writes there was no room for."""
    named = {number for number, _ in found.story} | {found.no_return}
    writes = [s for s in found.shown if s.number not in named and s.matters and _writes(s)]
    room = max(STEPS_MAX - sum(step.number in named for step in found.shown), 0)
    kept = {step.number for step in writes[max(len(writes) - room, 0) :]}
    steps = [step for step in found.shown if step.number in named or step.number in kept]
    return steps, len(writes) - len(kept)


def _writes(step: ShownStep) -> bool:
    call = _call(step)
    return call["verb"] in WRITING if call is not None else step.named or step.writes


def _call(step: ShownStep) -> re.Match[str] | None:
    """The call of an API server that a step is, if it is one."""
    return CALL.fullmatch(step.words) if step.named else None


def _domain(step: ShownStep) -> str:
    return step.process.partition(":")[0]


def _server(api: str) -> str:
    """The participant that serves a call; no domain has such a name."""
    return f"API server ({api})"


def _participants(steps: Sequence[ShownStep]) -> dict[str, str]:
    """Short names of the domains and API servers, in the order of first appearance."""
    names: dict[str, None] = {}
    for step in steps:
        names[_domain(step)] = None
        call = _call(step)
        if call is not None:
            names[_server(call["api"])] = None
    return {name: f"p{place}" for place, name in enumerate(names or {"nobody": None}, start=1)}


def _span(shorts: Sequence[str]) -> str:
    return shorts[0] if len(shorts) == 1 else f"{shorts[0]},{shorts[-1]}"


def _arrow(step: ShownStep, ids: dict[str, str]) -> str:
    """A call goes from its domain to the server; any other step is the domain's own."""
    here = ids[_domain(step)]
    call = _call(step)
    if call is None:
        return f"{here}->>{here}: {step.number} {_escaped(step.words)}"
    return f"{here}->>{ids[_server(call['api'])]}: {step.number} {_escaped(call['verb'] + call['rest'])}"


def _no_return(found: Counterexample) -> str:
    at = f"after step {found.no_return}" if found.no_return else "the beginning"
    return f"point of no return: {at}" + ("" if found.no_return_is_exact else " at the earliest")


def _wrapped(words: str) -> str:
    """Escaped text of a note, in lines that keep the diagram narrow."""
    return "<br/>".join(_escaped(line) for line in textwrap.wrap(words, NOTE_WIDTH, break_on_hyphens=False))


def _escaped(words: str) -> str:
    return words.translate(ESCAPES)
