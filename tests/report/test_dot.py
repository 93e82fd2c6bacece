"""DOT: a toy search as a graph, in which every world at rest and every violation can be told."""

from __future__ import annotations

import re
from typing import Any

import pytest

from sim.core import Domain, Get, Machine
from sim.core.errors import BadInput
from sim.core.model import Renaming
from sim.core.property import Property, When
from sim.core.world import World
from sim.explore.exhaust import Bounds, exhaust
from sim.explore.reduced import Reduced
from sim.explore.subject import Subject
from sim.report.dot import dot
from tests.explore.programs import Lab
from tests.explore.test_reduced import reduced

NODE = re.compile(r'  w\d+ \[label="[^"]*"(, shape=doublecircle)?(, style="[a-z,]+")?(, fillcolor="#D55E00")?\];')
EDGE = re.compile(r'  w\d+ -> w\d+ \[label="[^"]*"\];')
GOLDEN = """\
digraph worlds {
  rankdir=TB;
  node [shape=circle];
  w0 [label="0"];
  w1 [label="1"];
  w2 [label="2\\nfirst", shape=doublecircle, style="filled", fillcolor="#D55E00"];
  w3 [label="3"];
  w4 [label="4", shape=doublecircle];
  w0 -> w1 [label="d0:p0\\nWrite"];
  w0 -> w3 [label="d1:p1\\nWrite"];
  w1 -> w2 [label="d1:p1\\nWrite"];
  w3 -> w4 [label="d0:p0\\nWrite"];
}
"""
RACE = Lab(((("write", 1, 1),), (("write", 1, 2),)), ((), ()))


class ToyModel:
    """As much of a model as a subject asks for: a lab, and what is checked of it."""

    def __init__(self, lab: Lab, *checked: Property) -> None:
        self.lab = lab
        self.users = Domain("users")
        self._checked = checked

    def checked(self) -> tuple[Property, ...]:
        return self._checked

    def renamings(self) -> tuple[Renaming, ...]:
        return ()

    def begin_search(self, machine: Machine, *, may_stop: bool) -> None:
        """The world is the beginning."""

    def late(self, domain: Domain, process: str) -> int:
        return 0


def toy(lab: Lab, name: str = "first", when: When = When.AT_REST) -> Subject:
    """A subject in which the first process must have the last word, or may never write."""

    def holds(get: Get) -> bool:
        return bool(get(lab.cells[1]) != (2 if when is When.AT_REST else 1))

    prop = Property(name, "a sentence", when, (lab.cells[1],), holds)
    model: Any = ToyModel(lab, prop)
    world: World = lab.machine().world()
    return Subject(model, world, (prop,), may_stop=False)


def drawn(lab: Lab, **more: Any) -> str:
    subject = toy(lab, **more)
    text = dot(reduced(subject.tables, subject.begin), subject)
    assert all(NODE.fullmatch(line) or EDGE.fullmatch(line) for line in text.splitlines()[3:-1]), text
    return text


def test_golden() -> None:
    assert drawn(RACE) == GOLDEN


def test_it_is_the_same_every_time() -> None:
    assert drawn(RACE) == drawn(RACE)


def test_a_property_that_must_hold_always_is_judged_in_every_world() -> None:
    filled = [line for line in drawn(RACE, when=When.ALWAYS).splitlines() if "filled" in line]
    assert [("doublecircle" in line, "first" in line) for line in filled] == [(False, True), (True, True)]


def test_cycles_are_drawn() -> None:
    text = drawn(Lab(((("again", 1),), (("again", 2),)), ((), ())))
    assert "w2 -> w2" in text
    assert "doublecircle" not in text


def test_names_are_escaped() -> None:
    assert '\\nsay \\"a\\\\b\\"' in dot(*searched(toy(RACE, 'say "a\\b"')))


def searched(subject: Subject) -> tuple[Reduced, Subject]:
    return reduced(subject.tables, subject.begin), subject


def test_too_many_worlds_are_refused_with_their_number() -> None:
    search, subject = searched(toy(RACE))
    with pytest.raises(BadInput, match=r"a graph of 5 worlds; accepted: at most 4 worlds"):
        dot(search, subject, worlds_max=4)
    assert dot(search, subject, worlds_max=5) == GOLDEN


def test_what_was_not_explored_to_the_end_is_dashed() -> None:
    subject = toy(Lab(((("bump", 1),) * 3, (("bump", 1),) * 3), ((), ())))
    done = exhaust(subject, Bounds(worlds=1))
    assert done.bound
    text = dot(done.search, subject)
    assert '  w0 [label="0", style="dashed"];' in text
    assert text.count("dashed") == len(done.search.stack)
    numbers = re.findall(r"^  w(\d+) \[", text, re.MULTILINE)
    assert numbers == [str(n) for n in range(len(numbers))]


def test_no_worlds() -> None:
    subject = toy(RACE)
    assert dot(Reduced(subject.tables, subject.rank), subject).splitlines()[3:] == ["}"]
