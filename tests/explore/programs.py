"""Random small models: a few processes that read, write, wait, send, take, start, stop, kill and freeze.

A program is a tuple of instructions; what a process read last decides what it writes next, so that orders matter.
"""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from sim.core import (
    Await,
    Become,
    Cell,
    Channel,
    Domain,
    Link,
    Machine,
    Read,
    Request,
    Stage,
    Take,
    Write,
    is_present,
    reset,
)
from tests.core.toys import Fate, Send
from tests.explore.requests import (
    Bump,
    Drop,
    Far,
    Keep,
    Many,
    Offer,
    Only,
    Post,
    Refill,
    SetPart,
    StartProgram,
    StopOther,
    StopProgram,
    head_of,
)

CELLS, STREAMS, QUEUES, DOMAINS, SPARE = 3, 2, 1, 2, 2
KEYS = ("k1", "k2")


class Lab:
    """The cells, channels and domains that programs are about. Domain ``d1`` loses its memory when it is killed."""

    def __init__(self, programs: tuple[Any, ...], spare: tuple[Any, ...]) -> None:
        self.domains = [Domain(f"d{n}") for n in range(DOMAINS)]
        self.store = Domain("store", volatile=False)
        self.cells = [(self.store if n else self.domains[1]).cell(f"c{n}") for n in range(CELLS)]
        self.streams = [Channel(f"s{n}", self.domains[n % DOMAINS], "w", keyed=False) for n in range(STREAMS)]
        self.queues = [Channel(f"q{n}", self.domains[1], "w", keyed=True) for n in range(QUEUES)]
        self.items = self.domains[1].cell("items")
        self.link = Link("far", self.domains[1], "there", "back")
        self.programs = programs
        self.spare = spare

    def __repr__(self) -> str:
        return f"Lab({self.programs!r}, {self.spare!r})"

    def machine(self) -> Machine:
        """All programs at their start, all streams open."""
        machine = Machine(versioned=False)
        for stream in self.streams:
            reset(machine, stream, is_open=True)
        for number, program in enumerate(self.programs):
            machine.start(self.domains[number % DOMAINS], f"p{number}", run, self, program)
        return machine


def run(lab: Lab, program: tuple[Any, ...], at: int = 0, seen: int = 0) -> Stage:
    """One instruction, told what was seen last; ``again`` goes back to the first while its cell is absent."""
    if at >= len(program):
        return None
    name, *args = program[at]
    if name == "serve":
        return (yield from serve(lab, program, at))
    response = yield request(lab, name, args, seen)
    if name == "again":
        return Become(run, (lab, program, 0 if response is None else at + 1, seen))
    return Become(run, (lab, program, at + 1, int(response or 0) % 3 if name == "read" else int(bool(response))))


def serve(lab: Lab, program: tuple[Any, ...], at: int) -> Stage:
    """One item of the list that a key stands for: its number tells what is written."""
    key = yield Take(lab.queues[0])
    head = (yield Read(lab.items, head_of)) if key == KEYS[0] else None
    if head is not None:
        yield Write(lab.cells[head], head + 1)
        yield Drop(lab.items, lab.queues[0], key)
    return Become(run, (lab, program, at + 1, int(head or 0)))


def request(lab: Lab, name: str, args: list[Any], seen: int) -> Request:
    """The request of one instruction."""
    number = args[0] if args else 0
    cells: list[Cell] = lab.cells
    made: dict[str, Any] = {
        "again": lambda: Read(cells[number]),
        "read": lambda: Read(cells[number]),
        "present": lambda: Read(cells[number], is_present),
        "low": lambda: Read(cells[number], Only(1)),
        "write": lambda: Write(cells[number], (args[1] + seen) or None),
        "bump": lambda: Bump(cells[number]),
        "set-part": lambda: SetPart(cells[number], args[1], seen % 2),
        "await": lambda: Await(cells[number]),
        "send": lambda: Send(lab.streams[number], args[1] + seen),
        "receive": lambda: Take(lab.streams[number]),
        "post": lambda: Post(cells[number], 1 + (args[1] + seen) % 2, lab.streams[args[1]], seen),
        "post-key": lambda: Post(cells[number], 1 + seen % 2, lab.queues[0], KEYS[(args[1] + seen) % 2]),
        "queue": lambda: Send(lab.queues[0], KEYS[(number + seen) % 2]),
        "keep": lambda: Keep(lab.items, lab.queues[0], KEYS[0], 1 + (args[0] + seen) % 2),
        "take": lambda: Take(lab.queues[0]),
        "start": lambda: StartProgram(lab, number),
        "stop": lambda: StopProgram(lab, number),
        "kill": lambda: Fate("kill", lab.domains[1]),
        "freeze": lambda: Fate("freeze", lab.domains[1]),
        "thaw": lambda: Fate("thaw", lab.domains[1]),
        "kill-calm": lambda: Fate("kill", lab.domains[0]),
        "kill-store": lambda: Fate("kill", lab.store),
        "offer": lambda: Offer(lab.streams[number], args[1] + seen),
        "refill": lambda: Refill(lab.streams[number], args[1]),
        "restock": lambda: Refill(lab.queues[0], args[0]),
        "look": lambda: Read(lab.streams[number]),
        "glance": lambda: Read(lab.streams[number], is_present),
        "look-key": lambda: Read(lab.queues[0]),
        "call": lambda: Far(lab.link, Write(cells[number], 1 + (args[1] + seen) % 2)),
        "call-freeze": lambda: Far(lab.link, Fate("freeze", lab.domains[1])),
        "stop-other": lambda: StopOther(lab, args[0]),
        "many": lambda: Many(tuple(request(lab, each[0], list(each[1:]), seen) for each in args)),
    }
    return made[name]()  # type: ignore[no-any-return]


