"""A search that is broken off, kept in a file and gone on with in another process ends as one that never was."""

from __future__ import annotations

import os
from pathlib import Path

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from models.catalogue import CATALOGUE
from sim.core.errors import BadInput
from sim.explore.checkpoint import Checkpoint
from sim.explore.cycles import close_cycles
from sim.explore.exhaust import Bounds, Exhausted, exhaust
from sim.explore.frame import NewPart
from sim.explore.reduced import Reduced
from sim.explore.saved import Misfit, Saved, restore, saved
from sim.explore.subject import Subject
from sim.explore.tables import Tables
from sim.explore.whole import FORMAT, KIND, write_whole
from sim.timed.run import settle
from tests.explore.programs import Lab, labs
from tests.explore.test_reduced import TRAPS

EXAMPLES = int(os.environ.get("EXAMPLES", "100"))
SPARE = ((("read", 0),), (("read", 0),))


def begun(lab: Lab) -> tuple[Reduced, int]:
    """A search of a model of which nothing is known."""
    tables = Tables()
    begin = tables.packing.load(Lab(lab.programs, lab.spare).machine())
    return Reduced(tables, lambda _slot: 0), begin


def elsewhere(lab: Lab, search: Reduced) -> Reduced:
    """The search as another process reads it."""
    data = msgspec.msgpack.encode(saved(search, 1.5))
    other, _ = begun(lab)
    restore(other, msgspec.msgpack.decode(data, type=Saved))
    return other


def searched(lab: Lab, every: int) -> Reduced:
    """The whole search; with ``every``, broken off and taken elsewhere after every so many worlds."""
    search, begin = begun(lab)
    while True:
        search.tables.forget()
        search = Reduced(search.tables, lambda _slot: 0)
        try:
            search.begin(begin)
            while not search.run(every or 10**9):
                search = elsewhere(lab, search)
            if every:
                search = elsewhere(lab, search)
            for _ in close_cycles(search):
                search.run(10**9)
        except NewPart:
            continue
        return elsewhere(lab, search) if every else search


def facts(search: Reduced) -> object:
    """All that a search has found, and how, in the order in which it did."""
    worlds = [(world, k.own, k.sets_off, k.chosen, k.steps, k.targets) for world, k in search.worlds.items()]
    tables = search.tables
    return (
        worlds, search.at_rest, search.targets, search.steps, search.cycles, list(search.back_edges),
        tables.log, tables.forgot, tables.version, tables.packing.width, tables.learner.learned,
    )  # fmt: skip


@pytest.mark.parametrize("every", [1, 3])
@pytest.mark.parametrize("name", TRAPS)
def test_known_traps(name: str, every: int) -> None:
    lab = Lab(TRAPS[name], SPARE)
    assert facts(searched(lab, every)) == facts(searched(lab, 0))


@settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck))
@given(labs(), st.integers(2, 40))
def test_a_search_of_a_random_model_goes_on_elsewhere(lab: Lab, every: int) -> None:
    whole = searched(lab, 0)
    if len(whole.worlds) > 40 * every:
        every = len(whole.worlds) // 40
    assert facts(searched(lab, every)) == facts(whole)
