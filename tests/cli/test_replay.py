"""``sim replay TOKEN`` and the tokens: a run again, and what is said of a token that does not fit."""

from __future__ import annotations

import json
import shlex
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.core.errors import BadInput
from sim.study.token import Token, decode, encode, version
from tests.cli.run import PYTHON, sim


@pytest.fixture(scope="module")
def token(tmp_path_factory: pytest.TempPathFactory) -> str:
    out = tmp_path_factory.mktemp("study") / "out"
    sim("explore", "--seeds", "7:9", "--set", "services=2", "--out", str(out))
    found: str = json.loads((out / "summary.json").read_text())["failure"]["token"]
    return found


def test_a_replay_tells_the_run_that_the_token_names(token: str, golden: Callable[[str, str], None]) -> None:
    done = sim("replay", token)
    assert done.returncode == 0, done.stderr
    golden("replay.txt", done.stdout)
    assert "deletes" in done.stdout or "delete serviceimports" in done.stdout


def test_full_prints_every_step(token: str) -> None:
    short, full = sim("replay", token).stdout, sim("replay", token, "--full").stdout
    steps = int(full.rstrip().split("; ")[-1].split(" steps")[0])
    told = [line for line in full.splitlines() if " s  so " not in line and not line.startswith("violated: ")]
    assert len(told) == steps + 2
    assert len(short.splitlines()) < len(full.splitlines()) / 2
    assert "starts s1-service-exports/worker" in full
    assert not PYTHON.search(full)


def test_at_shows_the_state_before_and_after_the_loss(token: str) -> None:
    assert "aggregate demo/web-1: clusters {a}" in sim("replay", token, "--at", "4.9").stdout
    end = sim("replay", token, "--at", "590").stdout
    assert "aggregate demo/web-1: missing" in end
    assert "ServiceExport demo/web-1: Ready=True Valid=True" in end
    assert "containers: lighthouse-agent not started" in sim("replay", token, "--at", "6").stdout


@pytest.mark.parametrize("at", ["-1", "601", "nan"])
def test_at_outside_the_observation_is_bad_input(token: str, at: str) -> None:
    done = sim("replay", token, f"--at={at}")
    assert done.returncode == 2
    assert "seconds between 0 and 600" in done.stderr


def test_a_token_comes_back_as_it_was() -> None:
    made = Token(version(), "incident", "d" * 16, {"services": "8", "reboot": "resume"}, "0.19.0", 123)
    assert decode(encode(made)) == made


@given(st.integers(min_value=0), st.sampled_from(["cut", "flip", "drop", "double"]))
def test_a_damaged_token_is_bad_input_and_never_another_run(position: int, damage: str) -> None:
    whole = encode(Token(version(), "incident", "d" * 16, {}, "0.19.0", 5))
    at = position % len(whole)
    other = "A" if whole[at] != "A" else "B"
    text = {
        "cut": whole[:at],
        "flip": whole[:at] + other + whole[at + 1 :],
        "drop": whole[:at] + whole[at + 1 :],
        "double": whole[:at] + whole[at] * 2 + whole[at + 1 :],
    }[damage]
    with pytest.raises(BadInput):
        decode(text)


@given(st.text())
def test_any_other_text_is_bad_input(text: str) -> None:
    with pytest.raises(BadInput):
        decode(text)


def test_a_token_of_another_version_says_both_versions() -> None:
    made = msgspec.structs.replace(Token(version(), "incident", "d", {}, "0.19.0", 5), version="0.0.1+beef")
    with pytest.raises(BadInput, match=r"0\.0\.1\+beef"):
        decode(encode(made))


def test_a_token_of_another_version_names_the_command_with_all_its_settings() -> None:
    """As a shell takes it."""
    settings = {"services": "8", "delay.call": "uniform 0 5"}
    with pytest.raises(BadInput) as error:
        decode(encode(Token("0.0.1+beef", "incident", "d", settings, "0.19.0", 5)))
    words = shlex.split(error.value.accepted.split("make one with: ")[1])
    assert words[4:] == [
        "--scenario", "incident", "--algorithm", "0.19.0", "--set", "delay.call=uniform 0 5", "--set", "services=8",
        "--seeds", "5:6",
    ]  # fmt: skip


@pytest.mark.parametrize("text", [b"run1.\xff.abc", b"\xff", "run1.é.abc".encode(), "run1.abc.٣".encode()])
def test_what_is_not_even_text_is_bad_input(text: bytes) -> None:
    command = [sys.executable.encode(), b"-m", b"sim", b"replay", text]
    done = subprocess.run(command, capture_output=True, check=False, timeout=60)
    assert done.returncode == 2
    assert b"is not a token" in done.stderr
    assert b"Traceback" not in done.stderr


def test_what_is_wrong_with_a_token_is_one_line(token: str, tmp_path: Path) -> None:
    for damaged, says in ((token[:-3], "damaged"), ("hello", "not a token"), (token.replace("run1", "run9"), "kind")):
        done = sim("replay", damaged, cwd=tmp_path)
        assert done.returncode == 2
        assert says in done.stderr
        assert "Traceback" not in done.stderr
