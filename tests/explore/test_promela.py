"""A scenario as a Promela model has as many states as the search finds worlds, counted here and by Spin."""

from __future__ import annotations

import operator
import re
from collections.abc import Callable

import pytest
from hypothesis import HealthCheck, Phase, assume, given, settings

from models.catalogue import CATALOGUE
from sim.core import Domain, Machine, Stage, Start, Write
from sim.core.errors import BadInput
from sim.explore import promela
from sim.explore.plain import Plain
from sim.explore.subject import Subject
from sim.explore.tables import Tables
from sim.timed.run import settle
from tests.explore import spin
from tests.explore.examples import examples
from tests.explore.machines import both_count, count, freezes, kills, kills_last, searched, starts
from tests.explore.programs import Lab, labs
from tests.explore.two_phase_commit import WORLDS, TwoPhase

SPUN = 15
WORLDS_MIN, WORLDS_MAX = 40, 3_000
MODELS: list[Callable[[], Machine]] = [both_count, starts, freezes, TwoPhase(2).machine]

needs_spin = pytest.mark.skipif(bool(spin.MISSING), reason=f"not installed: {', '.join(spin.MISSING)}")
calm_labs = labs().filter(lambda lab: ("kill",) not in lab.programs[0])


def exported(make: Callable[[], Machine]) -> str:
    tables = Tables()
    return promela.promela(tables, tables.packing.load(make()))


def exported_if_small(lab: Lab) -> str:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(promela, "WORLDS_MAX", WORLDS_MAX)
        try:
            return exported(lab.machine)
        except BadInput as error:
            assert error.accepted == f"at most {WORLDS_MAX} worlds"  # any other is a failure
            assume(False)
            raise


def pair() -> Machine:
    """A process that writes, and starts one that counts it up."""
    machine, memory = Machine(), Domain("memory")
    machine.put(memory.cell("never */ changes"), 1)
    machine.start(Domain("a"), "first", first, Domain("b"), "cell */ één")
    return machine


def first(domain: Domain, name: str) -> Stage:
    yield Write(domain.cell(name), 1)
    yield Start(domain, "second", count, (domain.cell(name), 1))
    return None


PAIR = """\
byte f0 = 0; /* b/cell ? ??n */
byte f1 = 1; /* a:first */
byte f2 = 0; /* b:second */

active proctype p0() { /* a:first */
end:
  do
  :: d_step { (f1 == 1) -> f0 = f0 ^ 1; f1 = 2 }
  :: d_step { (f1 == 2) -> f1 = 0; f2 = f2 ^ 1 }
  od
}

active proctype p1() { /* b:second */
end:
  do
  :: d_step { (f2 == 1) -> f0 = f0 ^ 3; f2 = 0 }
  od
}
"""


def test_a_model_says_what_each_process_does_and_how_its_states_are_counted() -> None:
    head, blank, text = exported(pair).split("\n", 2)
    assert head.startswith("/* 4 worlds: spin -a FILE && gcc ")
    assert head.endswith(" && ./pan -m4 */")
    assert "-DNOREDUCE" in head
    assert (blank, text) == ("", PAIR)


def states(model: str) -> int:
    """How many states a model of this form has: every assignment must follow from its guard, or be an exclusive or.

    Models of more than ``WORLDS_MAX`` are not gone through to the end.
    """
    begin = tuple(int(value) for value in re.findall(r"^(?:byte|short|int) f\d+ = (\d+);", model, re.MULTILINE))
    steps = [
        (
            [(int(field), int(value)) for field, value in re.findall(r"f(\d+) == (\d+)", guard)],
            [(int(field), xor != "", int(value)) for field, xor, value in re.findall(CHANGE, changes)],
        )
        for guard, changes in re.findall(r"d_step { \((.*?)\) -> (.*) }", model)
    ]
    seen, todo = {begin}, [begin]
    while todo and len(seen) <= WORLDS_MAX:
        state = todo.pop()
        for guard, changes in steps:
            if all(state[field] == value for field, value in guard):
                after = list(state)
                for field, is_xor, value in changes:
                    after[field] = operator.xor(state[field], value) if is_xor else value
                if tuple(after) not in seen:
                    seen.add(tuple(after))
                    todo.append(tuple(after))
    return len(seen)


