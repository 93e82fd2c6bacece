"""Random models of two or three sides that are alike: each runs the same programs, on what is its own, on what belongs
to the next side, and on what all share. To turn all sides by one leaves such a model as it is.
"""

from __future__ import annotations

import re
from typing import Any

import msgspec
from hypothesis import strategies as st
from msgspec.structs import replace

from sim.core import Become, Cell, Channel, Domain, Machine, Read, Request, Stage, Write, reset
from tests.explore import programs
from tests.explore.programs import SPARE, Lab, environment, program

SIDE = re.compile(r"side(\d)")


class Mine(msgspec.Struct, frozen=True):
    """Whether a side has signed."""

    side: str

    def __call__(self, value: Any) -> bool:
        return bool(value == self.side)


class Later(msgspec.Struct, frozen=True):
    """Whether a side of a later name has signed: something that tells sides apart."""

    side: str

    def __call__(self, value: Any) -> bool:
        return bool(value and value > self.side)


class Side(Lab):
    """One side as its programs see it; ``cells`` are one of its own memory, one that all share, one of its own that is
    stored, and the one that sides sign.
    """

    def __init__(self, number: int, store: Domain, spare: tuple[Any, ...]) -> None:
        self.name = f"side{number}"
        self.store = store
        self.domains = [Domain(f"{self.name}/calm"), Domain(f"{self.name}/killed")]
        own = Channel("in", self.domains[0], "w", keyed=False)
        self.cells = [self.domains[1].cell("memory"), store.cell("shared"), store.cell(self.name), store.cell("signed")]
        self.streams = [own, own]
        self.queues = [Channel("queue", self.domains[1], "w", keyed=True)]
        self.spare = spare

    def __repr__(self) -> str:
        return self.name


class Sides:
    """All sides with the programs of each: the first in what is killed, the second in what is not."""

    def __init__(self, count: int, programs: tuple[Any, ...], spare: tuple[Any, ...]) -> None:
        self.programs, self.spare = programs, spare
        self.store = Domain("store", volatile=False)
        self.sides = [Side(number, self.store, spare) for number in range(count)]
        for side, following in zip(self.sides, [*self.sides[1:], *self.sides], strict=False):
            side.streams[1] = following.streams[0]

    def __repr__(self) -> str:
        return f"Sides({len(self.sides)}, {self.programs!r}, {self.spare!r})"

    def machine(self) -> Machine:
        """All programs at their start, all streams open."""
        machine = Machine(versioned=False)
        for side in self.sides:
            reset(machine, side.streams[0], is_open=True)
            for number, each in enumerate(self.programs):
                machine.start(side.domains[number % 2], f"p{number}", run, side, each)
        return machine


def run(side: Side, steps: tuple[Any, ...], at: int = 0, seen: int = 0) -> Stage:
    """As :func:`tests.explore.programs.run`, with a cell in which sides sign."""
    if at >= len(steps):
        return None
    name, *args = steps[at]
    made: dict[str, Request] = {
        "sign": Write(side.cells[3], side.name),
        "mine": Read(side.cells[3], Mine(side.name)),
        "later": Read(side.cells[3], Later(side.name)),
    }
    response = yield made.get(name) or programs.request(side, name, args, seen)
    if name == "again":
        return Become(run, (side, steps, 0 if response is None else at + 1, seen))
    return Become(run, (side, steps, at + 1, int(response or 0) % 3 if name == "read" else int(bool(response))))


class Turned:
    """Each side becomes the next. Implements :class:`sim.core.model.Renaming`."""

    def __init__(self, sides: Sides) -> None:
        count = len(sides.sides)
        self.names = {side.name: f"side{(n + 1) % count}" for n, side in enumerate(sides.sides)}
        self.sides = {side.name: side for side in sides.sides}
        self.domains = {d.name: d for side in sides.sides for d in side.domains} | {"store": sides.store}

    def __repr__(self) -> str:
        return "each side for the next"

    def _word(self, text: str) -> str:
        return SIDE.sub(lambda found: self.names[found[0]], text)

    def domain(self, domain: Domain) -> Domain:
        return self.domains[self._word(domain.name)]

    def process(self, domain: Domain, name: str) -> str:
        return name

    def cell(self, cell: Cell) -> Cell:
        own = cell.name.removeprefix(f"{cell.domain.name}/")
        return self.domain(cell.domain).cell(self._word(own))

    def value(self, value: Any) -> Any:
        if isinstance(value, Side):
            return self.sides[self.names[value.name]]
        if isinstance(value, str):
            return self._word(value)
        if isinstance(value, tuple):
            return tuple(map(self.value, value))
        return replace(value, side=self._word(value.side)) if isinstance(value, Mine | Later) else value

    response = value


signing = st.sampled_from([("sign",), ("mine",), ("later",), ("mine",)])
mixed = st.tuples(program, st.lists(signing, max_size=2).map(tuple)).map(lambda two: (*two[0][:2], *two[1]))


@st.composite
def sides(draw: Any) -> Sides:
    """Two sides of two programs and perhaps a disaster, or three of one."""
    count = draw(st.sampled_from([2, 2, 3]))
    made = draw(st.lists(mixed, min_size=1, max_size=2 if count == 2 else 1))
    made += [draw(environment)] if count == 2 else []
    return Sides(
        count, tuple(made), tuple(draw(st.lists(program.map(lambda p: p[:2]), min_size=SPARE, max_size=SPARE)))
    )
