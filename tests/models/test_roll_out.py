"""A second agent rolls out beside the first, of the same release or of another; the first is then ended for good."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from models.node.container import EXITED, RUNNING
from models.telling.scope import TWO_AGENTS
from sim.core import BadInput
from tests.models.worlds import aggregate, conditions, copies, model, ran

ROLL_OUT: dict[str, Any] = {"at_ms": 1000, "fault": "roll-out", "cluster": "a"}


@pytest.mark.parametrize("more", [{}, {"release": "proposed"}, {"release": "level"}, {"strategy": "Recreate"}], ids=str)
def test_the_new_agent_takes_over(tmp_path: Path, more: dict[str, str]) -> None:
    made = model(tmp_path, script=[{**ROLL_OUT, **more}, {"at_ms": 60_000, "do": "change-service", "cluster": "a",
                                                           "ports": ["https:443"]}])  # fmt: skip
    done = ran(made)
    cluster = made.topology.cluster("a")
    assert cluster.next_agent is not None
    states = [done.machine.get(agent.container.state) for agent in (cluster.agent, cluster.next_agent)]
    assert states == [EXITED, RUNNING]
    assert done.at_rest
    assert aggregate(made, done).ports == ("https:443",)
    assert all(copy.ports == ("https:443",) for copy in copies(made, done))
    assert conditions(made, done) == ["Ready=True", "Valid=True"]


def test_with_recreate_they_never_run_at_once(tmp_path: Path) -> None:
    made = model(tmp_path, script=[{**ROLL_OUT, "strategy": "Recreate"}])
    done = ran(made, record=True)
    said = [step.request.words(step.choice, step.response) for step in done.recorded]
    assert said.index("a/lighthouse-agent is ended for good") < said.index("a/lighthouse-agent#2 starts")


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ({}, "a new agent of a starts beside the old one, for 0.5 s"),
        ({"release": "level"}, "a new agent of a of level starts beside the old one, for 0.5 s"),
        ({"strategy": "Recreate"}, "the agent of a ends, then a new one starts"),
        ({"strategy": "Recreate", "release": "0.19.0"}, "the agent of a ends, then a new one of 0.19.0 starts"),
    ],
    ids=str,
)
def test_its_words_name_the_release_and_the_strategy(tmp_path: Path, more: dict[str, str], words: str) -> None:
    (line,) = model(tmp_path, script=[{**ROLL_OUT, **more}]).timeline()
    assert line.endswith(words)


def test_without_one_there_is_no_second_agent(tmp_path: Path) -> None:
    assert model(tmp_path).topology.cluster("a").next_agent is None
    assert TWO_AGENTS in model(tmp_path).scope().left_out
    assert TWO_AGENTS not in model(tmp_path, script=[ROLL_OUT]).scope().left_out


@pytest.mark.parametrize(
    ("script", "says"),
    [
        ([{**ROLL_OUT, "release": "0.19.1+proposed@b"}], "a fleet"),
        ([{**ROLL_OUT, "release": "0.20"}], "unknown algorithm"),
        ([{**ROLL_OUT, "cluster": "c"}], "unknown cluster"),
    ],
)
def test_a_wrong_parameter_says_what_would_be_accepted(tmp_path: Path, script: list[Any], says: str) -> None:
    with pytest.raises(BadInput) as caught:
        model(tmp_path, script=script)
    assert says in f"{caught.value.problem} {caught.value.accepted}"
