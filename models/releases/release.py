"""Releases: the set of behaviours of one upstream version, or of a proposed algorithm."""

from __future__ import annotations

from collections.abc import Callable

import msgspec

from models.kube.objects import ServiceImport


class Release(msgspec.Struct, frozen=True):
    """A sync algorithm. ``is_taken_for_copy`` is the filter of the reconcile R-c."""

    name: str
    summary: str
    is_taken_for_copy: Callable[[ServiceImport], bool]

    def __repr__(self) -> str:
        return f"release {self.name}"