cell = st.integers(0, CELLS - 1)
small = st.integers(0, 1)
stream = st.integers(0, STREAMS - 1)
PARAMETERS: dict[str, tuple[Any, ...]] = {
    **dict.fromkeys(("read", "again", "present", "low", "bump", "await"), (cell,)),
    **dict.fromkeys(("post", "post-key", "call"), (cell, small)),
    **dict.fromkeys(("receive", "look", "glance"), (stream,)),
    **dict.fromkeys(("queue", "keep"), (small,)),
    **dict.fromkeys(("start", "stop"), (st.integers(0, SPARE - 1),)),
    **dict.fromkeys(("take", "look-key", "kill", "freeze", "thaw", "kill-store", "serve"), ()),
    "write": (cell, st.integers(0, 2)),
    "set-part": (cell, st.integers(1, 2)),
    "send": (stream, small),
    "offer": (stream, st.integers(0, 2)),
    "refill": (stream, st.sampled_from([None, (), (0,), (1, 0)])),
    "restock": (st.sampled_from([None, ("k1",), KEYS]),),
    "stop-other": (st.sampled_from(["p1", "p3", "spare0"]),),
}
"""What each kind of instruction takes."""


def of(*kinds: str) -> st.SearchStrategy[tuple[Any, ...]]:
    """An instruction of one of these kinds."""
    return st.one_of([st.tuples(st.just(kind), *PARAMETERS[kind]) for kind in kinds])


instruction = of(
    "read", "again", "present", "low", "write", "bump", "set-part", "await", "send", "receive", "queue", "take",
    "start", "stop",
)  # fmt: skip
disaster = st.sampled_from([("kill",), ("freeze",), ("thaw",)])
program = st.lists(instruction, min_size=1, max_size=4).map(tuple)
environment = st.lists(disaster, min_size=0, max_size=2).map(tuple)


@st.composite
def labs(draw: Any) -> Lab:
    """A model of two to four programs, one of which may kill or freeze a domain, and two that others may start."""
    programs = draw(st.lists(program, min_size=2, max_size=3))
    programs.insert(0, draw(environment))
    return Lab(tuple(programs), tuple(draw(st.lists(program, min_size=SPARE, max_size=SPARE))))


inner = of("read", "write", "bump", "send", "queue")
taking = st.sampled_from([("receive", 0), ("receive", 1), ("take",)])


@st.composite
def working(draw: Any) -> tuple[Any, ...]:
    """A worker: what it does first, then twice an item, mostly of one channel, and what it does with it."""
    take = draw(taking)
    other = draw(st.sampled_from([take, take, draw(taking)]))
    first = draw(st.lists(inner, max_size=1))
    rounds = [draw(st.lists(inner, min_size=1, max_size=2)) for _ in range(2)]
    return (*first, take, *rounds[0], other, *rounds[1])


@st.composite
def offices(draw: Any) -> Lab:
    """Two workers and two programs that write and send, one of which may be a disaster."""
    some = st.lists(inner, min_size=1, max_size=4).map(tuple)
    programs = [draw(st.one_of(environment, some)), draw(working()), draw(working()), draw(some)]
    return Lab(tuple(programs), tuple(() for _ in range(SPARE)))


looping = of("again", "await", "bump", "read", "write", "take", "queue")


@st.composite
def loops(draw: Any) -> Lab:
    """Programs that go back to their first instruction, beside others that wait for what they do."""
    some = st.lists(looping, min_size=1, max_size=3).map(tuple)
    programs = [draw(st.one_of(environment, some)), *draw(st.lists(some, min_size=2, max_size=3))]
    return Lab(tuple(programs), tuple(() for _ in range(SPARE)))


keeping = st.one_of(of("keep"), inner)


@st.composite
def counters(draw: Any) -> Lab:
    """One worker that serves a list of items, and programs that add to it."""
    some = st.lists(keeping, min_size=1, max_size=3).map(tuple)
    serving = (*draw(st.lists(inner, max_size=1)), *(("serve",),) * draw(st.integers(1, 3)))
    return Lab((draw(st.one_of(environment, some)), serving, draw(some), draw(some)), tuple(() for _ in range(SPARE)))


# -- everything that a request may do ----------------------------------------------------------------------------------

at_once = st.one_of(
    st.tuples(st.sampled_from(["read", "present", "low", "bump"]), cell),
    of("write", "set-part"),
    st.tuples(st.sampled_from(["send", "offer"]), stream, st.integers(0, 2)),
    of("refill", "restock"),
    st.tuples(st.sampled_from(["look", "glance"]), stream),
    of("look-key", "queue"),
    st.tuples(st.sampled_from(["start", "stop"]), *PARAMETERS["start"]),
    of("stop-other"),
    st.tuples(st.sampled_from(["kill", "freeze", "thaw", "kill-store"])),
)
many = st.lists(at_once, min_size=2, max_size=3).map(lambda some: ("many", *some))
calling = of("call")
anything = st.lists(st.one_of(at_once, many, instruction, calling), min_size=1, max_size=3).map(tuple)


@st.composite
def crowded(draw: Any) -> Lab:
    """Programs whose steps do several things at once, of all that a request may do."""
    programs = draw(st.lists(anything, min_size=2, max_size=3))
    spare = st.lists(st.one_of(instruction, calling), min_size=1, max_size=3).map(tuple)
    return Lab(tuple(programs), tuple(draw(st.lists(spare, min_size=SPARE, max_size=SPARE))))
