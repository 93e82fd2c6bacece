"""What is given, and what is done: the lines of a case as a scenario with a script."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from tests.conformance.checking import RESTLESS
from tests.conformance.reading import Case

APART_MS = 120_000
FOR_GOOD_MS = 9e8
CLUSTERS = ("a", "b")
OBSERVE_MS = 3_000_000
AGAIN = "calls succeed again"
Operation = dict[str, Any]


def scenario(case: Case) -> dict[str, Any]:
    """The scenario of a case, with the script of all its turns."""
    specs: dict[str, dict[str, Any]] = {}
    exported: list[str] = []
    done: list[Operation] = []
    out: dict[str, Any] = {}
    for said in case.given:
        found = re.fullmatch(r"(no )?service on (\w+)(?:: (.*?))?(, exported)?", said)
        if found is None:
            _given(said, out, done)
            continue
        specs[found[2]] = terms(found[3] or "")
        exported += [found[2]] if found[4] else []
        done += [{"do": "delete-service", "cluster": found[2]}] if found[1] else []
    later = [cluster for cluster in sorted(specs) if cluster not in exported] if exported else []
    more = {field: out.pop(field) for field in ("namespaces", "services") if field in out}
    return {
        "name": f"case-{case.number.lower()}", "about": case.title, "broker": "a", "data_plane": "off",
        "hosts": hosts(specs), "observe_ms": OBSERVE_MS, "way": "controllers",
        "exports": {
            "services": 1, "from": sorted(specs), "spread": "from each", "specs": specs, "later": later, **more},
        "exported_at_start": "yes" if exported else "no", "script": script(done, case), **out,
    }  # fmt: skip


def hosts(specs: dict[str, Any]) -> dict[str, list[str]]:
    """A host for each cluster: a, b, and those that have a service."""
    names = sorted({*CLUSTERS, *specs})
    return {f"host-{number}": [name] for number, name in enumerate(names, start=1)}


def script(done: list[Operation], case: Case) -> list[Operation]:
    """All operations, some time apart; calls that fail do so until it is said that they succeed again."""
    out: list[Operation] = []
    number = 0
    for entry in [*done, *(operation(said) for when, _ in case.turns for said in when)]:
        at_ms = 1000 + number * APART_MS
        number += 1
        if entry:
            out.append({"at_ms": at_ms, **entry})
            continue
        for failing in out:
            if failing.get("fault") == "failing-calls":
                failing["for_ms"] = min(failing["for_ms"], at_ms - failing["at_ms"])
    return out


def end_of(case: Case) -> float | None:
    """When a case is to be looked at, if something is tried again and again in the end; else it comes to rest."""
    done = [said for when, _ in case.turns for said in when]
    fails = any(operation(said).get("fault") == "failing-calls" for said in done)
    restless = RESTLESS in case.turns[-1][1] or (fails and AGAIN not in done)
    return 1000.0 + len(done) * APART_MS if restless else None


def terms(said: str) -> dict[str, Any]:
    """What a service is like: type, ports, affinity with its config, number of slices."""
    out: dict[str, Any] = {}
    for part in filter(None, said.split(", ")):
        key, *values = part.split()
        if key == "type":
            out["type"] = values[0]
        elif key == "ports":
            out["ports"] = values
        elif key == "slices":
            out["slices"] = int(values[0])
        elif part == "publishes not ready":
            out["publish_not_ready"] = True
        else:
            assert key == "affinity", part
            out["affinity"], out["affinity_config"] = values[0], "".join(values[1:])
    return out


Pattern = tuple[str, Callable[[re.Match[str]], Operation]]


def _first(said: str, patterns: tuple[Pattern, ...]) -> Operation | None:
    for pattern, made in patterns:
        found = re.fullmatch(pattern, said)
        if found is not None:
            return made(found)
    return None


def _given(said: str, out: dict[str, Any], done: list[Operation]) -> None:
    for pattern, made in GIVEN:
        found = re.fullmatch(pattern, said)
        if found is not None:
            fields = made(found)
            (done.append if "do" in fields else out.update)(fields)
            return
    raise AssertionError(said)


GIVEN: tuple[Pattern, ...] = (
    (
        r"(\d+) clusterset IPs?(, by default)?",
        lambda m: {"clusterset_ips": int(m[1]), "ips_by_default": "yes" if m[2] else "no"},
    ),
    (r"DNS servers", lambda m: {"data_plane": "dns", "search": {"data_plane": "dns"}}),
    (r"no agent on (\w+)", lambda m: {"do": "stop-agent", "cluster": m[1]}),
    (r"globalnet", lambda m: {"globalnet": "on"}),
    (r"no clusterset IP pool", lambda m: {"clusterset_ips": 0}),
    (r"another service", lambda m: {"services": 2}),
    (r"no namespace on (\w+)", lambda m: {"do": "delete-namespace", "cluster": m[1]}),
    (r"the same in namespace (\w+)", lambda m: {"namespaces": ["demo", m[1]]}),
)


def operation(said: str) -> Operation:
    """One line of "when" as an operation of a script; empty where it says that nothing fails any more."""
    if said == AGAIN:
        return {}
    for patterns in (BY_USERS, OF_BEFORE, FOR_DNS, TO_OBJECTS, FAULTS):
        found = _first(said, patterns)
        if found is not None:
            return found
    raise AssertionError(said)


BY_USERS: tuple[Pattern, ...] = (
    (r"(\w+) (exports|unexports)", lambda m: {"do": m[2].removesuffix("s"), "cluster": m[1]}),
    (r"(\w+) (exports|unexports) (web-\d)(?: with use-clusterset-ip (true|false))?", lambda m: {
        "do": m[2].removesuffix("s"), "cluster": m[1], "service": m[3], **({"use_ip": m[4]} if m[4] else {})}),
    (r"(\w+) exports with use-clusterset-ip (true|false)", lambda m: {"do": "export", "cluster": m[1], "use_ip": m[2]}),
    (r"(\w+) sets use-clusterset-ip (true|false)", lambda m: {
        "do": "annotate-export", "cluster": m[1], "use_ip": m[2]}),
    (r"(\w+) exports, marked (\w+)", lambda m: {"do": "export", "cluster": m[1], "carrying": m[2]}),
    (r"(\w+) (deletes|creates) service", lambda m: {"do": f"{m[2].removesuffix('s')}-service", "cluster": m[1]}),
    (r"(\w+) changes service: (.*)", lambda m: {"do": "change-service", "cluster": m[1], **terms(m[2])}),
    (r"(\w+) labels service", lambda m: {"do": "label-service", "cluster": m[1]}),
    (r"(\w+) uninstalls", lambda m: {"do": "uninstall", "cluster": m[1]}),
    (r"namespace (goes|comes) on (\w+)", lambda m: {
        "do": "delete-namespace" if m[1] == "goes" else "create-namespace", "cluster": m[2]}),
)  # fmt: skip
OF_BEFORE: tuple[Pattern, ...] = (
    (r"old import of (\w+) (comes to|goes from) (\w+)", lambda m: {
        "do": "legacy-import", "of": m[1], "what": m[2].split()[0], "to": m[3]}),
    (r"an aggregate of an old release names (.+)", lambda m: {
        "do": "old-aggregate", "clusters": [] if m[1] == "nobody" else m[1].split()}),
    (r"(\w+) gets an EndpointSlice named (without namespace|as in 0.15)", lambda m: {
        "do": "legacy-slice", "cluster": m[1], "named": m[2]}),
)  # fmt: skip
SLICE = (
    r"slice (\d )?of (\w+) (comes to|goes from) (\w+)(, not ready)?(, publishing not ready)?(?:: (.+?))?"
    r"(?: with ports (.+))?"
)
FOR_DNS: tuple[Pattern, ...] = (
    (r"import (comes to|goes from) (\w+)(?:: (\w+))?(?: with IP (\S+))?(?: with ports (.+))?", lambda m: {
        "do": "put-import", "what": m[1].split()[0], "cluster": m[2], "type": m[3] or "ClusterSetIP", "ip": m[4] or "",
        "ports": (m[5] or "").split()}),
    (SLICE, lambda m: {
        "do": "put-slice", "number": int(m[1] or 0), "of": m[2], "what": m[3].split()[0], "cluster": m[4],
        "ready": not m[5], "publish_not_ready": bool(m[6]), "endpoints": (m[7] or "").split(),
        "ports": (m[8] or "").split()}),
    (r"(\w+) is connected to (.+?)(?:, not to (.+))?", lambda m: {
        "do": "put-gateway", "cluster": m[1], "connected": [] if m[2] == "nobody" else m[2].split(),
        "broken": (m[3] or "").split()}),
)  # fmt: skip
TO_OBJECTS: tuple[Pattern, ...] = (
    (r"endpoints of (\w+) become (not )?ready", lambda m: {
        "do": "change-readiness", "cluster": m[1], "ready": not m[2]}),
    (r"global IP of (\w+) is (none|[\d.]+)(?: because of (\w+))?", lambda m: {
        "do": "global-ip", "cluster": m[1], "ip": "" if m[2] == "none" else m[2], "reason": m[3] or ""}),
    (r"global IP of (\S+) in (\w+) is ([\d.]+)", lambda m: {
        "do": "global-ip", "cluster": m[2], "endpoint": m[1], "ip": m[3]}),
    (r"endpoints of (\w+) become ([\w. -]+)", lambda m: {
        "do": "change-endpoints", "cluster": m[1], "endpoints": m[2].split()}),
    (r"(\w+) gets EndpointSlice (\d+)(, not ready)?", lambda m: {
        "do": "add-slice", "cluster": m[1], "number": int(m[2]), "ready": not m[3]}),
    (r"(\w+) loses EndpointSlice (\d+)", lambda m: {"do": "remove-slice", "cluster": m[1], "number": int(m[2])}),
    (r"(\w+) gets an EndpointSlice of somebody else", lambda m: {"do": "add-foreign-slice", "cluster": m[1]}),
    (r"somebody deletes the aggregate", lambda m: {"do": "delete-object", "what": "aggregate"}),
    (r"somebody deletes (copy|local-import|[\w]+-slice) of (\w+)", lambda m: {
        "do": "delete-object", "what": m[1], "cluster": m[2]}),
)  # fmt: skip
FAULTS: tuple[Pattern, ...] = (
    (r"agent of (\w+) restarts", lambda m: {"fault": "agent-crash", "clusters": [m[1]]}),
    (r"agent of (\w+) (stops|starts)", lambda m: {"do": f"{m[2].removesuffix('s')}-agent", "cluster": m[1]}),
    (r"(\w+) of (\w+) on (broker|local) fails for agent of (\w+)", lambda m: {
        "fault": "failing-calls", "verb": m[1], "kind": m[2], "api": m[3], "cluster": m[4], "for_ms": FOR_GOOD_MS}),
    (r"(\w+) of (\w+) on (broker|local) (fails|conflicts) once for agent of (\w+)", lambda m: {
        "fault": "api-error", "verb": m[1], "kind": m[2], "api": m[3], "cluster": m[5],
        "answer": "unreachable" if m[4] == "fails" else "conflict"}),
)  # fmt: skip
