"""Two algorithms over all schedules: what each can come to that the other cannot."""

from __future__ import annotations

import msgspec

from sim.explore.outcomes import Outcome, Outcomes


class Comparison(msgspec.Struct):
    """Outcomes: ``closed`` are seen only of the old one, ``added`` only of the new one, ``kept`` of both.

    ``old_bound`` and ``new_bound`` are the bounds that the searches hit, empty if they came to their end: what was not
    seen of one that was cut off may only not have been found.
    """

    closed: list[Outcome]
    added: list[Outcome]
    kept: list[Outcome]
    old_bound: str
    new_bound: str


def compare(old: Outcomes, new: Outcomes) -> Comparison:
    """Compare by what worlds at rest say."""
    olds = {outcome.words: outcome for outcome in old.outcomes}
    news = {outcome.words: outcome for outcome in new.outcomes}
    return Comparison(
        closed=[outcome for words, outcome in olds.items() if words not in news],
        added=[outcome for words, outcome in news.items() if words not in olds],
        kept=[outcome for words, outcome in olds.items() if words in news],
        old_bound=old.bound,
        new_bound=new.bound,
    )


def losses(outcomes: list[Outcome], prop: str) -> list[Outcome]:
    """Those that violate a property."""
    return [outcome for outcome in outcomes if prop in outcome.violated]
