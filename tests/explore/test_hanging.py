"""The reduced search says what the plain one says where a call hangs, a stop gives up, a check waits briefly, a
cluster leaves, or two services share a name.
"""

from __future__ import annotations

import pytest

from models.hunt.configurations import OTHER_PORTS, Ground, configurations
from models.hunt.grounds import PAIR
from models.scenarios import loading
from models.scenarios.alone import symmetries
from sim.explore.exhaust import Bounds, exhaust
from sim.explore.plainly import plainly
from sim.explore.subject import Subject
from sim.timed.run import settle
from tests.hunt.configurations import HUNTER

HANGS = Ground(own={"a": (("hangs",), ("labels",), ("users",))})
BRIEF = Ground(clusters=PAIR, exporters=PAIR, specs={"a": OTHER_PORTS}, own={"b": (("changes",),)}, briefly=True)
LEAVES = Ground(clusters=PAIR, exporters=("b",), own={"b": (("leave",),)})
NAMES = Ground(
    services=("web-x", "web"), only_in={"web-x": "demo", "web": "x-demo"}, families=("each",), lengths=(1,)
)  # fmt: skip


@pytest.mark.parametrize(
    ("ground", "words", "release"),
    [
        (HANGS, "no endpoint ready in a, then unexport in a", "0.19.1"),
        (HANGS, "no endpoint ready in a, then unexport in a", "0.21"),
        (BRIEF, "type becomes Headless in b", "0.19.1"),
        (LEAVES, "b is gone", "0.22"),
        (NAMES, "unexport demo/web-x in a", "0.19.1"),
    ],
)
def test_the_reduced_search_comes_to_the_same_worlds_as_the_plain_one(ground: Ground, words: str, release: str) -> None:
    it = next(each for each in configurations([ground]) if each.words.endswith(words))
    model = HUNTER.model(it, release)
    subject = Subject(model, settle(model), (), may_stop=False)
    done = exhaust(subject, Bounds(worlds=10_000))
    plain = plainly(subject, Bounds(worlds=500_000), 0, None)
    assert not done.bound
    assert not plain.bound
    assert set(plain.found.at_rest) == set(done.search.at_rest)


@pytest.mark.parametrize(
    ("entries", "alike"),
    [
        ([], True),
        ([{"do": "delete-service", "cluster": "b"}], False),
        ([{"do": "delete-service", "cluster": "b"}, {"do": "delete-service", "cluster": "c"}], False),
    ],
)
def test_clusters_are_alike_unless_something_earlier_tells_them_apart(
    entries: list[dict[str, str]], alike: bool
) -> None:
    """What happened earlier has an order, so that even both in turn are not."""
    raw = {
        "name": "alike", "about": "two exporters", "hosts": ["a", "b", "c"], "broker": "a",
        "exports": {"services": 1, "from": ["b", "c"], "spread": "from each"}, "observe_ms": 1000, "script": [],
        "earlier": entries,
    }  # fmt: skip
    swap = {"a": "a", "b": "c", "c": "b"}
    assert (swap in symmetries(loading.searched(raw, "alike"))) == alike
