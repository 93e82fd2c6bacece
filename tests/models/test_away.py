"""An agent whose Deployment is scaled to none stays away until it is scaled up again."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from models.node.container import EXITED, RUNNING
from sim.core import BadInput
from tests.models.worlds import aggregate, model, ran

CRASH: dict[str, Any] = {"at_ms": 1000, "fault": "agent-crash", "clusters": ["a"]}
STOP: dict[str, Any] = {"at_ms": 1001, "do": "stop-agent", "cluster": "a"}
START: dict[str, Any] = {"at_ms": 10_000, "do": "start-agent", "cluster": "a"}


@pytest.mark.parametrize(
    ("script", "state"),
    [
        ([STOP], EXITED),
        ([CRASH, STOP], EXITED),  # while the kubelet waits to restart it
        ([STOP, START], RUNNING),
        ([STOP, START, {**CRASH, "at_ms": 20_000}], RUNNING),
        ([START], RUNNING),
    ],
    ids=["stopped", "crashed and stopped", "started again", "kept again", "started though it runs"],
)
def test_it_is_there_only_where_it_was_started(tmp_path: Path, script: list[Any], state: str) -> None:
    made = model(tmp_path, script=script)
    done = ran(made)
    assert done.at_rest
    assert done.machine.get(made.topology.cluster("a").agent.container.state) == state


LEAVE: dict[str, Any] = {"at_ms": 1000, "do": "remove-cluster", "cluster": "b"}
BOTH: dict[str, Any] = {"services": 1, "from": ["a", "b"], "spread": "from each"}


@pytest.mark.parametrize(
    ("entry", "named"), [(LEAVE, ("a", "b")), ({**LEAVE, "do": "uninstall"}, ("a",))], ids=["gone", "uninstalled"]
)
def test_what_a_cluster_made_stays_where_it_is_gone_without_a_clean_up(
    tmp_path: Path, entry: dict[str, Any], named: tuple[str, ...]
) -> None:
    """FACTS R27; the copies of a cluster that is gone are missed by nobody."""
    made = model(tmp_path, exports=BOTH, script=[entry])
    done = ran(made)
    assert done.at_rest
    assert aggregate(made, done).clusters == named
    holds = {prop.name: prop.holds(done.machine.get) for prop in made.checked()}
    assert entry is not LEAVE or (holds["I1"], holds["I2"]) == (False, True)


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"script": [{**LEAVE, "cluster": "a"}]}, "the broker is on a"),
        ({"script": [LEAVE], "data_plane": "on"}, "data plane"),
        ({"script": [{**LEAVE, "cluster": "z"}]}, "unknown cluster"),
    ],
)
def test_a_cluster_that_cannot_leave_is_bad_input(tmp_path: Path, changes: dict[str, Any], says: str) -> None:
    with pytest.raises(BadInput, match=says):
        model(tmp_path, **changes)
