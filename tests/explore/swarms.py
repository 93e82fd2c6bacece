"""Random small models in which few kinds of instructions come often, so that what happens only when they meet is met.

Every model draws its own kinds from all that there are (swarm testing: Groce et al. 2012).
"""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from tests.explore.programs import KEYS, SPARE, STREAMS, Lab, cell

small = st.integers(0, 1)
stream = st.integers(0, STREAMS - 1)
PARAMETERS: dict[str, tuple[Any, ...]] = {
    **dict.fromkeys(("read", "again", "present", "low", "bump", "await"), (cell,)),
    **dict.fromkeys(("post", "post-key", "call"), (cell, small)),
    **dict.fromkeys(("receive", "look", "glance"), (stream,)),
    **dict.fromkeys(("queue", "keep", "start", "stop"), (small,)),
    **dict.fromkeys(("take", "look-key", "kill", "freeze", "thaw", "kill-store", "serve"), ()),
    "write": (cell, st.integers(0, 2)),
    "set-part": (cell, st.integers(1, 2)),
    "send": (stream, small),
    "offer": (stream, st.integers(0, 2)),
    "refill": (stream, st.sampled_from([None, (), (0,), (1, 0)])),
    "restock": (st.sampled_from([None, ("k1",), KEYS]),),
    "stop-other": (st.sampled_from(["p1", "p3", "spare0"]),),
}
"""What each kind of instruction takes."""
WAITING = ("await", "receive", "take", "serve", "again", "call")
"""Those that cannot be one of several things done at once."""


def instruction(kinds: list[str]) -> st.SearchStrategy[tuple[Any, ...]]:
    """An instruction of one of these kinds, or several at once."""
    one = st.one_of([st.tuples(st.just(kind), *PARAMETERS[kind]) for kind in kinds])
    at_once = [kind for kind in kinds if kind not in WAITING]
    if not at_once:
        return one
    part = st.one_of([st.tuples(st.just(kind), *PARAMETERS[kind]) for kind in at_once])
    many = st.lists(part, min_size=2, max_size=3).map(lambda some: ("many", *some))
    return st.one_of(one, one, one, one, many)


@st.composite
def swarms(draw: Any) -> Lab:
    """Two to four programs, and two that others may start, of three to eight kinds of instructions."""
    kinds = draw(st.lists(st.sampled_from([*PARAMETERS]), min_size=3, max_size=8, unique=True))
    some = st.lists(instruction(kinds), max_size=4).map(tuple)
    programs = draw(st.lists(some, min_size=2, max_size=4))
    spare = draw(st.lists(some.map(lambda each: each[:2]), min_size=SPARE, max_size=SPARE))
    return Lab(tuple(programs), tuple(spare))
