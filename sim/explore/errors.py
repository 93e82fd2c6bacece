"""What values a model may put into a world. :mod:`sim.core.rules` has what else it can do wrong."""

from __future__ import annotations

import re
from typing import Any

import msgspec

from sim.core.rules import BrokenRule
from sim.core.world import Continuation

__all__ = ["BrokenRule", "check_value"]
ADDRESS = re.compile(r" at 0x[0-9a-f]{4,}>")


def check_value(ids: dict[Any, int], values: list[Any], value: Any, name: str) -> int | None:
    """The number of a value that is known; None for a new one that may be part of a world.

    Raises:
        BrokenRule: it cannot be hashed, has no fixed order, equals a value of another type, or not even itself.
    """
    try:
        number = ids.get(value)
    except TypeError:
        raise BrokenRule(
            f"{name} is to hold {_short(value)}, which cannot be hashed",
            "an immutable value: a tuple instead of a list, a frozen struct instead of a dict",
        ) from None
    if number is None:
        _check_order(value, name)
        _check_equal(value, name)
    elif type(values[number]) is not type(value):
        raise BrokenRule(
            f"{name} holds {values[number]!r} and is to hold {value!r}, which are equal but not the same",
            "values of one type in each cell",
        )
    return number


def _check_order(value: Any, name: str) -> None:
    if isinstance(value, set | frozenset):
        raise BrokenRule(
            f"{name} is to hold {_short(value)}, whose order differs from process to process",
            "a sorted tuple",
        )
    parts: Any = ()
    if isinstance(value, tuple):
        parts = value
    elif isinstance(value, msgspec.Struct):
        parts = msgspec.structs.astuple(value)
    for part in parts:
        _check_order(part, name)


def _check_equal(value: Any, name: str) -> None:
    if value != value:  # noqa: PLR0124
        raise BrokenRule(f"{name} is to hold {_short(value)}, which does not equal itself", "a value that does")
    if not isinstance(value, Continuation) and ADDRESS.search(repr(value)):
        raise BrokenRule(
            f"{name} is to hold {_short(value)}, which is told from others by where it lies in memory",
            "a value: a number, a text, a tuple or a frozen struct",
        )


def _short(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 60 else f"{text[:57]}..."
