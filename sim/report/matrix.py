"""Algorithms by known defects: what a search of each pair found, as data and as text of 120 columns."""

from __future__ import annotations

import textwrap
from enum import StrEnum

import msgspec

from sim.core.model import Defect

WIDTH = 120
COLUMN = 8
PYTHON_SIM = "python -m sim"


class Answer(StrEnum):
    """What is known of a defect in an algorithm."""

    FOUND = "found"
    NOT_FOUND = "not found within bounds"
    IMPOSSIBLE = "exhausted: cannot happen"
    NOT_ASKED = "n/a"


class Cell(msgspec.Struct, frozen=True):
    """One defect in one algorithm.

    ``steps`` are those of the witness, the shortest of all if ``is_shortest``; ``bound`` is what ended a search;
    ``reason`` is why nothing was asked. ``command`` finds the same again, ``token`` replays the witness.
    """

    defect: str
    algorithm: str
    answer: Answer
    property: str = ""
    steps: int = 0
    is_shortest: bool = False
    walks: int = 0
    worlds: int = 0
    bound: str = ""
    reason: str = ""
    command: str = ""
    token: str = ""

    def short(self) -> str:
        """The cell in at most seven characters."""
        if self.answer is Answer.FOUND:
            return f"{self.steps}{'=' if self.is_shortest else ''}"
        return {Answer.NOT_FOUND: "?", Answer.IMPOSSIBLE: "-", Answer.NOT_ASKED: "n/a"}[self.answer]


class Matrix(msgspec.Struct, frozen=True):
    """All cells, by defect and then by algorithm."""

    version: str
    algorithms: list[str]
    defects: list[Defect]
    quick: bool
    cells: list[Cell]

    def row(self, defect: Defect) -> list[Cell]:
        """The cells of one defect."""
        return [cell for cell in self.cells if cell.defect == defect.id]


LEGEND = (
    "a number: found, the steps of the witness (=: the shortest of all, else shrunk)",
    "-: every schedule was searched, it cannot happen;  ?: not found within the bounds named below;  n/a: see below",
)


def render(matrix: Matrix) -> str:
    """The matrix, what its signs mean, and of each defect what it is and how to see it."""
    title = max([6, *(len(defect.id) for defect in matrix.defects)]) + 2
    head = "defect".ljust(title) + "".join(name.rjust(_column(name)) for name in matrix.algorithms)
    lines = [head, *(_line(matrix, defect, title) for defect in matrix.defects), "", *LEGEND]
    for defect in matrix.defects:
        lines += ["", *_about(matrix, defect, title)]
    return "\n".join(line.rstrip() for line in lines)


def _line(matrix: Matrix, defect: Defect, title: int) -> str:
    cells = [cell.short().rjust(_column(cell.algorithm)) for cell in matrix.row(defect)]
    return defect.id.ljust(title) + "".join(cells)


def _column(name: str) -> int:
    """The width of the column of an algorithm."""
    return max(COLUMN, len(name) + 2)


def _about(matrix: Matrix, defect: Defect, title: int) -> list[str]:
    """A paragraph."""
    row = matrix.row(defect)
    out = wrapped(defect.id.ljust(title), defect.title)
    out += wrapped("".ljust(title), f"known: {defect.known}")
    for words, cells in _gathered(row):
        out += wrapped("".ljust(title), f"{words}: {', '.join(cell.algorithm for cell in cells)}")
    best = min((c for c in row if c.answer is Answer.FOUND), key=lambda c: c.steps, default=None)
    if best is not None:
        out += wrapped("".ljust(title), f"see it: {best.command}")
    return out


def _gathered(row: list[Cell]) -> list[tuple[str, list[Cell]]]:
    """What is to be said of cells without a witness, with those that it is said of."""
    said: dict[str, list[Cell]] = {}
    for cell in row:
        if cell.answer is Answer.NOT_ASKED:
            said.setdefault(f"n/a, {cell.reason}", []).append(cell)
        elif cell.answer is Answer.NOT_FOUND:
            said.setdefault(f"not found in {cell.walks} walks and within {cell.bound}", []).append(cell)
    return list(said.items())


def wrapped(before: str, words: str) -> list[str]:
    """Lines of at most the width, the later ones indented as far."""
    return textwrap.wrap(
        words, WIDTH, initial_indent=before, subsequent_indent=" " * len(before), break_on_hyphens=False,
        break_long_words=False,
    )  # fmt: skip
