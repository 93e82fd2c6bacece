"""The file of cases is complete and says what it is taken to say; every line of "then" can be false."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import yaml

from models.catalogue import CATALOGUE
from sim.timed.run import run, settle
from tests.conformance.checking import CHECKS, PREFIX, happened, holds, is_of_run, of_worlds
from tests.conformance.doing import end_of, operation, scenario
from tests.conformance.page import page, summary
from tests.conformance.reading import UPSTREAM, cases, left_out

ROOT = Path(__file__).parents[2]


def test_every_case_of_upstream_is_there_exactly_once() -> None:
    numbers = [case.number for case in cases()]
    assert len(numbers) == len(set(numbers))
    assert not set(numbers) & set(left_out())
    named = sorted(int(number) for number in [*numbers, *left_out()] if number.isdigit())
    assert named == list(range(1, UPSTREAM + 1))


def test_what_is_published_is_what_the_cases_say() -> None:
    assert (ROOT / "docs" / "CONFORMANCE.md").read_text() == page()
    counted = [int(number) for number in re.findall(r"\d+", summary())]
    assert counted[0] == UPSTREAM == counted[1] + counted[3]


def test_reasons_are_given() -> None:
    assert all(len(reason.split()) > 3 for reason in left_out().values())


@pytest.mark.parametrize(
    "text",
    [
        "1. A case\nthen   no aggregate\n\n2 Another\nthen   no aggregate",
        "1. A case\ngiven  service on a\nwhen   a exports",
        "1. A case\nwhenn  a exports\nthen   no aggregate",
        "1. A case\nthen   no aggregate\nsearch a bit",
    ],
)
def test_a_case_that_cannot_be_meant_is_not_read(text: str) -> None:
    with pytest.raises(AssertionError):
        cases(text)


def test_a_left_out_case_needs_a_reason() -> None:
    with pytest.raises(AssertionError):
        left_out("case 3: left out:")
    with pytest.raises(AssertionError):
        left_out("case 3: left out: it is hard\n\ncase 3: left out: it is hard")


def test_lines_that_say_nothing_known_are_refused() -> None:
    with pytest.raises(AssertionError):
        operation("a explodes")
    with pytest.raises(AssertionError):
        scenario(cases("1. A case\ngiven  a moon\nthen   no aggregate")[0])


LINES = sorted({said for case in cases() for _, then in case.turns for said in of_worlds(then)})


def pattern_of(said: str) -> str:
    """The kind of a line."""
    plain = PREFIX.sub(r"\2", said)
    return next(pattern for pattern, _ in CHECKS if re.fullmatch(pattern, plain))


KINDS = [pattern for pattern, _ in CHECKS]


def test_every_kind_of_line_is_used() -> None:
    assert {pattern_of(said) for said in LINES} == set(KINDS)


SEEDED = """
1 1 no aggregate
1 1 aggregate names a b
9 1 aggregate has ports http:80
11 1 aggregate has affinity ClientIP 10
58 1 copies follow
18 2 copy in b names b
58 1 no copy in b
12 1 aggregate has an IP of b
12 1 aggregate has no IP
12 1 10 IPs of a are free
71 1 old imports on broker are of r1
69 1 old imports in a are of nobody
1 1 no local import of a
3 1 local import of a is relabelled
1 1 0 slices on broker
1 1 2 slices of a
1 1 1 slices imported in a
64 1 1 old slices of a
64 1 0 old slices on broker
8 1 slices of a are ready
8 1 slices on broker are ready
10 1 slices on broker have label other
44 1 slices on broker have endpoints 10.0.0.1
9 1 slices on broker have ports http:80
1 1 slices on broker publish not ready
47 1 sources on broker are web-1-k8s0
77 1 slices on broker are from a b
77 1 0 slices of Kubernetes in a
1 1 Ready of a is absent
2 1 Valid of a is False ServiceUnavailableForNow
80 2 DNS of b does not know it
80 1 DNS of b has no address
85 1 DNS of b answers in turn c d with ports https:443
83 1 DNS of b asked for c does not know it
88 1 DNS of b asked for d h1 answers 10.1.0.1
87 1 DNS of a knows 2 services
"""
"""A line for each kind, which is wrong where it is put: the number of a case, the turn, the line."""


@pytest.mark.parametrize("seeded", SEEDED.strip().splitlines())
def test_a_wrong_line_is_seen(seeded: str, tmp_path: Path) -> None:
    number, turn, said = seeded.split(" ", 2)
    (case,) = (case.up_to(int(turn)) for case in cases() if case.number == number)
    path = tmp_path / "case.yaml"
    path.write_text(yaml.safe_dump(scenario(case)))
    made = CATALOGUE.model(str(path), {}, "0.19.1")
    done = run(made, settle(made), 1, until_ms=end_of(case))
    assert all(holds(right, made.topology, done.machine.get) for right in of_worlds(case.turns[-1][1]))
    assert not holds(said, made.topology, done.machine.get)


@pytest.mark.parametrize(
    ("number", "said", "is_so"),
    [
        ("55", "nothing was deleted", True),
        ("3", "nothing was deleted", False),
        ("3", "it is tried again and again", False),
        ("1", "Ready of a was False AwaitingExport", True),
        ("1", "Ready of a was False ExportFailed", False),
        ("1", "Conflict of a was True ConflictingPorts", False),
    ],
)
def test_a_wrong_line_about_a_run_is_seen(number: str, said: str, is_so: bool, tmp_path: Path) -> None:
    assert is_of_run(said)
    (case,) = (case for case in cases() if case.number == number)
    path = tmp_path / "case.yaml"
    path.write_text(yaml.safe_dump(scenario(case)))
    made = CATALOGUE.model(str(path), {}, "0.19.1")
    assert happened(said, made.topology, run(made, settle(made), 1, record=True)) is is_so


def test_a_wrong_line_of_every_kind_is_tried() -> None:
    tried = [pattern_of(line.split(" ", 2)[2]) for line in SEEDED.strip().splitlines()]
    assert sorted(tried) == sorted(KINDS)
