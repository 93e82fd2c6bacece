"""The order in which a search begins with processes decides how large the space gets, never what is found."""

from __future__ import annotations

from typing import Any

import pytest

from models.catalogue import CATALOGUE
from sim.explore.exhaust import Exhausted, exhaust
from sim.explore.subject import Subject
from sim.timed.run import settle

SETTINGS = {"exported": "[a,b]", "restarted": "[a]"}


def searched() -> tuple[Exhausted, set[str]]:
    """A whole search, and its worlds at rest as text."""
    model = CATALOGUE.search("restart", SETTINGS, "0.19.0")
    done = exhaust(Subject(model, settle(model), (), may_stop=False))
    packing = done.subject.tables.packing
    fields = [*packing.cells.values(), *packing.slots]
    at_rest = {
        repr(sorted((field.name, repr(field.value(world))) for field in fields if field.value(world) is not None))
        for world in done.search.at_rest
    }
    assert not done.bound
    return done, at_rest


def test_copies_come_last_and_nothing_is_lost_by_it(monkeypatch: pytest.MonkeyPatch) -> None:
    done, at_rest = searched()
    with monkeypatch.context() as patch:
        patch.setattr(Subject, "turn", lambda self, slot: self.rank(slot))
        plainly, same = searched()
    assert at_rest == same
    assert len(at_rest) > 1
    assert len(done.search.worlds) < len(plainly.search.worlds)

    def copies_first(self: Any, slot: int) -> int:
        there = self.tables.packing.slots[slot]
        return 9 * self.rank(slot) or int(not self.model.late(there.domain, there.process))

    monkeypatch.setattr(Subject, "turn", copies_first)
    assert searched()[1] == at_rest
