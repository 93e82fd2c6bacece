"""Steps in words. What a model has words for is said in these; any other step by what its request is made of, so that
a reader never meets the text of a Python object.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from itertools import takewhile
from typing import Any

import msgspec

from sim.core.cell import Cell, Domain
from sim.core.request import Await, Read, Request, Sleep, SleepUntil, Start, Take, Write
from sim.core.trace import Step
from sim.explore.verdict import ShownStep

NAMED_MAX = 3
"""Of so many values of a list each is named."""
NOTHING = "nothing"
ADDRESS = re.compile(r"<.* at 0x[0-9a-f]+>")
PARTS = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")


def briefly(step: Step) -> str:
    """The step in words, if it says something to a person and did something; else nothing."""
    return step.request.words(step.choice, step.response) if step.request.matters(step.response) else ""


def in_words(step: Step) -> str:
    """The step in words, whatever it is: those of the model, or who did what with which cell and value. Where the model
    names the domain alone, the process stands beside it.
    """
    own = step.request.words(step.choice, step.response)
    if own.startswith(f"{step.domain} on "):
        own = f"{step.domain}:{step.process}{own.removeprefix(step.domain)}"
    return own or f"{step.domain}:{step.process} {_done(step)}"


def shown_step(number: int, step: Step, *, matters: bool) -> ShownStep:
    """The step as a counterexample shows it."""
    return ShownStep(
        number=number,
        process=f"{step.domain}:{step.process}",
        words=in_words(step),
        matters=matters,
        named=bool(step.request.words(step.choice, step.response)),
        writes=isinstance(step.request, Write),
    )


def _done(step: Step) -> str:
    """What a step did that the model has no words for."""
    answer = step.response
    match step.request:
        case Start() as start:
            done = f"starts {start.name}" + ("" if start.domain.name == step.domain else f" in {start.domain.name}")
        case SleepUntil() as until:
            done = f"has waited until {until.at_ms / 1000:g} s"
        case Sleep() as sleep:
            done = f"has waited for the delay {sleep.delay}"
        case Await() as wait:
            done = f"has waited for {_short(wait.cell, step)}: {value_words(answer)}"
        case Take() as take:
            taken = answer if step.choice is None else step.choice
            done = f"takes {value_words(taken)} from {_short(take.channel, step)}"
        case Read() as read:
            done = f"reads {_short(read.cell, step)}: {value_words(answer)}"
        case Write(value=None) as write:
            done = f"removes {_short(write.cell, step)}"
        case Write() as write:
            done = f"sets {_short(write.cell, step)} to {value_words(write.value)}"
        case request:
            done = _of_the_model(request, answer)
    return done


def _of_the_model(request: Request, answer: Any) -> str:
    """A request that is a model's own: its name, what it is about, and the answer."""
    fields = zip(type(request).__struct_fields__, msgspec.structs.astuple(request), strict=True)
    about = ", ".join(filter(None, (_field(name, value) for name, value in fields)))
    told = "" if answer is None else f": {value_words(answer)}"
    return f"does {_spaced(type(request).__name__)} ({about}){told}"


def _field(name: str, value: Any) -> str:
    """One field of a request; a switch by its name where it is on, nothing where it says nothing."""
    if isinstance(value, bool):
        return name.replace("_", " ").strip() if value else ""
    return "" if value is None or value in ((), "") else value_words(value)


def _short(cell: Cell, step: Step) -> str:
    """A cell, without its domain where that is the one of the step."""
    return cell.name.removeprefix(f"{step.domain}/")


def value_words(value: Any) -> str:
    """A value in words: objects by kind and name, of a long list the first few."""
    match value:
        case None | "" | () | []:
            words = NOTHING
        case bool():
            words = "yes" if value else "no"
        case str() | int():
            words = str(value)
        case float():
            words = f"{value:g}"
        case Cell() | Domain():
            words = value.name
        case Mapping():
            words = _listed([f"{value_words(key)} {value_words(inner)}" for key, inner in value.items()])
        case tuple() | list():
            words = _listed([value_words(inner) for inner in value])
        case set() | frozenset():
            words = _listed(sorted(value_words(inner) for inner in value))
        case msgspec.Struct():
            words = _struct(value)
        case _:
            words = _other(value)
    return words


def _listed(parts: list[str]) -> str:
    if not parts:
        return NOTHING
    if len(parts) <= NAMED_MAX + 1:
        return ", ".join(parts)
    return f"{', '.join(parts[:NAMED_MAX])} and {len(parts) - NAMED_MAX} more"


def _struct(value: msgspec.Struct) -> str:
    """An object: its kind and the names that it begins with, else what is in it."""
    if type(value).__repr__ is not msgspec.Struct.__repr__:
        return repr(value)
    inner = msgspec.structs.astuple(value)
    names = list(takewhile(lambda each: isinstance(each, str), inner))
    if not names:
        return f"{_spaced(type(value).__name__)} {_listed([value_words(each) for each in inner if each])}"
    about = f"{type(value).__name__} {'/'.join(filter(None, names))}".rstrip()
    of = inner[len(names)] if len(names) < len(inner) else None
    return f"{about} of {value_words(of)}" if isinstance(of, msgspec.Struct) else about


def _other(value: Any) -> str:
    """Anything else: a function by its name, a component as it calls itself."""
    if isinstance(value, Callable):  # type: ignore[arg-type]
        return _spaced(getattr(value, "__name__", type(value).__name__).strip("_"))
    text = repr(value)
    return _spaced(type(value).__name__) if ADDRESS.search(text) else text


def _spaced(name: str) -> str:
    """A name of code as words."""
    return PARTS.sub(" ", name).replace("_", " ").lower()
