"""``--checkpoint FILE``: which file keeps the search of which question."""

from __future__ import annotations

import re
from pathlib import Path

from sim.core.errors import BadInput
from sim.explore.check import Plan
from sim.explore.checkpoint import Checkpoint
from sim.study.find import catalogue
from sim.study.token import version_of_search

ONLY = "only"


class Keepers:
    """The checkpoints of a check: FILE, with the algorithm added where there are several, and with the service where it
    is searched alone.
    """

    def __init__(self, path: Path, scenario: str, several: bool, names: tuple[str, ...], plan: Plan) -> None:
        self.path, self.scenario, self.several, self.names, self.plan = path, scenario, several, names, plan
        self._made: dict[Path, Checkpoint] = {}

    def __call__(self, algorithm: str, settings: dict[str, str]) -> Checkpoint:
        """The checkpoint of the search of one algorithm under these settings."""
        parts = [algorithm] if self.several else []
        parts += [settings[ONLY]] if ONLY in settings else []
        path = self.path.with_name(".".join([self.path.name, *(re.sub(r"[^\w.-]+", "-", part) for part in parts)]))
        if path not in self._made:
            self._made[path] = Checkpoint(path, version_of_search(), self._question(algorithm, settings))
        return self._made[path]

    def _question(self, algorithm: str, settings: dict[str, str]) -> dict[str, str]:
        searched, plan = catalogue().search_plan(self.scenario, settings), self.plan
        return {
            "scenario": self.scenario,
            "content of the scenario": catalogue().digest(self.scenario),
            **{f"setting {key}": value for key, value in sorted(searched.settings.items())},
            "property": ", ".join(self.names or searched.judged),
            "way of ending the script": "anywhere" if plan.may_stop and searched.may_stop else "at its end",
            "number of walks": str(plan.walks),
            "strategy": plan.strategy,
            "algorithm": algorithm,
        }


def keepers(
    path: Path | None, scenario: str, settings: dict[str, str], algorithms: tuple[str, ...], names: tuple[str, ...],
    plan: Plan,
) -> Keepers | None:  # fmt: skip
    """The checkpoints of a check; None without a path.

    Raises:
        BadInput: the search asked for cannot be kept, a file does not fit, or none can be written there.
    """
    if path is None:
        return None
    if plan.plain or plan.only_walks:
        refused = "--search plain" if plan.plain else "--only-walks"
        raise BadInput(f"--checkpoint with {refused}", "--checkpoint with the reduced search, which is the default")
    if not path.name:
        raise BadInput(f"--checkpoint {str(path)!r} names no file", "a file that can be written")
    out = Keepers(path, scenario, len(algorithms) > 1, names, plan)
    for name in algorithms:
        alone, clash = catalogue().alone(scenario, settings, symmetry=plan.symmetry, algorithm=name)
        one_by_one = plan.alone and not clash and sum(len(each.stands_for) for each in alone) > 1
        for chosen in [{**settings, ONLY: each.service} for each in alone] if one_by_one else [settings]:
            out(name, chosen).check()
    return out
