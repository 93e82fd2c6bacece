"""What a check knows of every property of its model, also of those that do not decide."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from sim.core.property import Property, When
from sim.explore.check import Checked, premises, violating
from sim.explore.eventually import Result
from sim.explore.for_good import settles
from sim.explore.shortest import targets
from sim.explore.verdict import Finding, Verdict


def findings(out: Checked) -> list[Finding]:
    """What is known of every property of the model, and of those that somebody asked for."""
    known = {prop.name: prop for prop in (*out.subject.model.checked(), *out.subject.judged)}
    return [_finding(out, prop) for prop in known.values()]


GRAVEST = ["violated", "not determined", "not judged", "reached", "not reached", str(Verdict.HOLDS), "holds"]


def joined(several: list[list[Finding]]) -> list[Finding]:
    """What is known of each property over all services: the gravest, then the nearest; a premise is reached if once."""
    return [min(alike, key=lambda f: (GRAVEST.index(f.result), f.steps or 0)) for alike in zip(*several, strict=True)]


def _finding(out: Checked, prop: Property) -> Finding:
    judged = prop.name in [judged.name for judged in out.subject.judged]
    result, steps = _result(out, prop, judged=judged)
    return Finding(prop.name, prop.sentence, str(prop.when), judged, result, steps)


def _result(out: Checked, prop: Property, *, judged: bool) -> tuple[str, int | None]:
    if prop.when is When.SOMETIMES:
        return _reached(out, prop), None
    if prop.when is When.ALWAYS and not judged:
        return "not judged", None
    lengths, complete = _lengths(out, prop)
    if lengths and judged and out.shown is not None and out.violated is prop:
        lengths.append(len(out.shown.moves))
    if lengths:
        return "violated", min(lengths)
    if prop.when is When.EVENTUALLY:
        complete = _holds_for_good(out, prop)
    if complete:
        return "holds", None
    if out.shown is not None and prop.when is not When.ALWAYS and not out.subject.holds(prop, out.shown.worlds[-1]):
        return "violated", len(out.shown.moves)
    holds_so_far = out.is_within_depth and prop.when is not When.EVENTUALLY and out.holds_within_depth(prop)
    return (str(Verdict.HOLDS) if holds_so_far else "not determined"), None


def _holds_for_good(out: Checked, prop: Property) -> bool:
    """Whether it was shown that every schedule keeps a property in the end which every world at rest has."""
    known = out.for_good.get(prop.name)
    if known is not None:
        return known.result is Result.HOLDS
    return out.done is not None and settles(out.done)


def _lengths(out: Checked, prop: Property) -> tuple[list[int], bool]:
    """The lengths of the shortest schedules of a search to each violation, and whether the search is complete."""
    if out.plain is not None:
        return [len(out.plain.path(world)) for world in violating(out, prop)[:1]], not out.plain.bound
    done, begin = out.done, out.subject.begin
    if done is None:
        return [], False
    found = targets(done, prop) if begin in done.search.worlds else []
    steps = [done.distance(begin, target) for target in found]
    return [length for length in steps if length is not None], not done.bound


def unreached(out: Checked) -> list[Property]:
    """The premises that no world explored has reached."""
    known = {prop.name: prop for prop in premises(out)}
    return [prop for prop in known.values() if _reached(out, prop) != "reached"]


def _reached(out: Checked, prop: Property) -> str:
    """Whether a premise was seen to hold, in a walk, in the shown schedule or in any world of the search."""
    if prop.name in out.reached or any(_any_holds(out, prop, worlds) for worlds in _explored(out)):
        return "reached"
    bound = next((each.bound for each in (out.done, out.plain) if each is not None), "no search")
    return "not determined" if bound else "not reached"


def _explored(out: Checked) -> Iterator[Iterable[int]]:
    """The worlds of the shown schedule, and those of searches."""
    if out.shown is not None:
        yield out.shown.worlds
    if out.done is not None:
        yield out.done.search.covered()
    if out.plain is not None:
        yield out.plain.found.seen


def _any_holds(out: Checked, prop: Property, worlds: Iterable[int]) -> bool:
    """Whether a property holds in any of many worlds; it is asked once for all that agree in what it looks at."""
    packing = out.subject.tables.packing
    mask = 0
    for cell in prop.cells:
        mask |= packing.cell(cell).mask
    return any(prop.holds(packing.get(bits)) for bits in {world & mask for world in worlds})
