"""How far off what a search depth first says of its whole was, for searches that came to their end.

``python -m benchmarks estimates`` prints a text of its own: no limit is stated for it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from statistics import median

from models.catalogue import CATALOGUE
from sim.explore.estimate import whole_depth_first
from sim.explore.exhaust import Bounds, exhaust
from sim.explore.reduced import Reduced
from sim.explore.subject import Subject
from sim.timed.run import settle

FEWEST, WORLDS_MAX, LARGE_MAX = 10_000, 120_000, 2_000_000
DONE = (0.05, 0.1, 0.2, 0.3, 0.5, 0.7, 0.9)
"""The parts of a whole at which is looked."""
HUNTED = ("0.19.1", "level")
NAMED: tuple[tuple[str, dict[str, str], str, bool], ...] = (
    ("incident", {}, "0.19.0", True),
    ("incident", {}, "0.17.2", True),
    ("shared-name", {}, "level", False),
    ("restart", {"exported": "[a,b]", "restarted": "[a,b]", "copies": "at once"}, "0.19.0", False),
    ("restart", {"exported": "[a,b]", "restarted": "[a,b]", "copies": "off"}, "0.19.0", False),
    ("results/hunt/r23-one-ip-twice.yaml", {}, "level", False),
)
"""Searches of up to LARGE_MAX worlds: scenarios, settings, algorithms, and whether the environment may stop."""
Said = list[tuple[int, int]]
"""Worlds explored, and worlds that the whole was said to have."""


def main() -> None:
    """Print the tables."""
    searches = list(_searches())
    print(
        "How many worlds a search depth first said there are perhaps, in parts of how many there were. Of the findings"
    )
    print(f"in results/hunt under {' and '.join(HUNTED)}, and of {len(NAMED)} others, those that ended.")
    print("Made by `python -m benchmarks estimates`.\n")
    for least, most in ((FEWEST, WORLDS_MAX), (WORLDS_MAX, LARGE_MAX)):
        _table([each for each in searches if least <= each[0] < most], f"{least} to {most} worlds")


def _table(searches: Sequence[tuple[int, Said]], size: str) -> None:
    print(f"{len(searches)} searches of {size}")
    print("when so much was done   lowest   median  highest")
    for part in DONE:
        told = sorted(_at(part, total, said) for total, said in searches)
        print(f"{part:>20.0%}   {told[0]:>6.2f}   {median(told):>6.2f}   {told[-1]:>6.2f}")
    print()


def _searches() -> Iterator[tuple[int, Said]]:
    """Those that ended: how many worlds there were, and what was said."""
    paths = sorted(map(str, Path("results/hunt").glob("*.yaml")))
    nothing: dict[str, str] = {}
    hunted = [(path, nothing, name, False) for path in paths for name in HUNTED]
    for number, (scenario, settings, algorithm, may_stop) in enumerate((*NAMED, *hunted)):
        model = CATALOGUE.search(scenario, settings, algorithm)
        subject = Subject(model, settle(model), (), may_stop=may_stop)
        said: Said = []

        def tell(search: object, _seconds: float, _bounds: Bounds, said: Said = said) -> None:
            assert isinstance(search, Reduced)
            whole = whole_depth_first(len(search.worlds), search.stack)
            said.append((len(search.worlds), whole or len(search.worlds)))

        done = exhaust(subject, Bounds(worlds=LARGE_MAX if number < len(NAMED) else WORLDS_MAX), tell)
        if not done.bound and len(done.search.worlds) >= FEWEST:
            yield len(done.search.worlds), said


def _at(part: float, total: int, said: Said) -> float:
    """What was said when a part was done, in parts of the whole."""
    return next(whole for worlds, whole in said if worlds >= part * total) / total
