"""What would make the work on one service hold up, or end, the work on others is noticed."""

from __future__ import annotations

from typing import Any

from sim.core import Await, Cell, Domain, Stage
from sim.explore.alone import at_rest_of, entangled
from sim.explore.check import Plan, check
from tests.core.toys import Fate
from tests.explore.fair_toys import Toy, put
from tests.explore.test_for_good import ToyModel


def reason(toy: Toy) -> str:
    model: Any = ToyModel(toy)
    out = check(model, toy.machine.world(), (model.eventually,), Plan(walks=0))
    return entangled(out.subject, at_rest_of(out))


def test_a_process_that_ends_its_own_container_is_noticed() -> None:
    def panic(own: Domain) -> Stage:
        yield Fate("kill", own)
        return None

    toy = Toy()
    agent = Domain("agent")
    toy.machine.start(agent, "worker", panic, agent)
    assert reason(toy) == "agent:worker can end its own container, and with it the work on every service"
    other = Toy()
    other.start("killer", panic, agent)
    assert reason(other) == ""


def test_a_process_that_waits_for_ever_for_something_else_than_work_is_noticed() -> None:
    def work(cell: Cell) -> Stage:
        yield Await(cell)
        yield Await(toy.store.cell("never"))
        return None

    toy = Toy()
    toy.start("worker", work, toy.other)
    toy.start("setter", put, toy.other, 1)
    assert reason(toy) == "worker:p can wait for ever, and hold up the work on every service"
    idle = Toy()
    idle.start("worker", work, idle.other)
    assert reason(idle) == ""
