"""The signature of a cause: the symptom, the last writes of what is wrong, and the step after which it was settled."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import msgspec

from models.hunt import symptoms
from models.hunt.handlers import UPSTREAM, handler, label
from models.hunt.known import known
from models.kube.calls import ApiCall, Delete, DeleteCollection, ObjectWrite
from models.kube.objects import SERVICE_EXPORTS, SERVICE_IMPORTS
from models.submariner.names import BROKER_NAMESPACE, OPERATOR_NAMESPACE
from sim.core import Step
from sim.core.hunting import Cause, Moment, Symptom


class Signature(msgspec.Struct, frozen=True):
    """What two runs have in common that go wrong in the same way, names of clusters left out.

    ``last`` is the last write of what is wrong, ``fatal`` the step after which nothing could help, ``instead`` the
    handlers that, had they gone first, would have.
    """

    symptom: str
    last: str
    fatal: str
    instead: tuple[str, ...]


def signature(symptom: Symptom, steps: Sequence[Step], moment: Moment) -> Signature:
    """The signature of a schedule that ends with the symptom."""
    written = next(_writes(symptom.name, steps), None)
    return Signature(
        symptom.name,
        "nobody" if written is None else label(steps, written),
        "the beginning" if moment.step is None else label(steps, moment.step),
        tuple(sorted({_worker(name) for name in moment.saved_by})),
    )


def cause(symptom: Symptom, steps: Sequence[Step], moment: Moment) -> Cause:
    """The cause of a schedule's end, named where it is known."""
    made = signature(symptom, steps, moment)
    race = known(made)
    places = [place for place in (next(_writes(symptom.name, steps), None), moment.step) if place is not None]
    names = dict.fromkeys(name for place in places for name in handler(steps, place).replace(" queued by ", "|").split("|"))
    lines = (
        f"symptom: {symptom.property.sentence} -- which is not so",
        f"last write of what is wrong: {made.last}",
        f"settled by: {made.fatal}",
        f"had gone otherwise if first: {', '.join(made.instead) or 'nothing alone'}",
    )
    title = f"{symptom.name}: {race.about}" if race else f"{symptom.name}: {made.last}, settled by {made.fatal}"
    return Cause(
        key=(race.name, made.symptom) if race else (made.symptom, made.last, made.fatal),
        title=title,
        lines=lines,
        known=race.name if race else "",
        handlers=tuple((name, UPSTREAM[name]) for name in names if name in UPSTREAM),
        closes=race.closes if race else "",
    )


def _writes(symptom: str, steps: Sequence[Step]) -> Iterator[int]:
    """The places of the successful writes of what is wrong, the last one first."""
    for index in range(len(steps) - 1, -1, -1):
        request = steps[index].request
        if isinstance(request, ObjectWrite | Delete | DeleteCollection) and steps[index].response:
            if _concerns(symptom, request):
                yield index


def _concerns(symptom: str, request: ApiCall) -> bool:
    where: Any = request.object if isinstance(request, ObjectWrite) else request
    if symptom in (symptoms.READY, symptoms.CONFLICT):
        return bool(where.kind == SERVICE_EXPORTS)
    if symptom == symptoms.SLICES:
        return bool(where.kind == "endpointslices" and where.namespace == BROKER_NAMESPACE)
    if where.kind != SERVICE_IMPORTS:
        return False
    if symptom == symptoms.COPIES:
        return where.namespace not in (BROKER_NAMESPACE, OPERATOR_NAMESPACE)
    return bool(where.namespace == BROKER_NAMESPACE and where.name.count("-") < 3)


def _worker(name: str) -> str:
    """A process without its cluster and service."""
    process = name.split(":", 1)[-1]
    first, last = process.split("/")[0], process.rsplit("/", maxsplit=1)[-1]
    return first if first == last else f"{first}/{last}"
