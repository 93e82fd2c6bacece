"""What a model can do wrong, and how a search says so: with process, request and the likely cause."""

from __future__ import annotations

from typing import Any

import msgspec

from sim.core.errors import BadInput


class BrokenRule(BadInput):
    """A model broke a rule of the language of models: its worlds or steps are not pure values."""


def check_value(ids: dict[Any, int], values: list[Any], value: Any, name: str) -> int | None:
    """The number of a value that is known; None for a new one that may be part of a world.

    Raises:
        BrokenRule: it cannot be hashed, has no fixed order, or equals a value of another type.
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


def _short(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 60 else f"{text[:57]}..."
