"""The proposals: where a hunt found something, without each of their parts, in calls, and in mixed fleets.

``python -m benchmarks proposed`` prints the tables of the one, ``python -m benchmarks proposed level`` those of the
other, for the scenarios of results/hunt.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import yaml
from msgspec.structs import replace

from benchmarks import upgrades
from benchmarks.sweeps import BEFORE, LEVEL, PROPOSED, effort, swept, wrong
from models.catalogue import CATALOGUE
from models.hunt.configurations import configurations
from models.hunt.grounds import SMALL
from models.hunt.known import RACES
from models.kube.calls import ApiCall, Ping
from models.kube.informer import ListAndOpen
from models.releases import RELEASES
from models.releases.guards import guards_of
from sim.core.hunting import Configuration
from sim.core.property import When
from sim.explore.check import Plan, check
from sim.explore.hunt import Cell, Effort
from sim.timed.run import run, settle

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
UPGRADED = {"keeps-names": {"fault": "roll-out", "cluster": "a", "strategy": "RollingUpdate"}}
"""Parts for what is so while 0.19.1 is upgraded, each with how."""
BY_NAME = {"leaves-second": "shared-name", "oldest-decides": "gone-exporter", "tells-all": "defect-27"}
"""Parts that are for what a scenario of the program's own is about."""
CHECK = Effort(walks=50, worlds=60_000, doom_worlds=1000, ends=1)
ONCE = Effort(walks=5, worlds=60_000, doom_worlds=500, ends=1)
LEAVING_OUT = Effort(walks=100, worlds=1_000, doom_worlds=500, ends=1)
OPERATIONS = {
    "export": {"operation": "export", "exported_at_start": "no"},
    "unexport": {"operation": "unexport"},
    "restart": {"operation": "restart-agent"},
    "restart, 8 services": {"operation": "restart-agent", "services": "8"},
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
    upgrades.mixed(algorithm)
    upgrades.migration(algorithm)
    causes()
    return ok


def checked(found: Sequence[Configuration], algorithm: str) -> bool:
    """The smallest configuration of each finding under the proposal."""
    cells = swept(found, [algorithm], effort(CHECK, algorithm))
    print("## On the smallest configuration of each finding\n")
    print("| finding | configuration | under the proposal |\n| --- | --- | --- |")
    for each in found:
        cell = cells[algorithm, each.name]
        print(f"| {each.name} | {each.words} | {wrong([cell])} wrong, in {_covered(cell)} |")
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
    cells = swept(several, [algorithm], effort(ONCE, algorithm))
    print("## One operation or fault\n\nAll grounds of the hunt on which any sequence happens, with sequences of one.")
    print(f"{_searched(list(cells.values()))}\n")
    told = [cell for cell in cells.values() if cell.found or cell.bound]
    if not told:
        print("Nothing was wrong at rest.\n")
        return
    print("| wrong at rest, or not searched to the end | configuration |\n| --- | --- |")
    for cell in told:
        print(f"| {wrong([cell])} wrong, in {_covered(cell)} | {cell.words} |")
    print()


def necessity(found: Sequence[Configuration], algorithm: str) -> None:
    """What breaks without each part, on the findings that it is for."""
    print("## Without each of its parts\n\nOn the findings that a part is for, with fewer worlds and more walks.")
    told = "L1, I5, S1 and X1 are properties ([SCENARIOS](../../docs/SCENARIOS.md)).\n" if algorithm == LEVEL else ""
    print(told)
    print("| without | what it does | asked on | wrong at rest |\n| --- | --- | --- | --- |")
    for part, about in guards_of(RELEASES[algorithm]).items():
        where = (FOR if algorithm == PROPOSED else FOR_LEVEL).get(part)
        name = f"{algorithm} without {part}"
        if where is None:
            if algorithm == LEVEL:
                print(f"| {part} | {about} | {_asked_on(part)} | {_meanwhile(part)} |")
            continue
        asked = [each for each in found if each.name.split("-")[0] in where]
        asked += [each for each in configurations(SMALL) if each.words.endswith(tuple(w for w in where if " " in w))]
        cells = swept(asked, [name], LEAVING_OUT)
        names = ", ".join(each.name if each in found else each.words for each in asked)
        print(f"| {part} | {about} | {names} | {wrong(cells.values())} |", flush=True)
    print()


def _asked_on(part: str) -> str:
    if part in UPGRADED:
        return f"0.19.1, exported from a, upgraded in a by {UPGRADED[part]['strategy']}"
    return BY_NAME.get(part) or " with ".join(map(" in ".join, MEANWHILE[part]))


def _meanwhile(part: str) -> str:
    """What is violated without a part, and not with it."""
    with_it, without_it = violated(LEVEL, part), violated(f"{LEVEL} without {part}", part)
    return ", ".join(f"{name}, in some schedule" for name in without_it if name not in with_it) or "nothing"


def violated(algorithm: str, part: str) -> list[str]:
    """The property, if one is violated, that must hold always where the part is asked for what is so meanwhile; where
    it is asked on a scenario of the program's own, of those that this is about.
    """
    own = BY_NAME.get(part)
    with TemporaryDirectory() as folder:
        path = Path(folder, "meanwhile.yaml")
        if own is None:
            path.write_text(yaml.safe_dump(_scenario(part, algorithm)))
        model = CATALOGUE.search(own or str(path), {}, BEFORE if part in UPGRADED else algorithm)
    judged = CATALOGUE.search_plan(own, {}).judged if own else ()
    props = tuple(prop for prop in model.checked() if (prop.name in judged if own else prop.when is When.ALWAYS))
    found = check(model, settle(model), props, Plan(explain=False, may_stop=False, walks=0)).violated
    return [] if found is None else [found.name]


def _scenario(part: str, algorithm: str) -> dict[str, Any]:
    """Two clusters, of which a exports, and b may: two operations that race, or an upgrade to the algorithm."""
    script = [{"do": do, "cluster": cluster} for do, cluster in MEANWHILE.get(part, ())]
    script += [{**UPGRADED[part], "release": algorithm}] if part in UPGRADED else []
    return {
        "name": "meanwhile", "about": "what is so meanwhile", "hosts": {"host-1": ["a"], "host-2": ["b"]},
        "broker": "a", "exports": {"services": 1, "from": ["a", "b"], "spread": "from each", "later": ["b"]},
        "way": "controllers", "data_plane": "off", "observe_ms": 600_000,
        "script": [{"at_ms": 1000, **each} for each in script],
    }  # fmt: skip


def calls(algorithm: str) -> None:
    """API calls of one operation, by cluster and release: all, and those that write."""
    print(
        "## API calls of one operation\n\nOne ClusterIP service, or as many as it says, exported from a, broker on a;"
    )
    print("all calls of an agent but discovery and informers, and of these the writes.\n")
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


def causes() -> None:
    """What names of causes mean that are in no list."""
    print("## Names\n\nR1 to R28 are in [FACTS](../../docs/FACTS.md) (C16), N1 to N14 in [HUNT](../../docs/HUNT.md).")
    print("Of R5:\n")
    for race in RACES:
        if race.name.startswith("R5 "):
            print(f"- {race.name}: {race.about}")
