"""A delay that is no distribution is refused by every command that takes a scenario, though a search draws none."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from sim.core.errors import BadInput
from sim.study.campaign import prepared
from tests.cli.run import sim

COMMANDS = {
    "explore": ("--seeds", "1", "--out", "none", "--algorithm", "0.19.1"),
    "check": ("--only-walks", "--walks", "1", "--no-explain"),
    "outcomes": ("--worlds", "5"),
    "predict": ("--seeds", "1", "--algorithm", "0.19.1"),
    "compare": ("--worlds", "5"),
    "necessity": ("--worlds", "5"),
    "profile": ("--worlds", "5"),
    "promela": (),
}
ACCEPTED = "allowed: constant ms; uniform low_ms high_ms; lognormal median_ms p95_ms"


def command(name: str, scenario: str, *more: str) -> tuple[str, ...]:
    before = ("0.19.0", "0.19.1") if name == "compare" else ()
    return (name, *before, scenario, *COMMANDS[name], *more)


@pytest.fixture
def bad(tmp_path: Path) -> str:
    path = tmp_path / "bad.yaml"
    delays = {"call": "lognormal x", "container-start": "constant 1", "api-server-start": "soon"}
    path.write_text(
        yaml.safe_dump(
            {
                "name": "bad", "about": "two delays that are none", "hosts": {"h": ["a"], "i": ["b"]}, "broker": "a",
                "exports": {"services": 1, "from": ["b"]}, "observe_ms": 600_000, "delays": delays,
                "script": [{"at_ms": 5000, "fault": "agent-crash", "clusters": ["a"]}],
            }
        )
    )  # fmt: skip
    return str(path)


@pytest.mark.parametrize("name", COMMANDS)
def test_as_a_setting(name: str, tmp_path: Path) -> None:
    done = sim(*command(name, "restart", "--set", "delay.call=constant 1 + x"), cwd=tmp_path)
    assert (done.returncode, done.stdout) == (2, ""), done.stderr
    says = "error: --set delay.call: 'constant 1 + x' is not a delay: behind + stands a number of ms"
    assert done.stderr.startswith(f"{says}\n{ACCEPTED}")


@pytest.mark.parametrize("name", COMMANDS)
def test_in_a_file(name: str, bad: str, tmp_path: Path) -> None:
    done = sim(*command(name, bad), cwd=tmp_path)
    assert (done.returncode, done.stdout) == (2, ""), done.stderr
    says = "error: delay call of scenario bad: 'lognormal x' is not a delay: its parameters must be numbers"
    assert f"{says}\n{ACCEPTED}" in done.stderr
    assert "delay user-call" not in done.stderr
    assert "delay broker-call" not in done.stderr


def test_in_python() -> None:
    with pytest.raises(BadInput, match="delay call of scenario restart: 'abc' is not a delay"):
        prepared("restart", (("delay.call", "abc"),), "0.19.1")


def test_all_that_are_wrong_are_told(bad: str) -> None:
    said = sim(*command("check", bad)).stderr
    assert "delay call of scenario bad: 'lognormal x'" in said
    assert "delay container-start" not in said
    assert "delay api-server-start of scenario bad: 'soon' is not a delay" in said
