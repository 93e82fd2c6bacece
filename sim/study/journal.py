"""What a hunt has done, kept cell by cell beside its pages, so that an interrupted one is gone on with."""

from __future__ import annotations

import hashlib
from contextlib import suppress
from pathlib import Path
from typing import IO

import msgspec

from sim.core.errors import BadInput
from sim.core.hunting import Configuration
from sim.explore.asking import Sought
from sim.explore.hunt import Cell, Effort
from sim.study.token import version

NAME = "unfinished.jsonl"
Task = tuple[Configuration, str, Effort, Sought | None]
"""A configuration, an algorithm, how much is done, and the finding that alone is looked for, if any."""


class Line(msgspec.Struct, frozen=True):
    """A cell, and which code and task it is of."""

    version: str
    task: str
    cell: Cell


def task_id(task: Task) -> str:
    """What tells a task from others: the configuration, the algorithm and the effort."""
    return hashlib.sha256(msgspec.json.encode(task)).hexdigest()[:24]


class Journal:
    """Cells by task. Without a folder nothing is kept; what another version of the code wrote is not read."""

    def __init__(self, folder: Path | None) -> None:
        self._path = folder / NAME if folder is not None else None
        self._cells: dict[str, Cell] = {}
        self._file: IO[bytes] | None = None
        if self._path is not None and self._path.exists():
            self._read(self._path)

    def _read(self, path: Path) -> None:
        for text in path.read_bytes().splitlines():
            with suppress(msgspec.DecodeError):  # the last line of a process that was killed
                line = msgspec.json.decode(text, type=Line)
                if line.version == version():
                    self._cells[line.task] = line.cell

    def find(self, task: Task) -> Cell | None:
        """What the task came to, if it is known."""
        return self._cells.get(task_id(task))

    def keep(self, task: Task, cell: Cell) -> None:
        """Note what a task came to, at once.

        Raises:
            BadInput: it cannot be written.
        """
        self._cells[task_id(task)] = cell
        if self._path is None:
            return
        try:
            if self._file is None:
                self._path.parent.mkdir(parents=True, exist_ok=True)
                self._file = self._path.open("ab")
            self._file.write(msgspec.json.encode(Line(version(), task_id(task), cell)) + b"\n")
            self._file.flush()
        except OSError as error:
            raise BadInput(f"{self._path} cannot be written: {error.strerror or error}", "a disk with room") from None

    def close(self, *, done: bool) -> None:
        """The end; what is done needs no journal any more."""
        if self._file is not None:
            self._file.close()
            self._file = None
        if done and self._path is not None:
            self._path.unlink(missing_ok=True)
