"""What is kept of futures, and of worlds on the way, is what would be worked out again from the beginning."""

from __future__ import annotations

from itertools import zip_longest
from types import SimpleNamespace
from typing import Any, cast

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from sim.explore.frame import Frame, Known
from sim.explore.futures import Future, Futures
from sim.explore.interfering import Interfering
from sim.explore.learning import Outcome
from sim.explore.reduced import Reduced
from sim.explore.tables import Tables
from tests.explore.examples import examples
from tests.explore.programs import Lab, labs, loops
from tests.explore.test_reduced import LABS, WORLDS_MAX, plain, reduced

MASKS = st.integers(0, 255)
ROWS = st.lists(st.tuples(MASKS, MASKS, MASKS), max_size=4)
SLOTS = st.integers(0, 3)


def made(futures: Futures, rows: list[tuple[int, int, int]]) -> Future:
    own, sets_off, rounds = (tuple(row[n] for row in rows) for n in range(3))
    return futures.of(own, sets_off, rounds)


def rows_of(future: Future) -> list[tuple[int, int, int]]:
    """Per slot, without slots at the end of which nothing is known."""
    rows = list(zip(future.own, future.sets_off, future.rounds, strict=True))
    while rows and rows[-1] == (0, 0, 0):
        rows.pop()
    return rows


@given(ROWS, ROWS)
def test_what_may_come_after_either_is_all_of_both(one: list[Any], other: list[Any]) -> None:
    futures = Futures()
    both = zip_longest(one, other, fillvalue=(0, 0, 0))
    wanted = made(futures, [tuple(x | y for x, y in zip(*pair, strict=True)) for pair in both])
    first, second = made(futures, one), made(futures, other)
    assert rows_of(first.united(second)) == rows_of(second.united(first)) == rows_of(wanted)
    assert first.united(second) is first.united(second)


@given(ROWS, SLOTS, MASKS, st.booleans())
def test_along_a_step_its_process_sets_off_those_it_wakes_and_a_round_begins_with_an_item(
    rows: list[Any], index: int, woken: int, takes: bool
) -> None:
    futures = Futures()
    wanted = rows + [(0, 0, 0)] * (index + 1 - len(rows))
    own, sets_off, rounds = wanted[index]
    wanted[index] = (own, sets_off | woken, 0 if takes else rounds)
    assert rows_of(made(futures, rows).along(index, woken, takes=takes)) == rows_of(made(futures, wanted))


@given(ROWS, SLOTS, MASKS, st.booleans())
def test_a_process_that_may_touch_more_touches_it_in_its_round_unless_it_takes_an_item(
    rows: list[Any], index: int, footprint: int, takes: bool
) -> None:
    assume(index < len(rows))
    futures = Futures()
    own, sets_off, rounds = rows[index]
    wanted = [*rows[:index], (own | footprint, sets_off, rounds | (0 if takes else footprint)), *rows[index + 1 :]]
    assert made(futures, rows).more(index, footprint, takes=takes) is made(futures, wanted)


@given(ROWS, MASKS, st.lists(SLOTS, unique=True), st.integers(0, 15), MASKS, st.lists(SLOTS, unique=True))
def test_whom_a_step_conflicts_with_is_asked_again_when_more_is_known(
    rows: list[Any], rivals: int, first: list[int], feeds: int, more: int, second: list[int]
) -> None:
    outcome = Outcome(cast("Any", None), None)
    future = made(Futures(), rows)
    for version, known, whom in ((1, rivals, first), (1, rivals, first), (2, rivals | more, second)):
        outcome.rivals = known
        outcome.concern(version, (), tuple(whom), (), feeds)
        touched = {n: (row[2] if feeds >> n & 1 else row[0]) & known for n, row in enumerate(rows)}
        assert future.conflicting(outcome, version) == sum(1 << n for n in whom if touched.get(n))


@given(ROWS, ROWS, st.integers(1, 15), st.integers(0, 15), st.permutations(range(4)))
def test_who_joins_is_the_same_whatever_was_asked_before(
    rows: list[Any], others: list[Any], clash: int, chosen: int, order: list[int]
) -> None:
    asked, futures = Interfering(cast("Tables", SimpleNamespace())), Futures()
    for each in (rows, others, rows):
        future = made(futures, each)
        frame = Frame(0, [None] * 4, order, 15, 15)
        reach: dict[int, int] = {}
        for index in range(4):
            seen, todo = {n for n in range(4) if chosen >> n & 1} | {index}, [index]
            while todo:
                now = todo.pop()
                mine = future.sets_off[now] if now < len(each) else 0
                new = [n for n in range(4) if mine >> n & 1 and n not in seen]
                seen.update(new)
                todo += new
                reach[index] = reach.get(index, 0) | sum(1 << n for n in new)
        wanted = [n for n in order if not chosen >> n & 1 and (reach.get(n, 0) | 1 << n) & clash & ~chosen]
        assert asked.joining(frame, clash, chosen, future) == (wanted if clash & ~chosen else [])


class Afresh(Reduced):
    """Works out every world on the way from the beginning, and asks all processes what they are about to do."""

    def _frame_after(self, frame: Frame, outcome: Outcome, after: int) -> Frame:
        kept = super()._frame_after(frame, outcome, after)
        new = self.frame(after)
        assert [e and e.request for e in kept.entries] == [e and e.request for e in new.entries]
        assert (kept.able, kept.stepping, kept.running) == (new.able, new.stepping, new.running)
        return kept

    def known(self, frame: Frame) -> Known:
        known = super().known(frame)
        own, rounds = known.future.own, known.future.rounds
        for index, entry in enumerate(frame.entries):
            if entry is not None:
                assert not entry.footprint & ~own[index]
                assert entry.takes or not entry.footprint & ~rounds[index]
        return known


def compare(lab: Lab) -> None:
    whole, tables = Tables(), Tables()
    if plain(whole, whole.packing.load(lab.machine())) is None:
        return
    begin = tables.packing.load(lab.machine())
    search = reduced(tables, begin, kind=Afresh)
    assert 0 < len(search.worlds) <= WORLDS_MAX


@pytest.mark.parametrize("name", LABS)
def test_known_traps_worked_out_from_the_beginning(name: str) -> None:
    compare(Lab(*LABS[name]))


@given(st.one_of(labs(), loops()))
@examples(200)
def test_worlds_on_the_way_are_as_worked_out_from_the_beginning(lab: Lab) -> None:
    compare(lab)
