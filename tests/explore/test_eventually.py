"""What holds for good in the end, under weak fairness: toys with known answers."""

from __future__ import annotations

import pytest
from hypothesis import given

from sim.core import Cell, Domain, Stage, Write
from sim.explore.eventually import (
    Eventually,
    Result,
    Undecided,
    eventually,
    finite,
    needed_fairness,
    plain_graph,
)
from sim.explore.frame import NewPart
from sim.explore.reduced import Reduced
from sim.explore.tables import Tables
from tests.core.toys import Fate, Pick
from tests.explore.examples import examples
from tests.explore.fair_toys import (
    WORLDS_MAX,
    Toy,
    able,
    branch,
    count,
    put,
    put_again,
    retry,
    spin,
    wait,
)
from tests.explore.programs import Lab, labs


def test_what_is_done_for_sure_holds_and_needs_no_fairness() -> None:
    toy = Toy()
    toy.start("setter", put, toy.flag, None, 1)
    assert toy.asked().result is Result.HOLDS
    assert toy.needed() == []


def test_a_process_that_may_be_put_off_needs_fairness() -> None:
    toy = Toy()
    toy.start("spinner", spin, toy.other)
    toy.start("setter", put, toy.flag, 1)
    found = toy.asked()
    assert found == Eventually(Result.VIOLATED, 2, (), ((toy.slots["spinner"], None),))
    assert toy.asked("spinner").result is Result.VIOLATED
    assert toy.asked("setter").result is Result.HOLDS
    assert toy.asked_all().result is Result.HOLDS
    assert toy.needed() == ["setter"]


def test_a_retry_loop_is_ended_by_a_fair_partner() -> None:
    toy = Toy()
    toy.start("retrier", retry, toy.other, toy.flag)
    toy.start("partner", put, toy.other, 1)
    assert toy.asked("retrier").result is Result.VIOLATED
    assert toy.asked("partner").result is Result.HOLDS
    assert toy.needed() == ["partner"]


def test_a_chain_needs_each_of_its_links() -> None:
    toy = Toy()
    toy.start("spinner", spin, toy.store.cell("fourth"))
    toy.start("first", put, toy.other, 1)
    toy.start("second", wait, toy.other, toy.store.cell("third"))
    toy.start("third", wait, toy.store.cell("third"), toy.flag)
    assert toy.needed() == ["first", "second", "third"]
    assert toy.asked("first", "second").result is Result.VIOLATED
    assert toy.asked("first", "second", "third").result is Result.HOLDS


@pytest.mark.parametrize("good", [1, 2])
def test_processes_that_undo_each_other_never_settle(good: int) -> None:
    toy = Toy(lambda value: value == good)
    toy.start("ann", put_again, toy.flag, 1)
    toy.start("bob", put_again, toy.flag, 2)
    found = toy.asked_all()
    assert found.result is Result.VIOLATED
    assert {slot for slot, _ in found.cycle} == set(toy.slots.values())
    assert toy.needed() is None


def test_it_must_hold_for_good_and_not_only_again_and_again() -> None:
    toy = Toy()
    toy.start("flipper", put_again, toy.flag, 1, None)
    assert toy.asked_all().result is Result.VIOLATED
    toy = Toy(lambda value: value != 1)
    toy.start("flipper", put_again, toy.flag, 2, 3)
    toy.start("early", put, toy.flag, 1)
    assert toy.asked_all().result is Result.HOLDS
    assert toy.needed() == []


def test_a_loop_is_shown_from_its_nearest_world_in_which_the_property_fails() -> None:
    toy = Toy()
    toy.start("flipper", put_again, toy.flag, 1, None, None)
    found = toy.asked_all()
    assert (len(found.stem), len(found.cycle)) == (0, 3)


def test_weak_fairness_may_put_off_who_is_blocked_now_and_again() -> None:
    toy = Toy()
    toy.start("toggler", put_again, toy.other, 1, None)
    toy.start("waiter", wait, toy.other, toy.flag)
    found = toy.asked_all()
    assert found.result is Result.VIOLATED
    assert {slot for slot, _ in found.cycle} == {toy.slots["toggler"]}


