"""Checks of what must hold eventually: by the reduced search where schedules end, else by the graph of all worlds."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from sim.core import Await, Domain, Get, Machine, Stage, Step, Write
from sim.core.model import Renaming, Scope
from sim.core.property import Property, When
from sim.explore.check import Checked, Plan, check
from sim.explore.counterexample import counterexample, with_no_return
from sim.explore.coverage import coverage
from sim.explore.exhaust import Bounds
from sim.explore.findings import findings
from sim.explore.verdict import Verdict
from tests.explore.fair_toys import Toy, put, put_again, retry, spin

SEARCH = Plan(walks=0)


class ToyModel:
    """A toy as a check sees a model; E1 says that the flag comes to be good for good."""

    def __init__(self, toy: Toy) -> None:
        self.toy = toy
        self.users, self.observed = toy.store, (toy.flag,)
        self.eventually = Property(
            "E1", "the flag is good", When.EVENTUALLY, (toy.flag,), lambda get: toy.good(get(toy.flag))
        )

    def begin_search(self, machine: Machine, *, may_stop: bool) -> None:
        """A toy has no script."""

    def late(self, domain: Domain, process: str) -> int:
        return 0

    def operation(self, process: str) -> str:
        return ""

    def unspent(self, get: Get) -> list[str]:
        return []

    def checked(self) -> tuple[Property, ...]:
        return (self.eventually,)

    def renamings(self) -> tuple[Renaming, ...]:
        return ()

    def story(self, steps: Sequence[Step], get: Get, changes: Any, prop: Property) -> list[tuple[float, str]]:
        return []

    def outcome(self, get: Get) -> tuple[str, ...]:
        return (f"flag {get(self.toy.flag)}",)


def checked(build: Callable[[Toy], None], plan: Plan = SEARCH) -> Checked:
    toy = Toy()
    build(toy)
    model: Any = ToyModel(toy)
    return check(model, toy.machine.world(), (model.eventually,), plan)


def sentence(out: Checked) -> str:
    return coverage([("", out)], Scope("a toy", [], [], [], [])).sentence


def loop(toy: Toy) -> None:
    """Somebody reads for ever, somebody else sets the flag."""
    toy.start("spinner", spin, toy.other)
    toy.start("setter", put, toy.flag, 1)


def chain(toy: Toy) -> None:
    toy.start("retrier", retry, toy.other, toy.flag)
    toy.start("partner", put, toy.other, 1)


def undo(toy: Toy) -> None:
    toy.start("ann", put_again, toy.flag, 1)
    toy.start("bob", put_again, toy.flag, None)


def ends(toy: Toy) -> None:
    toy.start("setter", put, toy.flag, None, 1)


def ends_badly(toy: Toy) -> None:
    toy.start("setter", put, toy.flag, 1, None)


def test_where_every_schedule_ends_nobody_need_be_fair() -> None:
    out = checked(ends)
    assert out.verdict is Verdict.EXHAUSTED
    assert findings(out)[0].result == "holds"
    assert "no process need be fair" in sentence(out)


def test_who_must_be_fair_is_said() -> None:
    assert "holds from some world on: if these are fair: setter:p." in sentence(checked(loop))
    assert "if these are fair: partner:p." in sentence(checked(chain))


def test_a_lasso_is_shown_with_what_is_repeated() -> None:
    out = checked(undo)
    assert out.verdict is Verdict.VIOLATED
    assert findings(out)[0].result == "violated"
    found = counterexample(out, "token")
    assert found is not None
    assert found.cycle == 2
    assert "for ever" in found.how
    assert {step.process for step in found.shown[-2:]} == {"ann:p", "bob:p"}
    assert with_no_return(out, found) == found
    assert "fails again and again" in sentence(out)


def undone_later(toy: Toy) -> None:
    def user() -> Stage:
        yield Write(toy.other, 1)
        return None

    def setter() -> Stage:
        yield Await(toy.other)
        yield Write(toy.flag, 1)
        yield Write(toy.flag, None)
        return None

    toy.machine.start(toy.store, "user", user)
    toy.start("setter", setter)


def test_where_no_telling_fits_the_steps_of_the_environment_and_what_changed_are_told() -> None:
    found = counterexample(checked(undone_later), "token")
    assert found is not None
    (first, words), *changes = found.story
    assert words == "store:user sets other to 1"
    assert [number > first for number, _ in changes] == [True, True]


def test_a_world_at_rest_violates_it_too() -> None:
    for plan in (Plan(), SEARCH, Plan(walks=0, plain=True)):
        out = checked(ends_badly, plan)
        assert out.verdict is Verdict.VIOLATED
        assert not out.cycle


def test_a_bound_leaves_it_open() -> None:
    """The graph of all worlds is larger than the reduced search."""
    out = checked(loop, Plan(Bounds(worlds=2), walks=0))
    assert out.verdict is Verdict.UNDETERMINED
    assert findings(out)[0].result == "not determined"


def test_the_plain_search_says_the_same() -> None:
    plan = Plan(walks=0, plain=True)
    assert checked(loop, plan).verdict is checked(ends, plan).verdict is Verdict.EXHAUSTED
    assert checked(undo, plan).verdict is Verdict.VIOLATED
