"""The answers of checks as SARIF 2.1.0, for whatever shows the results of analyses.

A rule is a property, a result a judged property that is violated. There are no files to point at: a result is located
by scenario and algorithm. What is undetermined, or holds though it was expected to fail, is a notification, as an
empty list of results would read as if all were well.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from sim.explore.coverage import word
from sim.explore.verdict import Finding, Report, Verdict
from sim.report.junit import expected, scenarios

SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"
KIND = "scenario"
Json = dict[str, Any]


def sarif(reports: list[Report]) -> str:
    """One run of the tool over all reports."""
    places = _places(reports)
    rules = _rules(reports)
    results = [
        _result(report, finding, list(rules).index(finding.name), place)
        for report, place in zip(reports, places, strict=True)
        for finding in report.findings
        if finding.judged and finding.result == "violated"
    ]
    run = {
        "tool": {"driver": {**_version(reports), "rules": list(rules.values())}},
        "invocations": [_invocation(reports, places)],
        "logicalLocations": places,
        "results": results,
    }
    return json.dumps({"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}, indent=2, ensure_ascii=False) + "\n"


def _version(reports: Sequence[Report]) -> Json:
    versions = list(dict.fromkeys(report.version for report in reports))
    return {"name": "sim", **({"version": versions[0]} if len(versions) == 1 else {})}


def _rules(reports: Sequence[Report]) -> dict[str, Json]:
    """The properties of all reports by name; the first that has a name gives the sentence."""
    out: dict[str, Json] = {}
    for report in reports:
        for finding in report.findings:
            about = {"shortDescription": _text(finding.sentence), "properties": {"when": finding.when}}
            out.setdefault(finding.name, {"id": finding.name, **about})
    return out


def _places(reports: Sequence[Report]) -> list[Json]:
    """A logical location for each report."""
    named = enumerate(zip(reports, scenarios(reports), strict=True))
    return [
        {"index": index, "name": report.algorithm, "fullyQualifiedName": f"{scenario}/{report.algorithm}", "kind": KIND}
        for index, (report, scenario) in named
    ]


def _result(report: Report, finding: Finding, rule: int, place: Json) -> Json:
    where = {"logicalLocations": [place]}
    out: Json = {
        "ruleId": finding.name,
        "ruleIndex": rule,
        "kind": "fail",
        "level": "note" if report.as_expected else "error",
        "message": _text(_message(report, finding)),
        "locations": [where],
        "partialFingerprints": {"scenarioAlgorithmProperty/v1": _fingerprint(report, finding)},
    }
    found = report.counterexample
    if found is not None and found.property == finding.name:
        out["properties"] = {"settings": report.settings, "token": found.token, "replay": found.replay}
        if found.story:
            flow = [_step(number, words, where) for number, words in found.story]
            out["codeFlows"] = [{"threadFlows": [{"locations": flow}]}]
    return out


def _fingerprint(report: Report, finding: Finding) -> str:
    """What is the same for the same result of another run, whatever else is reported with it."""
    settings = "".join(f" {key}={value}" for key, value in report.settings.items())
    return f"{report.scenario}{settings}/{report.algorithm}/{finding.name}"


def _step(number: int, words: str, where: Json) -> Json:
    return {"location": {"message": _text(words), **where}, "executionOrder": number}


def _message(report: Report, finding: Finding) -> str:
    """The sentence that does not hold, and the shortest story known, if it is of this property."""
    steps = f" in {finding.steps} steps" if finding.steps is not None else ""
    lines = [f"{finding.sentence} ({finding.when}): violated{steps} under {report.algorithm}"]
    found = report.counterexample
    if found is not None and found.property == finding.name:
        lines += [f"{number}: {words}" for number, words in found.story]
    return "\n".join(lines)


def _invocation(reports: Sequence[Report], places: Sequence[Json]) -> Json:
    """Whether everything was determined, and what a list of violations alone would not say."""
    said = [_notice(report, place) for report, place in zip(reports, places, strict=True)]
    return {
        "executionSuccessful": not any(report.is_open for report in reports),
        "toolExecutionNotifications": [notice for notice in said if notice],
    }


def _notice(report: Report, place: Json) -> Json:
    if not report.is_open and (report.as_expected or report.verdict is Verdict.VIOLATED):
        return {}
    said = f"{place['fullyQualifiedName']}: {word(report)}, expected: {expected(report)}"
    return {
        "level": "warning" if report.is_open else "error",
        "message": _text(f"{said}. {report.coverage.sentence}"),
        "locations": [{"logicalLocations": [place]}],
    }


def _text(text: str) -> Json:
    """A message; braces are doubled, as single ones would be places for arguments."""
    return {"text": text.replace("{", "{{").replace("}", "}}")}
