"""Workers do what they are told, and end when the process that they work for does."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from sim.core.errors import BadInput
from sim.study.workers import workers

ROOT = Path(__file__).parents[2]


def children_of(pid: int) -> list[int]:
    return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def is_alive(pid: int) -> bool:
    """Whether it runs; what has ended and waits for its parent does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] not in "ZX"
    except FileNotFoundError:
        return False


@pytest.mark.skipif(not Path("/proc/self/task").exists(), reason="processes are found in /proc")
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGKILL])
def test_no_worker_outlives_its_parent(number: signal.Signals, tmp_path: Path) -> None:
    command = [sys.executable, "-m", "sim", "explore", "--seeds", "100000", "--jobs", "2", "--out", "none"]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, cwd=ROOT) as process:
        assert process.stderr is not None
        process.stderr.readline()  # the first line of progress: the workers are at it
        children = children_of(process.pid)
        assert len(children) == 2
        process.send_signal(number)
        process.wait(timeout=20)
    until = time.monotonic() + 10
    while any(map(is_alive, children)) and time.monotonic() < until:
        time.sleep(0.05)
    assert not [child for child in children if is_alive(child)]


def test_an_interrupt_is_left_to_the_parent() -> None:
    with workers(1) as pool:
        worker = pool.submit(os.getpid).result()
        os.kill(worker, signal.SIGINT)
        assert pool.submit(os.getpid).result() == worker


def test_a_worker_that_was_killed_is_told_in_one_line() -> None:
    with pytest.raises(BadInput, match="a worker was killed"), workers(1) as pool:
        pool.submit(os.kill, pool.submit(os.getpid).result(), signal.SIGKILL).result()


def test_nothing_is_left_open() -> None:
    before = len(list(Path("/dev/fd").iterdir()))
    for _ in range(3):
        with workers(1) as pool:
            pool.submit(os.getpid).result()
    assert len(list(Path("/dev/fd").iterdir())) <= before
