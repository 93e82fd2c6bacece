"""A hunt over many configurations: cells in worker processes, equal causes merged, findings ranked."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, wait

import msgspec

from sim.core.hunting import Configuration
from sim.explore.hunt import Cell, Effort, Found, hunt
from sim.study.find import catalogue
from sim.study.interrupts import Interrupts
from sim.study.workers import workers

AHEAD = 3
EFFORTS = {
    "tiny": Effort(walks=40, worlds=2_000, doom_worlds=2_000, ends=2),
    "small": Effort(walks=60, worlds=5_000, doom_worlds=3_000, ends=2),
    "full": Effort(walks=60, worlds=6_000, doom_worlds=3_000, ends=2),
}
"""What is done in each configuration of a budget."""
HAS_IT, BY_ANOTHER = "has it", "has the symptom by another cause"
CONFIRMING = 3
"""So many times the worlds are searched where a release is to be cleared of a finding."""
Task = tuple[Configuration, str, Effort]


class Finding(msgspec.Struct):
    """A cause: where it shows smallest, in how many configurations it showed, and what other releases do there."""

    found: Found
    shows_in: int
    releases: dict[str, str] = {}

    @property
    def expected(self) -> dict[str, str]:
        """What a check of its scenario is expected to say; of losses, the other symptoms are not all properties."""
        if not self.found.is_for_good:
            return {}
        return {name: "fails" if says in (HAS_IT, BY_ANOTHER) else "holds" for name, says in self.releases.items()}

    @property
    def rank(self) -> tuple[object, ...]:
        """Permanent losses that say Ready first, then by gravity; fewer faults, then smaller configurations."""
        found = self.found
        size = found.configuration.size
        return (not found.is_for_good, found.gravity, size[1:2], size, found.steps, found.cause.key)


def sweep(tasks: Sequence[Task], jobs: int, progress: Callable[[int], None], interrupts: Interrupts) -> list[Cell]:
    """What each task came to, in the order of the tasks; those after an interrupt are left out."""
    cells: dict[int, Cell] = {}
    under_way: dict[Future[Cell], int] = {}
    with workers(jobs) as pool:
        for number, task in enumerate(tasks):
            under_way[pool.submit(_one, *task)] = number
            if len(under_way) >= AHEAD * jobs:
                done, _ = wait(under_way, return_when=FIRST_COMPLETED)
                for future in done:
                    cells[under_way.pop(future)] = future.result()
                    progress(1)
            if interrupts.came:
                break
        for future, number in list(under_way.items()):
            if not interrupts.came or future.done() or future.running():
                cells[number] = future.result()
                progress(1)
    return [cells[number] for number in sorted(cells)]


def _one(configuration: Configuration, algorithm: str, effort: Effort) -> Cell:
    return hunt(catalogue().hunter(), configuration, algorithm, effort)


def merged(cells: Iterable[Cell]) -> list[Finding]:
    """One finding for each cause, shown by its smallest configuration, in the order of rank."""
    by_key: dict[tuple[str, ...], Finding] = {}
    for cell in cells:
        for found in cell.found:
            known = by_key.get(found.cause.key)
            if known is None:
                by_key[found.cause.key] = Finding(found, 1)
                continue
            known.shows_in += 1
            if _size(found) < _size(known.found):
                known.found = found
    return sorted(by_key.values(), key=lambda finding: finding.rank)


def _size(found: Found) -> tuple[object, ...]:
    return (found.gravity, found.configuration.size, found.steps, found.configuration.name)


def confirm(
    findings: Sequence[Finding], algorithms: Sequence[str], effort: Effort, jobs: int,
    progress: Callable[[int], None], interrupts: Interrupts,
) -> None:  # fmt: skip
    """Say of each finding which releases have it, on its smallest configuration."""
    more = msgspec.structs.replace(effort, worlds=effort.worlds * CONFIRMING)
    pairs = [(finding, name) for finding in findings for name in algorithms if name != finding.found.algorithm]
    cells = sweep([(finding.found.configuration, name, more) for finding, name in pairs], jobs, progress, interrupts)
    for finding in findings:
        finding.releases[finding.found.algorithm] = HAS_IT
    if len(cells) < len(pairs):
        return  # interrupted
    for (finding, name), cell in zip(pairs, cells, strict=True):
        finding.releases[name] = _says(finding, cell)


def _says(finding: Finding, cell: Cell) -> str:
    if any(found.cause.key == finding.found.cause.key for found in cell.found):
        return HAS_IT
    if any(found.symptom == finding.found.symptom for found in cell.found):
        return BY_ANOTHER
    none = "nothing wrong" if not cell.found else "not this"
    return f"{none}, every schedule" if not cell.bound else f"{none} in {cell.walked} walks and {cell.worlds} worlds"
