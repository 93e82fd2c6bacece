"""Whether an algorithm has what was found under another: cheapest first."""

from __future__ import annotations

import msgspec

from sim.core.hunting import Configuration, Hunter
from sim.explore.following import Schedule, followed
from sim.explore.hunt import WALK_STEPS_MAX, Case, Cell, Effort, Found


class Sought(msgspec.Struct, frozen=True):
    """What is looked for: the key of a cause, its symptom, and the schedule that showed it."""

    key: tuple[str, ...]
    symptom: str
    schedule: Schedule

    @classmethod
    def of(cls, found: Found) -> Sought:
        """What was found, to be looked for elsewhere."""
        return cls(found.cause.key, found.symptom, found.schedule)


def ask(hunter: Hunter, configuration: Configuration, algorithm: str, effort: Effort, sought: Sought) -> Cell:
    """Look for one cause until it is found.

    The schedule that showed it is followed first, as far as it goes; then a search; and walks, where that was cut off.
    """
    case = Case(hunter, configuration, algorithm, effort)
    case.ends.saw(followed(case.subject, sought.schedule, WALK_STEPS_MAX))
    if _is_there(case, sought, sought.symptom):
        return case.cell()
    case.search()
    if _is_there(case, sought, sought.symptom):
        return case.cell()
    if not case.is_exhausted:
        case.walk()
    if not _is_there(case, sought, sought.symptom):
        _is_there(case, sought, "")
    return case.cell()


def _is_there(case: Case, sought: Sought, symptom: str) -> bool:
    """Whether the cause is among those of the ends that were seen, with this symptom or any."""
    for each, moves in case.ends.gravest(case.effort.ends, symptom):
        case.look_into(each, moves)
        if sought.key in case.found:
            return True
    return False
