"""What is searched: a model in the world in which its script begins, its properties, and what a schedule comes to."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from sim.core.cell import Cell, Value
from sim.core.machine import Machine, Observer, Running
from sim.core.model import Model
from sim.core.property import Property, When
from sim.core.trace import Step
from sim.core.world import World
from sim.explore.learning import Outcome
from sim.explore.standing import Standing
from sim.explore.symmetry import Symmetry
from sim.explore.tables import Tables

Moves = tuple[tuple[int, Value], ...]
"""A schedule by slots: (slot, choice) of each step."""
LAST = 9
"""The turn of the environment."""


class Subject:
    """A model ready to be searched.

    ``judged`` are the properties that decide the verdict; of these, those that must hold always are made visible to the
    reduction. ``may_stop`` lets the environment stop before any operation of the script; ``undone_apart`` is as in
    :class:`sim.explore.learning.Learner`.
    """

    def __init__(
        self, model: Model, world: World, judged: tuple[Property, ...], *, may_stop: bool, undone_apart: bool = True
    ) -> None:
        self.model = model
        self.world = world
        self.judged = judged
        self.may_stop = may_stop
        visible = tuple(prop for prop in judged if prop.when is When.ALWAYS)
        self.tables = Tables(visible, undone_apart=undone_apart)
        self.symmetry = ""  # under which renamings worlds were taken for one, in words
        self.asymmetry = ""  # why they were not, though there are renamings
        self.begin = self.tables.packing.load(self.machine())
        self._turns: dict[int, int] = {}
        self._memo: dict[str, dict[int, bool]] = {prop.name: {} for prop in model.checked()}

    def begin_symmetry(self, *, wanted: bool) -> None:
        """Let the next search take worlds that differ only by a renaming for one, if there are renamings."""
        self.symmetry = self.asymmetry = ""
        self.tables.symmetry = None
        renamings = self.model.renamings() if wanted else ()
        if renamings:
            tables = self.tables
            found = Symmetry(tables.packing, tables.accesses, renamings, self.begin)
            if found.images:
                self.tables.symmetry = found
                self.symmetry = "; ".join(repr(image.renaming) for image in found.images)

    def end_symmetry(self, why: str) -> None:
        """Go on without."""
        self.symmetry, self.asymmetry = "", why
        self.tables.symmetry = None

    def machine(self, observer: Observer | None = None) -> Machine:
        """A machine in the world in which the script begins."""
        machine = Machine(observer, versioned=False)
        machine.load(self.world)
        self.model.begin_search(machine, may_stop=self.may_stop)
        return machine

    def rank(self, slot: int) -> int:
        """1 for the environment, whose steps a search begins with only if no other process can step."""
        return int(self.tables.packing.slots[slot].domain is self.model.users)

    def turn(self, slot: int) -> int:
        """When a reduced search begins with a process: those that only copy after the others, so that what is told to
        them is all there when they begin; the environment last.
        """
        found = self._turns.get(slot)
        if found is None:
            there = self.tables.packing.slots[slot]
            late = self.model.late(there.domain, there.process)
            found = LAST if self.rank(slot) else min(late, LAST - 1)
            self._turns[slot] = found
        return found

    def holds(self, prop: Property, world: int) -> bool:
        """Whether the property holds in a packed world."""
        packing = self.tables.packing
        mask = 0
        for cell in prop.cells:
            mask |= packing.cell(cell).mask
        memo = self._memo.setdefault(prop.name, {})
        found = memo.get(world & mask)
        if found is None:
            found = memo[world & mask] = bool(prop.holds(packing.get(world)))
        return found

    def violations(self, world: int) -> list[Property]:
        """The judged properties that a world at rest violates."""
        ending = (When.AT_REST, When.EVENTUALLY)
        return [prop for prop in self.judged if prop.when in ending and not self.holds(prop, world)]

    def moves(self, world: int) -> list[tuple[int, Outcome]]:
        """Every step that can be taken in a packed world, as (slot, outcome), in the order of slots."""
        return self.standing(world).able()

    def standing(self, world: int) -> Standing:
        """A walk that has come to a packed world."""
        return Standing(self.tables, world)

    def first(self, able: list[tuple[int, Outcome]]) -> tuple[int, Outcome]:
        """Of the steps that can be taken, the first in the order of slots, the environment's last."""
        return min(able, key=lambda move: (self.rank(move[0]), move[0]))

    def follow(self, moves: Moves) -> list[int]:
        """The packed worlds of a schedule, from the first on.

        Raises:
            AssertionError: a step of it cannot be taken.
        """
        worlds = [self.begin]
        for slot, choice in moves:
            entry = self.tables.entry(slot, worlds[-1])
            assert entry is not None, f"{self.tables.packing.slots[slot].name} does not run"
            outcome = next(o for o in entry.outcomes if o.choice == choice)
            worlds.append(self.tables.after(worlds[-1], outcome))
        return worlds

    def places(self, named: Sequence[tuple[str, str, Value]]) -> Moves:
        """A schedule by slots, without the processes that no walk so far has met."""
        known = {(slot.domain.name, slot.process): slot.index for slot in self.tables.packing.slots}
        return tuple((known[domain, name], choice) for domain, name, choice in named if (domain, name) in known)

    def traced(self, named: Sequence[tuple[str, str, Value]]) -> Moves:
        """A schedule by slots, each step of which can be taken where it stands, whether or not it was met before."""
        out: list[tuple[int, Value]] = []
        at = self.standing(self.begin)
        for domain, name, choice in named:
            slots = self.tables.packing.slots
            slot, outcome = next(
                (slot, outcome) for slot, outcome in at.able()
                if (slots[slot].domain.name, slots[slot].process, outcome.choice) == (domain, name, choice)
            )  # fmt: skip
            out.append((slot, outcome.choice))
            at.take(outcome)
        return tuple(out)

    def told(self, moves: Moves) -> Told:
        """The schedule carried out by a machine: its steps, numbered from 1, and the changes of observed cells."""
        out = Told(self)
        for domain, name, choice in self.named(moves):
            process = out.machine.process(domain, name)
            assert process is not None and process.request is not None, f"{domain}:{name} does not run"
            out.take(process, choice)
        return out

    def named(self, moves: Moves) -> tuple[tuple[str, str, Value], ...]:
        """The schedule by the names of domains and processes."""
        slots = self.tables.packing.slots
        return tuple((slots[slot].domain.name, slots[slot].process, choice) for slot, choice in moves)


class Told(Observer):
    """A schedule as it goes in a machine."""

    def __init__(self, subject: Subject) -> None:
        self.steps: list[Step] = []
        self.changes: list[tuple[float, Cell, Value]] = []
        self.machine = subject.machine(self)
        self.machine.watched.update((cell, []) for cell in subject.model.observed)

    def take(self, process: Running, choice: Value) -> None:
        """Take a step of a process that can take it."""
        request = process.request
        assert request is not None
        response = self.machine.step(process, choice)
        self.steps.append(Step(len(self.steps) + 1.0, process.domain.name, process.name, request, choice, response))

    def changed(self, cell: Cell) -> None:
        self.changes.append((len(self.steps) + 1.0, cell, self.machine.get(cell)))


def chosen(properties: Sequence[Property], names: Sequence[str], unknown: Callable[[str], Exception]) -> list[Property]:
    """The properties of these names.

    Raises:
        Exception: as ``unknown`` makes it, for a name that there is not.
    """
    by_name = {prop.name: prop for prop in properties}
    for name in names:
        if name not in by_name:
            raise unknown(name)
    return [by_name[name] for name in names]
