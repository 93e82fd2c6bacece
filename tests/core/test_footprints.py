"""A step depends on the cells that its request declares, and on nothing else: shown on the real model.

Random walks, without a clock, through every kind of fault and operation: whatever a request reads or writes must have
been declared, and carried out again on equal cells it must do the same.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from models.catalogue import CATALOGUE
from models.model import ScenarioModel
from sim.core import Cell, Domain, Pace, Request, Value
from sim.timed.run import run, settle
from tests.core.audit import Audited

SCRIPT: list[dict[str, Any]] = [
    {"at_ms": 1, "do": "unexport", "cluster": "a"},
    {"at_ms": 2, "fault": "broker-down"},
    {"at_ms": 3, "do": "export", "cluster": "a"},
    {"at_ms": 4, "fault": "pause", "cluster": "b"},
    {"at_ms": 5, "fault": "agent-crash", "clusters": ["a", "b"]},
    {"at_ms": 6, "do": "delete-aggregates"},
    {"at_ms": 7, "do": "restart-agent", "cluster": "b"},
    {"at_ms": 8, "fault": "kernel-flush", "host": "host-2"},
]
CALLS_AND_WATCHES: list[dict[str, Any]] = [
    {"at_ms": 1, "fault": "kill-at-write", "cluster": "a", "write": 3, "when": "after"},
    {"at_ms": 2, "fault": "api-error", "cluster": "b", "verb": "list", "times": 2, "skip": 1},
    {"at_ms": 3, "do": "change-readiness", "cluster": "a", "ready": False},
    {"at_ms": 4, "fault": "cut-broker", "cluster": "a"},
    {"at_ms": 4, "fault": "stale-list", "cluster": "a", "kind": "broker-endpointslices"},
    {"at_ms": 5, "fault": "watch-gap", "cluster": "b", "kind": "endpointslices"},
    *({"at_ms": 6, "do": "delete-object", "what": what, "cluster": "b"} for what in ("copy", "imported-slice")),
    {"at_ms": 7, "do": "delete-object", "what": "everything-on-broker", "service": "web-1"},
    {"at_ms": 8, "fault": "kill-at-write", "cluster": "b", "write": 2, "when": "before"},
]
SPACES: list[dict[str, Any]] = [
    {"at_ms": 1, "do": "delete-namespace", "cluster": "b"},
    {"at_ms": 2, "do": "create-namespace", "cluster": "b", "once_heard": True},
    {"at_ms": 3, "fault": "watch-gap", "cluster": "a", "kind": "namespaces"},
    {"at_ms": 4, "do": "delete-namespace", "cluster": "a"},
    {"at_ms": 5, "do": "unexport", "cluster": "b"},
    {"at_ms": 6, "do": "create-namespace", "cluster": "a"},
    {"at_ms": 7, "do": "create-service", "cluster": "a"},
]
LISTS_FAIL: list[dict[str, Any]] = [
    {"at_ms": 1, "fault": "api-error", "cluster": "a", "verb": "list", "kind": "endpointslices", "times": 300},
    {"at_ms": 2, "do": "unexport", "cluster": "a"},
    {"at_ms": 3, "do": "export", "cluster": "a"},
    {"at_ms": 4, "do": "change-readiness", "cluster": "a", "ready": False},
]
OF_BEFORE: list[dict[str, Any]] = [
    {"at_ms": 1, "do": "legacy-import", "of": "r"},
    {"at_ms": 2, "do": "legacy-import", "of": "a", "to": "a"},
    {"at_ms": 3, "do": "stop-agent", "cluster": "a"},
    {"at_ms": 4, "do": "old-aggregate", "clusters": ["r"]},
    {"at_ms": 5, "do": "legacy-slice", "cluster": "b"},
    {"at_ms": 6, "do": "start-agent", "cluster": "a"},
    {"at_ms": 7, "do": "legacy-import", "of": "r", "what": "goes"},
    {"at_ms": 8, "do": "uninstall", "cluster": "b"},
]
IPS: list[dict[str, Any]] = [
    {"at_ms": 1, "do": "annotate-export", "cluster": "b", "use_ip": "false"},
    {"at_ms": 2, "do": "unexport", "cluster": "a"},
    {"at_ms": 3, "fault": "failing-calls", "cluster": "b", "verb": "update", "answer": "conflict", "for_ms": 5},
    {"at_ms": 4, "do": "export", "cluster": "a", "use_ip": "true", "carrying": "Synced"},
    {"at_ms": 5, "fault": "agent-crash", "clusters": ["a"]},
    {"at_ms": 6, "do": "remove-cluster", "cluster": "b"},
]
GLOBALNET: list[dict[str, Any]] = [
    {"at_ms": 1, "do": "global-ip", "cluster": "a", "reason": "Because"},
    {"at_ms": 2, "do": "global-ip", "cluster": "a", "ip": "242.0.0.1"},
    {"at_ms": 3, "do": "change-endpoints", "cluster": "b", "endpoints": ["pod-1", "10.0.0.1"]},
    {"at_ms": 4, "do": "global-ip", "cluster": "b", "endpoint": "pod-1", "ip": "242.0.0.2"},
    {"at_ms": 5, "do": "add-slice", "cluster": "b", "number": 3},
    {"at_ms": 6, "do": "remove-slice", "cluster": "b"},
    {"at_ms": 7, "do": "add-foreign-slice", "cluster": "b"},
    {"at_ms": 8, "do": "global-ip", "cluster": "b", "endpoint": "10.0.0.1", "ip": "242.0.0.3"},
]
DNS: list[dict[str, Any]] = [
    {"at_ms": 1, "do": "put-gateway", "cluster": "b", "connected": ["a", "c"]},
    {"at_ms": 2, "do": "put-slice", "cluster": "b", "of": "c"},
    {"at_ms": 3, "do": "put-import", "cluster": "b", "ip": "243.0.0.1"},
    {"at_ms": 4, "do": "put-import", "cluster": "b", "type": "Headless"},
    {"at_ms": 5, "do": "put-slice", "cluster": "b", "of": "c", "endpoints": ["h=10.0.0.1", "10.0.0.2!"]},
    {"at_ms": 6, "do": "put-slice", "cluster": "b", "of": "c", "what": "goes"},
    {"at_ms": 7, "do": "put-import", "cluster": "b", "what": "goes"},
]
HANGING: list[dict[str, Any]] = [
    {"at_ms": 1, "fault": "hanging-call", "cluster": "a", "verb": "update", "kind": "endpointslices", "api": "local"},
    {"at_ms": 2, "do": "label-service", "cluster": "a"},
    {"at_ms": 1000, "do": "change-service", "cluster": "a", "ports": ["https:443"]},
]
ROLLED_OUT: list[dict[str, Any]] = [
    {"at_ms": 1, "fault": "roll-out", "cluster": "a"},
    {"at_ms": 2, "do": "label-service", "cluster": "a"},
    {"at_ms": 3, "do": "unexport", "cluster": "a"},
]
REBOOTS = [{"at_ms": 9, "fault": "host-reboot", "host": "host-1", "means": m} for m in ("restart", "resume-flushed")]
SCENARIO: dict[str, Any] = {
    "name": "everything",
    "about": "every kind of fault and operation",
    "hosts": {"host-1": ["a"], "host-2": ["b"]},
    "broker": "a",
    "exports": {"services": 2, "from": ["a", "b"], "spread": "from each"},
    "observe_ms": 600_000,
    "expect": [],
}
ABSTRACT = {"ApiCall", "ObjectWrite", "ConditionalWrite"}
STEPS_MAX = 3000


def walked(model: ScenarioModel, seed: int, *, in_turn: bool = False) -> Audited:
    """A random walk: the preparation, then the script, begun at rest or, for odd seeds, in the middle of it."""
    chance = random.Random(seed)
    machine = Audited()
    machine.start(model.users, "prepare", model.prepare)
    begin_at = chance.randrange(200, 800) if seed % 2 else STEPS_MAX
    begun = False
    for taken in range(STEPS_MAX):
        able = machine.enabled()
        if not begun and (not able or taken >= begin_at):
            begun = True
            if in_turn:
                model.begin_search(machine, may_stop=True)
            else:
                model.begin(machine)
            able = machine.enabled()
        if not able:
            break
        machine.step(*chance.choice(able))
    return machine


def replayed(model: ScenarioModel) -> Audited:
    """A timed run, step by step: what needs one thing to last while others go on, which random walks hardly do."""
    world = settle(model)
    machine = Audited()
    machine.load(world)
    model.begin(machine)
    for step in run(model, world, 0, record=True).recorded:
        process = machine.process(step.domain, step.process)
        assert process is not None
        machine.step(process, step.choice)
    return machine


DIFFERING = {"b": {"ports": ["https:443"], "affinity": "ClientIP"}}
ONE = {"services": 1, "from": ["a", "b"], "spread": "from each"}
CHANGES = [
    {"at_ms": 9, "do": "label-service", "cluster": "a"},
    {"at_ms": 10, "do": "start-backends", "cluster": "b"},
    {"at_ms": 11, "do": "export", "cluster": "b"},
]
WITH_IPS = {"clusterset_ips": 1, "ips_by_default": "yes", "data_plane": "off"}
HEADLESS = {"a": {"type": "Headless", "slices": 2}, "b": {"type": "Headless"}}


def written(folder: Path, **changes: Any) -> str:
    path = folder / f"everything-{len(list(folder.iterdir()))}.yaml"
    path.write_text(yaml.safe_dump({**SCENARIO, "script": SCRIPT, **changes}))
    return str(path)


@pytest.mark.parametrize("release", ["0.16.0", "0.19.0", "0.19.1", "0.22"])
@pytest.mark.parametrize("reboot", ["restart", "resume", "resume-flushed"])
def test_the_incident_touches_only_what_it_declares(release: str, reboot: str) -> None:
    """Reads, writes, readiness, choices and the declarations themselves stay inside the declared cells."""
    model = CATALOGUE.model("incident", {"services": "2", "reboot": reboot}, release)
    for seed in range(8):
        machine = walked(model, seed)
        assert machine.undeclared == set()
        assert machine.impure == set()


def test_every_kind_of_request_touches_only_what_it_declares(tmp_path: Path) -> None:
    """As above with every fault and operation at once; together the walks see every request that the models have."""
    scenarios = [
        (written(tmp_path, script=[*SCRIPT, REBOOTS[0]]), "0.19.0"),
        (written(tmp_path, script=[*SCRIPT, REBOOTS[1]], monitor="on", broker_certificate="private"), "0.19.0"),
        (written(tmp_path, exports={"services": 2, "from": ["b"]}, monitor="on"), "0.19.0"),
        (written(tmp_path, script=CALLS_AND_WATCHES, broker="separate"), "0.19.0"),
        (written(tmp_path, script=LISTS_FAIL, exports=ONE, broker="separate"), "0.19.0"),
        (written(tmp_path, script=SPACES), "0.19.0"),
        (written(tmp_path, script=ROLLED_OUT), "0.19.0"),
        (written(tmp_path, script=HANGING, exports=ONE), "0.19.0"),
        (written(tmp_path, script=HANGING, exports={**ONE, "specs": HEADLESS}), "0.22"),
        (written(tmp_path, exports={**ONE, "specs": DIFFERING}), "0.19.0"),
        (written(tmp_path, exports={**ONE, "specs": HEADLESS}), "0.19.0"),
        (written(tmp_path, exports={**ONE, "specs": DIFFERING}, checks_wait="briefly"), "0.19.1"),
        (written(tmp_path, script=[*SCRIPT, *CHANGES], exports={**ONE, "later": ["b"]}), "0.15"),
        (written(tmp_path, script=[*SCRIPT, *CHANGES], exports={**ONE, "specs": DIFFERING}), "0.16.0"),
        (written(tmp_path, script=[*SCRIPT, *CHANGES], exports={**ONE, "specs": DIFFERING}), "0.22"),
        (written(tmp_path, exports={**ONE, "specs": HEADLESS}), "0.22"),
        (written(tmp_path, script=OF_BEFORE, exports=ONE), "0.19.0"),
        (written(tmp_path, script=IPS, exports={**ONE, "namespaces": ["demo", "other"]}, **WITH_IPS), "0.19.0"),
        (written(tmp_path, script=GLOBALNET, exports={**ONE, "specs": {"b": HEADLESS["b"]}}, globalnet="on"), "0.19.0"),
        (written(tmp_path, script=DNS, exports=ONE, data_plane="dns"), "0.19.0"),
        (written(tmp_path, script=[*SCRIPT, *CHANGES], exports={**ONE, "specs": DIFFERING}), "proposed"),
        (written(tmp_path, script=CALLS_AND_WATCHES, exports=ONE, **WITH_IPS), "proposed"),
        (written(tmp_path, script=[*SCRIPT, *CHANGES], exports={**ONE, "specs": DIFFERING}), "level"),
        (written(tmp_path, script=CALLS_AND_WATCHES, exports=ONE, **WITH_IPS), "level"),
        (written(tmp_path, script=HANGING, exports={**ONE, "specs": HEADLESS}), "level"),
        (written(tmp_path, script=SPACES), "level"),
    ]
    at_once = written(tmp_path, script=SCRIPT[:7], copies="at once")
    seen = set()
    for scenario, release in [*scenarios, (at_once, "0.19.0")]:
        model = (CATALOGUE.search if scenario == at_once else CATALOGUE.model)(scenario, {}, release)
        for seed in range(12 if release == "0.19.0" else 5):
            machine = walked(model, seed, in_turn=seed % 3 == 0)
            assert machine.undeclared == set()
            assert machine.impure == set()
            seen |= machine.kinds
    for release in ("0.19.0", "0.21"):
        machine = replayed(CATALOGUE.model(written(tmp_path, script=HANGING, exports=ONE), {}, release))
        assert machine.undeclared == set()
        assert machine.impure == set()
        seen |= machine.kinds
    of_scenarios = [k for k in _kinds(Request) if k.__module__.startswith("models.") and ".logs." not in k.__module__]
    assert {kind.__name__ for kind in of_scenarios} - ABSTRACT <= seen


def test_whoever_waits_says_how_often_it_looks(tmp_path: Path) -> None:
    """The timed driver asks every request that waits; one that cannot answer ends a run in a traceback."""
    waiting = [kind for kind in _kinds(Request) if kind.pace is Pace.WAIT and kind.__module__.startswith("models.")]
    assert len(waiting) > 5
    for kind in waiting:
        assert hasattr(kind, "period_ms"), kind
        assert hasattr(kind, "immediate"), kind


def _kinds(base: type[Request]) -> Iterator[type[Request]]:
    for kind in base.__subclasses__():
        yield kind
        yield from _kinds(kind)


class Sneaky(Request, frozen=True):
    """Reads and writes what it does not declare."""

    cell: Cell

    def carry_out(self, tx: Any, choice: Value) -> int:
        tx.put(self.cell, (tx.get(self.cell) or 0) + 1)
        CALLS.append(None)
        return len(CALLS)


CALLS: list[None] = []


def test_the_audit_finds_what_is_not_declared() -> None:
    """The seeded bug of this file: both undeclared cells and an outcome that depends on something else are seen."""

    def sneak() -> Any:
        yield Sneaky(cell)

    domain = Domain("d")
    cell = domain.cell("c")
    machine = Audited()
    machine.start(domain, "it", sneak)
    machine.step(*machine.enabled()[0])
    assert machine.undeclared == {"Sneaky: carry_out reads d/c", "Sneaky: carry_out writes d/c"}
    assert machine.impure == {"Sneaky"}
