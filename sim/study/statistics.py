"""The three statistics of a study: an exact interval of a share, an exact test of pairs, and quantiles."""

from __future__ import annotations

from collections.abc import Iterable


def exact_interval(count: int, of: int, confidence: float = 0.95) -> tuple[float, float]:
    """The exact (Clopper-Pearson) interval of the share ``count / of``.

    Of no runs at all nothing is known: (0, 1). Returns shares, not percents.
    """
    assert 0 <= count <= of, f"{count} of {of} is no share"
    assert 0 < confidence < 1, f"{confidence} is no confidence"
    tail = (1 - confidence) / 2
    # The upper end is what the lower end of all the others leaves.
    return _lower_end(count, of, tail), 1.0 - _lower_end(of - count, of, tail)


def _lower_end(count: int, of: int, tail: float) -> float:
    """The share at which ``count`` or more of ``of`` have the probability ``tail``."""
    if count in (0, of):
        return float(tail ** (1 / of)) if count else 0.0
    # Not scipy.stats, which takes most of a second to import, and not at the top: most commands need no interval.
    from scipy.special import betaincinv

    return float(betaincinv(count, of - count + 1, tail))


def mcnemar_exact(only_first: int, only_second: int) -> float:
    """The two-sided exact McNemar probability of these discordant pairs if both were equally likely.

    1.0 without a discordant pair. Exact in integers, so thousands of pairs neither overflow nor lose digits; a
    probability below the smallest float is 0.0.
    """
    assert only_first >= 0 <= only_second, f"{only_first} and {only_second} are no counts"
    pairs = only_first + only_second
    ways, at_most = 1, 1
    for index in range(min(only_first, only_second)):
        ways = ways * (pairs - index) // (index + 1)
        at_most += ways
    # A half and half split is counted twice in its middle, hence the minimum.
    return min(1.0, 2 * at_most / (1 << pairs))


def quantile(values: Iterable[float], share: float) -> float:
    """The value below which ``share`` (0 to 1) of the values lie, linear between neighbours, as numpy has it.

    There must be a value.
    """
    ordered = sorted(values)
    assert ordered, "a quantile of nothing"
    assert 0 <= share <= 1, f"{share} is no share"
    position = share * (len(ordered) - 1)
    below = int(position)
    above = min(below + 1, len(ordered) - 1)
    return ordered[below] + (ordered[above] - ordered[below]) * (position - below)
