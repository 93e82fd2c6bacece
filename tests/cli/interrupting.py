"""A command that gets a SIGINT (Ctrl-C) as soon as it has come to a place."""

from __future__ import annotations

import signal
import subprocess
import sys
from collections.abc import Callable, Sequence

TELLING = """
import signal
from sim.cli import run, searching
signal.signal(signal.SIGINT, signal.default_int_handler)  # tests may run where it is ignored
searching.SAY_EVERY_S = 0.0
run()
"""
"""The command, which says at each pause where it stands."""


def interrupted(
    arguments: Sequence[str], begun: Callable[[str], bool], code: str = TELLING, *, twice: bool = False
) -> tuple[int, str, str]:
    """The command, interrupted when a line on stderr shows that it has come to a place: exit code, stdout with single
    spaces, stderr. ``twice``: and once more when it has said that it heard.
    """
    command = [sys.executable, "-c", code, *arguments]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True
    ) as process:
        assert process.stderr is not None
        before = ""
        for line in process.stderr:
            before += line
            if begun(line):
                break
        process.send_signal(signal.SIGINT)
        while "interrupt again" not in before:
            line = process.stderr.readline()
            assert line, f"it ended without a word of the interrupt: {before}"
            before += line
        if twice:
            process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=60)
        assert "Traceback" not in err
        return process.returncode, " ".join(out.split()), before + err
