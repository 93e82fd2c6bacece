"""Releases: the set of behaviours of one upstream version, or of a proposed algorithm."""

from __future__ import annotations

from collections.abc import Callable

import msgspec

from models.kube.objects import ServiceImport


class Release(msgspec.Struct, frozen=True):
    """A sync algorithm.

    ``is_taken_for_copy`` is the filter of the reconcile R-c; ``looks_in_store`` says whether a reconcile deletes only
    what the store does not hold; ``deletes_with_precondition`` whether an empty aggregate is deleted only as read.
    ``parts`` names what a proposal does beyond that.
    """

    name: str
    summary: str
    is_taken_for_copy: Callable[[ServiceImport], bool]
    looks_in_store: bool = True
    deletes_with_precondition: bool = True
    parts: tuple[str, ...] = ()

    def does(self, part: str) -> bool:
        """Whether it has a part of :mod:`models.releases.parts`."""
        return part in self.parts

    def __repr__(self) -> str:
        return f"release {self.name}"
