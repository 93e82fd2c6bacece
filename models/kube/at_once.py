"""Items in one step, for searches in which copies are made at once.

What an item of a syncer that only copies does between its beginning and its end touches the copy alone, which nobody
else writes; so what others do meanwhile they could as well do before or after it. DESIGN.md says when that is so.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from models.kube.api_server import UP
from models.kube.calls import ApiCall, is_write
from models.kube.client import Client
from models.kube.syncer import handle
from sim.core import Become, Cell, Get, Stage, Take, Transaction, Value
from sim.core.request import Mark

if TYPE_CHECKING:
    from models.kube.syncer import Syncer

NOWHERE = (0, 0)
"""What is answered to a mark: nothing is remembered of what comes after it."""


class TakeItem(Take, frozen=True):
    """Take a key and carry its item out. Answers with what was written, in words; or with the key if the item is still
    to be carried out: where a server cannot be called, or what the item makes is no copy.
    """

    syncer: Syncer
    clients: tuple[Client, ...]

    def cells(self, get: Get, choice: Value) -> Iterable[Cell]:
        syncer = self.syncer
        keys: Iterable[Any] = get(self.channel) or () if choice is None else (choice,)
        for key in keys:
            yield from (self.channel, syncer.operations(key), syncer.informer.entry(key), *self._ways())
            if syncer.only_copies(key):
                for obj in self._objects(get, key):
                    yield from syncer.made_of(obj)

    def _ways(self) -> list[Cell]:
        """The cells that say whether the servers can be called."""
        return [cell for client in self.clients for cell in (client.api.up, client.link.cut)]

    def _is_reached(self, tx: Transaction) -> bool:
        return all(tx.get(client.api.up) == UP and not tx.get(client.link.cut) for client in self.clients)

    def _objects(self, get: Get, key: str) -> list[Any]:
        """What may be copied, or was."""
        objects = [get(self.syncer.informer.entry(key))]
        objects += [operation.object for operation in get(self.syncer.operations(key)) or ()]
        return [obj for obj in objects if obj is not None]

    def carry_out(self, tx: Transaction, choice: Value) -> Any:
        key = tx.pop(self.channel, choice)
        if not self.syncer.only_copies(key) or not self._is_reached(tx):
            return key
        steps, response = handle(self.syncer, key), None
        done: list[str] = []
        while True:
            try:
                request = steps.send(response)
            except StopIteration:
                return tuple(done)
            if request.is_step:
                response = request.carry_out(tx, None)
                done += [request.words(None, response)] if isinstance(request, ApiCall) and is_write(request) else []
            else:
                response = NOWHERE if isinstance(request, Mark) else None

    def words(self, choice: Value, response: Any) -> str:
        return "" if isinstance(response, str) else "; ".join(response)


def work_at_once(syncer: Syncer, clients: tuple[Client, ...]) -> Stage:
    """The worker of a syncer that only copies: one item after the other, each in one step."""
    left = yield TakeItem(syncer.queue, syncer, clients)
    if isinstance(left, str):
        yield from handle(syncer, left)
    return Become(work_at_once, (syncer, clients))
