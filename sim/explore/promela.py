"""A small scenario as a Promela model, so that Spin can be asked how many worlds there are.

What a process can do is written as guarded steps: which fields of the world hold which numbers, and the fields that
change. It is taken from a search that has met every world, and only fields are looked at that tell worlds in which a
step can be taken from those in which it cannot. Steps that change nothing are left out, as are fields that never
change.

So Spin repeats the search, not what the search learned of single steps: a world that was missed, or counted twice,
shows in its count. Each process is one loop of indivisible steps, whose counter never moves: a state of Spin's is the
fields, and nothing else, as long as partial-order reduction is off. A world at rest is an end that Spin accepts.
"""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from itertools import chain

from sim.core.errors import BadInput
from sim.explore.exhaust import Bounds
from sim.explore.packing import Field, Slot
from sim.explore.plain import Plain
from sim.explore.plainly import Say
from sim.explore.tables import Tables

WORLDS_MAX = 1_000_000
GUARDS_MAX = 10_000
"""So many guarded steps; compiling those of one process takes half a minute, and more than in proportion to them."""
PROCESSES_MAX = 255
"""So many processes Spin can run."""
HEAD = re.compile(r"/\* (\d+) worlds: (.*) \*/\n")
COUNT = "spin -a FILE && gcc -O3 -w -DSAFETY -DNOREDUCE -DNOFAIR -DVECTORSZ={size} -o pan pan.c && ./pan -m{depth}"
"""How the states are counted. ``size`` is in bytes, no smaller than a state; ``depth`` is in steps."""
SIZE_MIN, FIELD_BYTES, PROCESS_BYTES = 1024, 4, 8
"""What Spin sets aside for a state if not told otherwise, and what a state takes at most for each field and process."""
BYTE_BITS, SHORT_BITS = 8, 15


def promela(tables: Tables, world: int, say: Say | None = None) -> str:
    """A Promela model of everything that can happen from a world on; a state of it is a world.

    ``say`` is told of the search from time to time.

    Raises:
        BadInput: it is too large, or has steps that kill.
    """
    search = Plain(tables)
    began = time.monotonic()

    def killing() -> str:
        if say is not None:
            say(search, time.monotonic() - began, Bounds(worlds=WORLDS_MAX))
        slots = zip(tables.packing.slots, search.exact.kills, strict=False)
        return next((slot.name for slot, kills in slots if kills), "")

    search.begin(world)
    ended = search.run(worlds_max=WORLDS_MAX + 1, stop=killing)
    if killer := killing():  # what is cleared differs from world to world
        raise BadInput(f"the process {killer!r} kills a domain", "a scenario in which nothing is killed")
    if ended or search.worlds > WORLDS_MAX:
        raise BadInput(f"the scenario has more than {WORLDS_MAX} worlds", f"at most {WORLDS_MAX} worlds")
    return _Export(search, world).text()


def worlds_and_command(model: str) -> tuple[int, str]:
    """How many worlds an exported model has, and the command that it says its states are counted with."""
    found = HEAD.match(model)
    assert found is not None, model[:200]
    return int(found[1]), found[2]


