"""Mermaid: every line keeps to the grammar of sequence diagrams, whatever the words, and the story is always told."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from sim.explore.verdict import Counterexample, ShownStep
from sim.report.mermaid import STEPS_MAX, mermaid
from tests.report.test_junit import FOUND

TEXT = r"(?:[^#;\"'<>%`\n]|#(?:\d+|\w+);|<br/>)+"
LINE = re.compile(
    rf"sequenceDiagram|  participant p\d+ as {TEXT}|  p\d+->>p\d+: \d+ {TEXT}|  Note over p\d+(?:,p\d+)?: {TEXT}"
)
GOLDEN = """\
sequenceDiagram
  participant p1 as users
  participant p2 as agent
  participant p3 as API server (broker)
  p1->>p1: 1 the agent is killed
  p2->>p3: 3 delete imports x
  Note over p2: it deletes #lt;x#gt; & says #quot;{a}#quot;
  Note over p1,p3: point of no return: after step 3 at the earliest
"""


def steps(*told: tuple[str, str, bool]) -> Counterexample:
    """Steps that the model has words for, but for those whose words begin with their process."""
    shown = [
        ShownStep(number, process, words, matters, named=not words.startswith(process), writes=" sets " in words)
        for number, (process, words, matters) in enumerate(told, 1)
    ]
    return replace(FOUND, story=[], shown=shown, no_return=None)


def body(found: Counterexample) -> list[str]:
    """The lines, after the participants."""
    lines = mermaid(found).splitlines()
    assert all(LINE.fullmatch(line) for line in lines), lines
    return [line.strip() for line in lines[1:] if not line.startswith("  participant")]


def test_golden() -> None:
    assert mermaid(FOUND) == GOLDEN


def test_of_what_matters_only_writes_are_drawn() -> None:
    found = steps(
        ("a:x", "a on a get imports y", True),
        ("a:x", "a on a updateStatus exports y: Conflict", True),
        ("a:x", "a:x reads store: 1", True),
        ("a:x", "a:x sets store to 1", True),
        ("a:x", "a queues y", True),
        ("a:x", "a on a delete imports y", False),
    )
    assert body(found) == [
        "p1->>p2: 2 updateStatus exports y: Conflict",
        "p1->>p1: 4 a:x sets store to 1",
        "p1->>p1: 5 a queues y",
    ]


def test_what_the_story_names_is_told_though_it_neither_matters_nor_writes() -> None:
    found = steps(("a:x", "a on b get imports y", False), ("a:x", "a:x reads store: 1", False))
    assert body(replace(found, story=[(1, "a reads y"), (2, "at rest")])) == [
        "p1->>p2: 1 get imports y",
        "Note over p1: a reads y",
        "Note over p1: at rest",
    ]


@pytest.mark.parametrize(
    ("no_return", "is_exact", "words"),
    [
        (0, True, "point of no return: the beginning"),
        (2, True, "point of no return: after step 2"),
        (2, False, "point of no return: after step 2 at the earliest"),
    ],
)
def test_the_point_of_no_return_stands_after_its_step(no_return: int, is_exact: bool, words: str) -> None:
    found = steps(("a:x", "a starts", True), ("b:x", "b:x reads store: 1", False), ("b:x", "b starts", True))
    lines = body(replace(found, no_return=no_return, no_return_is_exact=is_exact))
    at = lines.index(f"Note over p1,p2: {words}")
    assert at == (2 if no_return else 0)


def test_of_too_many_writes_the_latest_are_drawn_and_the_story_is_kept() -> None:
    found = replace(steps(*[("a:x", "a starts", True)] * 100), story=[(1, "it begins")])
    lines = body(found)
    numbers = [int(line.split()[1]) for line in lines if "->>" in line]
    assert lines[0] == "Note over p1: 60 earlier writes are left out"
    assert numbers == [1, *range(62, 101)]
    assert len(numbers) == STEPS_MAX


def test_nothing_to_draw() -> None:
    assert mermaid(steps()) == "sequenceDiagram\n  participant p1 as nobody\n"


words = st.text(st.sampled_from("ab ;#\"'<>%`\n:-{}/(é")).map(lambda text: f"x{text}")


@given(st.lists(st.tuples(words, words, words, st.booleans()), max_size=5))
def test_any_words_are_escaped(drawn: list[tuple[str, str, str, bool]]) -> None:
    found = steps(*((domain.replace(":", ""), text, matters) for domain, text, _, matters in drawn))
    body(replace(found, story=[(number, told) for number, (*_, told, _) in enumerate(drawn, 1)], no_return=len(drawn)))
