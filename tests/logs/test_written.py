"""What the model does is what the model can do: logs that runs of it are written as are accepted, whatever the script.

The scripts that stand here by name are those that were refused once, each for a reason of its own.
"""

from __future__ import annotations

import random
from pathlib import Path
from typing import Any

import pytest
import yaml

from models.catalogue import CATALOGUE
from models.submariner.names import BROKER_NAMESPACE
from sim.cli.accept import Answer, explained, told
from sim.timed.run import settle
from tests.logs.written import Row, log_of, save

WORLDS = 20_000
SEEDS = 48
RELEASES = ("0.19.0", "0.19.1")
CLUSTERS = ("a", "b")
SETTINGS = {"way": "controllers", "data_plane": "off"}
FAULTS = ("cut-broker", "failing-calls")
Script = list[dict[str, Any]]
GAPS_MS = (0, 5, 30, 100, 100, 300, 1_000, 3_000, 10_000)


def written(tmp_path: Path, script: Script, settings: dict[str, str], release: str, seed: int) -> list[Row]:
    """The log of a run of a script."""
    path = tmp_path / "script.yaml"
    path.write_text(yaml.safe_dump(script))
    model = CATALOGUE.model(str(path), {**SETTINGS, **settings}, release)
    return log_of(model, settle(model), seed)


def answer(tmp_path: Path, rows: list[Row]) -> Answer:
    return explained(save(rows, tmp_path / "written.jsonl"), "", WORLDS)


# -- any script --------------------------------------------------------------------------------------------------------


def operation(chance: random.Random, before: Script, clusters: tuple[str, ...] = CLUSTERS) -> dict[str, Any]:
    """Something that may happen, and that has something to do after what happened before."""
    cluster = chance.choice(clusters)

    def after(do: str) -> bool:
        return any(each.get("do") == do and each["cluster"] == cluster for each in before)

    made: dict[str, Any] = chance.choice((
        *({"do": do} for do in ("export", "unexport", "export", "unexport", "restart-agent", "delete-service")),
        {"do": "create-service" if after("delete-service") else "delete-service"},
        {"do": "create-namespace" if after("delete-namespace") else "delete-namespace"},
        {"do": "start-agent" if after("stop-agent") else "stop-agent"},
        {"do": "change-readiness", "ready": chance.random() < 0.4},
        {"do": "change-service", "ports": [chance.choice(("http:80", "http:81", "http:82"))]},
        {"do": "change-service", "type": chance.choice(("ClusterIP", "Headless"))},
        {"do": "delete-object", "service": "web-1", "what": chance.choice(("copy", "own-slice", "broker-slice"))},
        {"do": "delete-aggregates"},
        {"fault": "agent-crash", "clusters": [cluster]},
        {"fault": "kill-at-write", "write": chance.randint(1, 8), "when": chance.choice(("before", "after"))},
        {"fault": "cut-broker", "for_ms": chance.choice((200, 700, 2_000)), "watches": "stay"},
        {"fault": "api-error", "api": chance.choice(("local", "broker")), "verb": "update", "times": 2},
    ))  # fmt: skip
    takes_cluster = "clusters" not in made and made.get("do") != "delete-aggregates"
    return {**made, "cluster": cluster} if takes_cluster else made


def scripted(seed: int) -> tuple[Script, dict[str, str]]:
    """A script, and what the world is like."""
    chance = random.Random(seed)
    script: Script = []
    at_ms = 5_000
    for _ in range(chance.randint(1, 4)):
        script.append({"at_ms": at_ms, **operation(chance, script)})
        at_ms += chance.choice(GAPS_MS)
    return script, {
        "clusters": "[a, b]", "exported": chance.choice(("[a]", "[b]", "[a, b]")),
        "broker": chance.choice(("a", "a", "separate")), "services": chance.choice(("1", "1", "2")),
        "before": chance.choice(("nothing", "nothing", "slices touched", "imports lost")),
    }  # fmt: skip


@pytest.mark.parametrize("seed", range(SEEDS))
def test_log_that_the_model_writes_is_accepted(tmp_path: Path, seed: int) -> None:
    script, settings = scripted(seed)
    for release in RELEASES:
        rows = written(tmp_path, script, settings, release, seed)
        if len(rows) < 2:
            continue  # nothing happened
        found = answer(tmp_path, rows)
        assert found.found.accepted, "\n".join([str(settings), *map(str, script), *told(found)])


# -- what was refused once ---------------------------------------------------------------------------------------------


def at(ms: int, name: str, cluster: str = "a", /, **more: Any) -> dict[str, Any]:
    """An entry of a script."""
    return {"at_ms": ms, "fault" if name in FAULTS else "do": name, "cluster": cluster, **more}


