"""Whether a property comes to hold for good, in every schedule that puts no fair process off for ever.

What is asked: in every schedule that cannot be made longer, or goes on for ever, the property holds *from some world
on*. Some process steps as long as any can. Fairness is weak and per process: who can step in every world from some
world on does step at some time. Nothing is asked of its choices: a key of a work queue may be put off for ever by other
keys. A process that is killed and started again within one step counts as the same one, going on.

Why no violation is missed. A schedule that ends, ends in a world at rest, and all of those are looked at. One that goes
on for ever takes some steps infinitely often, as there are finitely many worlds. These steps lead to one another, so
they lie in one strongly connected component; if the schedule violates the property, a world where it fails is among
them; and for each fair process there is among them a step of its own or a world in which it is blocked, or else it
could step in every world from some world on and never did. So that component has them all. Conversely, a walk round a
component that visits all of these and closes is such a schedule. Each of them needs only to be met again and again, so
visiting more does no harm and no component has to be taken apart. A component is therefore harmless just if some fair
process is *stuck* in it: can step in each of its worlds, and never does within it.

Nothing is kept per schedule. Whether a world fails the property, who can step in it and which component it is in do
not depend on how it was reached, so where paths join nothing is lost. (A search that notes on the way whether a promise
is open, and turns back at worlds that it has seen, judges the second path by the first.)

The search is the plain one: a reduced search may leave out just the cycle that violates. It takes time in proportion to
worlds times processes, memory in proportion to steps; judging takes time in proportion to steps.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from enum import StrEnum

import msgspec

from sim.core.cell import Value
from sim.explore.graph import Graph, Stop
from sim.explore.reduced import Reduced
from sim.explore.subject import Moves
from sim.explore.tables import Tables

SUBSETS_MAX = 200_000

Holds = Callable[[int], bool]
"""Whether the property holds in a packed world."""


class Result(StrEnum):
    """What the question comes to."""

    HOLDS = "holds"
    VIOLATED = "violated"
    UNDETERMINED = "undetermined"  # the bound was hit, and no violation is among the worlds that were met


class Eventually(msgspec.Struct, frozen=True):
    """The answer. A violation is shown by ``stem``, a schedule from the beginning, which leads to a world at rest in
    which the property fails, or to the first world of ``cycle``, in which it fails as well.

    A cycle may be repeated for ever: every fair process takes a step in it, or is blocked in one of its worlds.
    ``worlds`` is how many worlds were met.
    """

    result: Result
    worlds: int
    stem: Moves = ()
    cycle: Moves = ()


class Undecided(Exception):
    """Which processes must be fair was not found out, as a bound was hit; the message names it."""


class Component(msgspec.Struct, frozen=True):
    """Worlds that lead to one another in one step or more. The property fails in world ``bad``, the nearest such.

    ``stuck`` are the processes that can step in each of its worlds and never do within it, a bit for each.
    """

    bad: int
    stuck: int


def bad_components(graph: Graph, holds: Holds, of: list[int]) -> list[Component]:
    """The components with cycles in which the property fails somewhere, nearest first. ``of`` as by the graph."""
    within: dict[int, int] = {}
    for source, slot, target in zip(graph.sources, graph.slots, graph.targets, strict=True):
        if of[source] == of[target]:
            within[of[source]] = within.get(of[source], 0) | 1 << slot
    bad: dict[int, int] = {}
    always: dict[int, int] = {}
    for number in range(graph.explored):
        name = of[number]
        if name not in within:
            continue
        always[name] = always.get(name, -1) & graph.able(number)
        if name not in bad and not holds(graph.worlds[number]):
            bad[name] = number
    return [Component(number, always[name] & ~within[name]) for name, number in bad.items()]


def judge(graph: Graph, holds: Holds, fair: int) -> tuple[Result, list[int], list[int]]:
    """The result with the steps of stem and cycle; ``fair`` has a bit for each fair process."""
    for number in graph.at_rest():
        if not holds(graph.worlds[number]):
            return Result.VIOLATED, graph.stem(number), []
    of = graph.components()
    for component in bad_components(graph, holds, of):
        if not component.stuck & fair:
            return Result.VIOLATED, graph.stem(component.bad), _cycle(graph, of, component.bad, fair)
    return (Result.HOLDS if graph.is_whole else Result.UNDETERMINED), [], []


def _cycle(graph: Graph, of: list[int], bad: int, fair: int) -> list[int]:
    """A fair way from a world back to it; always on to the nearest thing that is still missing."""
    out: list[int] = []
    at, missing = bad, fair & graph.able(bad)

    def serves(edge: int) -> bool:
        return bool(missing & (1 << graph.slots[edge] | ~graph.able(graph.targets[edge])))

    def closes(edge: int) -> bool:
        return graph.targets[edge] == bad

    while missing or at != bad or not out:
        for edge in _nearest(graph, of, at, serves if missing else closes):
            out.append(edge)
            at = graph.targets[edge]
            missing &= ~(1 << graph.slots[edge]) & graph.able(at)
    return out


def _nearest(graph: Graph, of: list[int], begin: int, goal: Callable[[int], bool]) -> list[int]:
    """The shortest way within a component whose last step is as asked for."""
    by: dict[int, int] = {}
    queue = [begin]
    for number in queue:
        for edge in graph.edges(number):
            target = graph.targets[edge]
            if of[target] != of[begin]:
                continue
            if goal(edge):
                out = [edge]
                while graph.sources[out[-1]] != begin:
                    out.append(by[graph.sources[out[-1]]])
                return out[::-1]
            if target not in by and target != begin:
                by[target] = edge
                queue.append(target)
    raise AssertionError("the component lacks what it was found to have")


def smallest(graph: Graph, holds: Holds) -> list[int] | None:
    """The smallest set of processes whose fairness makes the property hold, the first of several; None if even the
    fairness of all does not.

    A set will do just if in each bad component one of it is stuck, so only such processes are tried.

    Raises:
        Undecided: not every world was explored, or there were too many sets to try.
    """
    if not all(holds(graph.worlds[number]) for number in graph.at_rest()):
        return None
    stuck = dict.fromkeys(component.stuck for component in bad_components(graph, holds, graph.components()))
    if 0 in stuck:
        return None
    if not graph.is_whole:
        raise Undecided(f"not all worlds were explored: {graph.explored} were")
    least = [mask for mask in stuck if not any(other != mask and other & mask == other for other in stuck)]
    slots = [slot for slot in range(max(least, default=0).bit_length()) if any(mask >> slot & 1 for mask in least)]
    sets = (chosen for size in range(len(slots) + 1) for chosen in itertools.combinations(slots, size))
    for chosen in itertools.islice(sets, SUBSETS_MAX):
        mask = sum(1 << slot for slot in chosen)
        if all(mask & other for other in least):
            return list(chosen)
    raise Undecided(f"{SUBSETS_MAX} sets of {len(slots)} processes were tried, and none will do")


# -- on the worlds of a model ------------------------------------------------------------------------------------------


def _everyone(_slot: int) -> bool:
    return True


def plain_graph(tables: Tables, begin: int, worlds_max: int, stop: Stop | None = None, depth_max: int = 0) -> Graph:
    """All worlds from ``begin`` on, or a few more than ``worlds_max`` if there are more; 0 is no bound.

    ``stop`` and ``depth_max`` are as in :class:`sim.explore.graph.Graph`.
    """
    return Graph(
        begin, lambda world: ((slot, after) for slot, _, after in _moves(tables, world)), worlds_max, stop, depth_max
    )  # fmt: skip


def _moves(tables: Tables, world: int) -> Iterator[tuple[int, Value, int]]:
    """Every step that can be taken: (slot, choice, world after), in the order of slots."""
    index = 0
    while index < len(tables.packing.slots):
        entry = tables.entry(index, world)
        for outcome in entry.outcomes if entry is not None else ():
            yield index, outcome.choice, tables.after(world, outcome)
        index += 1


def told(tables: Tables, graph: Graph, edges: list[int]) -> Moves:
    """Steps as a schedule."""
    out = []
    for edge in edges:
        slot, after = graph.slots[edge], graph.worlds[graph.targets[edge]]
        moves = _moves(tables, graph.worlds[graph.sources[edge]])
        out.append(next((index, choice) for index, choice, world in moves if (index, world) == (slot, after)))
    return tuple(out)


def eventually(
    tables: Tables, begin: int, holds: Holds, *, fair: Callable[[int], bool] = _everyone, worlds_max: int
) -> Eventually:
    """Whether the property holds from some world on in every schedule from ``begin`` that is fair to the slots that
    ``fair`` names. A violation found within the bound is one, whatever lies beyond.
    """
    graph = plain_graph(tables, begin, worlds_max)
    mask = sum(1 << slot.index for slot in tables.packing.slots if fair(slot.index))
    result, stem, cycle = judge(graph, holds, mask)
    return Eventually(result, len(graph.worlds), told(tables, graph, stem), told(tables, graph, cycle))


def needed_fairness(tables: Tables, begin: int, holds: Holds, *, worlds_max: int) -> list[int] | None:
    """The smallest set of slots whose fairness makes the property hold from some world on; None if none does.

    Raises:
        Undecided: ``worlds_max`` was hit, or there were more than ``SUBSETS_MAX`` sets to try.
    """
    return smallest(plain_graph(tables, begin, worlds_max), holds)


def finite(search: Reduced) -> bool:
    """Whether a reduced search that has ended shows that every schedule ends, whoever is fair, so that its worlds at
    rest decide what holds eventually. (False alone says nothing: fairness may rule the cycles out.)

    Suppose that a schedule goes on for ever from an explored world. Steps of others neither conflict with those that
    were chosen there nor block who takes them. If the schedule takes a chosen step, it can take the first one now: the
    steps before it commute with it, or are undone by it where it kills. If it takes none, then not everybody was
    chosen, so some chosen step ends no other (the reduction sees to that); that one can be put in front. Either way an
    explored step leads to an explored world from which a schedule goes on for ever. Without cycles this comes to a
    world at rest, where nothing goes on. As far as the reduction is right, so is this.
    """
    return not search.cycles and not search.stack
