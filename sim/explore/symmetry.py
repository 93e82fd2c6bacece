"""Renamings of a model applied to packed worlds, and the check that steps respect them.

A world that is another one renamed need not be explored: what happens from it is what happens from the other, renamed.
That rests on nothing that is declared. A renaming is used only if it leaves the first world as it is and is one-to-one
on whatever is met; and whatever is learned of a process in a world is learned of the process that stands for it in the
renamed world as well, and must be the same renamed: choices, worlds after, what it depends on and, where a search makes
use of it, what it touches. The first difference ends the search, which is then made without (:class:`NotSymmetric`).
"""

from __future__ import annotations

from collections.abc import Sequence

from sim.core.model import NoImage, Renaming
from sim.explore.accesses import Accesses
from sim.explore.image import Image, NotSymmetric
from sim.explore.learning import Entry, Learner, Outcome
from sim.explore.packing import Packing, Slot


class Symmetry:
    """The renamings under which a search takes worlds for one."""

    def __init__(self, packing: Packing, accesses: Accesses, renamings: Sequence[Renaming], begin: int) -> None:
        self.packing = packing
        self.accesses = accesses
        self.images = [image for each in renamings if keeps(image := Image(packing, accesses, each), begin)]

    def ways(self, world: int) -> list[tuple[int, Image, int]]:
        """All other worlds that a world is renamed to, each with a renaming and the world (the first, or one listed
        before) that it makes that of.
        """
        out: list[tuple[int, Image, int]] = []
        met, todo = {world}, [world]
        for at in todo:
            for image in self.images:
                after = image.world(at)
                if after not in met:
                    met.add(after)
                    todo.append(after)
                    out.append((after, image, at))
        return out

    def checked(self, learner: Learner, slot: Slot, world: int, entry: Entry) -> list[tuple[int, Entry]]:
        """The renamed entries, by slot: each is what the entry is renamed, which comes to depend on whatever they do.

        Raises:
            NotSymmetric: they are not.
        """
        try:
            return self._checked(learner, slot, world, entry)
        except NotSymmetric:
            raise
        except NoImage as error:
            raise NotSymmetric(f"{slot.name}: {error}") from error

    def _checked(self, learner: Learner, slot: Slot, world: int, entry: Entry) -> list[tuple[int, Entry]]:
        parts = self.accesses.new_parts
        met: dict[tuple[int, int], Entry] = {(slot.index, world): entry}
        arrows: list[tuple[Entry, Image, Entry]] = []
        for at, here in (todo := [((slot.index, world), entry)]):
            for image in self.images:
                other = image.slot(self.packing.slots[at[0]])
                there = (other.index, image.world(at[1]))
                known = met.get(there)
                if known is None:
                    known = met[there] = learner.learn(other, there[1])
                    todo.append((there, known))
                self._compare(image, at[1], here, there[1], known, parts)
                arrows.append((here, image, known))
        entry.mask = self._widened(arrows, entry)
        return [(index, other) for (index, _), other in met.items() if other is not entry]

    def _compare(self, image: Image, world: int, entry: Entry, renamed: int, other: Entry, parts: int) -> None:
        name = entry.outcomes[0].slot.name if entry.outcomes else "a process"
        by_choice = {outcome.choice: outcome for outcome in other.outcomes}
        if len(by_choice) != len(entry.outcomes) or len(by_choice) != len(other.outcomes):
            raise NotSymmetric(f"{entry.request!r} and {other.request!r} have other choices")
        same = self._touch_alike(image, entry, other)
        for outcome in entry.outcomes:
            found = by_choice.get(image.renaming.value(outcome.choice))
            if found is None or self._after(renamed, found) != image.world(self._after(world, outcome)):
                raise NotSymmetric(f"{name}: {entry.request!r} and, renamed, {other.request!r} lead to other worlds")
            if {image.renaming.domain(domain) for domain in outcome.kills} != set(found.kills):
                raise NotSymmetric(f"{name}: {entry.request!r} and, renamed, {other.request!r} end others")
            same = same and self._steps_alike(image, outcome, found)
        if not same and parts == self.accesses.new_parts:
            raise NotSymmetric(f"{name}: {entry.request!r} and, renamed, {other.request!r} touch other things")

    def _after(self, world: int, outcome: Outcome) -> int:
        for domain in outcome.kills:
            world &= ~self.packing.wiped(domain)
        return world ^ outcome.delta

    @staticmethod
    def _touch_alike(image: Image, entry: Entry, other: Entry) -> bool:
        mine = (entry.takes, *map(image.footprint, (entry.reads, entry.footprint)))
        return mine == (other.takes, other.reads, other.footprint)

    @staticmethod
    def _steps_alike(image: Image, outcome: Outcome, other: Outcome) -> bool:
        mine = (outcome.ends, outcome.takes, *map(image.footprint, (outcome.footprint, outcome.rivals, outcome.wakes)))
        if mine != (other.ends, other.takes, other.footprint, other.rivals, other.wakes):
            return False
        return {image.renaming.cell(channel) for channel in outcome.fills} == set(other.fills)

    def _widened(self, arrows: list[tuple[Entry, Image, Entry]], entry: Entry) -> int:
        """All that any of the entries depends on, renamed back to the first: what holds for one world then holds for
        all that agree in it.
        """
        masks = {id(e): e.mask for arrow in arrows for e in (arrow[0], arrow[2])}
        before = None
        while masks != before:
            before = dict(masks)
            for here, image, there in arrows:
                masks[id(here)] |= image.before(masks[id(there)])
        return self.images[0].whole(masks[id(entry)])  # fields may have got more bits meanwhile


def keeps(image: Image, world: int) -> bool:
    """Whether a renaming leaves a world as it is."""
    try:
        return image.world(world) == world
    except NoImage:
        return False
