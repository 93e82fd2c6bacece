"""The proposals: where a hunt found something, without each of their parts, in calls, and in mixed fleets.

``python -m benchmarks proposed`` prints the tables of the one, ``python -m benchmarks proposed level`` those of the
other, for the scenarios of results/hunt.
"""

from __future__ import annotations

import os
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import yaml
from msgspec.structs import replace

from models.catalogue import CATALOGUE
from models.hunt.configurations import Ground, configurations
from models.hunt.grounds import SMALL
from models.kube.calls import ApiCall, Ping
from models.kube.informer import ListAndOpen
from models.releases import RELEASES
from models.releases.guards import guards_of
from sim.cli.progress import Progress
from sim.core.hunting import Configuration
from sim.core.property import When
from sim.explore.check import Plan, check
from sim.explore.hunt import Cell, Effort, Found
from sim.study.hunting import sweep
from sim.study.interrupts import Interrupts
from sim.timed.run import run, settle

PROPOSED, LEVEL, BEFORE = "proposed", "level", "0.19.1"
PAIR = ("a", "b")
EXPORTERS = (("a",), ("b",), PAIR)
FOR = {
    "joins-again": ("r5", "r21", "r11"), "confirms-reconciles": ("r19", "r25"), "cleans-at-start": ("r12", "n2"),
    "looks-again": ("n3", "r17"), "refreshes-slices": ("r10", "r5"), "owns-its-type": ("r1c", "n1"),
    "status-last": ("r9",), "ends-ready": ("r14",), "retries-conditions": ("r15",),
    "sees-replacement": ("r13", "r4", "n4"), "retries-lists": ("m6",), "keeps-ips": ("n6",),
    "reserves-ips": ("r23",),
}  # fmt: skip
"""The races that a part is to close; where one shows without it, it is needed."""
FOR_LEVEL = {
    "queues-again": ("r15", "r25"), "queues-what-it-made": ("r12", "n2"),
    "queues-known": ("r4", "a gap in its watch of serviceexports, then unexport in a"), "watches-copies": ("r5",),
}  # fmt: skip
"""The same for ``level``, or the words that a small configuration ends with in which nothing of the list was found."""
MEANWHILE = {
    "takes-back-first": (("delete-service", "a"), ("create-service", "a")),
    "precondition": (("export", "b"), ("unexport", "a")),
}
"""Parts for what is so meanwhile (S1), as whoever comes back repairs it, each with two operations that race."""
BY_NAME = {"leaves-second": "shared-name"}
"""Parts that are for what a scenario of the program's own is about."""
UPGRADING = """## Upgrading from 0.19.1

Two clusters, broker on a. In each step the agent of one cluster is replaced: by RollingUpdate, the default strategy of
a Deployment, where both run for a while, or by Recreate, where the old one ends first, as if it were scaled down.
Exported from a, from b and from both; alone, or with one operation of a user. Beside what is wrong: how many
configurations were searched to the end. Of the others no more is known than what {walks} walks of each strategy and the
worlds up to a bound have shown.
"""
ROLLING, NOTHING = "upgrade", "nothing"
CHECK = Effort(walks=50, worlds=60_000, doom_worlds=1000, ends=1)
ONCE = Effort(walks=5, worlds=60_000, doom_worlds=500, ends=1)
WHOLE = 2_000_000
"""Worlds for ``level``, of which all can be searched to the end."""
MIGRATING = Effort(walks=30, worlds=10_000, doom_worlds=500, ends=1)
LEAVING_OUT = Effort(walks=100, worlds=1_000, doom_worlds=500, ends=1)
JOBS = int(os.environ.get("JOBS", "0")) or os.cpu_count() or 1
MIXED = Effort(walks=30, worlds=1_000, doom_worlds=500, ends=1)
OPERATIONS = {
    "export": {"operation": "export", "exported_at_start": "no"},
    "unexport": {"operation": "unexport"},
    "restart": {"operation": "restart-agent"},
}


def main(algorithm: str = PROPOSED) -> bool:
    """Print the tables for the committed hunt; True if the proposal loses nothing."""
    return write(Path("results/hunt"), algorithm)


def write(folder: Path, algorithm: str) -> bool:
    """Print the tables for the scenarios of a hunt."""
    hunter = CATALOGUE.hunter()
    found = [replace(hunter.given(str(path)), name=path.stem) for path in sorted(folder.glob("*.yaml"))]
    of = "The proposed agent" if algorithm == PROPOSED else f"The proposed agent {algorithm}"
    made_by = "proposed" if algorithm == PROPOSED else f"proposed {algorithm}"
    print(f"# {of}\n\nA design, which is modelled here and nowhere built. Made by `python -m benchmarks {made_by}`.\n")
    ok = checked(found, algorithm)
    once(algorithm)
    necessity(found, algorithm)
    calls(algorithm)
    mixed(algorithm)
    migration(algorithm)
    return ok


