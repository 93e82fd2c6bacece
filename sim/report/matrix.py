"""Algorithms by known defects: what a search of each pair found, as data and as text of 120 columns."""

from __future__ import annotations

import textwrap
from enum import StrEnum

import msgspec

from sim.core.model import Defect

WIDTH = 120
COLUMN = 7
PYTHON_SIM = "python -m sim"


class Answer(StrEnum):
    """What is known of a defect in an algorithm."""

    WALKED = "violated by a walk"
    SEARCHED = "violated by the search"
    NOT_FOUND = "not found within bounds"
    IMPOSSIBLE = "exhausted: cannot happen"
    NOT_ASKED = "n/a"


class Cell(msgspec.Struct, frozen=True):
    """One defect in one algorithm.

    ``property`` is what the witness violates; ``steps`` are its own, the shortest of all if ``is_shortest``. ``walks``
    were made, of the seeds from 0 on; ``bound`` is what ended a search; ``reason`` is why nothing was asked.
    ``command`` finds the same again, ``token`` replays the witness.
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

    def is_found(self) -> bool:
        """Whether there is a witness."""
        return self.answer in (Answer.WALKED, Answer.SEARCHED)

    def short(self) -> str:
        """The cell in at most seven characters."""
        if self.is_found():
            return f"{self.steps}{'=' if self.is_shortest else ''}"
        return {Answer.NOT_FOUND: "?", Answer.IMPOSSIBLE: "-", Answer.NOT_ASKED: "n/a"}[self.answer]


class Breaks(msgspec.Struct, frozen=True):
    """A property that a defect breaks: its name, and what it asks for."""

    name: str
    sentence: str


class Matrix(msgspec.Struct, frozen=True):
    """All cells, by defect and then by algorithm; ``breaks`` has the properties that each defect breaks."""

    version: str
    algorithms: list[str]
    defects: list[Defect]
    quick: bool
    cells: list[Cell]
    breaks: dict[str, list[Breaks]]

    def row(self, defect: Defect) -> list[Cell]:
        """The cells of one defect."""
        return [cell for cell in self.cells if cell.defect == defect.id]


LEGEND = (
    "a number: violated, the steps of the witness (=: the shortest of all, else shrunk); breaks: the property violated",
    "-: every schedule was searched, it cannot happen;  ?: not found within the bounds named below;  n/a: see below",
    "Walks have the seeds 0, 1, 2 and so on, so that the same ones are made again.",
)


def render(matrix: Matrix) -> str:
    """The matrix, what its signs mean, and of each defect what it is and how to see it."""
    title = max([6, *(len(defect.id) for defect in matrix.defects)]) + 2
    broken = _breaks_width(matrix)
    head = (
        "defect".ljust(title)
        + "breaks".ljust(broken)
        + "".join(name.rjust(_column(name)) for name in matrix.algorithms)
    )
    lines = [head, *(_line(matrix, defect, title, broken) for defect in matrix.defects), "", *LEGEND]
    for defect in matrix.defects:
        lines += ["", *_about(matrix, defect, title)]
    return "\n".join(line.rstrip() for line in lines)


def _line(matrix: Matrix, defect: Defect, title: int, broken: int) -> str:
    cells = [cell.short().rjust(_column(cell.algorithm)) for cell in matrix.row(defect)]
    return defect.id.ljust(title) + _names(matrix, defect).ljust(broken) + "".join(cells)


def _names(matrix: Matrix, defect: Defect) -> str:
    """The names of the properties that a defect breaks."""
    return " ".join(each.name for each in matrix.breaks[defect.id])


def _breaks_width(matrix: Matrix) -> int:
    """The width of that column; the one behind it begins with a space."""
    return max([len("breaks"), *(len(_names(matrix, defect)) for defect in matrix.defects)])


def _column(name: str) -> int:
    """The width of the column of an algorithm."""
    return max(COLUMN, len(name) + 1)


def _about(matrix: Matrix, defect: Defect, title: int) -> list[str]:
    """A paragraph."""
    row = matrix.row(defect)
    out = wrapped(defect.id.ljust(title), defect.title)
    out += wrapped("".ljust(title), f"known: {defect.known}")
    for each in matrix.breaks[defect.id]:
        out += wrapped("".ljust(title), f"breaks {each.name}: {each.sentence}")
    for words, cells in _gathered(row):
        out += wrapped("".ljust(title), f"{words}: {', '.join(cell.algorithm for cell in cells)}")
    best = min((c for c in row if c.is_found()), key=lambda c: c.steps, default=None)
    if best is not None:
        out += wrapped("".ljust(title), f"see it: {best.command}")
    return out


def _gathered(row: list[Cell]) -> list[tuple[str, list[Cell]]]:
    """What is to be said of cells besides their number, with those that it is said of."""
    said: dict[str, list[Cell]] = {}
    for cell in row:
        if cell.is_found():
            said.setdefault(str(cell.answer), []).append(cell)
        elif cell.answer is Answer.NOT_ASKED:
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
