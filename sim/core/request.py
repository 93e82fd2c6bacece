"""Requests: what a process yields. One request is one atomic operation on the cells that it names."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable
from enum import IntEnum
from typing import TYPE_CHECKING, Any, ClassVar, Protocol, TypeVar

import msgspec

from sim.core.cell import Cell, Channel, Domain, Value

if TYPE_CHECKING:
    from collections.abc import Sequence

T = TypeVar("T")
Stage = Generator["Request", Any, "Become | None"]
"""A process as it runs: yields requests, receives responses, ends or becomes another stage."""
StageFunction = Callable[..., Stage]
Get = Callable[[Cell], Any]
"""Reads a cell; ``None`` where it is absent."""
Part = Callable[[Any], Any]
"""What is asked of a cell's value (``None`` where it is absent) by a reader who needs no more.

A pure function at the top level of a module, or a frozen struct that can be called. A step that leaves the part as it
was does not concern the reader.
"""


def is_present(value: Any) -> bool:
    """The part of a reader who asks only whether the cell is there."""
    return value is not None


def list_end(value: Any) -> Any:
    """The part of a list that a change which only adds items at its end keeps to."""
    return value


def list_start(value: Any) -> Any:
    """The part of a list that a change which only removes items at its start keeps to. Adding to a list and removing
    from it do nothing to each other, so whether something is left must not decide what a removal comes to, but for
    queueing a key that who adds queues as well, in a queue from which nobody else takes.
    """
    return value


LIST_ENDS = frozenset((list_end, list_start))


class Pace(IntEnum):
    """How a driver with a clock times a request; a driver without one ignores it."""

    INSTANT = 0  # in-process work: no time passes
    CALL = 1  # a request over a link: limiter, way there, effect, way back
    TAKE = 2  # an item of a channel, when it is due
    WAIT = 3  # until the request is ready, looked at on change or once per period
    SLEEP = 4  # a named delay, then the effect


class Transaction(Protocol):
    """What a request may do to the world while it is carried out."""

    def get(self, cell: Cell) -> Any: ...
    def view(self, cell: Cell, part: Part) -> Any: ...
    def version(self, cell: Cell) -> Any: ...
    def offer(self, channel: Channel, item: Value, end: Value) -> None: ...
    def append(self, channel: Channel, item: Value) -> None: ...
    def pop(self, channel: Channel, choice: Value) -> Any: ...
    def put(self, cell: Cell, value: Value) -> None: ...
    def change(self, cell: Cell, part: Part, make: Callable[[Any], Value]) -> tuple[Any, Any]: ...
    def forget(self, channel: Channel, item: Value) -> None: ...
    def start(self, domain: Domain, name: str, function: StageFunction, *args: Any) -> None: ...
    def stop(self, domain: Domain, name: str) -> None: ...
    def kill(self, domain: Domain) -> None: ...
    def freeze(self, domain: Domain) -> None: ...
    def thaw(self, domain: Domain) -> None: ...
    def is_running(self, domain: Domain, name: str) -> bool: ...


class Meter(Protocol):
    """What may come between a caller and the calls over its links: counts, fails or holds them, or ends the caller."""

    def cells(self, get: Get, call: Any) -> Iterable[Cell]: ...
    def holds(self, get: Get, call: Any) -> bool: ...
    def carry_out(self, call: Any, tx: Transaction) -> Any: ...


class Link:
    """A way over which calls go, with its named delays and, where the caller has one, its client limiter.

    ``there`` and ``back`` name the delays before and after the effect of a call. ``limiter`` names the limits, or is
    empty. The limiter's state belongs to ``caller`` and starts full when ``caller`` starts. ``cut`` is a cell of the
    caller: while it is true, no call over this link reaches the other side. ``meter`` is None unless a script asks for
    one.
    """

    __slots__ = ("back", "caller", "cut", "limiter", "meter", "name", "there")

    def __init__(self, name: str, caller: Domain, there: str, back: str, limiter: str = "") -> None:
        self.name = name
        self.caller = caller
        self.there = there
        self.back = back
        self.limiter = limiter
        self.cut = caller.cell(f"link {name} is cut")
        self.meter: Meter | None = None

    def __repr__(self) -> str:
        return f"Link({self.name!r})"


class Request(msgspec.Struct, frozen=True):
    """One atomic operation: the cells it reads and writes, when it is ready, and its effect.

    Subclasses override ``carry_out`` and either ``cells`` (read and written alike) or ``reads`` and ``writes``. What a
    request touches may depend on values (the head of a stream names the store entry), so these take the world.
    """

    pace: ClassVar[Pace] = Pace.INSTANT
    spins: ClassVar[bool] = False
    """Whether :meth:`ready` only says when the step leads somewhere: a driver with a clock may take it before."""
    loops: ClassVar[bool] = False
    """Whether :meth:`repeats` is to be asked at all."""
    at_once: ClassVar[bool] = False
    """Whether a model promises that nothing is lost where the step is taken as soon as it can be, as each schedule ends
    like one in which it is. A reduced search then explores no other.
    """
    is_step: ClassVar[bool] = True
    """False of what only tells the machine what a process forgets."""

    def cells(self, get: Get, choice: Value) -> Iterable[Cell]:
        """The cells that this request reads and may write, in a world where ``get`` reads cells."""
        return ()

    def reads(self, get: Get, choice: Value) -> Iterable[Cell]:
        """The cells that its readiness, its effect and its response depend on."""
        return self.cells(get, choice)

    def writes(self, get: Get, choice: Value) -> Iterable[Cell]:
        """The cells that it may change."""
        return self.cells(get, choice)

    def ready(self, get: Get) -> bool:
        """Whether the step can be taken in a world where ``get`` reads cells."""
        return True

    def choices(self, get: Get) -> Sequence[Value]:
        """The ways in which a ready request can be carried out; one, unnamed, unless overridden."""
        return (None,)

    def carry_out(self, tx: Transaction, choice: Value) -> Any:
        """Apply the effect and return the response, which must be a value."""
        raise AssertionError(f"{type(self).__name__} has no effect of its own")

    def repeats(self, response: Any) -> bool:
        """Whether the process stays at this very request after such a response, as in a loop around one request."""
        return False

    def words(self, choice: Value, response: Any) -> str:
        """The step in words of objects and components, or empty where it says nothing to a person."""
        return ""

    def __repr__(self) -> str:
        """Without the addresses of functions, so that texts of runs are equal in every process."""
        values = [getattr(value, "__qualname__", repr(value)) for value in msgspec.structs.astuple(self)]
        return f"{type(self).__name__}({', '.join(values)})"

    def matters(self, response: Any) -> bool:
        """Whether a short timeline should name the step."""
        return True


class Call(Request, frozen=True):
    """A request over a link."""

    link: Link
    pace: ClassVar[Pace] = Pace.CALL
    limited: ClassVar[bool] = True


class Become(msgspec.Struct, frozen=True):
    """Returned by a stage: the process goes on as ``function(*args)`` and forgets what it was told before."""

    function: StageFunction
    args: tuple[Any, ...] = ()


class Mark(Request, frozen=True):
    """No step: asks for where it stands, as the number of responses so far and of marks since the last of them; where
    what follows it is over, for its :class:`Result`.
    """

    is_step: ClassVar[bool] = False


MARK = Mark()


class Result(Request, frozen=True):
    """No step: in place of the responses since a mark, the process remembers just this value."""

    mark: tuple[int, int]
    value: Any
    is_step: ClassVar[bool] = False


def by_result(steps: Generator[Request, Any, T]) -> Generator[Request, Any, T]:
    """Carry out some steps, of which the process remembers only what they return, which must be a value.

    So processes that have come to one result in several ways stand at the same place.
    """
    mark: Any = yield MARK
    if isinstance(mark, Result):
        value: T = mark.value
        return value
    value = yield from steps
    yield Result(mark, value)
    return value


class Sleep(Request, frozen=True):
    """Let the named delay pass."""

    delay: str
    pace: ClassVar[Pace] = Pace.SLEEP

    def carry_out(self, tx: Transaction, choice: Value) -> None:
        return None


class SleepUntil(Request, frozen=True):
    """Let time pass until ``at_ms`` after the beginning; orders the operations of a script."""

    at_ms: float
    delay: ClassVar[str] = ""
    pace: ClassVar[Pace] = Pace.SLEEP

    def carry_out(self, tx: Transaction, choice: Value) -> None:
        return None


class Start(Request, frozen=True):
    """Start a process (a goroutine) in a domain; a process of that name must not be running."""

    domain: Domain
    name: str
    function: StageFunction
    args: tuple[Any, ...] = ()

    def carry_out(self, tx: Transaction, choice: Value) -> None:
        tx.start(self.domain, self.name, self.function, *self.args)


class Read(Request, frozen=True):
    """The value of one cell, or a part of it."""

    cell: Cell
    part: Part | None = None

    def reads(self, get: Get, choice: Value) -> Iterable[Cell]:
        return (self.cell,)

    def writes(self, get: Get, choice: Value) -> Iterable[Cell]:
        return ()

    def carry_out(self, tx: Transaction, choice: Value) -> Any:
        return tx.get(self.cell) if self.part is None else tx.view(self.cell, self.part)


class Write(Request, frozen=True):
    """Set one cell to a value; ``None`` removes it."""

    cell: Cell
    value: Any

    def reads(self, get: Get, choice: Value) -> Iterable[Cell]:
        return ()

    def writes(self, get: Get, choice: Value) -> Iterable[Cell]:
        return (self.cell,)

    def carry_out(self, tx: Transaction, choice: Value) -> None:
        tx.put(self.cell, self.value)


class Wait(Request, frozen=True):
    """Wait until the request is ready, looked at every ``period_ms`` (0: when it changes)."""

    pace: ClassVar[Pace] = Pace.WAIT
    immediate: ClassVar[bool] = True
    period_ms: ClassVar[float] = 0.0

    def carry_out(self, tx: Transaction, choice: Value) -> Any:
        return None


class Await(Request, frozen=True):
    """Wait until a cell holds a true value, looked at every ``period_ms`` (0: at once)."""

    cell: Cell
    period_ms: float = 0.0
    immediate: ClassVar[bool] = True
    pace: ClassVar[Pace] = Pace.WAIT

    def reads(self, get: Get, choice: Value) -> Iterable[Cell]:
        return (self.cell,)

    def ready(self, get: Get) -> bool:
        return bool(get(self.cell))

    def carry_out(self, tx: Transaction, choice: Value) -> Any:
        return tx.get(self.cell)


class Take(Request, frozen=True):
    """Take an item of a channel: of a keyed one the key that the driver chooses, else the first."""

    channel: Channel
    pace: ClassVar[Pace] = Pace.TAKE

    def cells(self, get: Get, choice: Value) -> Iterable[Cell]:
        return (self.channel,)

    def ready(self, get: Get) -> bool:
        return bool(get(self.channel))

    def choices(self, get: Get) -> Sequence[Value]:
        return get(self.channel) if self.channel.keyed else (None,)

    def carry_out(self, tx: Transaction, choice: Value) -> Any:
        return tx.pop(self.channel, choice)


def reset(tx: Transaction, channel: Channel, *, is_open: bool) -> None:
    """Empty a channel; a closed one takes no items."""
    tx.put(channel, () if is_open else None)
    tx.forget(channel, None)
