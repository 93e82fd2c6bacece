"""Watchers: a watch that only tells of which keys something happened, for a controller that reads for itself.

As controller-runtime's handlers do: an event is mapped to keys of a work queue, and the reconcile of a key reads what
there is. Nothing of what a watch carries is believed, so neither the order of events nor a store that lags matters. A
list and the queueing of what it shows are one step, and what is on its way is in the queue already
(:class:`~models.kube.api_server.KeysWatch`): a reconcile that begins earlier than it could reads no less.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from models.kube.api_server import KeysWatch, Watch
from models.kube.calls import UNREACHABLE, Listed
from models.kube.client import Client
from models.kube.informer import RELIST_DELAYS, Informer, ListAndOpen, SleepWhileDown
from sim.core import Become, Cell, Channel, Domain, Get, Part, Sleep, Stage, Take, Transaction, reset


class Watcher(Informer):
    """A watch on one topic that fills a work queue with the keys that ``keys_of`` makes of objects.

    ``known`` is the cell of all keys that the controller has ever taken: a list after a broken watch queues these as
    well, as what is gone is in no list. A key that ends in ``/`` is of a namespace and stands for those known in it.
    ``queues_first`` and ``queues_known`` say whether the first list queues anything, and later ones what is known.
    """

    queues_first = queues_known = True

    def __init__(
        self, domain: Domain, name: str, client: Client, kind: str, topic: str, namespace: str = "",
        wait: str = "watch", *, keys_of: Part, queue: Channel, known: Cell,
    ) -> None:  # fmt: skip
        self.queue, self.known = queue, known
        super().__init__(domain, name, client, kind, topic, namespace, wait, keys_of)

    def watch(self) -> Watch:
        return KeysWatch(self.stream, self.topic, self.namespace, self.keeps, queue=self.queue)


class ListKeys(ListAndOpen, frozen=True):
    """The list of a watcher: from its version on events fill the queue. Returns True, or UNREACHABLE."""

    informer: Watcher

    def served(self, get: Get) -> Iterable[Cell]:
        informer = self.informer
        return [*super().served(get), informer.synced, informer.queue, informer.known]

    def serve(self, tx: Transaction) -> Any:
        informer = self.informer
        listed: Listed = super().serve(tx)  # one of the past leaves what came since in the stream
        since: Any = tx.get(informer.stream)
        found = (*listed.items, *(event.object for event in since))
        keys, again = [key for keys in found for key in keys], ()
        if not tx.get(informer.synced):
            keys = keys if informer.queues_first else []
        elif informer.queues_known:
            again = tx.get(informer.known) or ()
        reset(tx, informer.stream, is_open=True)
        for key in sorted({*keys, *again}):
            tx.append(informer.queue, key)
        tx.put(informer.synced, True)
        return True


def list_keys(watcher: Watcher) -> ListKeys:
    """The request."""
    return ListKeys(watcher.client.link, watcher.client.api, watcher)


def watch(watcher: Watcher) -> Stage:
    """Wait until the watch breaks; then list again."""
    yield Take(watcher.stream)
    yield Sleep("relist-0")
    return Become(list_again, (watcher, 1))


def list_again(watcher: Watcher, failures: int) -> Stage:
    """The list after a broken watch, with the reflector's back-off (0.8 s doubling to 30 s)."""
    if (yield list_keys(watcher)) is UNREACHABLE:
        step = min(failures, RELIST_DELAYS - 1)
        yield SleepWhileDown(f"relist-{step}", watcher.client.api.up, watcher.barriers)
        return Become(list_again, (watcher, step + 1))
    yield watcher.client.call(f"watch {watcher.topic}")
    return Become(watch, (watcher,))
