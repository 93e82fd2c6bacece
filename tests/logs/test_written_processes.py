"""The same of logs of whole processes: what the model does is what the model can do, as a proxy would tell of it.

A line of such a log does not tell the type of a ServiceImport nor which ports there are, but how many: users change
nothing else here. The scripts that stand here by name are those that were refused once.
"""

from __future__ import annotations

import random
from pathlib import Path
from typing import Any

import pytest
import yaml

from models.catalogue import CATALOGUE
from sim.cli.accept import told
from sim.timed.run import settle
from tests.logs.test_written import GAPS_MS, RELEASES, Script, answer, at, crash, operation
from tests.logs.written import Row
from tests.logs.written_processes import log_of_processes

SEEDS = 60
A, B = CLUSTERS = ("cluster-a", "cluster-b")
SETTINGS = {"way": "processes", "data_plane": "off", "clusters": f"[{A}, {B}]", "broker": A, "exported": f"[{A}]"}
PORTS = ["http:80", "https:443", "dns:53"]
Settings = dict[str, str]


def written(
    tmp_path: Path, script: Script, settings: Settings, release: str, seed: int, *, events: bool = True
) -> list[Row]:
    """The log of a run of a script."""
    path = tmp_path / "script.yaml"
    path.write_text(yaml.safe_dump(script))
    model = CATALOGUE.model(str(path), {**SETTINGS, **settings}, release)
    return log_of_processes(model, settle(model), seed, events=events)


# -- any script --------------------------------------------------------------------------------------------------------


def told_operation(chance: random.Random, before: Script) -> dict[str, Any]:
    """Something that may happen, and that such a log tells of: a proxy sees nothing of errors that are made up."""
    if chance.random() < 0.08:
        return {"fault": "pause", "for_ms": chance.choice((50, 300, 1_000, 5_000)), "cluster": chance.choice(CLUSTERS)}
    while True:
        made = operation(chance, before, CLUSTERS)
        if "type" not in made and made.get("fault") != "api-error":
            return {**made, "ports": PORTS[: chance.randint(1, 3)]} if "ports" in made else made


def scripted(seed: int) -> tuple[Script, Settings]:
    """A script, and what the world is like."""
    chance = random.Random(seed)
    script: Script = []
    at_ms = 5_000
    for _ in range(chance.randint(1, 4)):
        script.append({"at_ms": at_ms, **told_operation(chance, script)})
        at_ms += chance.choice(GAPS_MS)
    return script, {
        "exported": chance.choice((f"[{A}]", f"[{B}]", f"[{A}, {B}]")), "broker": chance.choice((A, A, "separate")),
        "services": chance.choice(("1", "1", "1", "2")), "rtt_ms": chance.choice(("0", "50", "150")),
        "before": chance.choice(("nothing", "nothing", "slices touched", "imports lost")),
    }  # fmt: skip


@pytest.mark.parametrize("seed", range(SEEDS))
def test_log_that_the_model_writes_is_accepted(tmp_path: Path, seed: int) -> None:
    script, settings = scripted(seed)
    for release in RELEASES:
        rows = written(tmp_path, script, settings, release, seed, events=settings["services"] == "1")
        if len(rows) < 2:
            continue  # nothing happened
        found = answer(tmp_path, rows)
        assert found.found.accepted, "\n".join([str(settings), *map(str, script), *told(found)])


# -- what was refused once ---------------------------------------------------------------------------------------------


def cut(ms: int, cluster: str, for_ms: int) -> dict[str, Any]:
    return at(ms, "cut-broker", cluster, for_ms=for_ms, watches="stay")


BOTH = {"exported": f"[{A}, {B}]"}
OWN_SLICE = [at(5_000, "delete-object", A, what="own-slice", service="web-1")]
REFUSED: dict[str, tuple[Script, Settings]] = {
    "somebody deletes a slice that is named after a cluster with a dash": (OWN_SLICE, {"before": "slices touched"}),
    "the namespace is not there": ([at(5_000, "delete-namespace", B)], {"exported": f"[{B}]"}),
    "two delete one aggregate": (
        [{"at_ms": 5_000, "do": "delete-aggregates"}, {"at_ms": 5_005, "do": "delete-aggregates"}],
        {"rtt_ms": "150"}),
    "the link is cut while no agent runs": ([crash(5_000, A), cut(5_100, A, 200)], {"exported": f"[{B}]"}),
    "an agent starts while its link is cut": (
        [cut(5_000, B, 2_000), at(5_300, "restart-agent", B)], {**BOTH, "broker": "separate"}),
    "events are heard while calls fail": (
        [at(5_000, "unexport", B), cut(5_000, A, 2_000), at(5_300, "export", A)], {"exported": f"[{B}]"}),
    "one leaves, and the ports of the aggregate go a moment later": (
        [at(5_000, "change-service", A, ports=PORTS), at(15_000, "delete-object", B, what="own-slice", service="web-1"),
         at(15_500, "unexport", A)], {**BOTH, "rtt_ms": "50"}),
}  # fmt: skip
"""What the script is about, the script, and what the world is like."""


@pytest.mark.parametrize("about", REFUSED)
@pytest.mark.parametrize("release", RELEASES)
def test_script_that_was_refused_is_accepted(tmp_path: Path, about: str, release: str) -> None:
    script, settings = REFUSED[about]
    found = answer(tmp_path, written(tmp_path, script, settings, release, seed=60))
    assert found.found.accepted, "\n".join(told(found))


def test_events_may_be_left_out(tmp_path: Path) -> None:
    rows = written(tmp_path, OWN_SLICE, {}, RELEASES[0], seed=1, events=False)
    assert all(row.get("verb") != "event" for row in rows)
    assert answer(tmp_path, rows).found.accepted


# -- what is not so ----------------------------------------------------------------------------------------------------


def _row(rows: list[Row], verb: str) -> Row:
    """The first line of a call for the slice on the broker."""
    call = (verb, "B", "EPS")
    return next(row for row in rows if (row.get("verb"), row.get("api"), row.get("res")) == call)


def was_found(rows: list[Row]) -> None:
    """The slice on the broker was deleted by somebody before."""
    row = _row(rows, "delete")
    row["code"], row["got"] = 404, {"reason": "NotFound"}


def left_out(rows: list[Row]) -> None:
    """The slice on the broker stays when that in the cluster is gone, and what follows from its end happens."""
    rows.remove(_row(rows, "delete"))


def other_client(rows: list[Row]) -> None:
    """The slice on the broker is deleted by the client of the own cluster."""
    _row(rows, "delete")["api"] = "L"


@pytest.mark.parametrize("change", [was_found, other_client, left_out])
@pytest.mark.parametrize("release", RELEASES)
def test_changed_log_is_not_accepted(tmp_path: Path, release: str, change: Any) -> None:
    rows = written(tmp_path, OWN_SLICE, {}, release, seed=1)
    assert answer(tmp_path, rows).found.accepted
    change(rows)
    found = answer(tmp_path, rows).found
    assert not found.accepted
    assert not found.bound
