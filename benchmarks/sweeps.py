"""Sweeps of configurations under proposals, and what they came to in words."""

from __future__ import annotations

import os
import re
from collections import Counter
from collections.abc import Iterable, Sequence

from msgspec.structs import replace

from sim.cli.progress import Progress
from sim.core.hunting import Configuration
from sim.explore.hunt import Cell, Effort, Found
from sim.study.hunting import sweep
from sim.study.interrupts import Interrupts

PROPOSED, LEVEL, BEFORE = "proposed", "level", "0.19.1"
PAIR = ("a", "b")
EXPORTERS = (("a",), ("b",), PAIR)
JOBS = int(os.environ.get("JOBS", "0")) or os.cpu_count() or 1
WHOLE = 2_000_000
"""Worlds for ``level``, of which all can be searched to the end."""


def swept(configured: Sequence[Configuration], names: Sequence[str], effort: Effort) -> dict[tuple[str, str], Cell]:
    """What each configuration came to under each algorithm."""
    pairs = [(each, name, effort, None) for name in names for each in configured]
    progress = Progress(len(pairs), "searches")
    with Interrupts() as interrupts:
        cells = sweep(pairs, JOBS, lambda _number, _cell: progress.advance(1), interrupts)
    return {(name, each.name): cell for (each, name, *_), cell in zip(pairs, cells, strict=False)}


def wrong(cells: Iterable[Cell]) -> str:
    """Causes that showed, in words."""
    seen: Counter[str] = Counter()
    for cell in cells:
        seen.update({f"{found.cause.name or 'unnamed'} ({found.symptom})" for found in cell.found})
    return ", ".join(f"{name} in {count}" if count > 1 else name for name, count in sorted(seen.items())) or "nothing"


def effort(effort: Effort, algorithm: str) -> Effort:
    """How hard to look at a proposal where its searches are to come to their end if they can."""
    return effort if algorithm == PROPOSED else replace(effort, worlds=WHOLE)


def by_cluster(cells: Iterable[Cell]) -> str:
    """Causes that showed, each with the clusters whose exports are wrong in the end."""
    seen: dict[str, set[str]] = {}
    for cell in cells:
        for found in cell.found:
            seen.setdefault(f"{found.cause.name or 'unnamed'} ({found.symptom})", set()).update(_left_out(found))
    said = [f"{name}: {', '.join(sorted(clusters)) or 'none'}" for name, clusters in sorted(seen.items())]
    return "; ".join(said) or "nothing"


def _left_out(found: Found) -> set[str]:
    """The clusters that export and that the aggregate does not name, or whose condition says something else."""
    text = "\n".join(found.end)
    named = set(re.findall(r"\w+", next(iter(re.findall(r"aggregate \{([^}]*)\}", text)), "")))
    says = dict(re.findall(r"ServiceExport in (\w+) says (.*)", text))
    return {cluster for cluster, words in says.items() if (cluster in named) is not ("Ready=True" in words)} | {
        cluster for cluster in says if cluster not in named
    }
