"""The experiments made with the real agent, simulated: end states with shares beside the measured ones.

``python -m benchmarks fidelity [FOLDER] [--runs N] [--only TEXT]``: writes ``fidelity.txt`` and ``fidelity.json`` if a
folder is named. Experiments that forced an order are searched for it, as no delay would bring it; so are end states
that were measured and did not come in time.
"""

from __future__ import annotations

import gc
import os
from collections import Counter
from collections.abc import Sequence
from functools import lru_cache
from itertools import repeat
from pathlib import Path
from typing import Any

import msgspec

from benchmarks.schedules import reached, searched, whole_state
from models.measured.experiments import Experiment, experiments
from models.model import ScenarioModel
from models.releases import RELEASES
from models.telling.end_state import in_controllers, in_processes
from sim.cli.progress import Progress
from sim.core import Get
from sim.study.statistics import exact_interval
from sim.study.workers import workers
from sim.timed.run import run, settle

LEGEND = (
    "agrees: every measured end state came; RARE: it came by some schedule alone, as with the delays that are known it",
    "does not; SHARES: it came, but too often or too rarely; because: why.",
    "found, but measured in no run: the runs forced one order, these are ends of the others. modelled, but measured in",
    "no run: a share that as many runs may miss. `python -m sim outcomes` lists the ends of a script, each",
    "with a schedule.",
)
"""What the words at the margin mean, and why the model comes to more than the runs did."""
RUNS, RUNS_OF_MANY = 60, 12
"""Simulated runs of an experiment; fewer where there are more than ten services."""


class Row(msgspec.Struct, frozen=True):
    """One experiment: end states as measured and as modelled, and what the comparison says.

    ``modelled`` is empty for a search, whose end states are in ``found``; ``missed`` are measured and did not come,
    ``untimed`` those of them that a schedule comes to, whatever the delays, each with what that takes.
    """

    name: str
    release: str
    way: str
    source: str
    forced: str
    measured: dict[str, int]
    modelled: dict[str, int]
    found: list[str]
    complete: bool
    missed: list[str]
    untimed: dict[str, str]
    outside: list[str]
    because: str

    @property
    def agrees(self) -> bool:
        """Whether every measured end state came."""
        return not self.missed

    @property
    def is_possible(self) -> bool:
        """Whether some schedule comes to every measured end state."""
        return set(self.missed) <= set(self.untimed)


def main() -> bool:
    """Compare all experiments; True if every measured end state comes, or why it does not is said."""
    return report([])


def report(arguments: Sequence[str]) -> bool:
    """Print the table, and write it where a folder is named."""
    options = list(arguments)
    runs = int(_option(options, "--runs") or RUNS)
    only = _option(options, "--only")
    rows = compared([number for number, e in enumerate(experiments()) if only in f"{e.name} {e.release}"], runs)
    text = render(rows)
    print(text, end="")
    if options:
        folder = Path(options[0])
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "fidelity.txt").write_text(f"python -m benchmarks fidelity\n\n{text}")
        (folder / "fidelity.json").write_bytes(msgspec.json.format(msgspec.json.encode(rows)) + b"\n")
    return all(row.agrees or row.because for row in rows)


def compared(numbers: list[int], runs: int) -> list[Row]:
    """The rows of some experiments, made on all cores, in the order of the file."""
    progress = Progress(len(numbers), "experiments")
    rows = []
    with workers(os.cpu_count() or 1) as pool:
        for row in pool.map(_row, numbers, repeat(runs)):
            rows.append(row)
            progress.advance(1)
    return rows


def _row(number: int, runs: int) -> Row:
    return compare(_all()[number], runs)


@lru_cache(maxsize=1)
def _all() -> list[Experiment]:
    return experiments()


def _option(options: list[str], name: str) -> str:
    if name not in options:
        return ""
    index = options.index(name)
    value = options[index + 1]
    del options[index : index + 2]
    return value