CHANGE = r"f(\d+) = (f\d+ \^ )?(\d+)"


@pytest.mark.parametrize("make", [*MODELS, pair, TwoPhase(4).machine], ids=lambda make: make.__qualname__)
def test_its_states_are_the_worlds(make: Callable[[], Machine]) -> None:
    assert states(exported(make)) == searched(make).worlds


@examples(200)
@given(calm_labs)
def test_its_states_are_the_worlds_of_random_models(lab: Lab) -> None:
    assert states(exported_if_small(lab)) == searched(lab.machine).worlds


# -- Spin ----------------------------------------------------------------------------------------------------------


def spun(model: str) -> int:
    return spin.counted(model, promela.worlds_and_command(model)[1], "-O0").states


@needs_spin
@pytest.mark.parametrize("managers", [3, 4, 5])
def test_spin_counts_the_worlds_of_two_phase_commit(managers: int) -> None:
    make = TwoPhase(managers).machine
    assert spun(exported(make)) == searched(make).worlds == WORLDS.get(managers, 1568)


def rests() -> Machine:
    """Nothing runs."""
    return Machine()


@needs_spin
@pytest.mark.parametrize("make", [*MODELS, pair, rests], ids=lambda make: make.__qualname__)
def test_spin_counts_the_worlds_of_small_models(make: Callable[[], Machine]) -> None:
    assert spun(exported(make)) == searched(make).worlds


@needs_spin
def test_spin_counts_the_worlds_of_an_unexport_on_two_clusters() -> None:
    model = CATALOGUE.search("operations", {"operation": "unexport"}, "0.19.1")
    subject = Subject(model, settle(model), (model.checked()[0],), may_stop=False)
    exported = promela.promela(subject.tables, subject.begin)
    found = Plain(subject.tables)
    found.begin(subject.begin)
    found.run()
    assert spun(exported) == found.worlds > 10_000


@needs_spin
@settings(max_examples=SPUN, deadline=None, phases=[Phase.generate], suppress_health_check=list(HealthCheck))
@given(calm_labs)
def test_spin_counts_the_worlds_of_random_models(lab: Lab) -> None:
    model, worlds = exported_if_small(lab), searched(lab.machine).worlds
    assume(worlds >= WORLDS_MIN)
    assert spun(model) == worlds


# -- errors --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("make", "name"), [(kills, "host:kill"), (kills_last, "zone:kill")])
def test_a_scenario_that_kills_is_refused(make: Callable[[], Machine], name: str) -> None:
    with pytest.raises(BadInput) as caught:
        exported(make)
    assert str(caught.value) == f"the process {name!r} kills a domain; accepted: a scenario in which nothing is killed"


@pytest.mark.parametrize(
    ("bound", "value", "message"),
    [
        ("WORLDS_MAX", 287, "the scenario has more than 287 worlds; accepted: at most 287 worlds"),
        ("GUARDS_MAX", 16, "the scenario takes more than 16 guarded steps; accepted: at most 16"),
        ("PROCESSES_MAX", 3, "the scenario has 4 processes that act; accepted: at most 3"),
    ],
)
def test_what_is_too_large_is_refused(bound: str, value: int, message: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """With a bound of one more it is accepted."""
    monkeypatch.setattr(promela, bound, value + 1)
    assert exported(TwoPhase(3).machine)
    monkeypatch.setattr(promela, bound, value)
    with pytest.raises(BadInput) as caught:
        exported(TwoPhase(3).machine)
    assert str(caught.value) == message
