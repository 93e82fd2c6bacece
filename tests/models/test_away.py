"""An agent whose Deployment is scaled to none stays away until it is scaled up again."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from models.node.container import EXITED, RUNNING
from tests.models.worlds import model, ran

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