class _Export:
    """The text of a searched scenario."""

    def __init__(self, search: Plain, world: int) -> None:
        self.search = search
        self.world = world
        self.guards = 0
        packing = search.tables.packing
        changing = 0
        for each in self.worlds():
            changing |= each ^ world
        fields: list[Field] = [*packing.cells.values(), *packing.slots]
        self.fields = [field for field in fields if field.mask & changing]
        self.names = {field: f"f{number}" for number, field in enumerate(self.fields)}

    def worlds(self) -> Iterator[int]:
        """All worlds, in the order in which they were found."""
        return chain.from_iterable(self.search.levels)

    def text(self) -> str:
        """All of it."""
        processes = self._processes()
        size = SIZE_MIN + FIELD_BYTES * len(self.fields) + PROCESS_BYTES * len(processes)
        count = COUNT.format(size=size, depth=self.search.worlds)
        fields = [
            f"{_type(field)} {self.names[field]} = {field.number(self.world)}; {_note(field)}" for field in self.fields
        ]
        return "\n\n".join([f"/* {self.search.worlds} worlds: {count} */", "\n".join(fields), *processes]) + "\n"

    def _processes(self) -> list[str]:
        """The processes that ever change the world, one loop each; one that is always blocked if there are none."""
        out = []
        for slot in self.search.tables.packing.slots:
            steps = list(self._steps(slot))
            if steps:
                out.append(_process(f"p{slot.index}", _note(slot), steps))
        if len(out) > PROCESSES_MAX:
            raise BadInput(f"the scenario has {len(out)} processes that act", f"at most {PROCESSES_MAX}")
        return out or [_process("rest", "/* nothing ever changes */", ["  :: false"])]

    def _steps(self, slot: Slot) -> Iterator[str]:
        """The guarded steps of a process."""
        rows = self._rows(slot)
        deltas = dict.fromkeys(delta for row in rows.values() for delta in row)
        for delta in deltas:
            able = [bits for bits, row in rows.items() if delta in row]
            unable = [bits for bits, row in rows.items() if delta not in row]
            mask, fields = self._telling(self.search.exact.keys[slot.index], able, unable)
            for bits in dict.fromkeys(bits & mask for bits in able):
                self.guards += 1
                if self.guards > GUARDS_MAX:
                    raise BadInput(f"the scenario takes more than {GUARDS_MAX} guarded steps", f"at most {GUARDS_MAX}")
                yield f"  :: d_step {{ {self._guard(fields, bits)} -> {self._changes(fields, bits, delta)} }}"

    def _rows(self, slot: Slot) -> dict[int, tuple[int, ...]]:
        """The ways in which a process changes the world, by the bits that it depends on, of all worlds."""
        exact = self.search.exact
        rows: dict[int, tuple[int, ...]] = {}
        mask = -1
        while mask != exact.keys[slot.index]:  # an entry that the search had no need of may depend on more
            mask = exact.keys[slot.index]
            rows.clear()
            for world in self.worlds():
                if world & mask not in rows:
                    entry = exact.entry(slot.index, world)
                    outcomes = entry.outcomes if entry is not None else ()
                    rows[world & mask] = tuple(dict.fromkeys(o.delta for o in outcomes if o.delta))
        return rows

    def _telling(self, mask: int, able: list[int], unable: list[int]) -> tuple[int, list[Field]]:
        """Fields, as few as can be found by leaving one out after the other, that tell one list from the other."""
        fields = [field for field in self.fields if field.mask & mask]
        mask = sum(field.mask for field in fields)
        for field in tuple(fields):
            fewer = mask & ~field.mask
            if {bits & fewer for bits in able}.isdisjoint([bits & fewer for bits in unable]):
                mask = fewer
                fields.remove(field)
        return mask, fields

    def _guard(self, fields: list[Field], bits: int) -> str:
        return "(" + (" && ".join(f"{self.names[each]} == {each.number(bits)}" for each in fields) or "true") + ")"

    def _changes(self, fields: list[Field], bits: int, delta: int) -> str:
        out = []
        for field in self.fields:
            change = field.number(delta)
            if change and field in fields:
                out.append(f"{self.names[field]} = {field.number(bits) ^ change}")
            elif change:
                out.append(f"{self.names[field]} = {self.names[field]} ^ {change}")
        return "; ".join(out)


def _process(name: str, note: str, steps: list[str]) -> str:
    return "\n".join([f"active proctype {name}() {{ {note}", "end:", "  do", *steps, "  od", "}"])


def _note(field: Field) -> str:
    return f"/* {re.sub(r'[^ -~]|[*]/', '?', field.name)} */"


def _type(field: Field) -> str:
    if field.bits <= BYTE_BITS:
        return "byte"
    return "short" if field.bits <= SHORT_BITS else "int"
