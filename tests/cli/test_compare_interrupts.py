"""SIGINT (Ctrl-C) in ``sim compare`` and ``sim necessity``: what was seen is told, and what was not asked is named."""

from __future__ import annotations

import signal
import subprocess
import sys

import pytest

CODE = """
import signal
from sim.cli import run, searching
signal.signal(signal.SIGINT, signal.default_int_handler)  # tests may run where it is ignored
searching.SAY_EVERY_S = 0.0
run()
"""
LARGE = ("--set", "exporters=[b]", "--worlds", "0")


def interrupted(*arguments: str) -> tuple[int, str, str]:
    """The command, interrupted as soon as a search shows progress."""
    with subprocess.Popen(
        [sys.executable, "-c", CODE, *arguments], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        start_new_session=True,
    ) as process:  # fmt: skip
        assert process.stderr is not None
        before = process.stderr.readline()
        while " worlds in " not in before.splitlines()[-1]:
            before += process.stderr.readline()
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=60)
        assert "Traceback" not in err
        return process.returncode, " ".join(out.split()), before + err


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("compare", "0.19.0", "0.19.1", "incident", *LARGE), "nothing of 0.19.1, so there is nothing to compare"),
        (("necessity", "incident", *LARGE), "interrupted: not asked without skips-annotated, skips-labelled"),
    ],
    ids=["compare", "necessity"],
)
def test_the_first_one_ends_the_command_and_says_what_is_missing(arguments: tuple[str, ...], says: str) -> None:
    code, out, err = interrupted(*arguments)
    assert code == 3
    assert says in " ".join(err.split())
    assert "interrupt again to give up" in err
    assert "over all schedules" not in out