def crash(ms: int, *clusters: str) -> dict[str, Any]:
    return {"at_ms": ms, "fault": "agent-crash", "clusters": list(clusters)}


BOTH, OF_B = {"exported": "[a, b]"}, {"exported": "[b]"}
READY_AGAIN = [
    at(5_000, "change-readiness", ready=False), at(5_100, "change-readiness", ready=True), at(5_200, "unexport"),
]  # fmt: skip
REFUSED: dict[str, tuple[Script, dict[str, str]]] = {
    "ready again before the broker hears that it was not": (READY_AGAIN, {}),
    "a list of own slices shows nothing of imported ones": (
        [at(5_000, "restart-agent", "b"), at(5_030, "export")], OF_B),
    "a change that is undone before it is heard of": (
        [at(5_000, "change-service", ports=["http:82"]), at(5_100, "change-service", ports=["http:80"])],
        {"services": "2", "broker": "separate"}),
    "a change that is seen once the next was made": (
        [at(5_000, "change-service", ports=["http:82"]), at(5_100, "change-service", ports=["http:81"])],
        {"before": "slices touched"}),
    "slices of headless services have ports of their own": (
        [at(5_000, "change-service", type="Headless"), at(5_300, "change-service", ports=["http:81"])],
        {"before": "imports lost"}),
    "a Service is changed, and goes": (
        [at(5_000, "change-service", "b", ports=["http:82"]), at(5_100, "delete-service", "b")], BOTH),
    "a Service comes again at once": (
        [at(5_000, "delete-service"), crash(5_005, "a"), at(5_010, "create-service")], {}),
    "the namespace is not there": (
        [at(5_000, "delete-namespace", "b"), at(8_100, "delete-namespace"), at(8_400, "create-namespace", "b")], BOTH),
    "the namespace goes once it was listed": (
        [crash(5_000, "b"), at(6_000, "delete-namespace", "b")],
        {**BOTH, "broker": "separate", "before": "imports lost"}),
    "the first list of an informer fails": (
        [crash(5_000, "a", "b"), at(5_400, "cut-broker", "b", for_ms=2_000, watches="stay")], {}),
    "a reconcile looks late": ([at(5_000, "unexport"), crash(5_000, "a", "b")], {**BOTH, "broker": "separate"}),
    "exports go while an agent starts": (
        [at(5_000, "restart-agent", "b"), at(6_100, "unexport", "b")], {**OF_B, "services": "2"}),
    "somebody deletes a slice of two alike": (
        [at(5_000, "delete-object", "b", what="own-slice", service="web-1"), crash(15_000, "a", "b")],
        {**BOTH, "before": "imports lost"}),
    "somebody deletes everything on the broker": ([{"at_ms": 5_000, "do": "delete-object",
                                                    "what": "everything-on-broker"}], BOTH),
    "calls over one of two links fail": (
        [crash(5_100, "a"), at(6_100, "failing-calls", "a", api="any", verb="get", skip=2, for_ms=500)],
        {"services": "2"}),
}  # fmt: skip
"""What the script is about, the script, and what the world is like."""


@pytest.mark.parametrize("about", REFUSED)
@pytest.mark.parametrize("release", RELEASES)
def test_script_that_was_refused_is_accepted(tmp_path: Path, about: str, release: str) -> None:
    script, settings = REFUSED[about]
    for seed in range(3):
        found = answer(tmp_path, written(tmp_path, script, settings, release, seed))
        assert found.found.accepted, "\n".join(told(found))


# -- what is not so ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("release", RELEASES)
def test_another_digest_is_not_accepted(tmp_path: Path, release: str) -> None:
    rows = written(tmp_path, READY_AGAIN, {}, release, seed=1)
    assert answer(tmp_path, rows).found.accepted
    line = next(row for row in rows if (row.get("verb"), row.get("namespace")) == ("update", BROKER_NAMESPACE))
    line["digest"] = line["digest"].replace("ready=false", "ready=true")
    found = answer(tmp_path, rows).found
    assert not found.accepted
    assert not found.bound
    assert "update endpointslices submariner-k8s-broker/web-1" in found.says
    assert any("the model sends ready=[False], the log says ready=[True]" in reason for reason in found.reasons)


@pytest.mark.parametrize("release", RELEASES)
def test_a_write_that_is_left_out_is_missed(tmp_path: Path, release: str) -> None:
    rows = written(tmp_path, READY_AGAIN, {}, release, seed=1)
    place = ("update", BROKER_NAMESPACE)
    del rows[next(i for i, row in enumerate(rows) if (row.get("verb"), row.get("namespace")) == place)]
    found = answer(tmp_path, rows).found
    assert not found.accepted
    assert not found.bound
