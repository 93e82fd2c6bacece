"""An API server that lags: an informer's first list shows what was so earlier, and what came since follows as events.

Source: client-go ``tools/cache/reflector.go``: the first list asks for resourceVersion "0", which any API server may
answer from its watch cache, however old that is; a list after a watch asks for at least the version that was seen
(docs/FACTS.md C7, R22).
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial
from typing import TYPE_CHECKING, Any

from models.kube.api_server import THE_END, Watch
from models.kube.calls import Listed, view
from sim.core import Cell, Channel, Get, Request, Transaction, Value, reset

if TYPE_CHECKING:
    from models.kube.informer import Informer
    from sim.core import Domain


class Past:
    """What an API server keeps of the past for one informer: a list, and the events since then."""

    def __init__(self, domain: Domain, informer: Informer) -> None:
        self.informer = informer
        name = f"{informer.domain.name}/{informer.name}"
        self.listed = domain.cell(f"list of the past for {name}")
        self.since = Channel(f"events since the past for {name}", domain, informer.stream.wait, keyed=False)
        informer.client.api.add_watch(Watch(self.since, informer.topic, informer.namespace, informer.keeps))

    def __repr__(self) -> str:
        return f"past of {self.informer}"

    def cells(self) -> tuple[Cell, ...]:
        """The cells that :meth:`answer` touches."""
        return (self.listed, self.since, self.informer.synced)

    def answer(self, tx: Transaction) -> Listed | None:
        """The list of the past, with the stream open and filled with what came since; None if the present is to be
        shown: to an informer that has had its first list, or by a server that was restarted meanwhile.
        """
        listed: Any = tx.get(self.listed)
        if listed is None or tx.get(self.informer.synced):
            return None
        events: Any = tx.get(self.since) or ()
        tx.put(self.listed, None)
        reset(tx, self.since, is_open=False)
        if events and events[-1] == THE_END:
            return None
        for event in events:
            tx.offer(self.informer.stream, event, THE_END)
        return Listed(listed)


class KeepPast(Request, frozen=True):
    """From now on the API server lags, for one informer: its first list is to show what there is now."""

    past: Past

    def cells(self, get: Get, choice: Value) -> Iterable[Cell]:
        informer = self.past.informer
        listed = informer.client.api.selected_cells(get, informer.kind, informer.topic, informer.namespace)
        return [*listed, self.past.listed, self.past.since]

    def carry_out(self, tx: Transaction, choice: Value) -> None:
        informer = self.past.informer
        get: Get = tx.get if informer.keeps is None else partial(view, tx, informer.keeps)
        found = informer.client.api.select(tx.get, informer.kind, informer.topic, informer.namespace, get)
        tx.put(self.past.listed, found)
        reset(tx, self.past.since, is_open=True)

    def words(self, choice: Value, response: Any) -> str:
        informer = self.past.informer
        return f"the API server {informer.client.api.name} begins to lag for {informer.domain.name}/{informer.name}"
