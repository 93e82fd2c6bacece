"""What a reconcile writes: a function of what it has read, and of nothing else.

Nothing is deleted but what is confirmed unneeded: the reads have just said so, and a deletion fails where the object
is not any more what was read. What is made comes before what goes; Ready is said after the aggregate names the cluster,
and taken back before it no longer does.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

import msgspec

from models.kube.create_or_update import status_of, with_status_of
from models.kube.objects import EndpointSlice, ServiceExport, ServiceImport, without_status
from models.releases.parts import LEAVES_SECOND, TAKES_BACK_FIRST
from models.submariner.agent.conditions import merged
from models.submariner.agent.remote_import import copy_of
from models.submariner.level import saying
from models.submariner.level.observed import CONDITIONS, Observed
from models.submariner.level.shares import is_refused, shared, without_share
from models.submariner.level.slices import Slices, imported, of_others, of_own, on_broker, own_slices
from models.submariner.names import BROKER_NAMESPACE
from sim.core import Request

if TYPE_CHECKING:
    from models.submariner.level.agent import LevelAgent

CREATE, UPDATE, STATUS, DELETE, SAY = "create", "update", "status", "delete", "say"


class Todo(msgspec.Struct, frozen=True):
    """One write of an object, on the condition that it is still as ``read``."""

    verb: str
    object: Any
    read: Any = None


Todos = Iterator[Todo]
Says = Callable[[Observed, ServiceExport], ServiceExport]


def plan(agent: LevelAgent, seen: Observed) -> tuple[Todo, ...]:
    """All that differs from what is to be."""
    imports: ServiceImport | None
    if seen.is_offered and not is_refused(agent, seen):
        export, imports = _served(agent, seen)
    else:
        export, imports = _withdrawn(agent, seen, saying.refused if seen.is_offered else saying.not_offered)
    return (*export, *_spared(agent, seen), *_copied(agent, seen, imports))


def _served(agent: LevelAgent, seen: Observed) -> tuple[tuple[Todo, ...], ServiceImport]:
    own = own_slices(agent, seen)
    there = on_broker(agent, own)
    slices = (*of_others(agent, seen.remote), *there)
    aggregate = shared(agent, seen, slices)
    assert seen.export is not None
    said = saying.served(agent, seen, seen.export.object, aggregate, slices)
    todos = (
        *_slices(of_own(agent, seen.local), own),
        *_slices(of_own(agent, seen.remote), there),
        *_written(seen.aggregate, aggregate),
        *_said(seen, said),
    )
    return todos, aggregate


def _withdrawn(agent: LevelAgent, seen: Observed, says: Says) -> tuple[tuple[Todo, ...], ServiceImport | None]:
    """What was exported, and is not any more or not as what the aggregate is of."""
    left = without_share(agent, seen.aggregate, of_others(agent, seen.remote))
    said = () if seen.export is None else _said(seen, says(seen, seen.export.object))
    gone = (
        *_written(seen.aggregate, left),
        *_slices(of_own(agent, seen.remote), ()),
        *_slices(of_own(agent, seen.local), ()),
    )
    return (*said, *gone) if agent.release.does(TAKES_BACK_FIRST) else (*gone, *said), left


def _spared(agent: LevelAgent, seen: Observed) -> Todos:
    """Of two aggregates of one service each cluster leaves the second: a cluster made it because another service had
    the first name, and that has become free meanwhile.
    """
    if seen.spare is not None and agent.release.does(LEAVES_SECOND):
        yield from _written(seen.spare, without_share(agent, seen.spare, of_others(agent, seen.remote)))


def _copied(agent: LevelAgent, seen: Observed, aggregate: ServiceImport | None) -> Todos:
    """The copy of the aggregate, and the EndpointSlices of others."""
    if agent.copies:
        yield from _written(seen.copy, None if aggregate is None else copy_of(aggregate))
    yield from _slices(of_others(agent, seen.local), imported(agent, seen))


def _slices(found: Slices, wanted: Slices) -> Todos:
    """Make what is wanted, then delete what is not."""
    by_name: dict[str, EndpointSlice] = {each.name: each for each in found}
    for each in wanted:
        yield from _written(by_name.pop(each.name, None), each)
    for left in by_name.values():
        yield from _written(left, None)


def _written(found: Any, wanted: Any) -> Todos:
    """The writes that make an object as wanted: the status, which names exporters, after the rest."""
    if wanted is None:
        if found is not None:
            yield Todo(DELETE, found, found)
        return
    if found is None:
        yield Todo(CREATE, wanted)
        found = without_status(wanted)
    elif with_status_of(wanted, found) != found:
        found, before = with_status_of(wanted, found), found
        yield Todo(UPDATE, found, before)
    if status_of(wanted) != status_of(found):
        yield Todo(STATUS, wanted, found)


def _said(seen: Observed, said: ServiceExport) -> tuple[Todo, ...]:
    assert seen.export is not None
    return () if said == seen.export.object else (Todo(SAY, said, seen.export),)


def request(agent: LevelAgent, todo: Todo) -> Request:
    """The call that carries it out."""
    obj = todo.object
    client = agent.broker if obj.namespace == BROKER_NAMESPACE else agent.local
    if todo.verb == CREATE:
        return client.create(obj)
    if todo.verb == UPDATE:
        return client.update(obj, todo.read)
    if todo.verb == STATUS:
        return client.update_status(obj, todo.read)
    if todo.verb == SAY:
        return client.update_part(obj, todo.read, CONDITIONS, merged)
    read = todo.read if agent.release.deletes_with_precondition else None
    return client.delete(obj.kind, obj.namespace, obj.name, obj.topic, read)
