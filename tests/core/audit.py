"""An audit of requests: a machine that carries each out three times and sees what it touched.

Twice on a rehearsal, then on the machine. No cell is exempt, not even those that a kill wipes: requests that kill
declare the cells of the domain. What is not a cell (which processes run, which domains are frozen, when items are due)
has no declaration, so it is compared between the rehearsals only.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from sim.core import Cell, Channel, Domain, Machine, Part, Request, Running, StageFunction, Value
from sim.core.machine import resumed


class Rehearsal:
    """A transaction on a copy of the cells; ``said`` is everything else that the request asked for."""

    def __init__(self, machine: Machine) -> None:
        self.values = dict(machine.values)
        self.get: Callable[[Cell], Any] = self.values.get
        self.said: list[Any] = []
        self.is_running = machine.is_running

    def put(self, cell: Cell, value: Value) -> None:
        self.values[cell] = value
        if value is None:
            del self.values[cell]

    def change(self, cell: Cell, part: Part, make: Callable[[Any], Value]) -> tuple[Any, Any]:
        old = self.get(cell)
        self.put(cell, make(old))
        return old, self.get(cell)

    def view(self, cell: Cell, part: Part) -> Any:
        return part(self.get(cell))

    def version(self, cell: Cell) -> Any:
        return self.get(cell)

    def offer(self, channel: Channel, item: Value, end: Value) -> None:
        items: Any = self.get(channel)
        if items is not None and not (items and items[-1] == end):
            self.append(channel, item)

    def append(self, channel: Channel, item: Value) -> None:
        items: Any = self.get(channel) or ()
        if not (channel.keyed and item in items):
            self.put(channel, tuple(sorted((*items, item))) if channel.keyed else (*items, item))
        self.said.append(("append", channel, item))

    def pop(self, channel: Channel, choice: Value) -> Any:
        items: Any = self.get(channel)
        self.put(channel, tuple(item for item in items if item != choice) if channel.keyed else items[1:])
        return choice if channel.keyed else items[0]

    def kill(self, domain: Domain) -> None:
        self.said.append(("kill", domain))
        for cell in domain.cells if domain.volatile else ():
            self.values.pop(cell, None)

    def start(self, domain: Domain, name: str, function: StageFunction, *args: Any) -> None:
        self.said.append(("start", domain, name, function, args))

    def stop(self, domain: Domain, name: str) -> None:
        self.said.append(("stop", domain, name))

    def freeze(self, domain: Domain) -> None:
        self.said.append(("freeze", domain))

    def thaw(self, domain: Domain) -> None:
        self.said.append(("thaw", domain))

    def forget(self, channel: Channel, item: Value) -> None:
        self.said.append(("forget", channel, item))


class Audited(Machine):
    """A machine that writes down what requests touch, and what of it they did not declare."""

    def __init__(self) -> None:
        super().__init__()
        self.read: set[Cell] = set()
        self.written: set[Cell] = set()
        self.undeclared: set[str] = set()
        self.impure: set[str] = set()
        self.kinds: set[str] = set()
        self.get = self._get  # type: ignore[assignment]

    def _get(self, cell: Cell, default: None = None) -> Any:
        self.read.add(cell)
        return self.values.get(cell)

    def put(self, cell: Cell, value: Value) -> None:
        self.written.add(cell)
        super().put(cell, value)

    def carry_out(self, process: Running, choice: Value = None) -> Any:
        request = process.request
        assert request is not None
        self.kinds.add(type(request).__name__)
        reads, writes = set(request.reads(self.values.get, choice)), set(request.writes(self.values.get, choice))
        for what, ask in self._questions(request, choice):
            self.read = set()
            ask()
            self._compare(request, what, self.read - reads)
        rehearsals = [Rehearsal(self), Rehearsal(self)]
        responses = [request.carry_out(rehearsal, choice) for rehearsal in rehearsals]
        self.read, self.written = set(), set()
        response = super().carry_out(process, choice)
        self._compare(request, "carry_out reads", self.read - reads)
        self._compare(request, "carry_out writes", self.written - writes)
        if responses != [response] * 2 or any(r.values != self.values for r in rehearsals):
            self.impure.add(type(request).__name__)
        if rehearsals[0].said != rehearsals[1].said:
            self.impure.add(type(request).__name__)
        return response

    def advance(self, process: Running, response: Any) -> None:
        """A process that is made again from what it remembers must ask for the same as the one that goes on."""
        super().advance(process, response)
        if process.alive and repr(process.request) != repr(resumed(process.continuation()).request):
            self.impure.add(f"{process.name} forgets what it goes by")

    def _questions(self, request: Request, choice: Value) -> Iterator[tuple[str, Callable[[], Any]]]:
        yield "ready reads", lambda: request.ready(self.get)
        yield "choices reads", lambda: request.choices(self.get)
        yield "reads itself reads", lambda: list(request.reads(self.get, choice))
        yield "writes itself reads", lambda: list(request.writes(self.get, choice))

    def _compare(self, request: Request, what: str, beyond: set[Cell]) -> None:
        self.undeclared.update(f"{type(request).__name__}: {what} {cell.name}" for cell in beyond)
