"""What a user can cause."""

from __future__ import annotations

import difflib
from collections.abc import Iterable


class BadInput(Exception):
    """Input that cannot be used: what is wrong, and what would have been accepted. The command line exits with 2."""

    def __init__(self, problem: str, accepted: str = "") -> None:
        self.problem = problem
        self.accepted = accepted
        super().__init__(f"{problem}; accepted: {accepted}" if accepted else problem)


def unknown(kind: str, name: str, known: Iterable[str]) -> BadInput:
    """The error for a name that is not known, with the nearest name and the list of those that are."""
    names = sorted(known)
    nearest = difflib.get_close_matches(name, names, n=1, cutoff=0.5)
    hint = f" (did you mean {nearest[0]!r}?)" if nearest else ""
    return BadInput(f"unknown {kind} {name!r}{hint}", accepted=", ".join(_folded(names)))


def _folded(names: list[str]) -> list[str]:
    """The names, with ``x-0``, ``x-1``, ... as one entry."""
    families: dict[str, list[str]] = {}
    for name in names:
        stem, hyphen, number = name.rpartition("-")
        families.setdefault(stem if hyphen and number.isdigit() else name, []).append(name)
    return [each[0] if len(each) == 1 else f"{each[0]} to {each[-1].rpartition('-')[2]}" for each in families.values()]
