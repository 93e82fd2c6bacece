"""What a model can do wrong, told with the process, its request and the likely cause. All of it happens where a handler
or a request has failed already, so nothing here costs a run that keeps the rules.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from sim.core.errors import BadInput

TEXT_MAX = 300
ENDS = "a handler that is told each answer and ends in a request, in Become or at its end"
EFFECT = "a request that can be carried out in every world in which it is ready"


class BrokenRule(BadInput):
    """A model broke a rule of the language of models: its worlds or steps are not pure values."""


class TookTooLong(Exception):
    """Raised by a watchdog in the midst of what a model does; the message says how long it has waited."""


def briefly(value: Any) -> str:
    """The text of a value, cut off where it is long."""
    text = repr(value)
    return text if len(text) <= TEXT_MAX else f"{text[:TEXT_MAX]}..."


def broken_handler(process: str, function: Any, stage: Any, asked: Any, error: Exception) -> Exception:
    """The error of a handler that failed on the way to its next request.

    ``stage`` is what ``function`` returned, None if it did not; ``asked`` is the request that was answered last.
    """
    if isinstance(error, BadInput | MemoryError):
        return error
    name = getattr(function, "__qualname__", repr(function))
    after = f"after {briefly(asked)}" if asked is not None else "before its first request"
    who = f"process {process}, {after}"
    if isinstance(error, TookTooLong):
        return BrokenRule(
            f"{who}: it has not come to its next request within {error}{_where(error)}: a handler that never yields,"
            " or one step that does the work of many",
            "a process that yields a request for every look at the world",
        )
    if isinstance(error, StopIteration):
        return BrokenRule(
            f"{who}: {name}, told the same again, ends where it asked for more: it looks at something that it did not"
            " request",
            "a process that depends on its arguments and responses alone",
        )
    if not hasattr(stage, "send") and isinstance(error, TypeError) and not _is_inside(error):
        return BrokenRule(
            f"{who}: {name} is no generator: it returned {briefly(stage)}, as a function without a yield does",
            "a handler that yields its requests",
        )
    if isinstance(error, AttributeError) and error.name == "is_step":
        return BrokenRule(
            f"{who}: {name} yields {briefly(error.obj)}, which is no request",
            "a request, such as Read(cell) or Write(cell, value)",
        )
    return BrokenRule(f"{who}: {name} raises {_raised(error)}", ENDS)


def broken_end(process: str, function: Any, asked: Any, became: Any) -> BrokenRule:
    """The error of a handler that returns neither nothing nor what it becomes."""
    name = getattr(function, "__qualname__", repr(function))
    return BrokenRule(
        f"process {process}, after {briefly(asked)}: {name} returns {briefly(became)}", "None at its end, or Become"
    )


def broken_request(process: str, request: Any, error: Exception) -> Exception:
    """The error of a request that failed as it was asked or carried out."""
    if isinstance(error, MemoryError) or (isinstance(error, BadInput) and f"process {process}" in error.problem):
        return error
    who = f"process {process}: {briefly(request)}"
    if isinstance(error, BrokenRule):
        return BrokenRule(f"{who}: {error.problem}", error.accepted)
    if isinstance(error, BadInput):
        return error
    if isinstance(error, TookTooLong):
        return BrokenRule(f"{who}: it has not been carried out within {error}{_where(error)}: it never ends", EFFECT)
    return BrokenRule(f"{who}: it raises {_raised(error)}", EFFECT)


def _raised(error: Exception) -> str:
    text = str(error)
    return f"{type(error).__name__}{f': {text}' if text else ''}{_where(error)}"


def _is_inside(error: Exception) -> bool:
    """Whether an error comes from further inside than where it was caught."""
    return error.__traceback__ is not None and error.__traceback__.tb_next is not None


def _where(error: Exception) -> str:
    """The place in the code that raised an error, or that was stopped."""
    at = error.__traceback__
    while at is not None and at.tb_next is not None and "watchdog" not in at.tb_next.tb_frame.f_code.co_filename:
        at = at.tb_next
    if at is None:
        return ""
    code = at.tb_frame.f_code
    return f" (in {code.co_qualname}, {Path(code.co_filename).name}:{at.tb_lineno})"
