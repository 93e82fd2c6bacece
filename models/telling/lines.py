"""Lines of a story: when, how much each matters, and the words; and which of them are told where there are too many."""

from __future__ import annotations

from collections.abc import Sequence

from models.faults.agent_crash import KillAgents
from models.node.container import ExitContainer, StartContainer
from models.node.host import StopHost
from sim.core import Step

LINES_MAX = 8
KEEP, TELL, MAY_GO = range(3)
"""How much a line matters: where there are too many, those that may go do, the earliest first."""
Line = tuple[float, int, str]
"""When, how much it matters, and the words."""


def at_most(count: int, lines: Sequence[Line]) -> list[Line]:
    """The lines in the order of time; of too many, those that matter least are left out, the earliest first."""
    out = sorted(lines, key=lambda line: line[0])
    for weight in (MAY_GO, TELL):
        while len(out) > count and any(line[1] == weight for line in out):
            out.remove(next(line for line in out if line[1] == weight))
    return out[:count]


def of_containers(step: Step) -> tuple[int, str] | None:
    """How much it matters that hosts or containers end or start, and the words; None of any other step."""
    request = step.request
    if isinstance(request, StopHost | ExitContainer | KillAgents):
        return KEEP, request.words(step.choice, step.response)
    if isinstance(request, StartContainer):
        return MAY_GO, request.words(step.choice, step.response)
    return None


def cluster_of(step: Step) -> str:
    """The name of the cluster in which a step is taken."""
    return step.domain.split("/")[0]