def _swept(configured: Sequence[Configuration], names: Sequence[str], effort: Effort) -> dict[tuple[str, str], Cell]:
    """What each configuration came to under each algorithm."""
    pairs = [(each, name, effort, None) for name in names for each in configured]
    progress = Progress(len(pairs), "searches")
    with Interrupts() as interrupts:
        cells = sweep(pairs, JOBS, lambda _number, _cell: progress.advance(1), interrupts)
    return {(name, each.name): cell for (each, name, *_), cell in zip(pairs, cells, strict=False)}


def _wrong(cells: Iterable[Cell]) -> str:
    """Causes that showed, in words."""
    seen: Counter[str] = Counter()
    for cell in cells:
        seen.update({f"{found.cause.name or 'unnamed'} ({found.symptom})" for found in cell.found})
    return ", ".join(f"{name} in {count}" if count > 1 else name for name, count in sorted(seen.items())) or "nothing"


def _effort(effort: Effort, algorithm: str) -> Effort:
    """How hard to look at a proposal where its searches are to come to their end if they can."""
    return effort if algorithm == PROPOSED else replace(effort, worlds=WHOLE)


def checked(found: Sequence[Configuration], algorithm: str) -> bool:
    """The smallest configuration of each finding under the proposal."""
    cells = _swept(found, [algorithm], _effort(CHECK, algorithm))
    print("## On the smallest configuration of each finding\n")
    print("| finding | configuration | under the proposal |\n| --- | --- | --- |")
    for each in found:
        cell = cells[algorithm, each.name]
        print(f"| {each.name} | {each.words} | {_wrong([cell])} wrong, in {_covered(cell)} |")
    print(f"\n{_searched([cells[algorithm, each.name] for each in found])}\n")
    return not any(found.is_for_good for cell in cells.values() for found in cell.found)


def _covered(cell: Cell) -> str:
    return "every schedule" if not cell.bound else f"{cell.walked} walks and {cell.worlds} worlds"


def _searched(cells: Sequence[Cell]) -> str:
    """How many of them were searched to the end."""
    done = sum(not cell.bound for cell in cells)
    most = max((cell.worlds for cell in cells), default=0)
    if done == len(cells):
        return f"All {done} were searched to the end, in at most {most} worlds each."
    return f"{done} of {len(cells)} were searched to the end; the others within bounds, at most {most} worlds each."


def once(algorithm: str) -> None:
    """Every configuration of the hunt in which one thing happens: an operation, or a fault."""
    several = configurations([replace(ground, lengths=(1,)) for ground in SMALL if not ground.own])
    cells = _swept(several, [algorithm], _effort(ONCE, algorithm))
    print("## One operation or fault\n\nAll grounds of the hunt on which any sequence happens, with sequences of one.")
    print(f"{_searched(list(cells.values()))}\n")
    told = [cell for cell in cells.values() if cell.found or cell.bound]
    if not told:
        print("Nothing was wrong at rest.\n")
        return
    print("| wrong at rest, or not searched to the end | configuration |\n| --- | --- |")
    for cell in told:
        print(f"| {_wrong([cell])} wrong, in {_covered(cell)} | {cell.words} |")
    print()


def necessity(found: Sequence[Configuration], algorithm: str) -> None:
    """What breaks without each part, on the findings that it is for."""
    print("## Without each of its parts\n\nOn the findings that a part is for, with fewer worlds and more walks.\n")
    print("| without | what it does | asked on | wrong at rest |\n| --- | --- | --- | --- |")
    for part, about in guards_of(RELEASES[algorithm]).items():
        where = (FOR if algorithm == PROPOSED else FOR_LEVEL).get(part)
        name = f"{algorithm} without {part}"
        if where is None:
            if algorithm == LEVEL:
                asked_on = BY_NAME.get(part) or " with ".join(map(" in ".join, MEANWHILE[part]))
                print(f"| {part} | {about} | {asked_on} | {_meanwhile(part)} |")
            continue
        asked = [each for each in found if each.name.split("-")[0] in where]
        asked += [each for each in configurations(SMALL) if each.words.endswith(tuple(w for w in where if " " in w))]
        cells = _swept(asked, [name], LEAVING_OUT)
        names = ", ".join(each.name for each in asked)
        print(f"| {part} | {about} | {names} | {_wrong(cells.values())} |", flush=True)
    print()


def _meanwhile(part: str) -> str:
    """What is violated without a part, and not with it."""
    with_it, without_it = violated(LEVEL, part), violated(f"{LEVEL} without {part}", part)
    return ", ".join(f"{name} (violated)" for name in without_it if name not in with_it) or "nothing"


def violated(algorithm: str, part: str) -> list[str]:
    """The property, if one is violated, that must hold always where the part is asked for what is so meanwhile, at
    rest where it is asked on a scenario of the program's own.
    """
    with TemporaryDirectory() as folder:
        path = Path(folder, "meanwhile.yaml")
        if part in MEANWHILE:
            path.write_text(yaml.safe_dump(_scenario(MEANWHILE[part])))
        model = CATALOGUE.search(BY_NAME.get(part, str(path)), {}, algorithm)
    when = When.AT_REST if part in BY_NAME else When.ALWAYS
    props = tuple(prop for prop in model.checked() if prop.when is when)
    found = check(model, settle(model), props, Plan(explain=False, may_stop=False, walks=0)).violated
    return [] if found is None else [found.name]


