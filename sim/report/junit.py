"""The answers of checks as JUnit XML, for whatever shows the results of tests.

It is red exactly where the exit code of a check is not 0: a failure where a verdict is not as expected, an error where
one is undetermined. It has no times: equal answers give equal bytes.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from xml.etree import ElementTree

from sim.explore.coverage import word
from sim.explore.verdict import Counterexample, Finding, Report

HEAD = '<?xml version="1.0" encoding="UTF-8"?>\n'
NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""Characters that no XML may hold, not even escaped."""
FAILURE, ERROR, SKIPPED, PASSED = "failure", "error", "skipped", "passed"
TYPES = {FAILURE: "not as expected", ERROR: "undetermined"}
Result = tuple[str, str, str]
"""What a test case came to, a line about it, and its text."""


def junit(reports: list[Report]) -> str:
    """A test suite for each report; in it a test case for the verdict and one for each finding."""
    root = ElementTree.Element("testsuites", name="sim check")
    for scenario, report in zip(scenarios(reports), reports, strict=True):
        _suite(root, f"{scenario}, {report.algorithm}", report)
    _count(root)
    ElementTree.indent(root)
    return HEAD + ElementTree.tostring(root, encoding="unicode") + "\n"


def scenarios(reports: Sequence[Report]) -> list[str]:
    """The scenario of each report, with those settings that are not the same in all of them."""
    keys = dict.fromkeys(key for report in reports for key in report.settings)
    differing = [key for key in keys if len({report.settings.get(key) for report in reports}) > 1]
    return [
        " ".join([report.scenario, *(f"{key}={report.settings[key]}" for key in differing if key in report.settings)])
        for report in reports
    ]


def _suite(root: ElementTree.Element, title: str, report: Report) -> None:
    suite = ElementTree.SubElement(root, "testsuite", name=_clean(title))
    about = ElementTree.SubElement(suite, "properties")
    known = {"version": report.version, "verdict": str(report.verdict), "expected": report.expected, **report.settings}
    for key, value in known.items():
        ElementTree.SubElement(about, "property", name=_clean(key), value=_clean(value))
    _case(suite, title, "verdict", _verdict(report))
    for finding in report.findings:
        _case(suite, title, f"{finding.name} {finding.sentence} ({finding.when})", _result(report, finding))
    ElementTree.SubElement(suite, "system-out").text = _clean(report.coverage.sentence)
    _count(suite)


def _case(suite: ElementTree.Element, title: str, name: str, result: Result) -> None:
    kind, message, text = result
    case = ElementTree.SubElement(suite, "testcase", classname=_clean(title), name=_clean(name))
    if kind == PASSED:
        if text:
            ElementTree.SubElement(case, "system-out").text = _clean(text)
        return
    bad = ElementTree.SubElement(case, kind, message=_clean(message))
    if kind in TYPES:
        bad.set("type", TYPES[kind])
    if text:
        bad.text = _clean(text)


def _count(element: ElementTree.Element) -> None:
    element.set("tests", str(len(list(element.iter("testcase")))))
    for name, tag in (("failures", FAILURE), ("errors", ERROR), ("skipped", SKIPPED)):
        element.set(name, str(len(list(element.iter(tag)))))


def _verdict(report: Report) -> Result:
    said = f"{word(report)}, expected: {expected(report)}"
    if report.is_open:
        return ERROR, said, report.coverage.sentence
    told = told_lines(report.counterexample) if report.counterexample else []
    return (PASSED, "", "") if report.as_expected else (FAILURE, said, "\n".join(told))


def expected(report: Report) -> str:
    """What was expected: to hold, where nothing is declared."""
    return report.expected or "holds"


def _result(report: Report, finding: Finding) -> Result:
    """A finding fails or errs only where the verdict does, so that both say the same as the exit code."""
    said = finding.result + (f" in {finding.steps} steps" if finding.steps is not None else "")
    undetermined = report.is_open
    if not finding.judged or finding.result in ("not judged", "not reached"):
        return SKIPPED, said if finding.judged else f"does not decide: {said}", ""
    if finding.result == "not determined":
        return (ERROR, said, report.coverage.sentence) if undetermined else (SKIPPED, said, "")
    if finding.result != "violated":
        return PASSED, "", ""
    found = report.counterexample
    told = told_lines(found) if found is not None and found.property == finding.name else [said]
    return (PASSED if report.as_expected else FAILURE), said, "\n".join(told)


def told_lines(found: Counterexample) -> list[str]:
    """The story of a counterexample, what it ends in, and the command that replays it."""
    return [
        f"{found.property} is violated in {found.steps} steps: {found.how}",
        *(f"{number:>5}  {words}" for number, words in found.story),
        *(f"  end  {words}" for words in found.end),
        f"replay: {found.replay}",
    ]


def _clean(text: str) -> str:
    return NOT_XML.sub("\ufffd", text)
