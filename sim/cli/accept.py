"""``sim accept``: hold logs of API calls of real agents against the model."""

from __future__ import annotations

import textwrap
from typing import Annotated

import msgspec
import typer

from sim.cli.check import Format
from sim.cli.progress import Progress
from sim.core.world import World
from sim.explore.accepting import LOOKS, Accepted, Accepting
from sim.study.find import catalogue
from sim.timed.run import settle

REASONS_MAX = 6


class Answer(msgspec.Struct):
    """What is said of one log."""

    log: str
    title: str
    algorithm: str
    found: Accepted


def accept(
    log: Annotated[list[str], typer.Argument(help="Files of API calls, as docs/LOGS.md describes them.")],
    algorithm: Annotated[str, typer.Option(help="Which sync algorithm, instead of the one that the log names.")] = "",
    worlds: Annotated[int, typer.Option(help="Give up on a log after so many worlds.", min=1)] = LOOKS,
    format_: Annotated[Format, typer.Option("--format", help="How to print the answer.")] = Format.TEXT,
) -> None:
    """Say of each log whether the model can make just these calls, with these answers, or which one it cannot."""
    answers: list[Answer] = []
    progress = Progress(len(log), "logs")
    for path in log:
        answer = explained(path, algorithm, worlds)
        answers.append(answer)
        if format_ is Format.TEXT:
            typer.echo("\n".join(told(answer)))
        if len(log) > 1:
            progress.advance(1)
    accepted = sum(answer.found.accepted for answer in answers)
    if format_ is Format.JSON:
        typer.echo(msgspec.json.format(msgspec.json.encode(answers)).decode())
    elif len(answers) > 1:
        undetermined = sum(bool(answer.found.bound) for answer in answers)
        missed = len(answers) - accepted - undetermined
        typer.echo(f"{accepted} of {len(answers)} logs accepted, {undetermined} undetermined, {missed} not accepted")
    raise typer.Exit(code_of(answers))


def code_of(answers: list[Answer]) -> int:
    """0 if all are accepted, 1 if one is not though every way was tried, else 3."""
    missed = [answer.found for answer in answers if not answer.found.accepted]
    if not missed:
        return 0
    return 3 if all(found.bound for found in missed) else 1


def explained(path: str, algorithm: str, worlds: int) -> Answer:
    """The best explanation of a log, of all the ways in which it may have begun, each world tried once.

    It is refused only if every way was tried to the end.
    """
    best: Answer | None = None
    bound = ""
    tried: list[World] = []
    for log in catalogue().logs(path, algorithm):
        world = settle(log)
        if world in tried:
            continue
        tried.append(world)
        found = Accepting(log, world, worlds).run()
        bound = bound or found.bound
        if best is None or found.explained > best.found.explained:
            best = Answer(path, log.title, log.algorithm, found)
        if found.accepted:
            break
    assert best is not None, "a log begins in some way"
    if not best.found.accepted and not best.found.bound:
        best.found.bound = bound
    return best


def told(answer: Answer) -> list[str]:
    """The answer as lines."""
    found = answer.found
    head = f"{answer.log} ({answer.algorithm}): "
    if found.accepted:
        return [f"{head}accepted, {found.lines} lines ({found.looks} worlds)"]
    more = "; --worlds raises it" if found.bound.endswith("worlds") else ""
    verdict = f"UNDETERMINED ({found.bound}{more})" if found.bound else "NOT accepted"
    out = [f"{head}{verdict}: {found.explained} lines of {found.lines} explained; the first that is not:"]
    out += _wrapped(f"  line {found.line}  ", found.says)
    for reason in found.reasons[:REASONS_MAX]:
        out += _wrapped("    because ", reason)
    if not found.explained:
        out += _wrapped("    note: ", "no line fits: a log must begin while nothing is under way, with its first lines")
    return out


def _wrapped(head: str, text: str) -> list[str]:
    return textwrap.wrap(text, 118, initial_indent=head, subsequent_indent=" " * len(head), break_long_words=False)
