"""The cause of a schedule that ends in a symptom: its signature, its name if known, and where it lies upstream."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec

from models.hunt import symptoms
from models.hunt.concerns import concerns
from models.hunt.handlers import READ, UPSTREAM, handler, label, object_name, source, what
from models.hunt.known import known
from models.hunt.signature import Signature
from models.kube.calls import NOT_FOUND, Delete, DeleteCollection, ObjectWrite
from models.kube.informer import ListAndOpen
from models.kube.pending import Peek
from models.submariner.agent.draining import Drained
from sim.core import Step
from sim.core.hunting import Cause, Moment, Symptom

DECIDING = {
    symptoms.LOST_READY: "aggregate",
    symptoms.LOST: "aggregate",
    symptoms.TWICE: "aggregate",
    symptoms.SETTING: "aggregate",
    symptoms.PANIC: "aggregate",
    symptoms.MISSING: "own EndpointSlice",
    symptoms.GHOST: "aggregate",
    symptoms.STALE: "local import",
    symptoms.SLICES: "local import",
    symptoms.COPIES: "copy",
    symptoms.IMPORTED: "imported EndpointSlice",
    symptoms.OWN: "own EndpointSlice",
    symptoms.TERMS: "aggregate",
    symptoms.READY: "ServiceExport",
    symptoms.CONFLICT: "ServiceExport",
}
"""The object whose last write tells what went wrong; what is stale follows from the local ServiceImport."""
NOBODY, BEGINNING = "nobody", "the beginning"


def cause(
    symptom: Symptom,
    steps: Sequence[Step],
    moment: Moment,
    blamed: Sequence[str] = (),
    clusters: Sequence[str] = (),
    *,
    shares: bool = False,
    revision: str = READ,
) -> Cause:
    """The cause of a schedule's end, named where it is known. Where only some services are ``blamed``, what is written
    of others does not decide, nor what exports of others say where only those of some ``clusters`` are wrong;
    ``shares``: one that may be wrong has the aggregate's name in common with another;
    ``revision`` is the one of lighthouse that the release was read at.
    """
    script = tuple(dict.fromkeys(step.process.split(" ")[-1] for step in steps if step.domain == "users"))
    place = _deciding(symptom.name, steps, script, Blamed(tuple(blamed), tuple(clusters)))
    made = Signature(
        symptom.name,
        NOBODY if place is None else label(steps, place),
        BEGINNING if moment.step is None else label(steps, moment.step),
        tuple(sorted({_worker(name) for name in moment.saved_by})),
        script,
        _deleted(steps, "local import"),
        shares,
        place is not None and _in_vain(steps, place),
        any(isinstance(step.request, ListAndOpen) and step.request.informer.past is not None for step in steps),
        any(isinstance(step.request, Drained) and not step.response for step in steps),
    )
    race = known(made)
    lines = (
        f"The symptom: it is not so that {symptom.property.sentence}.",
        f"The last write of the {DECIDING[symptom.name]}, which decides: {made.last}.",
        "Settled from the beginning: every schedule of this configuration ends so."
        if made.fatal == BEGINNING
        else f"Settled by: {made.fatal}. After this step every schedule ends so.",
        f"It would not have been, had one of these gone first: {', '.join(made.instead)}."
        if made.instead
        else "No process is known that would have avoided it by going first.",
    )
    decided = f"{made.last}; settled by {made.fatal}"
    return Cause(
        key=(race.name,) if race else made.key,
        title=f"{symptom.name}: {race.about if race else decided}",
        lines=lines,
        name=race.name if race else "",
        is_known=race is not None and race.listed,
        handlers=_upstream(steps, [p for p in (place, moment.step) if p is not None], revision),
        closes=race.closes if race else "",
    )


class Blamed(msgspec.Struct, frozen=True):
    """The services, and of what exports say the clusters, that are wrong; all where none is named."""

    services: tuple[str, ...]
    clusters: tuple[str, ...]

    def __call__(self, request: ObjectWrite | Delete | DeleteCollection) -> bool:
        """Whether a write may be of what is wrong."""
        is_ours = not self.clusters or request.api.name in self.clusters
        return is_ours and (not self.services or any(concerns(request, key) for key in self.services))


def _deciding(symptom: str, steps: Sequence[Step], script: Sequence[str], blamed: Blamed) -> int | None:
    """The place of the write that decides: the last one of the object, or of the condition that is wrong."""
    wanted = DECIDING[symptom]
    if symptom == symptoms.CONFLICT:
        return _last_write(wanted, steps, "Conflict=", blamed)
    last = _last_write(wanted, steps, "", blamed)
    if symptom == symptoms.READY and last is not None and _about_others(steps, last, script):
        return _last_write(wanted, steps, "Ready=", blamed)
    if symptom == symptoms.COPIES:
        gone = _last_write(wanted, steps, "delete copy", blamed)
        if gone is not None and handler(steps, gone).endswith("queued by R-c"):
            return gone  # what is written after that is the copy of another cluster
    return last


def _about_others(steps: Sequence[Step], last: int, script: Sequence[str]) -> bool:
    """Whether what was written last of a ServiceExport says nothing of whether it is Ready."""
    if handler(steps, last) in ("H12", "H13"):
        return "Conflict=" in what(steps[last])  # since 0.22 S6 tells of conflicts, whoever they are with
    ended = "delete-service" in script and "change-service" not in script
    return ended and any(said in what(steps[last]) for said in ("Valid=False", "Conflict="))


def _upstream(steps: Sequence[Step], places: Sequence[int], revision: str) -> tuple[tuple[str, str], ...]:
    names = [name for place in places for name in handler(steps, place).split(" queued by ")]
    return tuple((name, source(name, revision)) for name in dict.fromkeys(names) if name in UPSTREAM)


def _last_write(wanted: str, steps: Sequence[Step], said: str, blamed: Blamed) -> int | None:
    """The place of the last successful write of an object of this kind, with such a text in its label, and of what is
    blamed.
    """
    for index in range(len(steps) - 1, -1, -1):
        request: Any = steps[index].request
        if not isinstance(request, ObjectWrite | Delete | DeleteCollection) or not steps[index].response:
            continue
        if not blamed(request):
            continue
        name = object_name(request)
        if name == "legacy import" and wanted == "aggregate" and isinstance(request, Delete):
            return index  # nothing of before 0.15 is in the model: an aggregate is deleted by that name (FACTS R7)
        if name == wanted and said in what(steps[index]):
            return index
    return None


def _deleted(steps: Sequence[Step], wanted: str) -> str:
    """Who last deleted an object of this kind."""
    for index in range(len(steps) - 1, -1, -1):
        request = steps[index].request
        if isinstance(request, Delete) and steps[index].response and object_name(request) == wanted:
            return handler(steps, index)
    return ""


def _in_vain(steps: Sequence[Step], place: int) -> bool:
    """Whether what the process deleted last, of the same item, was gone already."""
    at = (steps[place].domain, steps[place].process)
    for step in reversed(steps[:place]):
        if (step.domain, step.process) == at:
            if isinstance(step.request, Peek):
                return False
            if isinstance(step.request, Delete) and step.response == NOT_FOUND:
                return True
    return False


def _worker(name: str) -> str:
    """A process without its cluster and service."""
    process = name.split(":", 1)[-1]
    first, last = process.split("/")[0], process.rsplit("/", maxsplit=1)[-1]
    return first if first == last else f"{first}/{last}"
