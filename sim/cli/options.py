"""Parsing what several commands take."""

from __future__ import annotations

from collections.abc import Sequence

from sim.core.errors import BadInput, unknown
from sim.study.find import catalogue

SEEDS_MAX = 10_000_000


def parse_seeds(text: str) -> tuple[int, int]:
    """``N`` as 0:N, or ``a:b`` as it stands; the end is not included.

    Raises:
        BadInput: no such range, an empty, reversed, negative or huge one.
    """
    accepted = f"a count such as 1000, or a range such as 0:1000, of at most {SEEDS_MAX} seeds"
    first_text, colon, end_text = text.partition(":")
    try:
        first, end = (int(first_text), int(end_text)) if colon else (0, int(first_text))
    except ValueError:
        raise BadInput(f"--seeds {text!r} is neither a count nor a range", accepted) from None
    if first < 0 or end < 0:
        raise BadInput(f"--seeds {text!r}: seeds are not negative", accepted)
    if end <= first:
        raise BadInput(f"--seeds {text!r} is {'reversed' if end < first else 'empty'}", accepted)
    if end - first > SEEDS_MAX:
        raise BadInput(f"--seeds {text!r} asks for {end - first} seeds", accepted)
    return first, end


def parse_settings(pairs: Sequence[str]) -> tuple[tuple[str, str], ...]:
    """``key=value`` pairs, sorted by key.

    Raises:
        BadInput: a pair without ``=``, or a key that is given twice with different values.
    """
    out: dict[str, str] = {}
    for pair in pairs:
        key, equals, value = pair.partition("=")
        if not equals or not key:
            raise BadInput(f"--set {pair!r} is not of the form key=value", "key=value, such as services=8")
        if out.get(key, value) != value:
            raise BadInput(f"--set gives {key} twice: {out[key]!r} and {value!r}", "one value for each key")
        out[key] = value
    return tuple(sorted(out.items()))


def parse_algorithms(names: Sequence[str], expected: dict[str, str]) -> tuple[str, ...]:
    """The named algorithms, or those that the scenario has an expectation of.

    Raises:
        BadInput: an unknown one.
    """
    known = catalogue().algorithms()
    for name in names:
        if name not in known:
            raise unknown("algorithm", name, known)
    return tuple(dict.fromkeys(names)) or tuple(expected)
