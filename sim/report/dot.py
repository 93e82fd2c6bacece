"""A small explored graph of worlds in Graphviz's language."""

from __future__ import annotations

from sim.core.errors import BadInput
from sim.core.property import When
from sim.explore.cycles import successors
from sim.explore.frame import Edge
from sim.explore.reduced import Reduced
from sim.explore.subject import Subject

VERMILLION = "#D55E00"
WORLDS_MAX = 200


def dot(search: Reduced, subject: Subject, worlds_max: int = WORLDS_MAX) -> str:
    """The worlds of a search, numbered from 0, the beginning, in the order in which going along explored steps depth
    first meets them. Worlds at rest are double circles, violating ones filled; a world that a search that was ended
    had not explored to the end is dashed.

    Raises:
        BadInput: there are more than ``worlds_max`` worlds.
    """
    count = sum(1 for _ in search.covered()) + len(search.stack)
    if count > worlds_max:
        raise BadInput(f"a graph of {count} worlds", f"at most {worlds_max} worlds")
    if search.twins is not None:
        search.twins.find_all()
    steps = {world: successors(search, world) for world in search.worlds}
    steps.update((frame.world, frame.edges) for frame in reversed(search.stack))
    numbers = _numbered(steps, subject.begin)
    at_rest = frozenset(search.at_rest)
    lines = ["digraph worlds {", "  rankdir=TB;", "  node [shape=circle];"]
    lines += [
        f"  w{number} [{_node(subject, world, number, is_at_rest=world in at_rest, is_whole=world in search.worlds)}];"
        for world, number in numbers.items()
    ]
    lines += [
        f'  w{number} -> w{numbers[edge.after]} [label="{_edge(subject, world, edge)}"];'
        for world, number in numbers.items()
        for edge in steps.get(world, ())
    ]
    return "\n".join([*lines, "}"]) + "\n"


def _numbered(steps: dict[int, list[Edge]], begin: int) -> dict[int, int]:
    """The numbers of worlds: those met from the beginning, then those met from what else was explored."""
    numbers: dict[int, int] = {}
    for root in [*([begin] if begin in steps else []), *reversed(steps)]:  # a world is noted after those it leads to
        todo = [root]
        while todo:
            world = todo.pop()
            if world not in numbers:
                numbers[world] = len(numbers)
                todo.extend(edge.after for edge in reversed(steps.get(world, [])))
    return numbers


def _node(subject: Subject, world: int, number: int, *, is_at_rest: bool, is_whole: bool) -> str:
    violated = _violated(subject, world, is_at_rest=is_at_rest)
    label = "\\n".join([str(number), *(_escaped(name) for name in violated)])
    styles = [*(["filled"] if violated else []), *([] if is_whole else ["dashed"])]
    out = [f'label="{label}"']
    out += ["shape=doublecircle"] if is_at_rest else []
    out += [f'style="{",".join(styles)}"'] if styles else []
    out += [f'fillcolor="{VERMILLION}"'] if violated else []
    return ", ".join(out)


def _violated(subject: Subject, world: int, *, is_at_rest: bool) -> list[str]:
    """The names of the judged properties that a world violates."""
    always = [prop for prop in subject.judged if prop.when is When.ALWAYS and not subject.holds(prop, world)]
    return [prop.name for prop in [*always, *(subject.violations(world) if is_at_rest else [])]]


def _edge(subject: Subject, world: int, edge: Edge) -> str:
    """The process and the type of its request."""
    slot = edge.outcome.slot
    entry = subject.tables.entry(slot.index, world)
    assert entry is not None
    return f"{_escaped(slot.name)}\\n{type(entry.request).__name__}"


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", " ")
