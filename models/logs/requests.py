"""What others than agents do in logs, in one step each."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from models.kube.api_server import THE_END, ApiServer
from models.kube.informer import Informer
from models.kube.objects import ENDPOINT_SLICES, LIGHTHOUSE_SLICES, SERVICE_IMPORTS
from models.submariner.names import BROKER_NAMESPACE
from sim.core import Cell, Get, Request, Transaction, Value


class Put(Request, frozen=True):
    """Somebody sets an object to a value, its status included."""

    api: ApiServer
    object: Any

    def _cell(self) -> Cell:
        return self.api.object(self.object.kind, self.object.namespace, self.object.name)

    def cells(self, get: Get, choice: Value) -> Iterable[Cell]:
        return self.api.written_cells(self._cell(), self.object.topic, self.object.namespace)

    def carry_out(self, tx: Transaction, choice: Value) -> None:
        self.api.store(tx, self._cell(), self.object)


class TextDiffers(Request, frozen=True):
    """Whether a condition that is there already has another text, which no log tells: the order of clusters in it is
    that of a map (``checkForConflicts``).
    """

    def choices(self, get: Get) -> Sequence[Value]:
        return (False, True)

    def carry_out(self, tx: Transaction, choice: Value) -> bool:
        return bool(choice)


class DeleteNamed(Request, frozen=True):
    """Somebody deletes an object, of whatever topic it is."""

    api: ApiServer
    kind: str
    namespace: str
    name: str
    topic: str
    made: bool = False
    """Whether a server made the name, so that the model has another one: then that of the service it begins with."""
    owners: tuple[str, ...] = ()
    """Whose EndpointSlice it may be."""

    def _cell(self, get: Get) -> Cell:
        name = self.name
        there = get(self.api.names(self.topic, self.namespace)) or ()
        if self.made and name not in there:
            stem = name.rsplit("-", 1)[0]
            alike = [n for n in there if get(self._object(n)).service.split("/")[1] == stem]
            mine = [n for n in alike if get(self._object(n)).source_cluster in self.owners] if self.owners else []
            name = (*mine, *alike, name)[0]
        return self._object(name)

    def _object(self, name: str) -> Cell:
        return self.api.object(self.kind, self.namespace, name)

    def cells(self, get: Get, choice: Value) -> Iterable[Cell]:
        looked_at = [self._object(name) for name in get(self.api.names(self.topic, self.namespace)) or ()]
        return [self.api.names(self.topic, self.namespace), *looked_at,
                *self.api.written_cells(self._cell(get), self.topic, self.namespace)]  # fmt: skip

    def carry_out(self, tx: Transaction, choice: Value) -> None:
        cell = self._cell(tx.get)
        found = tx.get(cell)
        if found is not None:
            self.api.remove(tx, cell, found)


class Empty(Request, frozen=True):
    """Somebody deletes all ServiceImports on the broker, and maybe the EndpointSlices as well."""

    api: ApiServer
    slices_too: bool

    def _topics(self) -> list[tuple[str, str]]:
        imports = [(SERVICE_IMPORTS, SERVICE_IMPORTS)]
        return [*imports, (ENDPOINT_SLICES, LIGHTHOUSE_SLICES)] if self.slices_too else imports

    def cells(self, get: Get, choice: Value) -> Iterable[Cell]:
        out: list[Cell] = []
        for kind, topic in self._topics():
            out += self.api.selected_cells(get, kind, topic, BROKER_NAMESPACE)
            out += self.api.streams(topic, BROKER_NAMESPACE)
        return out

    def carry_out(self, tx: Transaction, choice: Value) -> None:
        for kind, topic in self._topics():
            for obj in self.api.select(tx.get, kind, topic, BROKER_NAMESPACE):
                self.api.remove(tx, self.api.object(kind, obj.namespace, obj.name), obj)


class BreakWatches(Request, frozen=True):
    """The watches of some informers break; what had been sent before is still heard."""

    informers: tuple[Informer, ...]

    def cells(self, get: Get, choice: Value) -> Iterable[Cell]:
        return [informer.stream for informer in self.informers]

    def carry_out(self, tx: Transaction, choice: Value) -> None:
        for informer in self.informers:
            tx.offer(informer.stream, THE_END, THE_END)
