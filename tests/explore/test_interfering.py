"""With whom a step conflicts, beside what is asked for one process after another."""

from __future__ import annotations

from random import Random
from types import SimpleNamespace
from typing import Any, cast

from sim.explore.frame import Frame
from sim.explore.futures import Futures
from sim.explore.interfering import Interfering
from sim.explore.learning import Entry, Outcome
from sim.explore.tables import Tables

SLOTS, PARTS = 4, 3


def starting(index: int) -> int:
    """The bit of starting a process."""
    return 1 << (PARTS + index)


def starters(index: int) -> tuple[int, tuple[int, ...]]:
    return starting(index), tuple(range(SLOTS))


def has(mask: int, index: int) -> bool:
    return bool(mask >> index & 1)


def may_start(own: list[int], running: int, chosen: int, index: int) -> bool:
    """Whether somebody who runs and is not chosen starts a process, or starts one that starts it, and so on."""
    wanted = {index}
    while True:
        more = {n for n, mine in enumerate(own) if not has(running, n) and any(mine & starting(w) for w in wanted)}
        if more <= wanted:
            break
        wanted |= more
    able = [n for n in range(len(own)) if has(running, n) and not has(chosen, n)]
    return any(own[n] & starting(each) for n in able for each in wanted)


def some(draw: Random, bits: int) -> int:
    return draw.getrandbits(bits)


def footprint(draw: Random) -> int:
    """Few bits, so that not everybody starts everybody."""
    return some(draw, PARTS + SLOTS) & some(draw, PARTS + SLOTS)


def entry(touched: int) -> Entry:
    out = Entry(cast("Any", None))
    out.footprint = touched
    return out


def test_with_whom_a_step_conflicts() -> None:
    """Who runs or may be started and is asked for something that conflicts later, and who is about to do such now."""
    draw = Random(1)
    for _ in range(5000):
        outcome = Outcome(cast("Any", None), None)
        rivals = some(draw, PARTS)
        whom, feeds, running, able, chosen = (some(draw, SLOTS) for _ in range(5))

        def concern(asked: Outcome, rivals: int = rivals, whom: int = whom, feeds: int = feeds) -> None:
            asked.rivals = rivals
            asked.concern(1, (), tuple(n for n in range(SLOTS) if has(whom, n)), (), feeds)

        if draw.random() < 0.5:
            concern(outcome)
        known = draw.randint(0, SLOTS)
        own, rounds, present = ([footprint(draw) for _ in range(count)] for count in (known, known, SLOTS))
        stepping = able & running
        entries = [entry(each) if has(running, n) else None for n, each in enumerate(present)]
        wanted = 0
        for index in range(SLOTS):
            if not has(whom, index):
                continue
            later = (rounds if has(feeds, index) else own)[index] & rivals if index < known else 0
            if later and (has(running, index) or may_start(own, running, chosen, index)):
                wanted |= 1 << index
            if has(stepping, index) and present[index] & rivals:
                wanted |= 1 << index
        future = Futures().of(tuple(own), (0,) * known, tuple(rounds))
        tables = cast("Tables", SimpleNamespace(version=1, starters=starters, refresh=concern))
        frame = Frame(0, entries, [], stepping, running)
        assert Interfering(tables).clash(frame, outcome, future, chosen) == wanted


def test_who_may_change_what_keeps_others_blocked() -> None:
    """A writing bit stands above the bit that reads the same."""
    draw = Random(1)
    for _ in range(500):
        held, own = some(draw, 8), [some(draw, 8) for _ in range(draw.randint(0, SLOTS))]
        wanted = {n for n, mine in enumerate(own) if any(has(held, bit) and has(mine, bit + 1) for bit in range(8))}
        assert Interfering.writers(held, tuple(own)) == sum(1 << n for n in wanted)