def compare(experiment: Experiment, runs: int) -> Row:
    """One experiment: simulated, or searched if an order was forced."""
    forced = bool(experiment.family.forced)
    measured, total = experiment.measured, sum(experiment.measured.values())
    if forced:
        counts, complete = searched(experiment.scenarios[0], experiment.release, list(measured), whole_state)
    else:
        counts, complete = _simulated(experiment, runs), True
    missed = [state for state in measured if not counts[state]]
    outside = [] if forced else [s for s in measured if _apart(measured[s], total, counts[s], counts.total())]
    return Row(
        name=experiment.name, release=experiment.release, way=experiment.family.way, source=experiment.family.source,
        forced=experiment.family.forced, measured=measured, modelled={} if forced else dict(counts.most_common()),
        found=sorted(counts) if forced else [], complete=complete,
        missed=missed, untimed=reached(experiment, missed) if missed and not forced else {}, outside=outside,
        because=experiment.because,
    )  # fmt: skip


def _apart(count: int, of: int, other: int, other_of: int) -> bool:
    """Whether the exact 95 % intervals of two shares do not meet."""
    low, high = exact_interval(count, of)
    other_low, other_high = exact_interval(other, other_of)
    return high < other_low or other_high < low


def _simulated(experiment: Experiment, runs: int) -> Counter[str]:
    """How often each end state came."""
    seen: Counter[str] = Counter()
    services = experiment.scenarios[0].exports.services
    each = max(2, (runs if services <= 10 else RUNS_OF_MANY) // len(experiment.scenarios))
    gc.disable()
    for index, scenario in enumerate(experiment.scenarios):
        model = ScenarioModel(scenario, RELEASES[experiment.release])
        world = settle(model)
        for seed in range(index * each, (index + 1) * each):
            seen.update(ends(model, run(model, world, seed).machine.get, experiment))
    gc.enable()
    return seen


def ends(model: ScenarioModel, get: Get, experiment: Experiment) -> list[str]:
    """The end states of one run, as the experiment counted them."""
    topology = model.topology
    if experiment.family.counted in ("aggregates", "missing"):
        stored: list[Any] = [get(topology.aggregate_cell(key)) for key in topology.service_keys()]
        missing, empty = stored.count(None), sum(found is not None and not found.ports for found in stored)
        if experiment.family.counted == "missing":
            return [f"missing={missing}"]
        return [f"missing={missing} emptyports={empty} ok={len(stored) - missing - empty}"]
    if experiment.family.counted == "services":
        state = in_controllers if experiment.family.way == "controllers" else in_processes
        return [state(topology, get, key) for key in topology.service_keys()]
    return [model.end_state(get)]


def render(rows: Sequence[Row]) -> str:
    """The table, and how many experiments agree."""
    lines = []
    for row in rows:
        how = f"forced: {row.forced}" if row.forced else ""
        lines.append(f"{_verdict(row)}  {row.way} {row.release}  {row.name}{f'  ({how})' if how else ''}")
        lines += _states(row)
        if row.because and (row.missed or row.outside):
            lines.append(f"      because: {row.because}")
    agree, possible = sum(row.agrees for row in rows), sum(row.is_possible for row in rows)
    shares = sum(not row.outside for row in rows if not row.forced)
    timed = sum(not row.forced for row in rows)
    lines += [
        "",
        f"{agree} of {len(rows)} experiments: every measured end state is reached with the delays that are known.",
        f"{possible} of {len(rows)} experiments: some schedule reaches every measured end state, whatever the delays.",
        f"{shares} of {timed} that were not forced: every share is compatible (exact 95 % intervals meet).",
        "",
        *LEGEND,
    ]
    return "\n".join(lines) + "\n"


def _verdict(row: Row) -> str:
    if row.missed:
        return "RARE  " if row.is_possible else "MISSED" if row.complete else "BOUND "
    return "SHARES" if row.outside else "agrees"


def _states(row: Row) -> list[str]:
    total, of = sum(row.measured.values()), sum(row.modelled.values())
    lines = []
    for state in [*row.measured, *(s for s in (*row.modelled, *row.found) if s not in row.measured)]:
        count = row.measured.get(state, 0)
        if row.forced:
            other = "found" if state in row.found else "not found" if row.complete else "not found within the bound"
        else:
            other = f"modelled {row.modelled.get(state, 0):>4} of {of:<4} {row.modelled.get(state, 0) / of:>6.1%}"
        if state in row.untimed:
            other += f" (some schedule{', ' * bool(row.untimed[state])}{row.untimed[state]})"
        lines.append(f"      measured {count:>4} of {total:<4} {count / total:>6.1%}   {other}   {state}")
    return lines