@pytest.mark.parametrize("item", ["x", "y"])
@pytest.mark.parametrize("good", [1, 2])
def test_paths_that_join_before_a_loop(item: str, good: int) -> None:
    """Whichever branch is met first, what the loop is like decides, and not what either branch had promised."""
    toy = Toy(lambda value: value == good)
    bag = toy.store.cell("bag")
    toy.machine.put(bag, ("x", "y"))
    toy.start("brancher", branch, bag, toy.flag, item)
    found = toy.asked_all()
    assert found.result is (Result.HOLDS if good == 2 else Result.VIOLATED)
    assert bool(found.cycle) == (good == 1)


def test_a_world_at_rest_can_violate() -> None:
    toy = Toy()
    toy.start("setter", put, toy.flag, 1, None)
    found = toy.asked_all()
    assert found.result is Result.VIOLATED
    assert len(found.stem) == 2 and not found.cycle
    assert toy.needed() is None


def test_a_schedule_tells_its_choices() -> None:
    """The last item that was picked stays: one order of picking violates."""
    toy = Toy(lambda value: value == "y")

    def pick(bag: Cell, flag: Cell) -> Stage:
        for _ in range(2):
            yield Write(flag, (yield Pick(bag)))
        return None

    bag = toy.store.cell("bag")
    toy.machine.put(bag, ("x", "y"))
    toy.start("picker", pick, bag, toy.flag)
    assert [choice for _, choice in toy.asked_all().stem] == ["y", None, "x", None]


def test_a_bound_leaves_it_open_unless_a_violation_is_met() -> None:
    toy = Toy(lambda value: value is None or value < 50)
    toy.start("counter", count, toy.flag, 100)
    assert toy.asked_all(worlds_max=10).result is Result.UNDETERMINED
    with pytest.raises(Undecided, match="not all worlds"):
        needed_fairness(toy.tables, toy.begin, toy.holds, worlds_max=10)
    toy.good = lambda value: value is not None
    toy.start("spinner", spin, toy.other)
    assert toy.asked(worlds_max=10).result is Result.VIOLATED
    assert toy.asked_all(worlds_max=10).result is Result.UNDETERMINED


# -- reduced searches --------------------------------------------------------------------------------------------------


def reduced(tables: Tables, begin: int) -> Reduced:
    while True:
        tables.forget()
        search = Reduced(tables, lambda _slot: 0)
        try:
            search.begin(begin)
            search.run(10**9)
        except NewPart:
            continue
        return search


def always_ends(tables: Tables, begin: int, *, fair: bool) -> Result:
    """Whether every schedule comes to a world at rest."""
    return eventually(
        tables, begin, lambda world: not able(tables, world), fair=lambda _slot: fair, worlds_max=WORLDS_MAX
    ).result


@examples(100)
@given(labs())
def test_a_reduced_search_without_cycles_shows_that_every_schedule_ends(lab: Lab) -> None:
    tables = Tables()
    begin = tables.packing.load(lab.machine())
    if plain_graph(tables, begin, WORLDS_MAX).is_whole and finite(reduced(tables, begin)):
        assert always_ends(tables, begin, fair=False) is Result.HOLDS


def test_a_loop_that_a_kill_ends_is_not_overlooked() -> None:
    toy = Toy()
    domain = Domain("looper")
    toy.machine.start(domain, "p", put_again, domain.cell("lap"), 1, 2)

    def kill(other: Domain) -> Stage:
        yield Fate("kill", other)
        return None

    toy.start("killer", kill, domain)
    toy.start("third", put, toy.flag, 1, 2, 3)
    toy.search()
    assert always_ends(toy.tables, toy.begin, fair=True) is Result.HOLDS
    assert always_ends(toy.tables, toy.begin, fair=False) is Result.VIOLATED
    at_rest = lambda world: not able(toy.tables, world)  # noqa: E731
    assert needed_fairness(toy.tables, toy.begin, at_rest, worlds_max=WORLDS_MAX) == [toy.slots["killer"]]
    assert not finite(reduced(toy.tables, toy.begin))


def test_a_search_that_was_broken_off_shows_nothing() -> None:
    toy = Toy()
    toy.start("setter", put, toy.flag, 1)
    toy.search()
    assert finite(reduced(toy.tables, toy.begin))
    search = Reduced(toy.tables, lambda _slot: 0)
    search.begin(toy.begin)
    assert not finite(search)
    assert search.run(100) and finite(search)
