"""SARIF: the keys that the format requires, indices that point where they say, and nothing undetermined kept quiet."""

from __future__ import annotations

import json
from typing import Any

from msgspec.structs import replace

from sim.explore.verdict import Report
from sim.report.sarif import sarif
from tests.report.test_junit import ALL, BAD, CUT, FOUND, GOOD, KNOWN, LOST, TOO_GOOD

PLACE = {"index": 0, "name": "old", "fullyQualifiedName": "toy/old", "kind": "scenario"}
WHERE = {"logicalLocations": [PLACE]}
RESULT = {
    "ruleId": "L1",
    "ruleIndex": 0,
    "kind": "fail",
    "level": "error",
    "message": {
        "text": "every export is named (at rest): violated in 4 steps under old\n"
        '1: the agent is killed\n3: it deletes <x> & says "{{a}}"'
    },
    "locations": [WHERE],
    "partialFingerprints": {"scenarioAlgorithmProperty/v1": "toy n=1 broker=a/old/L1"},
    "properties": {
        "settings": {"n": "1", "broker": "a"},
        "token": "check1.abc",
        "replay": "python -m sim replay check1.abc",
    },
    "codeFlows": [
        {
            "threadFlows": [
                {
                    "locations": [
                        {"location": {"message": {"text": "the agent is killed"}, **WHERE}, "executionOrder": 1},
                        {
                            "location": {"message": {"text": 'it deletes <x> & says "{{a}}"'}, **WHERE},
                            "executionOrder": 3,
                        },
                    ]
                }
            ]
        }
    ],
}


def run(*reports: Report) -> dict[str, Any]:
    log = json.loads(sarif(list(reports)))
    assert log["version"] == "2.1.0"
    assert log["$schema"].endswith("sarif-2.1.0.json")
    assert len(log["runs"]) == 1
    out: dict[str, Any] = log["runs"][0]
    return out


def test_golden_result() -> None:
    assert run(BAD)["results"] == [RESULT]


def test_what_the_format_requires_and_what_indices_point_at() -> None:
    made = run(*ALL.values())
    driver = made["tool"]["driver"]
    ids = [rule["id"] for rule in driver["rules"]]
    assert driver["name"] == "sim"
    assert driver["version"] == "0.1.0+x"
    assert len(ids) == len(set(ids))
    assert all(rule["shortDescription"]["text"] for rule in driver["rules"])
    for result in made["results"]:
        assert ids[result["ruleIndex"]] == result["ruleId"]
        assert result["level"] in ("error", "note")
        for location in result["locations"]:
            for place in location["logicalLocations"]:
                assert made["logicalLocations"][place["index"]] == place


def test_an_expected_violation_is_a_note_and_what_does_not_decide_is_none() -> None:
    assert [(result["ruleId"], result["level"]) for result in run(KNOWN)["results"]] == [("L1", "note")]
    assert run(GOOD)["results"] == []


def test_undetermined_and_unexpectedly_good_are_notifications() -> None:
    def said(report: Report) -> tuple[bool, list[str]]:
        invocation = run(report)["invocations"][0]
        notices = invocation["toolExecutionNotifications"]
        return invocation["executionSuccessful"], [f"{n['level']}: {n['message']['text']}" for n in notices]

    covered = "HOLDS: every reachable world was covered"
    assert said(CUT) == (
        False,
        ["warning: toy/new: UNDETERMINED: ended by --worlds 9, expected: holds. The search was ended by --worlds 9."],
    )
    assert said(TOO_GOOD) == (
        True,
        [f"error: toy/new: {covered}, expected: fails. Every reachable world was covered."],
    )
    assert said(BAD) == said(GOOD) == (True, [])


def test_a_property_without_a_story_has_no_code_flow() -> None:
    untold = replace(BAD, counterexample=replace(FOUND, story=[]))
    second = replace(BAD, findings=[LOST, replace(LOST, name="L2")])
    assert "codeFlows" not in run(untold)["results"][0]
    assert ["codeFlows" in result for result in run(second)["results"]] == [True, False]


def test_a_fingerprint_does_not_depend_on_what_else_is_reported() -> None:
    other = replace(BAD, settings={"n": "2", "broker": "a"})
    both = run(BAD, other)
    prints = [result["partialFingerprints"] for result in both["results"]]
    assert prints == [RESULT["partialFingerprints"], run(other)["results"][0]["partialFingerprints"]]
    assert [place["fullyQualifiedName"] for place in both["logicalLocations"]] == ["toy n=1/old", "toy n=2/old"]


def test_versions_that_differ_are_not_given_as_one() -> None:
    assert "version" not in run(BAD, replace(BAD, version="0.1.0+y"))["tool"]["driver"]


def test_no_reports() -> None:
    assert run()["results"] == []