def _scenario(script: Sequence[tuple[str, str]]) -> dict[str, Any]:
    """Two clusters, of which a exports, and b may."""
    return {
        "name": "meanwhile", "about": "what is so meanwhile", "hosts": {"host-1": ["a"], "host-2": ["b"]},
        "broker": "a", "exports": {"services": 1, "from": ["a", "b"], "spread": "from each", "later": ["b"]},
        "way": "controllers", "data_plane": "off", "observe_ms": 600_000,
        "script": [{"at_ms": 1000, "do": do, "cluster": cluster} for do, cluster in script],
    }  # fmt: skip


def calls(algorithm: str) -> None:
    """API calls of one operation, by cluster and release: all, and those that write."""
    print(
        "## API calls of one operation\n\nOne ClusterIP service exported from a, broker on a; all calls of an agent but"
    )
    print("discovery and informers, and of these the writes.\n")
    print(f"| operation | agent | 0.19.1 | {algorithm} |\n| --- | --- | --- | --- |")
    for operation, settings in OPERATIONS.items():
        for cluster in ("a", "b"):
            made = [_calls(settings, name, cluster) for name in (BEFORE, algorithm)]
            print(f"| {operation} | {cluster} | {' | '.join(f'{all_} ({writes})' for all_, writes in made)} |")
    print()


def _calls(settings: dict[str, str], release: str, cluster: str) -> tuple[int, int]:
    model = CATALOGUE.model("operations", {"way": "controllers", **settings}, release)
    steps = run(model, settle(model), 0, record=True).recorded
    mine = [
        step for step in steps
        if step.domain == f"{cluster}/lighthouse-agent" and isinstance(step.request, ApiCall)
        and not isinstance(step.request, Ping | ListAndOpen)
    ]  # fmt: skip
    writes = [s for s in mine if isinstance(s.request, ApiCall) and s.request.verb not in ("get", "list")]
    return len(mine), len(writes)


def mixed(algorithm: str) -> None:
    """Clusters of different releases that stay so, by who exports."""
    grounds = [Ground(clusters=PAIR, exporters=exporters, lengths=(1,)) for exporters in EXPORTERS]
    several = configurations(grounds)
    names = [BEFORE, f"{BEFORE}+{algorithm}@a", f"{BEFORE}+{algorithm}@b", algorithm]
    cells = _swept(several, names, MIXED)
    print(
        f"## In mixed fleets\n\nTwo clusters, broker on a; {len(several)} configurations, one operation or fault each."
    )
    print("A cause is followed by the clusters whose exports it leaves wrong.\n")
    print("| algorithm | exported from a | exported from b | exported from both |\n| --- | --- | --- | --- |")
    for name in names:
        row = [
            _by_cluster(
                cells[name, each.name] for each in several if f"; exported from {' and '.join(from_)};" in each.words
            )
            for from_ in EXPORTERS
        ]
        print(f"| {name} | {' | '.join(row)} |")
    print()


def migration(algorithm: str) -> None:
    """The upgrade itself: agents of 0.19.1 are replaced by the proposal one cluster after the other."""
    print(UPGRADING.format(walks=MIGRATING.walks))
    print("| step | beside it | RollingUpdate | Recreate |\n| --- | --- | --- | --- |")
    for words, fleet, cluster in (
        ("a first", BEFORE, "a"), ("then b", f"{BEFORE}+{algorithm}@a", "b"), ("b first", BEFORE, "b"),
        ("then a", f"{BEFORE}+{algorithm}@b", "a"),
    ):  # fmt: skip
        for beside in (NOTHING, "a user there", "a user in the other cluster"):
            row = [_upgraded(fleet, cluster, family, beside, algorithm) for family in (ROLLING, "upgrade by Recreate")]
            print(f"| {words} | {beside} | {' | '.join(row)} |", flush=True)
    print()


def _upgraded(fleet: str, cluster: str, family: str, beside: str, algorithm: str) -> str:
    """What is wrong after one cluster's agent was replaced."""
    (other,) = (each for each in PAIR if each != cluster)
    own: dict[str, tuple[tuple[str, ...], ...]] = {cluster: ((family,),)}
    if beside == "a user there":
        own[cluster] = ((family,), ("users",))
    elif beside != NOTHING:
        own[other] = (("users",),)
    several = configurations([Ground(clusters=PAIR, exporters=exporters, own=own) for exporters in EXPORTERS])
    several = [
        replace(each, text=each.text.replace(f"release: {PROPOSED}", f"release: {algorithm}")) for each in several
    ]
    # With a user beside it, and both agents at work, no bound that was tried was enough.
    effort = MIGRATING if family == ROLLING and beside != NOTHING else _effort(MIGRATING, algorithm)
    cells = list(_swept(several, [fleet], effort).values())
    return f"{_by_cluster(cells)} ({sum(not cell.bound for cell in cells)} of {len(cells)})"


def _by_cluster(cells: Iterable[Cell]) -> str:
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
