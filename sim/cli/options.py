"""Parsing what several commands take."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

from sim.core.errors import BadInput, unknown
from sim.study.delays import check_delay
from sim.study.find import catalogue

SEEDS_MAX = 10_000_000
SEED_MAX = 2**63 - 1
"""The largest that a column of a table holds."""
NOWHERE = "none"
DELAY = "delay."
"""What a setting begins with that is a delay."""
Algorithms = Annotated[
    list[str] | None,
    typer.Option("--algorithm", help="Which sync algorithm, such as 0.19.1 (sim scenarios lists them); repeatable."),
]
Settings = Annotated[
    list[str] | None, typer.Option("--set", help="An option of the scenario, as key=value; repeatable.")
]
"""Options that most commands have."""
OneByOne = Annotated[bool, typer.Option("--alone/--together", help="Search services one by one, or all at once.")]
ServiceSymmetry = Annotated[bool, typer.Option(help="Search services that differ only in names once.")]
ClusterSymmetry = Annotated[bool, typer.Option(help="Search worlds that differ only by a renaming of clusters once.")]
"""Options that several searches have."""


def parse_seeds(text: str) -> tuple[int, int]:
    """``N`` as 0:N, or ``a:b`` as it stands; the end is not included.

    Raises:
        BadInput: no such range, an empty, reversed, negative or huge one.
    """
    accepted = f"a count such as 1000, or a range such as 0:1000, of at most {SEEDS_MAX} seeds"
    shown = repr(text if len(text) <= 60 else f"{text[:57]}...")
    if not re.fullmatch(r"-?[0-9]{1,30}(:-?[0-9]{1,30})?", text):  # int() takes digits of any script, and spaces
        raise BadInput(f"--seeds {shown} is neither a count nor a range", accepted)
    first_text, colon, end_text = text.partition(":")
    first, end = (int(first_text), int(end_text)) if colon else (0, int(first_text))
    if first < 0 or end < 0:
        raise BadInput(f"--seeds {text!r}: seeds are not negative", accepted)
    if end <= first:
        raise BadInput(f"--seeds {text!r} is {'reversed' if end < first else 'empty'}", accepted)
    if end - first > SEEDS_MAX:
        raise BadInput(f"--seeds {text!r} asks for {end - first} seeds", accepted)
    if end - 1 > SEED_MAX:
        raise BadInput(f"--seeds {text!r}: a seed is at most {SEED_MAX}", accepted)
    return first, end


def parse_out(text: str | None) -> Path | None:
    """The folder to write to, if one was named.

    Raises:
        BadInput: the name is empty, as where a variable of the shell was not set.
    """
    if text == "":
        raise BadInput("--out is empty", f"a folder, or {NOWHERE!r} to write none")
    return Path(text) if text is not None else None


def parse_settings(pairs: Sequence[str]) -> tuple[tuple[str, str], ...]:
    """``key=value`` pairs, sorted by key.

    Raises:
        BadInput: a pair without ``=``, a key that is given twice with different values, or a delay that is none.
    """
    out: dict[str, str] = {}
    for pair in pairs:
        key, equals, value = pair.partition("=")
        if not equals or not key:
            raise BadInput(f"--set {pair!r} is not of the form key=value", "key=value, such as services=8")
        if out.get(key, value) != value:
            raise BadInput(f"--set gives {key} twice: {out[key]!r} and {value!r}", "one value for each key")
        if key.startswith(DELAY):
            check_delay(value, f"--set {key}")
        out[key] = value
    return tuple(sorted(out.items()))


def asked(
    scenario: str, algorithms: Sequence[str] | None, pairs: Sequence[str] | None
) -> tuple[dict[str, str], tuple[str, ...]]:
    """The settings, and the algorithms: those named, or those that the scenario has an expectation of.

    Raises:
        BadInput: as :func:`parse_settings` and :func:`parse_algorithms`.
    """
    settings = dict(parse_settings(pairs or []))
    return settings, parse_algorithms(algorithms or [], catalogue().expected(scenario, settings))


def parse_algorithms(names: Sequence[str], expected: dict[str, str]) -> tuple[str, ...]:
    """The named algorithms, or those that the scenario has an expectation of.

    Raises:
        BadInput: an unknown one.
    """
    known = catalogue().algorithms()
    for name in names:
        for part in name.split("+"):  # such as "0.19.1+proposed@b", or "0.19.1 without precondition"
            single = part.partition("@")[0].partition(" without ")[0]
            if single not in known:
                raise unknown("algorithm", single, known)
    return tuple(dict.fromkeys(names)) or tuple(expected)
