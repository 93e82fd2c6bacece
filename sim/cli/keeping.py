"""``--checkpoint FILE``: which file keeps the search of which question."""

from __future__ import annotations

import re
from pathlib import Path

from sim.core.errors import BadInput
from sim.explore.check import Plan
from sim.explore.checkpoint import Checkpoint
from sim.study.find import catalogue
from sim.study.token import version_of_search


def keepers(
    path: Path | None, scenario: str, settings: dict[str, str], algorithms: tuple[str, ...], names: tuple[str, ...],
    plan: Plan,
) -> dict[str, Checkpoint]:  # fmt: skip
    """The checkpoint of each algorithm: FILE for one, FILE.ALGORITHM for each of several; none without a path.

    Raises:
        BadInput: the search asked for cannot be kept, a file does not fit, or none can be written there.
    """
    if path is None:
        return {}
    if plan.plain or plan.only_walks:
        refused = "--search plain" if plan.plain else "--only-walks"
        raise BadInput(f"--checkpoint with {refused}", "--checkpoint with the reduced search, which is the default")
    if not path.name:
        raise BadInput(f"--checkpoint {str(path)!r} names no file", "a file that can be written")
    searched = catalogue().search_plan(scenario, settings)
    question = {
        "scenario": scenario,
        "content of the scenario": catalogue().digest(scenario),
        **{f"setting {key}": value for key, value in sorted(searched.settings.items())},
        "property": ", ".join(names or searched.judged),
        "way of ending the script": "anywhere" if plan.may_stop and searched.may_stop else "at its end",
        "number of walks": str(plan.walks),
        "strategy": plan.strategy,
    }
    out = {}
    for name in algorithms:
        suffix = "" if len(algorithms) == 1 else "." + re.sub(r"[^\w.-]+", "-", name)
        out[name] = Checkpoint(path.with_name(path.name + suffix), version_of_search(), {**question, "algorithm": name})
        out[name].check()
    return out
