"""Start and worker: the watches one after the other, then one service after the other.

A service is looked at (:mod:`~models.submariner.level.observed`), what is to be written is worked out from that alone
(:mod:`~models.submariner.level.plan`), and is written, each write on the condition that what it changes is still what
was read. Whatever fails, or changes meanwhile, has the service looked at again: what was written last is never
believed.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from models.kube.calls import ALREADY_EXISTS, CONFLICT, NAMESPACE_NOT_FOUND, NOT_FOUND, UNREACHABLE
from models.kube.informer import SleepWhileDown
from models.kube.watcher import list_keys, watch
from models.kube.work_queue import KeyIsDone
from models.releases.parts import QUEUES_AGAIN
from models.submariner.agent.start import connect
from models.submariner.level.observed import observe
from models.submariner.level.plan import DELETE, Todo, plan, request
from sim.core import Become, Cell, Get, Request, Sleep, Stage, Start, Take, Transaction, Value

if TYPE_CHECKING:
    from models.submariner.level.agent import LevelAgent


def main(agent: LevelAgent) -> Stage:
    """The first process."""
    yield Sleep("agent-exec")
    if agent.ways.whole_binary:
        yield from connect(agent)
    return Become(start, (agent, 0))


def start(agent: LevelAgent, number: int) -> Stage:
    """The watches from a number on; the worker starts when all have listed."""
    if number == len(agent.watchers):
        yield Start(agent.domain, "services/worker", work, (agent,))
        return None
    watcher = agent.watchers[number]
    if (yield list_keys(watcher)) is UNREACHABLE:
        yield SleepWhileDown("relist-0", watcher.client.api.up, watcher.barriers)
        return Become(start, (agent, number))
    yield Start(agent.domain, f"{watcher.name}/watch", watch, (watcher,))
    return Become(start, (agent, number + 1))


class TakeKey(Take, frozen=True):
    """The next key that is due; from now on it is known."""

    known: Cell

    def cells(self, get: Get, choice: Value) -> Iterable[Cell]:
        return (self.channel, self.known)

    def carry_out(self, tx: Transaction, choice: Value) -> Any:
        key = tx.pop(self.channel, choice)
        known = tx.get(self.known) or ()
        if key not in known and not key.endswith("/"):
            tx.put(self.known, tuple(sorted((*known, key))))
        return key


class QueueKnown(Request, frozen=True):
    """Queue what is known in a namespace."""

    agent: LevelAgent
    namespace: str

    def cells(self, get: Get, choice: Value) -> Iterable[Cell]:
        return (self.agent.queue, self.agent.known)

    def carry_out(self, tx: Transaction, choice: Value) -> None:
        for key in tx.get(self.agent.known) or ():
            if key.startswith(self.namespace):
                tx.append(self.agent.queue, key)
        tx.forget(self.agent.queue, self.namespace)


def work(agent: LevelAgent) -> Stage:
    """Take a key and look at it."""
    key = yield TakeKey(agent.queue, agent.known)
    if key.endswith("/"):
        yield QueueKnown(agent, key)
        return Become(work, (agent,))
    seen = yield from observe(agent, key)
    return Become(write, (agent, key, None if seen is None else plan(agent, seen)))


def write(agent: LevelAgent, key: str, todos: tuple[Todo, ...] | None) -> Stage:
    """Write what is planned, one after the other; None where something could not be read."""
    if not todos:
        yield KeyIsDone(agent.queue, key, todos is None and agent.release.does(QUEUES_AGAIN))
        return Become(work, (agent,))
    answer = yield request(agent, todos[0])
    if answer is NAMESPACE_NOT_FOUND:  # what comes with the namespace tells of it
        return Become(write, (agent, key, ()))
    gone = answer is NOT_FOUND and todos[0].verb == DELETE
    failed = answer in (ALREADY_EXISTS, CONFLICT, UNREACHABLE) or (answer is NOT_FOUND and not gone)
    return Become(write, (agent, key, None if failed else todos[1:]))
