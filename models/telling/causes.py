"""Causes: from one step of a trace back to the steps that led to it, by queues, watch streams and starts."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from models.kube.api_server import CLOSED
from models.kube.calls import ApiCall, Delete, DeleteCollection, Failure, ObjectWrite
from models.kube.informer import Deliver
from models.kube.pending import DELETE, DELETE_IF_GONE, Peek, TakeState
from models.kube.syncer import Enqueue
from models.node.container import StartContainer
from sim.core import Start, Step, Take


def chain(steps: Sequence[Step], index: int) -> list[int]:
    """The indices of the steps that led to this one, and its own, from the first cause on."""
    out = []
    at: int | None = index
    while at is not None:
        out.append(at)
        at = cause(steps, at)
    return out[::-1]


def cause(steps: Sequence[Step], index: int) -> int | None:
    """What a step follows from, or None for a first cause.

    For a taken item the step that queued it; for a delivered event the write that sent it; else the step before in the
    same process, or the one that started the process.
    """
    step = steps[index]
    request: Any = step.request
    if isinstance(request, Deliver) and step.response.type is not CLOSED:
        return last(steps, index, lambda s: _sent(s, request, step.response.object))
    if isinstance(request, Take) and request.channel.keyed:
        return last(steps, index, lambda s: _queued(s, request.channel, step.choice))
    return last(steps, index, lambda s: (s.domain, s.process) == (step.domain, step.process) or _started(s, step))


def queued(steps: Sequence[Step], index: int) -> int | None:
    """The step that queued the deletion which a worker is at, where a reconcile or another syncer did."""
    domain = steps[index].domain
    peek, head = under_way(steps, index)
    if peek is None or head is None or head.type not in (DELETE, DELETE_IF_GONE):
        return None
    return last(
        steps, peek, lambda s: s.domain == domain and isinstance(s.request, Enqueue) and s.request.operation == head
    )


def under_way(steps: Sequence[Step], index: int) -> tuple[int | None, Any]:
    """The step with which the worker of a step took up what it is at, and the operation; None where there is none."""
    step = steps[index]
    peek = last(
        steps, index, lambda s: (s.domain, s.process) == (step.domain, step.process)
        and isinstance(s.request, Peek | TakeState),
    )  # fmt: skip
    return peek, None if peek is None else steps[peek].response[0]


def last(steps: Sequence[Step], before: int, fits: Callable[[Step], bool]) -> int | None:
    """The index of the last step before ``before`` that fits."""
    return next((i for i in range(before - 1, -1, -1) if fits(steps[i])), None)


def _sent(step: Step, delivered: Deliver, obj: Any) -> bool:
    request = step.request
    if not isinstance(request, ApiCall) or request.api is not delivered.informer.client.api:
        return False
    if isinstance(step.response, Failure):
        return False
    if isinstance(request, ObjectWrite):
        written = request.object if step.response is True else step.response  # an update of a part answers with True
        return (written.kind, written.key) == (obj.kind, obj.key)
    if isinstance(request, DeleteCollection):
        return any(gone.key == obj.key for gone in step.response.items)
    return isinstance(request, Delete) and (request.kind, f"{request.namespace}/{request.name}") == (obj.kind, obj.key)


def _queued(step: Step, channel: Any, key: Any) -> bool:
    request = step.request
    if isinstance(request, Enqueue):
        return request.syncer.queue is channel and request.operation.object.key == key
    if isinstance(request, Deliver):
        handler: Any = request.informer.handler
        return getattr(handler, "queue", None) is channel and getattr(step.response.object, "key", None) == key
    return False


def _started(step: Step, process: Step) -> bool:
    request = step.request
    if isinstance(request, Start):
        return (request.domain.name, request.name) == (process.domain, process.process)
    if isinstance(request, StartContainer):
        return request.container.name == process.domain and process.process == "main"
    return False
