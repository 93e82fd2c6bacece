"""Operations measured with the real agent (operations.yaml), and how to find their steps in a simulated run."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from importlib import resources

import msgspec
import yaml

from models.kube.calls import ApiCall, ObjectWrite, Ping
from models.node.container import StartContainer
from sim.core import Step
from sim.core.model import Measured, Milestone


class Match(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Which step is meant: the ``nth`` call (from the end if negative) that fits every field that is given.

    ``agent`` is the cluster whose agent calls, or ``user``; ``object`` is a part of ``namespace/name``.
    """

    verb: str = ""
    kind: str = ""
    agent: str = "a"
    api: str = ""
    object: str = ""
    process: str = ""
    nth: int = 1

    def fits(self, step: Step) -> bool:
        """Whether the step is one of those meant."""
        request = step.request
        if not isinstance(request, ApiCall):
            return False
        agent = "user" if step.domain == "users" else step.domain.split("/")[0]
        kind, where = _target(request)
        return (
            self.agent in (agent, "any")
            and (not self.verb or request.verb == self.verb)
            and (not self.kind or kind == self.kind)
            and (not self.api or (" on broker" in request.link.name) == (self.api == "broker"))
            and self.object in where
            and self.process in step.process
        )


class MeasuredStep(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A measured step: ``at_ms`` after the beginning."""

    name: str
    at_ms: float
    match: Match


class Operation(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A measured operation. ``last_ms`` is when its last request left, ``requests`` how many there were, without
    watches. One that cannot be compared names no times, and says in ``left_out`` what was measured and why it is not.
    """

    operation: str
    way: str
    source: str
    settings: dict[str, str]
    begin: str
    steps: list[MeasuredStep] = []
    last_ms: float | None = None
    requests: int | None = None
    branch: str = ""
    left_out: str = ""


def _target(request: ApiCall) -> tuple[str, str]:
    if isinstance(request, ObjectWrite):
        return request.object.kind, f"{request.object.namespace}/{request.object.name}"
    kind = getattr(request, "kind", "")
    informer = getattr(request, "informer", None)
    if informer is not None:
        return informer.kind, informer.namespace
    return kind, f"{getattr(request, 'namespace', '')}/{getattr(request, 'name', '')}"


def measured() -> list[Measured]:
    """The measured operations."""
    text = (resources.files(__package__ or "models.measured") / "operations.yaml").read_text()
    return [_measured(operation) for operation in msgspec.convert(yaml.safe_load(text), list[Operation])]


def _measured(operation: Operation) -> Measured:
    begin = BEGINS[operation.begin]
    milestones = [Milestone(step.name, step.at_ms, _finder(begin, step.match)) for step in operation.steps]
    if operation.last_ms is not None:
        milestones.append(Milestone("last request", operation.last_ms, _last(begin)))
    if operation.requests is not None:
        milestones.append(Milestone("requests", operation.requests, _count(begin), unit="requests"))
    return Measured(
        operation.operation, operation.way, {"way": operation.way, **operation.settings}, "0.19.1", tuple(milestones),
        operation.source, BRANCHES.get(operation.branch), operation.branch or operation.left_out,
    )  # fmt: skip


Begin = Callable[[Sequence[Step]], int]


def _user_write(steps: Sequence[Step]) -> int:
    """The first write of the script."""
    return next(i for i, step in enumerate(steps) if step.domain == "users" and isinstance(step.request, ApiCall))


def _last_exec(steps: Sequence[Step]) -> int:
    """The last start of a container."""
    return max(i for i, step in enumerate(steps) if isinstance(step.request, StartContainer))


BEGINS: dict[str, Begin] = {"user write": _user_write, "exec": _last_exec}


def _calls(begin: Begin, steps: Sequence[Step]) -> tuple[float, list[Step]]:
    """The time of the beginning, and the agents' calls from then on, without watches."""
    index = begin(steps)
    calls = [
        s for s in steps[index:]
        if isinstance(s.request, ApiCall) and not (isinstance(s.request, Ping) and "watch" in s.request.what)
        and s.domain != "users"
    ]  # fmt: skip
    return steps[index].at_ms, calls


def _finder(begin: Begin, match: Match) -> Callable[[Sequence[Step]], float | None]:
    def find(steps: Sequence[Step]) -> float | None:
        began_ms, calls = _calls(begin, steps)
        fitting = [step for step in calls if match.fits(step)]
        index = match.nth - 1 if match.nth > 0 else match.nth
        return fitting[index].at_ms - began_ms if -len(fitting) <= index < len(fitting) else None

    return find


def _last(begin: Begin) -> Callable[[Sequence[Step]], float | None]:
    def find(steps: Sequence[Step]) -> float | None:
        began_ms, calls = _calls(begin, steps)
        return calls[-1].at_ms - began_ms if calls else None

    return find


def _count(begin: Begin) -> Callable[[Sequence[Step]], float | None]:
    return lambda steps: float(len(_calls(begin, steps)[1]))


def _export_judged_twice_at_once(steps: Sequence[Step]) -> bool:
    """The event of the first status write came after its answer: S1 judged the export again 50 ms later, not 100."""
    _, calls = _calls(_last_exec, steps)
    gets = [
        s.at_ms
        for s in calls
        if s.process.startswith("s1-") and s.request.words(None, s.response).find(" get serviceexports") > 0
    ]
    return len(gets) > 1 and gets[1] - gets[0] < 90


BRANCHES = {"the event of the first status write came after its answer": _export_judged_twice_at_once}
