"""The corpus of a hunt on disk: an index, a page and a scenario of each finding; written as the hunt goes on."""

from __future__ import annotations

import time
from collections.abc import Sequence
from pathlib import Path
from shlex import quote

from sim.core.errors import BadInput
from sim.explore.hunt import Cell, Effort, Found
from sim.report.hunt_pages import Extent, Kept, index, page, slugs
from sim.study.find import catalogue
from sim.study.hunting import EFFORTS, USUAL, Finding, merged

PERIOD_S = 10.0


class Corpus:
    """The folder of a hunt. Pages of before go once a hunt has reached everything; until then new ones are added."""

    def __init__(self, folder: Path | None, command: str, extent: Extent, budget: str, effort: Effort) -> None:
        self._folder = folder
        self._command = command
        self._extent = extent
        self._budget, self._effort = budget, effort
        self._cells: dict[int, Cell] = {}
        self._said = time.monotonic()

    def saw(self, number: int, cell: Cell) -> None:
        """A cell has come; what is found so far is written now and then."""
        self._cells[number] = cell
        if self._folder is not None and time.monotonic() - self._said >= PERIOD_S:
            cells = [self._cells[number] for number in sorted(self._cells)]
            self.write(merged(cells), cells, has_asked_releases=False)

    def again(self, findings: Sequence[Finding], cells: Sequence[Cell]) -> None:
        """The same while releases are asked."""
        if self._folder is not None and time.monotonic() - self._said >= PERIOD_S:
            self.write(findings, cells, has_asked_releases=False)

    def write(self, findings: Sequence[Finding], cells: Sequence[Cell], *, has_asked_releases: bool) -> None:
        """The index, and the pages and scenarios of all findings.

        Raises:
            BadInput: the folder cannot be written.
        """
        if self._folder is None:
            return
        self._said = time.monotonic()
        names = slugs(findings)
        is_whole = len(cells) == self._extent.chosen == self._extent.all_
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            if is_whole:
                self._remove_others(names)
            for finding, name in zip(findings, names, strict=True):
                self._write_finding(finding, name)
            text = index(findings, cells, self._command, names, self._extent, has_asked_releases=has_asked_releases)
            _put(self._folder / "index.md", text)
        except OSError as error:
            raise BadInput(
                f"{self._folder} cannot be written: {error.strerror or error}", "a folder that can be"
            ) from None

    def _remove_others(self, names: Sequence[str]) -> None:
        assert self._folder is not None
        for old in sorted(self._folder.glob("*")):
            if old.suffix in {".md", ".yaml"} and old.stem not in names:
                old.unlink()

    def _write_finding(self, finding: Finding, name: str) -> None:
        assert self._folder is not None
        found, scenario = finding.found, self._folder / f"{name}.yaml"
        _put(scenario, catalogue().hunter().saved(found.configuration, found.symptom, finding.expected))
        where = f"{quote(str(scenario))} --algorithm {quote(found.algorithm)}"
        commands = [f"python -m sim hunt --configuration {where}{self._options(found)} --no-releases"]
        if finding.expected:
            commands.append(f"python -m sim check {where}")
        _put(self._folder / f"{name}.md", page(finding, Kept(name, tuple(commands))))

    def _options(self, found: Found) -> str:
        """The budget, and how much was walked, where that is not what the command does of itself."""
        walks = self._effort.walks * found.configuration.effort
        budget = "" if self._budget == USUAL else f" --budget {self._budget}"
        return budget + ("" if walks == EFFORTS[self._budget].walks else f" --walks {walks}")


def _put(path: Path, text: str) -> None:
    """Write a file whole, or not at all."""
    partial = path.with_name(f"{path.name}.partial")
    partial.write_text(text)
    partial.replace(path)
