"""Random small models in which few kinds of instructions come often, so that what happens only when they meet is met.

Every model draws its own kinds from all that there are (swarm testing: Groce et al. 2012).
"""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from tests.explore.programs import PARAMETERS, SPARE, Lab, of

WAITING = ("await", "receive", "take", "serve", "again", "call")
"""Those that cannot be one of several things done at once."""


def instruction(kinds: list[str]) -> st.SearchStrategy[tuple[Any, ...]]:
    """An instruction of one of these kinds, or several at once."""
    one = of(*kinds)
    at_once = [kind for kind in kinds if kind not in WAITING]
    if not at_once:
        return one
    many = st.lists(of(*at_once), min_size=2, max_size=3).map(lambda some: ("many", *some))
    return st.one_of(one, one, one, one, many)


@st.composite
def swarms(draw: Any) -> Lab:
    """Two to four programs, and two that others may start, of three to eight kinds of instructions."""
    kinds = draw(st.lists(st.sampled_from([*PARAMETERS]), min_size=3, max_size=8, unique=True))
    some = st.lists(instruction(kinds), max_size=4).map(tuple)
    programs = draw(st.lists(some, min_size=2, max_size=4))
    spare = draw(st.lists(some.map(lambda each: each[:2]), min_size=SPARE, max_size=SPARE))
    return Lab(tuple(programs), tuple(spare))
