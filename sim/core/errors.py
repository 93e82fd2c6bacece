"""What a user can cause."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Sequence

FOLDED = 2
"""More names than so many, which differ only by a number at their end, are one entry of a list."""


class BadInput(Exception):
    """Input that cannot be used: what is wrong, and what would have been accepted. The command line exits with 2.

    ``more`` is what else is wrong with the same input.
    """

    def __init__(self, problem: str, accepted: str = "", more: Sequence[BadInput] = ()) -> None:
        self.problem = problem
        self.accepted = accepted
        self.more = more
        text = f"{problem}; accepted: {accepted}" if accepted else problem
        super().__init__("\n".join([text, *map(str, more)]))


def refuse(wrong: Sequence[BadInput]) -> None:
    """Tell all that is wrong at once.

    Raises:
        BadInput: something is.
    """
    if wrong:
        raise BadInput(wrong[0].problem, wrong[0].accepted, wrong[1:])


def unknown(kind: str, name: str, known: Iterable[str]) -> BadInput:
    """The error for a name that is not known, with the nearest name and the list of those that are."""
    names = sorted(known)
    return BadInput(f"unknown {kind} {name!r}{meant(name, names)}", accepted=", ".join(_folded(names)))


def meant(name: str, known: Iterable[str]) -> str:
    """The nearest of some names, as a question behind one that is not among them; empty if none is near."""
    nearest = difflib.get_close_matches(name, list(known), n=1, cutoff=0.5)
    return f" (did you mean {nearest[0]!r}?)" if nearest else ""


def _folded(names: list[str]) -> list[str]:
    """The names, with ``x-0``, ``x-1`` and more as one entry."""
    families: dict[str, list[str]] = {}
    for name in names:
        stem, hyphen, number = name.rpartition("-")
        families.setdefault(stem if hyphen and number.isdigit() else name, []).append(name)
    return [
        f"{each[0]} to {each[-1].rpartition('-')[2]}" if len(each) > FOLDED else ", ".join(each)
        for each in families.values()
    ]
