"""Two-phase commit with 8 resource managers: the plain search beside one written by hand for that very model."""

from __future__ import annotations

import gc
import time
from collections.abc import Callable

from benchmarks.speed import figure, row
from sim.explore.plain import Plain
from sim.explore.tables import Tables
from tests.explore.two_phase_commit import WORLDS, TwoPhase

MANAGERS, RATIO_MIN, TURNS = 8, 0.8, 3


def by_hand(managers: int) -> int:  # noqa: C901, PLR0912 - written out, as one would for speed
    """Breadth first over one packed integer for each world, every step by bit tests; returns how many worlds there are.

    Two bits for the state of each manager (working, prepared, committed, aborted), one for its message and one for what
    the transaction manager has received from it; the messages Commit and Abort; the transaction manager's state. Steps
    that change nothing are not asked for where that shows.
    """
    commit, abort = 1 << 4 * managers, 2 << 4 * managers
    has_committed, has_aborted = 4 << 4 * managers, 8 << 4 * managers
    over, to_commit, to_abort = has_committed | has_aborted, has_committed | commit, has_aborted | abort
    all_received = ((1 << managers) - 1) << 3 * managers
    each = [
        (3 << 2 * r, 1 << 2 * r, 2 << 2 * r, 3 << 2 * r, 1 << 2 * managers + r, 1 << 3 * managers + r)
        for r in range(managers)
    ]
    seen, frontier = {0}, [0]
    add = seen.add
    while frontier:
        following: list[int] = []
        found = following.append
        for world in frontier:
            commits, aborts, is_open = world & commit, world & abort, not world & over
            for mask, prepared, committed, aborted, message, received in each:
                state = world & mask
                if not state:
                    after = world | prepared | message
                    if after not in seen:
                        add(after)
                        found(after)
                    after = world | aborted
                    if after not in seen:
                        add(after)
                        found(after)
                elif aborts and state != aborted:
                    after = world | aborted
                    if after not in seen:
                        add(after)
                        found(after)
                if commits and state != committed:
                    after = world ^ state | committed
                    if after not in seen:
                        add(after)
                        found(after)
                if is_open and world & message and not world & received:
                    after = world | received
                    if after not in seen:
                        add(after)
                        found(after)
            if is_open:
                after = world | to_abort
                if after not in seen:
                    add(after)
                    found(after)
                if world & all_received == all_received:
                    after = world | to_commit
                    if after not in seen:
                        add(after)
                        found(after)
        frontier = following
    return len(seen)


def searched(managers: int) -> int:
    """The plain search of the same model in the language of models, which has learned nothing before."""
    search = _searched(managers)
    return search.worlds


def counted(managers: int) -> int:
    """The same, with all steps counted, which the search written by hand does not do."""
    search = _searched(managers)
    assert search.steps() > search.worlds
    return search.worlds


def _searched(managers: int) -> Plain:
    tables = Tables()
    search = Plain(tables)
    search.begin(tables.packing.load(TwoPhase(managers).machine()))
    assert not search.run()
    return search


def main() -> bool:
    """The searches in turn; the best of each."""
    best: dict[Callable[[int], int], float] = {}
    gc.disable()
    for _ in range(TURNS):
        for search in (by_hand, searched, counted):
            began = time.perf_counter()
            assert search(MANAGERS) == WORLDS[MANAGERS]
            best[search] = min(best.get(search, float("inf")), time.perf_counter() - began)
    gc.enable()
    ratio = best[by_hand] / best[searched]
    reached = row(f"two-phase commit, {MANAGERS} managers: worlds/s / those of a search by hand", f"{ratio:.2f}",
                  f"at least {RATIO_MIN:g}", reached=ratio >= RATIO_MIN)  # fmt: skip
    figure("  with all steps counted", best[by_hand] / best[counted])
    figure("  thousand worlds/s by hand", WORLDS[MANAGERS] / best[by_hand] / 1000)
    figure("  thousand worlds/s of the plain search", WORLDS[MANAGERS] / best[searched] / 1000)
    return reached
