"""Steps in words: what a model has no words for is told by what its request is made of, never as Python."""

from __future__ import annotations

from typing import Any

import pytest
from msgspec import Struct

from sim.core import Await, Cell, Channel, Domain, Read, Request, Start, Value, Write
from sim.core.request import Pace, Sleep, SleepUntil, Take
from sim.core.trace import Step
from sim.explore.words import briefly, in_words, shown_step, value_words

HERE, THERE = Domain("here"), Domain("there")
STORE, FAR = HERE.cell("store"), THERE.cell("store")
QUEUE = Channel("queue", HERE, "back-off", keyed=True)


class Named(Struct, frozen=True):
    namespace: str
    name: str
    age: int = 3


class Event(Struct, frozen=True):
    type: str
    object: Named


class Listed(Struct, frozen=True):
    items: tuple[Named, ...]


class Says(Request, frozen=True):
    def words(self, choice: Value, response: Any) -> str:
        return "somebody speaks"

    def matters(self, response: Any) -> bool:
        return bool(response)


class GoOn(Request, frozen=True):
    cell: Cell
    key: str
    had_operation: bool
    again: bool = False
    before: bool | None = None


def nobody() -> None:
    """A function that is a value."""


class Component:
    """Has no words of its own."""


def step(request: Request, response: Any = None, choice: Any = None) -> Step:
    return Step(0.0, "here", "worker", request, choice, response)


@pytest.mark.parametrize(
    ("taken", "words"),
    [
        (step(Says()), "somebody speaks"),
        (step(Start(HERE, "other", nobody)), "here:worker starts other"),  # type: ignore[arg-type]
        (step(Start(THERE, "other", nobody)), "here:worker starts other in there"),  # type: ignore[arg-type]
        (step(SleepUntil(5000.0)), "here:worker has waited until 5 s"),
        (step(Sleep("boot")), "here:worker has waited for the delay boot"),
        (step(Await(FAR), "up"), "here:worker has waited for there/store: up"),
        (step(Take(QUEUE), "demo/web", "demo/web"), "here:worker takes demo/web from queue"),
        (step(Take(QUEUE), Event("ADDED", Named("a", "b"))), "here:worker takes Event ADDED of Named a/b from queue"),
        (step(Read(STORE), Named("a", "b")), "here:worker reads store: Named a/b"),
        (step(Read(STORE)), "here:worker reads store: nothing"),
        (step(Write(FAR, True)), "here:worker sets there/store to yes"),
        (step(Write(STORE, None)), "here:worker removes store"),
        (step(GoOn(STORE, "k", True), False), "here:worker does go on (here/store, k, had operation): no"),
    ],
)
def test_every_step_has_words(taken: Step, words: str) -> None:
    assert in_words(taken) == words


def test_briefly_only_what_the_model_names_and_what_did_something() -> None:
    assert briefly(step(Says(), True)) == "somebody speaks"
    assert briefly(step(Says(), False)) == ""
    assert briefly(step(Read(STORE))) == ""


@pytest.mark.parametrize(
    ("value", "words"),
    [
        ((), "nothing"),
        ("", "nothing"),
        (2.50, "2.5"),
        ((1, 2, 3, 4), "1, 2, 3, 4"),
        ((1, 2, 3, 4, 5), "1, 2, 3 and 2 more"),
        (frozenset(("b", "a")), "a, b"),
        ({"a": "connected"}, "a connected"),
        (Listed((Named("a", "b"), Named("a", "c"))), "listed Named a/b, Named a/c"),
        (Listed(()), "listed nothing"),
        (frozenset(), "nothing"),
        (nobody, "nobody"),
        (Pace.CALL, "1"),
        (THERE, "there"),
        (Component(), "component"),
    ],
)
def test_values(value: Any, words: str) -> None:
    assert value_words(value) == words


def test_a_shown_step_says_whether_the_model_names_it_and_whether_it_only_writes() -> None:
    shown = [shown_step(1, step(request), matters=True) for request in (Says(), Write(STORE, 1), Read(STORE))]
    assert [(each.named, each.writes) for each in shown] == [(True, False), (False, True), (False, False)]
    assert {each.process for each in shown} == {"here:worker"}
