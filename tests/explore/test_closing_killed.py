"""A search that is killed while its cycles are closed goes on from its file, and ends as one that never was."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from sim.core import Become, Cell, Read, Stage, Write
from sim.explore import checkpoint, exhaust
from sim.explore.checkpoint import Checkpoint
from sim.explore.cycles import close_cycles
from sim.explore.exhaust import Bounds
from sim.explore.subject import Subject
from tests.explore.fair_toys import Toy, retry
from tests.explore.test_for_good import ToyModel

CELLS = 3
PLACES = [1, 40, 100]
"""How often the cycles were gone on with when the process is killed; in the end it is 131 times or more."""


def copy_opposite(one: Cell, other: Cell) -> Stage:
    before = yield Read(one)
    yield Write(other, 1 if before is None else None)
    return Become(copy_opposite, (one, other))


def circles() -> Toy:
    """Processes that never end, and some that do: nearly all worlds are found while cycles are closed."""
    toy = Toy()
    cells = [toy.store.cell(f"cell {number}") for number in range(CELLS)]
    for number, cell in enumerate(cells):
        toy.start(f"copies {number}", copy_opposite, cell, cells[(number + 1) % CELLS])
    for number in range(CELLS - 1):
        toy.start(f"waits {number}", retry, cells[number], toy.flag)
    return toy


def search(keep: Checkpoint | None, worlds: int = 0) -> tuple[str, list[int], int, list[int]]:
    toy = circles()
    model: Any = ToyModel(toy)
    subject = Subject(model, toy.machine.world(), (), may_stop=False)
    done = exhaust.exhaust(subject, Bounds(worlds=worlds), keep=keep)
    return done.bound, list(done.search.worlds), done.search.steps, done.search.at_rest


def kept(path: Path) -> Checkpoint:
    checkpoint.SPARE = 0
    return Checkpoint(path, "1", {}, every_s=0)


def main(path: str, place: int) -> None:
    """Search, and be killed at a place."""

    def closing(searched: Any) -> Any:
        for count, more in enumerate(close_cycles(searched)):
            if count == place:
                os.kill(os.getpid(), signal.SIGKILL)
            yield more

    vars(exhaust)["close_cycles"] = closing
    search(kept(Path(path)))


@pytest.fixture(scope="module")
def whole() -> Any:
    out = search(None)
    assert len(out[1]) > 500
    return out


@pytest.mark.parametrize("place", PLACES)
def test_killed_while_cycles_are_closed(place: int, whole: Any, tmp_path: Path) -> None:
    path = tmp_path / "file"
    script = f"from tests.explore.test_closing_killed import main; main({str(path)!r}, {place})"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)
    assert done.returncode == -signal.SIGKILL, done.stderr
    assert path.exists()
    keep = kept(path)
    assert search(keep) == whole
    assert keep.goes_on
    again = kept(path)
    assert search(again) == whole
    assert again.done


@pytest.mark.parametrize("worlds", [2, 60, 400])
def test_a_bound_ends_the_closing_of_cycles_too(worlds: int, whole: Any, tmp_path: Path) -> None:
    bound, found, _, _ = search(kept(tmp_path / "file"), worlds)
    assert bound == f"--worlds {worlds}"
    assert len(found) <= worlds
    assert search(kept(tmp_path / "file")) == whole
