"""Named delays: distributions written as text, drawn from one random stream per source."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from functools import lru_cache
from statistics import NormalDist

from sim.core.errors import BadInput

POINTS = 1024
"""Points of a quantile table. Drawing is a look-up, so it costs the same for every distribution and no libm is asked.
"""

_LAST = POINTS - 1
_MASK = (1 << 64) - 1
_MULTIPLIER, _INCREMENT = 6364136223846793005, 1442695040888963407
"""Knuth's 64-bit linear congruential generator (MMIX), its output mixed as in PCG: cheap to start, and there is one for
each of some seventy sources in every run."""

_P95 = NormalDist().inv_cdf(0.95)


def _uniform(low: float, high: float) -> Callable[[float], float]:
    return lambda u: low + (high - low) * u


def _lognormal(median: float, p95: float) -> Callable[[float], float]:
    normal = NormalDist()
    return lambda u: float(median * (p95 / median) ** (normal.inv_cdf(u) / _P95))


def _rare(share: float, low: float, high: float) -> Callable[[float], float]:
    return lambda u: 0.0 if u < 1 - share else low + (high - low) * (u - 1 + share) / share


KINDS: dict[str, tuple[tuple[str, ...], Callable[..., Callable[[float], float]]]] = {
    "constant": (("ms",), lambda value: lambda _: value),
    "uniform": (("low_ms", "high_ms"), _uniform),
    "lognormal": (("median_ms", "p95_ms"), _lognormal),
    "rare": (("share", "low_ms", "high_ms"), _rare),
}


_KNOWN = "; ".join(f"{kind} {' '.join(names)}" for kind, (names, _) in KINDS.items()) + "; each with + ms behind it"


@lru_cache(maxsize=1024)
def quantiles(text: str) -> tuple[float, ...]:
    """The quantile table, in ms, of a distribution such as ``uniform 3 10`` or ``uniform 3 10 + 25``; one value if
    constant.

    Raises:
        BadInput: the text names no known kind, or its numbers do not fit the kind.
    """
    words, later_ms = _split(text)
    known = _KNOWN
    if not words or words[0] not in KINDS:
        raise BadInput(f"{text!r} is not a delay", accepted=known)
    names, make = KINDS[words[0]]
    try:
        numbers = [float(word) for word in words[1:]]
    except ValueError:
        raise BadInput(f"{text!r} is not a delay: its parameters must be numbers", accepted=known) from None
    _check(text, words[0], names, numbers, known)
    if words[0] == "constant":
        return (numbers[0] + later_ms,)
    quantile = make(*numbers)
    return tuple(round(quantile((i + 0.5) / POINTS) + later_ms, 6) for i in range(POINTS))


def _split(text: str) -> tuple[list[str], float]:
    """The words before a ``+`` and the constant behind it, in ms."""
    head, _, tail = text.partition("+")
    try:
        later_ms = float(tail or 0)
    except ValueError:
        later_ms = -1.0
    if not 0 <= later_ms < 1e9:
        raise BadInput(f"{text!r} is not a delay: behind + stands a number of ms", accepted=_KNOWN)
    return head.split(), later_ms


def _check(text: str, kind: str, names: tuple[str, ...], numbers: list[float], known: str) -> None:
    if len(numbers) != len(names):
        raise BadInput(f"{text!r} is not a delay: {kind} takes {len(names)} numbers", accepted=known)
    if not all(0 <= number < 1e9 for number in numbers):
        raise BadInput(f"{text!r} is not a delay: its numbers must lie between 0 and 1e9", accepted=known)
    if kind in ("uniform", "rare") and numbers[-2] > numbers[-1]:
        raise BadInput(f"{text!r} is not a delay: low_ms must not exceed high_ms", accepted=known)
    if kind == "rare" and not 0 < numbers[0] <= 1:
        raise BadInput(f"{text!r} is not a delay: the share must lie in (0, 1]", accepted=known)
    if kind == "lognormal" and not 1e-6 <= numbers[0] <= numbers[1] <= 1e6 * numbers[0]:
        raise BadInput(f"{text!r} is not a delay: p95_ms must lie between median_ms and 1e6 of it", accepted=known)


def sampler(seed: int, source: str, text: str) -> Callable[[], float]:
    """Draws in ms for one source. Each source has a stream of its own, so that a new source does not shift the
    others.
    """
    table = quantiles(text)
    if len(table) == 1:
        value = table[0]
        return lambda: value
    state = _start_of(source) ^ (seed * 0x9E3779B97F4A7C15 & _MASK)
    state = (state * _MULTIPLIER + _INCREMENT) & _MASK  # so that neighbouring seeds part before the first draw

    def draw() -> float:
        nonlocal state
        state = (state * _MULTIPLIER + _INCREMENT) & _MASK
        return table[(state ^ state >> 29) * _MULTIPLIER >> 54 & _LAST]

    return draw


@lru_cache(maxsize=65536)
def _start_of(source: str) -> int:
    return int.from_bytes(hashlib.sha256(source.encode()).digest()[:8], "big")
