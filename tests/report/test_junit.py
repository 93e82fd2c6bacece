"""JUnit XML: it parses, counts what it says, and is red exactly where the exit code is not 0."""

from __future__ import annotations

from xml.etree import ElementTree

import pytest
from msgspec.structs import replace

from sim.explore.verdict import Counterexample, Coverage, Finding, Report, ShownStep, Verdict, exit_code
from sim.report.junit import junit, scenarios

COVERAGE = Coverage(
    scope="a toy", exported=[], script=["crash"], may_stop=True, search="reduced", worlds=9, steps=10, at_rest=2,
    learned=5, walks=3, bound="", complete=True, never=[], left_out=[], not_modelled=[],
    sentence="Every reachable world was covered.",
)  # fmt: skip
BOUND = replace(COVERAGE, bound="--worlds 9", complete=False, sentence="The search was ended by --worlds 9.")
FOUND = Counterexample(
    property="L1",
    steps=4,
    faults=1,
    how="the shortest of all schedules",
    is_shortest=True,
    story=[(1, "the agent is killed"), (3, 'it deletes <x> & says "{a}"')],
    shown=[
        ShownStep(1, "users:operation 1", "the agent is killed", matters=True),
        ShownStep(2, "agent:main", "agent:main reads store: 1", matters=True, named=False),
        ShownStep(3, "agent:main", "agent on broker delete imports x", matters=True),
        ShownStep(4, "other:main", "other on o update imports y: Conflict", matters=False),
    ],
    end=("x: missing",),
    token="check1.abc",  # noqa: S106
    replay="python -m sim replay check1.abc",
    no_return=3,
)
LOST = Finding("L1", "every export is named", "at rest", judged=True, result="violated", steps=4)
KEPT = replace(LOST, result="holds", steps=None)
OPEN = replace(LOST, result="not determined", steps=None)
OTHER = Finding("I1", "names are exact", "at rest", judged=False, result="violated", steps=4)
UNJUDGED = Finding("S1", "no import goes", "always", judged=False, result="not judged")
PREMISE = Finding("P1", "an agent restarts", "sometimes", judged=True, result="not reached")
BAD = Report(
    scenario="toy", settings={"n": "1", "broker": "a"}, algorithm="old", version="0.1.0+x", verdict=Verdict.VIOLATED,
    expected="", as_expected=False, findings=[LOST, OTHER, UNJUDGED, PREMISE], coverage=COVERAGE, counterexample=FOUND,
)  # fmt: skip
KNOWN = replace(BAD, expected="fails", as_expected=True)
GOOD = replace(
    BAD, algorithm="new", verdict=Verdict.EXHAUSTED, as_expected=True, findings=[KEPT, UNJUDGED], counterexample=None
)
TOO_GOOD = replace(GOOD, expected="fails", as_expected=False)
CUT = replace(GOOD, verdict=Verdict.UNDETERMINED, as_expected=None, findings=[OPEN], coverage=BOUND)
WALKED = replace(KNOWN, findings=[LOST, replace(OPEN, name="L2")])
ALL = {"bad": BAD, "known": KNOWN, "good": GOOD, "too good": TOO_GOOD, "cut": CUT, "walked": WALKED}

GOLDEN = """\
<?xml version="1.0" encoding="UTF-8"?>
<testsuites name="sim check" tests="5" failures="2" errors="0" skipped="3">
  <testsuite name="toy, old" tests="5" failures="2" errors="0" skipped="3">
    <properties>
      <property name="version" value="0.1.0+x" />
      <property name="verdict" value="violated" />
      <property name="expected" value="" />
      <property name="n" value="1" />
      <property name="broker" value="a" />
    </properties>
    <testcase classname="toy, old" name="verdict">
      <failure message="VIOLATED, expected: holds" type="not as expected">L1 is violated in 4 steps: \
the shortest of all schedules
    1  the agent is killed
    3  it deletes &lt;x&gt; &amp; says "{a}"
  end  x: missing
replay: python -m sim replay check1.abc</failure>
    </testcase>
    <testcase classname="toy, old" name="L1 every export is named (at rest)">
      <failure message="violated in 4 steps" type="not as expected">L1 is violated in 4 steps: \
the shortest of all schedules
    1  the agent is killed
    3  it deletes &lt;x&gt; &amp; says "{a}"
  end  x: missing
replay: python -m sim replay check1.abc</failure>
    </testcase>
    <testcase classname="toy, old" name="I1 names are exact (at rest)">
      <skipped message="does not decide: violated in 4 steps" />
    </testcase>
    <testcase classname="toy, old" name="S1 no import goes (always)">
      <skipped message="does not decide: not judged" />
    </testcase>
    <testcase classname="toy, old" name="P1 an agent restarts (sometimes)">
      <skipped message="not reached" />
    </testcase>
    <system-out>Every reachable world was covered.</system-out>
  </testsuite>
</testsuites>
"""


def parsed(*reports: Report) -> ElementTree.Element:
    return ElementTree.fromstring(junit(list(reports)))  # noqa: S314  # our own output


def tags(report: Report) -> list[str]:
    """What each test case came to."""
    cases = parsed(report).iter("testcase")
    return [next((e.tag for e in case if e.tag != "system-out"), "passed") for case in cases]


def test_golden() -> None:
    assert junit([BAD]) == GOLDEN


@pytest.mark.parametrize("name", ALL)
def test_it_is_red_exactly_where_the_exit_code_is_not_0(name: str) -> None:
    root = parsed(ALL[name])
    red = {1: "failure", 3: "error"}.get(exit_code([ALL[name]]))
    found = {tag for tag in ("failure", "error") if root.find(f".//{tag}") is not None}
    assert found == ({red} if red else set())


def test_what_each_case_comes_to() -> None:
    assert tags(KNOWN) == ["passed", "passed", "skipped", "skipped", "skipped"]
    assert tags(GOOD) == ["passed", "passed", "skipped"]
    assert tags(TOO_GOOD) == ["failure", "passed", "skipped"]
    assert tags(CUT) == ["error", "error"]
    assert tags(WALKED) == ["passed", "passed", "skipped"]


def test_a_violation_that_was_expected_is_told_all_the_same() -> None:
    assert "replay: python -m sim replay check1.abc" in (parsed(KNOWN).findtext(".//testcase/system-out") or "")


def test_the_story_is_told_of_its_own_property_only() -> None:
    second = replace(BAD, findings=[replace(LOST, name="L2")])
    assert parsed(second).findtext(".//testcase[2]/failure") == "violated in 4 steps"


def test_every_count_is_the_sum_of_its_suites() -> None:
    root = parsed(*ALL.values())
    suites = root.findall("testsuite")
    assert len(suites) == len(ALL)
    for count in ("tests", "failures", "errors", "skipped"):
        assert int(root.attrib[count]) == sum(int(suite.attrib[count]) for suite in suites)


def test_reports_are_told_apart_by_the_settings_that_differ() -> None:
    assert scenarios([BAD, GOOD]) == ["toy", "toy"]
    assert scenarios([BAD, replace(BAD, settings={"n": "2", "broker": "a"})]) == ["toy n=1", "toy n=2"]


def test_characters_that_xml_cannot_hold_are_replaced() -> None:
    odd = replace(BAD, counterexample=replace(FOUND, story=[(1, "a\x00b\x1b]]>\ud800")]))
    assert "a\ufffdb\ufffd]]>\ufffd" in (parsed(odd).findtext(".//failure") or "")


def test_no_reports() -> None:
    assert parsed().attrib["tests"] == "0"
