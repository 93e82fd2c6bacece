"""Verdicts: what a check says, with everything that it rests on."""

from __future__ import annotations

from enum import StrEnum

import msgspec


class Verdict(StrEnum):
    """What a check comes to."""

    VIOLATED = "violated"  # a schedule violates a judged property
    EXHAUSTED = "exhausted"  # every reachable world was covered, and none violates
    HOLDS = "holds within the bounds"  # every world within the depth asked for was seen, one at rest, and none violates
    UNDETERMINED = "undetermined"  # a bound was hit, or the search was interrupted


INTERRUPTED = "interrupted"
"""What stands in the place of a bound where Ctrl-C has ended something."""


def ended(bound: str) -> str:
    """How a bound ended something, after "was"; nothing if none did."""
    return bound if bound in ("", INTERRUPTED) else f"ended by {bound}"


class Finding(msgspec.Struct, frozen=True):
    """What is known of one property.

    ``result`` is violated, holds, holds within the bounds, reached, not reached or not determined; ``steps`` is the
    length of the shortest known schedule that shows it, or None.
    """

    name: str
    sentence: str
    when: str
    judged: bool
    result: str
    steps: int | None = None


class ShownStep(msgspec.Struct, frozen=True):
    """One step of a schedule in words; ``matters`` if it is in the slice that led to the violation.

    ``named`` if the model has words of its own for it; ``writes`` if it only sets a cell.
    """

    number: int
    process: str
    words: str
    matters: bool
    named: bool = True
    writes: bool = False


class Counterexample(msgspec.Struct, frozen=True):
    """A schedule that violates a judged property.

    ``story`` are its lines for a person, (number of the step, words). ``how`` says how it was found and whether a
    shorter one can exist. ``no_return`` is the number of the step after which nothing but an operator helps, with
    ``saved_by``, the steps that would have saved it, had one of them come before it; None where that was not asked. The
    last ``cycle`` steps may be repeated for ever. ``undone`` are the operations of the script that are not carried out,
    in words; ``stopped`` is the number of the step at which the environment stops, 0 where it does not.
    """

    property: str
    steps: int
    faults: int
    how: str
    is_shortest: bool
    story: list[tuple[int, str]]
    shown: list[ShownStep]
    end: tuple[str, ...]
    token: str
    replay: str
    no_return: int | None = None
    no_return_words: str = ""
    no_return_is_exact: bool = False
    saved_by: list[str] = []
    cycle: int = 0
    undone: list[str] = []
    stopped: int = 0


class Coverage(msgspec.Struct, frozen=True):
    """What was searched, and how.

    ``depth`` is how many steps the farthest world is away (plain), or the longest schedule has that was followed.
    ``never`` are operations that were not carried out, ``in_vain`` what the script waited for and did not come,
    ``idle`` the processes that took no step, ``unreached`` the premises that no world explored has reached.
    ``smaller`` are options that make a search smaller. ``restless``: some schedules never come to rest, so that what
    must be so at rest says nothing of them.
    """

    scope: str
    exported: list[str]
    script: list[str]
    may_stop: bool
    search: str
    worlds: int
    steps: int
    at_rest: int
    learned: int
    walks: int
    bound: str
    complete: bool
    never: list[str]
    left_out: list[str]
    not_modelled: list[str]
    depth: int = 0
    in_vain: list[str] = []
    idle: list[str] = []
    unreached: list[str] = []
    smaller: list[str] = []
    restless: bool = False
    sentence: str = ""


class Report(msgspec.Struct, frozen=True):
    """The answer of one check: one scenario under one algorithm. ``as_expected`` is None of what is undetermined."""

    scenario: str
    settings: dict[str, str]
    algorithm: str
    version: str
    verdict: Verdict
    expected: str
    as_expected: bool | None
    findings: list[Finding]
    coverage: Coverage
    counterexample: Counterexample | None

    @property
    def is_open(self) -> bool:
        """Whether it is left open if the verdict is as expected: what holds within bounds may yet fail beyond them."""
        return self.verdict is Verdict.UNDETERMINED or (self.verdict is Verdict.HOLDS and not self.as_expected)


def exit_code(reports: list[Report]) -> int:
    """0 if every verdict is as expected (to hold, where nothing is declared), 1 if not, 3 if one leaves that open."""
    if any(report.as_expected is False and not report.is_open for report in reports):
        return 1
    return 3 if any(report.is_open for report in reports) else 0
