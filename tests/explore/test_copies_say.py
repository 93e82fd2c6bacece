"""What is left out where copies are made at once: at rest, copies say what they are copies of."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import assume, event, given
from hypothesis import strategies as st

from models.kube.client import Client
from models.kube.create_or_update import create_or_update
from models.kube.objects import ENDPOINT_SLICES, LIGHTHOUSE_SLICES
from models.model import ScenarioModel
from models.properties.copies_follow import is_copied
from models.properties.no_slices_left import broker_slices
from models.submariner.agent import endpoint_slice_in, remote_import
from sim.core import BadInput
from sim.explore.exhaust import Bounds, exhaust
from sim.explore.subject import Subject
from sim.explore.walks import walks
from tests.explore.examples import in_parts
from tests.explore.scenario_files import UPSTREAM, operations, scenarios, subject
from tests.explore.test_copies_at_once import AT_ONCE, OLDER, TWO

WORLDS_MAX = 8_000
SLICES = ("ports", "ready", "headless", "source", "labels", "endpoints", "publish_not_ready", "detail", "service")
PORTS = {"at_ms": 2000, "do": "change-service", "cluster": "a", "ports": ["dns:53"]}


def differing(made: Subject, world: int) -> Iterator[Any]:
    """The copies that are there and say something else than an aggregate that names a cluster, or none is there; and
    such imported EndpointSlices. Where a copy says the same, None.
    """
    assert isinstance(made.model, ScenarioModel)
    topology, get = made.model.topology, made.tables.packing.get(world)
    for key in topology.service_keys():
        aggregate = topology.aggregate(get, key)
        for copy in map(get, topology.copy_cells(get, key)):
            if copy is not None and (aggregate is None or aggregate.clusters):
                yield None if is_copied(topology, aggregate, copy) else (copy, aggregate)
    stored = {each.name: each for each in broker_slices(topology, get)}
    spaces = {key.split("/")[0] for key in topology.service_keys()}
    for cluster in topology.clusters:
        for space in spaces:
            names: Any = get(cluster.api.names(LIGHTHOUSE_SLICES, space)) or ()
            for each in [get(cluster.api.object(ENDPOINT_SLICES, space, name)) for name in names]:
                if each.cluster_id and each.source_cluster != cluster.name:
                    found = stored.get(each.name)
                    same = all(getattr(each, field) == getattr(found, field, None) for field in SLICES)
                    yield None if same else (each, found)


def at_rest(made: Subject) -> tuple[str, list[int]]:
    """Worlds at rest: all, or where these are too many, such as walks come to; and which, in words."""
    done = exhaust(made, Bounds(worlds=WORLDS_MAX))
    if not done.bound:
        return "a search", done.search.at_rest
    return "walks", [walk.worlds[-1] for _, walk in walks(made, "uniform", 0, 10) if walk.at_rest]


@st.composite
def changing(draw: st.DrawFn) -> dict[str, Any]:
    """A scenario in which more may happen than in others, some of it to what is copied."""
    drawn = draw(scenarios())
    clusters = [cluster for each in drawn["hosts"].values() for cluster in each]
    more = draw(st.lists(st.just(PORTS) | operations(clusters), max_size=2))
    return {**drawn, "script": sorted([*drawn["script"], *more], key=lambda each: int(each["at_ms"]))}


@in_parts(100)
@given(changing(), st.sampled_from(UPSTREAM + OLDER))
def test_in_the_end_copies_say_what_they_are_copies_of(
    tmp_path_factory: pytest.TempPathFactory, drawn: dict[str, Any], release: str
) -> None:
    folder = tmp_path_factory.mktemp("say")
    made = subject(drawn, release, folder)
    try:
        subject({**drawn, **AT_ONCE}, release, folder)
    except BadInput:
        assume(False)  # copies are not made at once there
    by, worlds = at_rest(made)
    found = [each for w in worlds for each in differing(made, w)]
    event(f"{by} found {'copies' if found else 'none'}")
    assert not [each for each in found if each is not None]


def keeps_what_is_there(client: Client, desired: Any, *_: Any, **__: Any) -> Any:
    """A syncer that makes copies and never writes one again."""
    if (yield client.get(desired.kind, desired.namespace, desired.name)):
        return True
    return (yield from create_or_update(client, desired))


@pytest.mark.parametrize("module", [remote_import, endpoint_slice_in])
def test_a_syncer_that_never_writes_again_is_found(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, module: Any
) -> None:
    drawn = {**TWO, "script": [{**PORTS, "cluster": "b"}]}
    for is_bad in (False, True):
        if is_bad:
            monkeypatch.setattr(module, "create_or_update", keeps_what_is_there)
        made = subject(drawn, "0.19.1", tmp_path, may_stop=False)
        done = exhaust(made)
        found = [each for w in done.search.at_rest for each in differing(made, w)]
        assert any(each is not None for each in found) is is_bad
