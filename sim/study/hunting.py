"""A hunt over many configurations: cells in worker processes, equal causes merged, findings ranked."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, wait

import msgspec

from sim.core.hunting import Configuration
from sim.explore.asking import Sought, ask
from sim.explore.hunt import Cell, Effort, Found, hunt
from sim.study.find import catalogue
from sim.study.interrupts import Interrupts
from sim.study.journal import Journal, Task
from sim.study.workers import workers

AHEAD = 3
MOMENT_S = 0.5
"""So often it is looked whether an interrupt has come."""
EFFORTS = {
    "tiny": Effort(walks=40, worlds=2_000, doom_worlds=2_000, ends=2),
    "small": Effort(walks=60, worlds=5_000, doom_worlds=3_000, ends=2),
    "full": Effort(walks=60, worlds=6_000, doom_worlds=3_000, ends=2),
}
"""What is done in each configuration of a budget."""
USUAL = "small"
"""The budget of a command that names none."""
HAS_IT, BY_ANOTHER = "has it", "has the symptom by another cause"
AS_ANOTHER = f"{HAS_IT}, seen as"
"""Followed by the symptom."""
CONFIRMING = 2
"""So many times the worlds are searched where a release is to be cleared of a finding."""


class Finding(msgspec.Struct):
    """A cause: where it shows smallest, in how many configurations it showed, and what other releases do there.

    ``walked`` and ``worlds`` are the schedules and the worlds of that configuration that were looked at.
    """

    found: Found
    shows_in: int
    walked: int
    worlds: int
    releases: dict[str, str] = {}

    @property
    def expected(self) -> dict[str, str]:
        """What a check of its scenario is expected to say of the releases that have the symptom. Releases in which it
        was not found, or was seen with another symptom alone, are not named.
        """
        return {name: "fails" for name, says in self.releases.items() if says in (HAS_IT, BY_ANOTHER)}

    @property
    def rank(self) -> tuple[object, ...]:
        """Permanent losses that say Ready first, then by gravity; fewer faults, then smaller configurations."""
        found = self.found
        size = found.configuration.size
        return (not found.is_for_good, found.gravity, size[1:2], size, found.steps, found.cause.key)


Saw = Callable[[int, Cell], None]
"""Told of each cell, with the place of its task, in the order in which they come."""


def sweep(
    tasks: Sequence[Task], jobs: int, saw: Saw, interrupts: Interrupts, journal: Journal | None = None
) -> list[Cell]:
    """What each task came to, in the order of the tasks; those after an interrupt are left out.

    Each is noted in the journal as it comes; what that knows is not done again.
    """
    journal = journal or Journal(None)
    cells: dict[int, Cell] = {}

    def come(number: int, cell: Cell, *, is_new: bool = True) -> None:
        cells[number] = cell
        if is_new:
            journal.keep(tasks[number], cell)
        saw(number, cell)

    left = []
    for number, task in enumerate(tasks):
        known = journal.find(task)
        if known is None:
            left.append(number)
        else:
            come(number, known, is_new=False)
    if left:
        _work(tasks, left, jobs, come, interrupts)
    return [cells[number] for number in sorted(cells)]


def _work(
    tasks: Sequence[Task], left: Sequence[int], jobs: int, come: Callable[[int, Cell], None], interrupts: Interrupts
) -> None:
    """Do these tasks; those that run when an interrupt comes are brought to their end."""
    under_way: dict[Future[Cell], int] = {}
    with workers(jobs) as pool:
        for number in left:
            if interrupts.came:
                break
            under_way[pool.submit(_one, *tasks[number])] = number
            while len(under_way) >= AHEAD * jobs and not interrupts.came:
                for future in _done(under_way):
                    come(under_way.pop(future), future.result())
        while under_way:
            for future in _done(under_way):
                come(under_way.pop(future), future.result())
            if interrupts.came:
                for future in [each for each in under_way if each.cancel()]:
                    del under_way[future]


def _done(under_way: Mapping[Future[Cell], int]) -> list[Future[Cell]]:
    """Those that ended within a moment, in the order of their tasks."""
    done, _ = wait(under_way, timeout=MOMENT_S, return_when=FIRST_COMPLETED)
    return sorted(done, key=lambda future: under_way[future])


def _one(configuration: Configuration, algorithm: str, effort: Effort, sought: Sought | None) -> Cell:
    hunter = catalogue().hunter()
    if sought is not None:
        return ask(hunter, configuration, algorithm, effort, sought)
    return hunt(hunter, configuration, algorithm, effort)


def merged(cells: Iterable[Cell]) -> list[Finding]:
    """One finding for each cause, shown by its smallest configuration, in the order of rank."""
    by_key: dict[tuple[str, ...], Finding] = {}
    for cell in cells:
        for found in cell.found:
            known = by_key.get(found.cause.key)
            shows_in = 1 if known is None else known.shows_in + 1
            if known is None or _size(found) < _size(known.found):
                known = by_key[found.cause.key] = Finding(
                    found, shows_in, cell.walked, cell.worlds, {found.algorithm: HAS_IT}
                )
            known.shows_in = shows_in
    return sorted(by_key.values(), key=lambda finding: finding.rank)


def _size(found: Found) -> tuple[object, ...]:
    return (found.gravity, found.configuration.size, found.steps, found.configuration.name)


def confirm(
    findings: Sequence[Finding], algorithms: Sequence[str], effort: Effort, jobs: int, saw: Saw,
    interrupts: Interrupts, journal: Journal | None = None,
) -> bool:  # fmt: skip
    """Say of each finding which releases have it, on its smallest configuration; whether all were asked."""
    more = msgspec.structs.replace(effort, worlds=effort.worlds * CONFIRMING)
    pairs = [(finding, name) for finding in findings for name in algorithms if name != finding.found.algorithm]

    def heard(number: int, cell: Cell) -> None:
        finding, name = pairs[number]
        finding.releases[name] = _says(finding, cell)
        saw(number, cell)

    tasks = [(finding.found.configuration, name, more, Sought.of(finding.found)) for finding, name in pairs]
    has_all = len(sweep(tasks, jobs, heard, interrupts, journal)) == len(pairs)
    for finding in findings:  # in the order of algorithms, not in that in which they were heard of
        said = finding.releases
        finding.releases = {name: said[name] for name in (finding.found.algorithm, *algorithms) if name in said}
    return has_all


def _says(finding: Finding, cell: Cell) -> str:
    alike = [found.symptom for found in cell.found if found.cause.key == finding.found.cause.key]
    if finding.found.symptom in alike:
        return HAS_IT
    if alike:
        return f"{AS_ANOTHER}: {alike[0]}"
    if any(found.symptom == finding.found.symptom for found in cell.found):
        return BY_ANOTHER
    none = "nothing wrong" if not cell.found else "not this"
    return f"{none}, every schedule" if not cell.bound else f"{none} in {cell.walked} walks and {cell.worlds} worlds"
