"""Spin, as a program of its own that counts the states of a Promela model."""

from __future__ import annotations

import re
import shutil
import subprocess
import tempfile
import time
from pathlib import Path
from typing import NamedTuple

MISSING = [name for name in ("spin", "gcc") if shutil.which(name) is None]
"""What it takes to run Spin and is not installed."""


class Counted(NamedTuple):
    """How many states there are, and the seconds it took to make the C program, to compile it, and to run it."""

    states: int
    generate_s: float
    compile_s: float
    run_s: float

    @property
    def seconds(self) -> float:
        return self.generate_s + self.compile_s + self.run_s


def counted(model: str, command: str, optimize: str = "-O3") -> Counted:
    """Run the three programs that the command names; it must go through all states and find nothing wrong."""
    seconds, output = [], ""
    with tempfile.TemporaryDirectory() as folder:
        Path(folder, "model.pml").write_text(model, encoding="utf-8")
        for line in command.split(" && "):
            words = line.replace("FILE", "model.pml").replace("-O3", optimize).split()
            began = time.perf_counter()
            done = subprocess.run(words, cwd=folder, capture_output=True, text=True, check=False)
            seconds.append(time.perf_counter() - began)
            output = done.stdout + done.stderr
            assert done.returncode == 0, f"{line}: {output}"
    states = re.search(r"(\d+) states, stored", output)
    assert states is not None, output
    assert "errors: 0" in output, output
    assert "not completed" not in output, output
    assert "depth too small" not in output, output
    return Counted(int(states[1]), *seconds)
