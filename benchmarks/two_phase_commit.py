"""Two-phase commit with 8 resource managers: the plain search beside one written by hand for that very model."""

from __future__ import annotations

import gc
import time

from benchmarks.speed import row
from sim.explore.plain import Plain
from sim.explore.tables import Tables
from tests.explore.two_phase_commit import TwoPhase

MANAGERS, WORLDS, RATIO_MIN, TURNS = 8, 1_745_408, 0.8, 3


def by_hand(managers: int) -> int:  # noqa: C901, PLR0912 - written out, as one would for speed
    """Breadth first over one packed integer for each world, every transition by bit tests; returns the worlds found.

    Two bits for the state of each manager (working, prepared, committed, aborted), one for what the transaction manager
    has received from it and one for its message; the messages Commit and Abort; the manager's own state.
    """
    received, sent = 2 * managers, 3 * managers
    commit, abort, over = 1 << 4 * managers, 2 << 4 * managers, 4 << 4 * managers
    all_received = ((1 << managers) - 1) << received
    each = [(2 * r, 3 << 2 * r, 1 << sent + r, 1 << received + r) for r in range(managers)]
    seen, frontier = {0}, [0]
    add = seen.add
    while frontier:
        following: list[int] = []
        found = following.append
        for world in frontier:
            for at, mask, message, receipt in each:
                if not world & mask:
                    after = world | 1 << at | message
                    if after not in seen:
                        add(after)
                        found(after)
                    after = world | 3 << at
                    if after not in seen:
                        add(after)
                        found(after)
                if world & commit:
                    after = world & ~mask | 2 << at
                    if after not in seen:
                        add(after)
                        found(after)
                if world & abort:
                    after = world | mask
                    if after not in seen:
                        add(after)
                        found(after)
                if world & message and not world & over:
                    after = world | receipt
                    if after not in seen:
                        add(after)
                        found(after)
            if not world & over:
                if world & all_received == all_received:
                    after = world | commit | over
                    if after not in seen:
                        add(after)
                        found(after)
                after = world | abort | over
                if after not in seen:
                    add(after)
                    found(after)
        frontier = following
    return len(seen)


def searched(managers: int) -> int:
    """The plain search of the same model in the modelling language."""
    tables = Tables()
    search = Plain(tables)
    search.begin(tables.packing.load(TwoPhase(managers).machine()))
    search.run()
    return search.worlds


def main() -> bool:
    """The two in turn; the best of each."""
    hand_s, plain_s = [], []
    gc.disable()
    for _ in range(TURNS):
        began = time.perf_counter()
        assert by_hand(MANAGERS) == WORLDS
        hand_s.append(time.perf_counter() - began)
        began = time.perf_counter()
        assert searched(MANAGERS) == WORLDS
        plain_s.append(time.perf_counter() - began)
    gc.enable()
    ratio = min(hand_s) / min(plain_s)
    hand, plain = WORLDS / min(hand_s), WORLDS / min(plain_s)
    print(f"by hand {hand:.0f} worlds/s, in the language of models {plain:.0f} worlds/s")
    return row("two-phase commit, 8 managers: rate / a search written by hand", f"{ratio:.2f}", "at least 0.8",
               reached=ratio >= RATIO_MIN)  # fmt: skip
