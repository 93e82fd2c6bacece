"""Worlds of a reduced search that need not be explored, as they are explored worlds renamed.

What is known of a world is known of its twins, renamed: whom to explore, what everybody may still touch, how far it is
to which target. So a twin that the search meets is an explored world like any other from then on. Most are never met,
and only noted. A schedule from a twin is one from the world of which it is a twin, renamed step by step: a world that
is its own twin could be explored in two ways, and only one of them was.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from sim.explore.frame import Frame, Known, Targets
from sim.explore.image import Image, NotSymmetric
from sim.explore.symmetry import Symmetry

if TYPE_CHECKING:
    from sim.explore.reduced import Reduced


class Twins:
    """The twins of the worlds of one search. ``origins`` are those that it has met, each with the world of which it is
    one and the renaming.
    """

    def __init__(self, search: Reduced, symmetry: Symmetry) -> None:
        self.origins: dict[int, tuple[Image, int]] = {}
        self._search = search
        self._symmetry = symmetry
        self._from: dict[int, tuple[Image, int]] = {}  # of those not met yet: of which world each is the image
        self._targets: dict[tuple[Image, Targets], Targets] = {}

    def __iter__(self) -> Iterator[int]:
        """Those that were not met yet."""
        return iter(self._from)

    def add(self, frame: Frame) -> None:
        """Note the twins of a world that was explored."""
        search = self._search
        seen = search.seen(frame.world) if search.seen is not None else ()
        for world, image, before in self._symmetry.ways(frame.world):
            if world in search.path or world in search.worlds or world in self._from:
                continue
            if before not in search.worlds and before not in self._from:
                continue  # it is on the way, so nothing is known of it
            if search.seen is not None and search.seen(world) != seen:
                raise NotSymmetric("a property that must hold always tells a world from one renamed")
            self._from[world] = image, before
            if not frame.able:
                search.at_rest.append(world)

    def find(self, world: int) -> Known | None:
        """What is known of a twin, which is among the explored worlds from now on."""
        search = self._search
        twin = self._from.pop(world, None)
        if twin is None:
            return None
        image, before = twin
        source = search.find(before)
        assert source is not None, "a twin was noted of a world that was explored"
        self.origins[world] = twin
        search.worlds[world] = known = image.known(source, self._renamed(image, source.targets))
        return known

    def cover(self, frame: Frame, index: int) -> bool:
        """Whether all steps of a process lead to explored worlds or to twins of such."""
        tables, worlds = self._search.tables, self._search.worlds
        entry = frame.entries[index]
        for outcome in entry.outcomes if entry is not None else ():
            if outcome.version != tables.version:
                tables.refresh(outcome)
            after = tables.after(frame.world, outcome)
            if after not in worlds and after not in self._from:
                return False
        return True

    def find_all(self) -> None:
        """Take all twins for explored worlds."""
        for world in list(self._from):
            self.find(world)

    def _renamed(self, image: Image, targets: Targets) -> Targets:
        found = self._targets.get((image, targets))
        if found is None:
            search = self._search
            numbers, known = search.targets, list(search.targets)
            out = []
            for number, more in targets:
                target = known[number]
                other = target if isinstance(target, str) else image.world(target)
                out.append((numbers.setdefault(other, len(numbers)), more))
            made = tuple(sorted(out))
            found = self._targets[image, targets] = search.interned.setdefault(made, made)
        return found
