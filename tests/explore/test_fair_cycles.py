"""Cycles of random graphs, judged beside trying all sets of steps."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from typing import Any

import networkx as nx
from hypothesis import given
from hypothesis import strategies as st

from sim.explore.eventually import (
    Result,
    judge,
    smallest,
)
from sim.explore.graph import Graph
from tests.explore.examples import examples

SIZE, PROCESSES, EDGES = 5, 3, 8
Edge = tuple[int, int, int]


@st.composite
def graphs(draw: Any) -> tuple[list[Edge], set[int]]:
    """Edges (source, slot, target) and bad worlds."""
    number = st.integers(0, SIZE - 1)
    edge = st.tuples(number, st.integers(0, PROCESSES - 1), number)
    return draw(st.lists(edge, max_size=EDGES, unique=True)), draw(st.sets(number, max_size=2))


def searched(edges: list[Edge], worlds_max: int = 0) -> Graph:
    return Graph(0, lambda world: ((slot, target) for source, slot, target in edges if source == world), worlds_max)


def fair_sets(edges: list[Edge], fair: set[int]) -> Iterator[set[int]]:
    """The worlds of all sets of steps that a fair schedule may take infinitely often: by trying all sets."""
    whole: nx.DiGraph[int] = nx.DiGraph([(source, target) for source, _, target in edges])
    whole.add_node(0)
    reachable = nx.descendants(whole, 0) | {0}
    edges = [edge for edge in edges if edge[0] in reachable]
    steps = {(source, slot) for source, slot, _ in edges}
    for size in range(1, len(edges) + 1):
        for some in itertools.combinations(edges, size):
            graph = nx.DiGraph([(source, target) for source, _, target in some])
            taken = {slot for _, slot, _ in some}
            if nx.is_strongly_connected(graph) and all(
                slot in taken or any((world, slot) not in steps for world in graph) for slot in fair
            ):
                yield set(graph)


def brute(edges: list[Edge], bad: set[int], fair: set[int]) -> bool:
    """Whether the property holds for good in every fair schedule."""
    at_rest = {world for world in searched(edges).worlds if not any(source == world for source, _, _ in edges)}
    return not at_rest & bad and not any(worlds & bad for worlds in fair_sets(edges, fair))


def subsets() -> Iterator[tuple[int, ...]]:
    for size in range(PROCESSES + 1):
        yield from itertools.combinations(range(PROCESSES), size)


@examples(100)
@given(graphs())
def test_graphs_are_judged_as_by_trying_all_sets_of_steps(drawn: tuple[list[Edge], set[int]]) -> None:
    edges, bad = drawn
    graph = searched(edges)
    holding = []
    for fair in subsets():
        mask = sum(1 << slot for slot in fair)
        result, stem, cycle = judge(graph, lambda world: world not in bad, mask)
        assert (result is Result.HOLDS) == brute(edges, bad, set(fair))
        if result is Result.HOLDS:
            holding.append(list(fair))
        else:
            check_cycle(graph, stem, cycle, bad, fair)
    assert smallest(graph, lambda world: world not in bad) == (holding[0] if holding else None)


def check_cycle(graph: Graph, stem: list[int], cycle: list[int], bad: set[int], fair: tuple[int, ...]) -> None:
    at = 0
    for edge in stem:
        assert graph.sources[edge] == at
        at = graph.targets[edge]
    first = at
    assert graph.worlds[first] in bad
    assert bool(cycle) == bool(graph.edges(first))
    missing = set(fair)
    for edge in cycle:
        assert graph.sources[edge] == at
        at = graph.targets[edge]
        missing -= {graph.slots[edge]}
        missing = {slot for slot in missing if graph.able(at) >> slot & 1}
    assert at == first
    assert not cycle or not missing


@examples(100)
@given(graphs(), st.integers(1, SIZE))
def test_a_violation_within_a_bound_is_one(drawn: tuple[list[Edge], set[int]], worlds_max: int) -> None:
    edges, bad = drawn
    result, _, _ = judge(searched(edges, worlds_max), lambda world: world not in bad, 0b11)
    if result is not Result.UNDETERMINED:
        assert (result is Result.HOLDS) == brute(edges, bad, {0, 1})
