"""Running the command as a user does."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

PYTHON = re.compile(r"[A-Za-z]\(|<.* at 0x|, '|\('|\(\w+=")
"""What only the text of a Python object has."""


def sim(*arguments: str, cwd: Path | None = None, hash_seed: str = "random") -> subprocess.CompletedProcess[str]:
    """Run ``python -m sim`` and wait for it."""
    environment = {**os.environ, "PYTHONHASHSEED": hash_seed}
    command = [sys.executable, "-m", "sim", *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False, cwd=cwd, env=environment, timeout=300)


def joined(done: subprocess.CompletedProcess[str]) -> str:
    """What was printed, with single spaces."""
    return " ".join(done.stdout.split())
