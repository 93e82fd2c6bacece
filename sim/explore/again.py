"""What was learned, learned once more at the end: a handler or request that looks at something which has changed since,
and which is no part of the world, comes out otherwise. Told the same twice in a row it does not.
"""

from __future__ import annotations

from sim.core.machine import resumed
from sim.core.rules import BrokenRule, briefly, broken_request
from sim.core.world import Continuation
from sim.explore.exact import Exact
from sim.explore.learning import Entry, Learner
from sim.explore.packing import Slot
from sim.explore.tables import Tables
from sim.explore.watchdog import watched

SAMPLE = 100
"""So many of the steps that were learned are learned again, evenly among all of them."""

Learned = tuple[Slot, int, Entry]
"""A process, the bits of a world that it depends on, and what it can do there."""


def check_again(tables: Tables, exact: Exact | None = None) -> None:
    """Learn a sample of what walks and searches have learned again; ``exact`` is what a plain one has.

    Raises:
        BrokenRule: something came out otherwise.
    """
    slots = tables.packing.slots
    _learn_again(tables.learner, [(slots[index], bits, entry) for index, bits, entry in tables.learned()])
    if exact is not None:
        known = [(slot, bits, entry) for slot in slots for _, bits, entry in exact.entries(slot.index)]
        _learn_again(exact.learner, known)


def _learn_again(learner: Learner, learned: list[Learned]) -> None:
    for slot, bits, entry in learned[:: len(learned) // SAMPLE + 1]:
        with watched(slot.name):
            _check(learner, slot, bits, entry)


def _check(learner: Learner, slot: Slot, bits: int, entry: Entry) -> None:
    stands: Continuation = slot.value(bits)
    request = resumed(stands).request
    if repr(request) != repr(entry.request):
        raise BrokenRule(
            f"process {slot.name} asked for {briefly(entry.request)} and asks, told the same again after other"
            f" processes, for {briefly(request)}: it looks at something that others change and that it did not request",
            "a process that depends on its arguments and responses alone",
        )
    try:
        kept, now = ([(o.choice, o.response, o.delta, o.kills) for o in each] for each in (
            entry.outcomes, learner.outcomes(slot, bits, entry.request)
        ))  # fmt: skip
    except Exception as error:
        raise broken_request(slot.name, request, error) from error
    if kept != now:
        raise BrokenRule(
            f"process {slot.name}: {briefly(request)}, carried out again in one world after other steps, comes to"
            " something else: it depends on something besides the world",
            "a request whose effect and response depend on the cells that it reads alone",
        )
