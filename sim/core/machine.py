"""The machine: cells and processes in the middle of a run, and the only code that carries requests out.

Every driver owns one machine and decides which process takes the next step; what the step does is decided here, by the
request alone. A machine can be frozen into a :class:`~sim.core.world.World` and made again from one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from sim.core.cell import Cell, Channel, Domain, Value
from sim.core.request import Become, Call, Part, Request, Result, Stage, StageFunction
from sim.core.rules import broken_end, broken_handler, broken_request
from sim.core.world import Continuation, World


class Running:
    """A process as it stands: its stage, the responses since the stage began, and the request it waits to take.

    One that is *asleep* has no stage yet: most processes of a world in which a run begins never take a step in it.
    """

    __slots__ = (
        "alive", "args", "domain", "entered", "function", "generator", "name", "request", "responses", "since_ms"
    )  # fmt: skip
    generator: Stage | None
    request: Request | None
    responses: list[Any]

    def __init__(self, domain: Domain, name: str, function: StageFunction, args: tuple[Any, ...]) -> None:
        self.domain = domain
        self.name = name
        self.alive = True
        self.entered = False  # a driver's: whether it has begun to drive this process
        self.since_ms: float | None = None  # a driver's: since when the process has been waiting
        self.request = None
        self._enter(function, args)

    @classmethod
    def asleep(cls, there: Continuation, request: Request | None) -> Running:
        """The process that stands there, waiting to take that request; :meth:`wake` it before it advances."""
        process = cls.__new__(cls)
        process.domain, process.name = there.domain, there.name
        process.function, process.args = there.function, there.args
        process.alive, process.entered, process.since_ms = True, False, None
        process.generator, process.request, process.responses = None, request, list(there.responses)
        return process

    def wake(self) -> None:
        """Make the stage of a process that is asleep."""
        if self.generator is None:
            self.generator, self.request = self.continuation().resume()

    def _enter(self, function: StageFunction, args: tuple[Any, ...]) -> None:
        """Run to the first request, through as many stages as it takes; the end leaves ``request`` None."""
        asked = self.request
        while True:
            self.function, self.args, self.responses = function, args, []
            stage: Any = None
            try:
                self.generator = stage = function(*args)
                self.request = next(stage)
                if not self.request.is_step:
                    self._remember()
                return
            except StopIteration as stop:
                become: Any = stop.value
                if become is None:
                    self.request = None
                    return
                if not isinstance(become, Become):
                    raise broken_end(repr(self), function, asked, become) from None
                function, args = become.function, become.args
            except Exception as error:
                raise broken_handler(repr(self), function, stage, asked, error) from error

    def advance(self, response: Any) -> None:
        """Go on with ``response`` to the next request."""
        request = self.request
        if request.loops and request.repeats(response):  # type: ignore[union-attr]
            return
        try:
            self.request = following = self.generator.send(response)  # type: ignore[union-attr]
            self.responses.append(response)
            if not following.is_step:
                self._remember()
        except StopIteration as stop:
            become: Any = stop.value
            if become is None:
                self.request = None
            elif isinstance(become, Become):
                self._enter(become.function, become.args)
            else:
                raise broken_end(repr(self), self.function, request, become) from None
        except Exception as error:
            raise broken_handler(repr(self), self.function, self.generator, request, error) from error

    def _remember(self) -> None:
        """Answer what is no step, up to the next request that is one."""
        request: Any = self.request
        marks = 0
        while not request.is_step:
            mark = (len(self.responses), marks)
            marks += 1
            if isinstance(request, Result):
                self.responses[request.mark[0] :] = [request]
                marks = 0
            self.request = request = self.generator.send(mark)  # type: ignore[union-attr]

    def continuation(self) -> Continuation:
        """Where the process stands, as a value."""
        return Continuation(self.domain, self.name, self.function, self.args, tuple(self.responses))

    def __repr__(self) -> str:
        return f"{self.domain.name}:{self.name}"


class Observer:
    """What a driver hears of while a request is carried out. All methods do nothing unless overridden."""

    def started(self, process: Running) -> None: ...
    def stopped(self, process: Running) -> None: ...
    def wiped(self, domain: Domain) -> None: ...
    def froze(self, domain: Domain) -> None: ...
    def thawed(self, domain: Domain) -> None: ...
    def arrived(self, channel: Channel, item: Value) -> None: ...
    def forgot(self, channel: Channel, item: Value) -> None: ...
    def changed(self, cell: Cell) -> None: ...


class Machine:
    """Cells and processes. Implements :class:`sim.core.request.Transaction`.

    ``watched`` is the driver's: only changes of cells in it are reported to ``observer.changed``. ``versioned`` is
    false where a schedule of the search is followed, which leaves out conflicts that a retry makes good.
    """

    def __init__(self, observer: Observer | None = None, *, versioned: bool = True) -> None:
        self.observer = observer or Observer()
        self.versioned = versioned
        self.values: dict[Cell, Value] = {}
        self.get = self.values.get
        self.processes: dict[Domain, dict[str, Running]] = {}
        self.frozen: set[Domain] = set()  # only ever asked for membership
        self.watched: dict[Cell, Any] = {}

    # -- what requests may do ------------------------------------------------------------------------------------

    def put(self, cell: Cell, value: Value) -> None:
        if value is None:
            self.values.pop(cell, None)
        else:
            self.values[cell] = value
        if cell in self.watched:
            self.observer.changed(cell)

    def change(self, cell: Cell, part: Part, make: Callable[[Any], Value]) -> tuple[Any, Any]:
        """Replace a value by one that differs in ``part`` alone and depends on it alone; returns both."""
        old: Any = self.get(cell)
        new = make(old)
        self.put(cell, new)
        return old, new

    def view(self, cell: Cell, part: Part) -> Any:
        return part(self.get(cell))

    def version(self, cell: Cell) -> Any:
        """What tells whether a cell was written since: its whole value, or None where nobody is to notice."""
        return self.get(cell) if self.versioned else None

    def offer(self, channel: Channel, item: Value, end: Value) -> None:
        """Put an item into a stream if it is open and ``end`` has not come; nobody is told whether it was taken."""
        items: Any = self.get(channel)
        if items is not None and not (items and items[-1] == end):
            self.append(channel, item)

    def append(self, channel: Channel, item: Value) -> None:
        """Put an item into a channel; a keyed channel holds it once, but the driver hears of every time."""
        items: Any = self.get(channel)
        items = items or ()
        if not channel.keyed:
            self.put(channel, (*items, item))
        elif item not in items:
            self.put(channel, tuple(sorted((*items, item))))
        self.observer.arrived(channel, item)

    def pop(self, channel: Channel, choice: Value) -> Any:
        """Remove the chosen item of a keyed channel, or the first item, and return it."""
        items: Any = self.get(channel)
        if channel.keyed:
            self.put(channel, tuple(item for item in items if item != choice))
            return choice
        self.put(channel, items[1:])
        return items[0]

    def forget(self, channel: Channel, item: Value) -> None:
        self.observer.forgot(channel, item)

    def start(self, domain: Domain, name: str, function: StageFunction, *args: Any) -> None:
        running = self.processes.setdefault(domain, {})
        assert name not in running, f"{domain.name}:{name} is running already"
        process = Running(domain, name, function, args)
        if process.request is not None:
            running[name] = process
            self.observer.started(process)

    def stop(self, domain: Domain, name: str) -> None:
        process = self.processes.get(domain, {}).pop(name, None)
        if process is not None:
            process.alive = False
            self.observer.stopped(process)

    def is_running(self, domain: Domain, name: str) -> bool:
        return name in self.processes.get(domain, {})

    def kill(self, domain: Domain) -> None:
        running = self.processes.get(domain)
        if running:
            for process in running.values():
                process.alive = False
                self.observer.stopped(process)
            running.clear()
        self.frozen.discard(domain)
        if domain.volatile:
            values, watched = self.values, self.watched
            told = []
            for cell in domain.cells:
                if cell not in watched:
                    values.pop(cell, None)
                elif cell in values:
                    told.append(cell)
            for cell in sorted(told, key=lambda cell: cell.name):
                self.put(cell, None)
        self.observer.wiped(domain)

    def freeze(self, domain: Domain) -> None:
        if domain not in self.frozen:
            self.frozen.add(domain)
            self.observer.froze(domain)

    def thaw(self, domain: Domain) -> None:
        if domain in self.frozen:
            self.frozen.discard(domain)
            self.observer.thawed(domain)

    # -- what drivers do -----------------------------------------------------------------------------------------

    def running(self) -> Iterator[Running]:
        """All processes, in the order in which they started within each domain."""
        for processes in self.processes.values():
            yield from processes.values()

    def process(self, domain_name: str, name: str) -> Running | None:
        """The process of that name, or None."""
        for domain, processes in self.processes.items():
            if domain.name == domain_name:
                return processes.get(name)
        return None

    def carry_out(self, process: Running, choice: Value = None) -> Any:
        """Apply the effect of the request that the process waits to take, and return its response."""
        request = process.request
        assert request is not None, f"{process} has ended"
        try:
            return request.carry_out(self, choice)
        except Exception as error:
            raise broken_request(repr(process), request, error) from error

    def advance(self, process: Running, response: Any) -> None:
        """Hand the response to the process, unless the step killed it."""
        if process.alive:
            process.advance(response)
            if process.request is None:
                self.ended(process)

    def ended(self, process: Running) -> None:
        """Forget a process that has run to its end."""
        process.alive = False
        del self.processes[process.domain][process.name]

    def step(self, process: Running, choice: Value = None) -> Any:
        """Carry out the next request of a process and let it go on."""
        response = self.carry_out(process, choice)
        self.advance(process, response)
        return response

    def is_enabled(self, process: Running) -> bool:
        """Whether the process can take a step."""
        request = process.request
        return request is not None and process.domain not in self.frozen and request.ready(self.get)

    def is_on_its_way(self, process: Running) -> bool:
        """Whether a frozen process may have sent a call before it was frozen, which is served all the same."""
        request = process.request
        return isinstance(request, Call) and process.domain in self.frozen and request.ready(self.get)

    def enabled(self) -> list[tuple[Running, Value]]:
        """Every step that can be taken now, in an order that depends on names alone."""
        able = sorted((p for p in self.running() if self.is_enabled(p)), key=lambda p: (p.domain.name, p.name))
        return [(p, choice) for p in able if p.request is not None for choice in p.request.choices(self.get)]

    def world(self) -> World:
        """The present world as a value."""
        cells = sorted(self.values.items(), key=lambda item: item[0].name)
        continuations = sorted((p.continuation() for p in self.running()), key=lambda c: (c.domain.name, c.name))
        return World(tuple(cells), tuple(continuations), tuple(sorted(self.frozen, key=lambda domain: domain.name)))

    def load(self, world: World, *, asleep: bool = False) -> None:
        """Become ``world``; the machine must be empty. ``asleep``: whoever drives its processes wakes them."""
        assert not self.values and not self.processes, "only an empty machine can load a world"
        self.values.update(world.values)
        for continuation, request in zip(world.processes, world.requests, strict=True):
            process = Running.asleep(continuation, request)
            if not asleep:
                process.wake()
            self.processes.setdefault(continuation.domain, {})[continuation.name] = process
        self.frozen.update(world.frozen)


def resumed(there: Continuation) -> Running:
    """The process that stands there, awake."""
    process = Running.asleep(there, None)
    process.wake()
    return process
