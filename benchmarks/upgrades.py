"""A proposal beside 0.19.1: in fleets that stay mixed, and while one cluster after the other is upgraded."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from tempfile import TemporaryDirectory

from msgspec.structs import replace

from benchmarks.sweeps import BEFORE, EXPORTERS, LEVEL, PAIR, PROPOSED, by_cluster, effort, swept
from models.catalogue import CATALOGUE
from models.hunt.configurations import Ground, configurations
from sim.core.hunting import Configuration
from sim.explore.check import Plan, check
from sim.explore.exhaust import Bounds
from sim.explore.hunt import Effort
from sim.explore.verdict import Verdict
from sim.timed.run import settle

UPGRADING = """## Upgrading from 0.19.1

Two clusters, broker on a. In each step the agent of one cluster is replaced: by RollingUpdate, the default strategy of
a Deployment, where both run for a while, or by Recreate, where the old one ends first, as if it were scaled down.
Exported from a, from b and from both; alone, or with one operation of a user. Beside what is wrong: how many
configurations were searched to the end. Of the others no more is known than what {walks} walks of each strategy and the
worlds up to a bound have shown.
"""
ROLLING, RECREATE, NOTHING = "upgrade", "upgrade by Recreate", "nothing"
MIXED = Effort(walks=30, worlds=1_000, doom_worlds=500, ends=1)
MIGRATING = Effort(walks=30, worlds=10_000, doom_worlds=500, ends=1)
BOTH_AT_WORK = 300_000
"""Worlds for ``level`` where two agents of a cluster write for a while, and a user acts beside them."""
ANSWERS = {Verdict.EXHAUSTED: "in no schedule", Verdict.VIOLATED: "in some schedule"}
MEANWHILE = Plan(bounds=Bounds(worlds=400_000), explain=False, may_stop=False, walks=30, further=False)


def steps(algorithm: str) -> tuple[tuple[str, str, str], ...]:
    """The steps of an upgrade: in words, what runs before it, and whose agent is replaced."""
    return (
        ("a first", BEFORE, "a"), ("then b", f"{BEFORE}+{algorithm}@a", "b"), ("b first", BEFORE, "b"),
        ("then a", f"{BEFORE}+{algorithm}@b", "a"),
    )  # fmt: skip


def mixed(algorithm: str) -> None:
    """Clusters of different releases that stay so, by who exports."""
    grounds = [Ground(clusters=PAIR, exporters=exporters, lengths=(1,)) for exporters in EXPORTERS]
    several = configurations(grounds)
    names = [BEFORE, f"{BEFORE}+{algorithm}@a", f"{BEFORE}+{algorithm}@b", algorithm]
    cells = swept(several, names, MIXED)
    print(
        f"## In mixed fleets\n\nTwo clusters, broker on a; {len(several)} configurations, one operation or fault each."
    )
    print("A cause is followed by the clusters whose exports it leaves wrong.\n")
    print("| algorithm | exported from a | exported from b | exported from both |\n| --- | --- | --- | --- |")
    for name in names:
        row = [
            by_cluster(
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
    for words, fleet, cluster in steps(algorithm):
        for beside in (NOTHING, "a user there", "a user in the other cluster"):
            row = [_upgraded(fleet, cluster, family, beside, algorithm) for family in (ROLLING, RECREATE)]
            print(f"| {words} | {beside} | {' | '.join(row)} |", flush=True)
    print()
    if algorithm == LEVEL:
        _upgrading(algorithm)
        _downgrading(algorithm)


def _upgraded(fleet: str, cluster: str, family: str, beside: str, algorithm: str) -> str:
    """What is wrong after one cluster's agent was replaced."""
    (other,) = (each for each in PAIR if each != cluster)
    own: dict[str, tuple[tuple[str, ...], ...]] = {}
    if beside != NOTHING:
        own = {cluster if beside == "a user there" else other: (("users",),)}
    several = _upgrades(cluster, family, own, algorithm)
    looked = effort(MIGRATING, algorithm)
    if family == ROLLING and beside != NOTHING:  # no bound that was tried is enough for all
        looked = replace(MIGRATING, worlds=BOTH_AT_WORK) if algorithm == LEVEL else MIGRATING
    cells = list(swept(several, [fleet], looked).values())
    return f"{by_cluster(cells)} ({sum(not cell.bound for cell in cells)} of {len(cells)})"


def _upgrades(
    cluster: str, family: str, beside: dict[str, tuple[tuple[str, ...], ...]], algorithm: str
) -> list[Configuration]:
    """The configurations in which one cluster's agent is replaced, and something happens beside it."""
    own = {**beside, cluster: ((family,), *beside.get(cluster, ()))}
    several = configurations([Ground(clusters=PAIR, exporters=exporters, own=own) for exporters in EXPORTERS])
    return [replace(each, text=each.text.replace(f"release: {PROPOSED}", f"release: {algorithm}")) for each in several]


def _upgrading(algorithm: str) -> None:
    """What is so while one cluster's agent is replaced, and nothing else happens."""
    print("While an agent is replaced, and nothing else happens: is an import ever gone whose export lives and says")
    print(f"Ready (S1)? Each step, exported from a, from b and from both, within {MEANWHILE.bounds.worlds} worlds:\n")
    print("| step | RollingUpdate | Recreate |\n| --- | --- | --- |")
    for words, fleet, cluster in steps(algorithm):
        row = [_meanwhile_of(fleet, cluster, family, algorithm) for family in (ROLLING, RECREATE)]
        print(f"| {words} | {' | '.join(row)} |", flush=True)
    print()


def _downgrading(algorithm: str) -> None:
    """The way back, and what is so meanwhile, where nothing else happens."""
    print(f"And back to {BEFORE}: what is wrong at rest, and whether an import is gone meanwhile.\n")
    print("| step | RollingUpdate | Recreate |\n| --- | --- | --- |")
    for words, fleet, cluster in (
        ("a first", algorithm, "a"), ("then b", f"{BEFORE}+{algorithm}@b", "b"), ("b first", algorithm, "b"),
        ("then a", f"{BEFORE}+{algorithm}@a", "a"),
    ):  # fmt: skip
        row = [
            f"{_upgraded(fleet, cluster, family, NOTHING, BEFORE)}; {_meanwhile_of(fleet, cluster, family, BEFORE)}"
            for family in (ROLLING, RECREATE)
        ]
        print(f"| {words} | {' | '.join(row)} |", flush=True)
    print()


def _meanwhile_of(fleet: str, cluster: str, family: str, algorithm: str) -> str:
    """The verdicts of S1 on an upgrade, with how often each came."""
    verdicts: Counter[str] = Counter()
    for each in _upgrades(cluster, family, {}, algorithm):
        with TemporaryDirectory() as folder:
            path = Path(folder, "upgrade.yaml")
            path.write_text(each.text)
            model = CATALOGUE.search(str(path), {}, fleet)
        (judged,) = (prop for prop in model.checked() if prop.name == "S1")
        verdicts[ANSWERS.get(check(model, settle(model), (judged,), MEANWHILE).verdict, "not determined")] += 1
    return ", ".join(f"{verdict} ({count} of {sum(verdicts.values())})" for verdict, count in sorted(verdicts.items()))
