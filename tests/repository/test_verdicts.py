"""The published verdicts come out again, byte for byte."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.run import sim

VERDICTS = Path(__file__).parents[2] / "results" / "verdicts"
COMMANDS = {
    "incident-b": ("check", "incident", "--set", "exporters=[b]", "--algorithm", "0.19.1"),
    "incident": ("check", "incident", "--exhaustive"),
    "resume-flushed": (
        "check", "incident", "--set", "reboot=resume-flushed", "--set", "data_plane=on", "--property", "D2",
        "--algorithm", "0.19.1", "--exhaustive",
    ),
    "flushed": ("check", "flushed"),
    "shared-name": ("check", "shared-name", "--algorithm", "level"),
    "gone-exporter": ("check", "gone-exporter", "--exhaustive"),
    "flushed-coredns": ("check", "flushed", "--set", "second=coredns", "--property", "D1"),
    "compare": ("compare", "0.19.0", "0.19.1"),
    "necessity": ("necessity",),
    "after-a-loss": ("outcomes", "--set", "before=imports lost", "--algorithm", "0.19.1"),
    "after-a-loss-real-server": (
        "outcomes", "--set", "before=imports lost", "--set", "way=processes", "--algorithm", "0.19.1"
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", COMMANDS)
def test_a_published_verdict_comes_out_again(name: str) -> None:
    published = (VERDICTS / f"{name}.txt").read_text()
    assert sim(*COMMANDS[name]).stdout == published, "the code has changed: run `make verdicts`"


def test_every_published_verdict_is_checked() -> None:
    assert {path.stem for path in VERDICTS.iterdir()} == set(COMMANDS)
