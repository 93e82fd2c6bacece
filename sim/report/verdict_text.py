"""The answer of a check as text of one screen."""

from __future__ import annotations

import textwrap

from sim.explore.coverage import word
from sim.explore.verdict import Counterexample, Finding, Report, Verdict

WIDTH = 100
FURTHER_WALKS = "sim check --only-walks --walks 2000 --strategy pct looks for a violation"
FURTHER = (
    f"{FURTHER_WALKS} where a search is too large; a larger bound with --checkpoint FILE searches on; {{smaller}}."
)


def render(report: Report, *, full: bool = False) -> str:
    """The verdict, the counterexample, what is known of each property, and the coverage sentence."""
    blocks = [_head(report)]
    if report.counterexample is not None:
        blocks.append(_example(report.counterexample, full=full))
    blocks.append([_finding(finding) for finding in report.findings])
    blocks.append(wrapped("coverage  ", report.coverage.sentence))
    if report.verdict is Verdict.UNDETERMINED and report.coverage.bound:
        blocks.append(wrapped("further   ", FURTHER.format(smaller=smaller(report.coverage.smaller))))
    return "\n\n".join("\n".join(block) for block in blocks) + "\n"


def smaller(options: list[str]) -> str:
    """What makes a search smaller."""
    return f"{' or '.join(options) or 'an option that leaves something out (sim scenarios)'} makes the search smaller"


def _head(report: Report) -> list[str]:
    settings = "".join(f" {key}={value}" for key, value in report.settings.items())
    expected = ""
    if report.expected and report.is_open:
        expected = f" (expected: {report.expected})"
    elif report.expected:
        expected = f" (expected: {report.expected}; {'as expected' if report.as_expected else 'NOT AS EXPECTED'})"
    head = f"{report.scenario}{settings}, {report.algorithm}: {word(report)}{expected}"
    exported = wrapped("exported  ", ", ".join(report.coverage.exported))
    return [*wrapped("", head), *exported, *_attention(report)]


def _attention(report: Report) -> list[str]:
    """What is violated that does not decide, where the verdict alone would not make a reader look further."""
    broken = [each.name for each in report.findings if each.result == "violated" and not each.judged]
    if not broken or report.verdict is Verdict.VIOLATED:
        return []
    asked = " ".join(f"--property {name}" for name in broken)
    verb = "is" if len(broken) == 1 else "are"
    what = f"{', '.join(broken)} {verb} violated in some schedule, which decides nothing here"
    return wrapped("ATTENTION ", f"{what}; {asked} shows it")


def _example(found: Counterexample, *, full: bool) -> list[str]:
    lines = wrapped("", f"{found.property} is violated in {found.steps} steps: {found.how}")
    if full:
        lines += [f"  {step.number:>5} {'*' if step.matters else ' '} {step.words}" for step in found.shown]
        lines.append("  steps marked * are in the slice that led to the violation")
    else:
        for number, words in found.story:
            lines += wrapped(f"  {number:>5}  ", words)
        lines += _cycle(found)
    lines += wrapped("   without  ", _undone(found)) if found.undone else []
    lines += [line for part in found.end for line in wrapped("    end  ", part)]
    return [*lines, f"token   {found.token}", "replay  python -m sim replay \\", f"          {found.token}"]


def _undone(found: Counterexample) -> str:
    """What of the script is not carried out, and why."""
    left = "; ".join(found.undone)
    if not found.stopped:
        return f"{left}, as the schedule ends before"
    return (
        f"{left}: at step {found.stopped} the environment stops, as it may; --whole-script asks for all of the script"
    )


def _cycle(found: Counterexample) -> list[str]:
    """The steps that may be repeated for ever."""
    if not found.cycle:
        return []
    lines = [f"  for ever, from step {found.steps - found.cycle + 1} on:"]
    for step in found.shown[found.steps - found.cycle :]:
        lines += wrapped(f"  {step.number:>5}  ", step.words)
    return lines


def no_return(found: Counterexample) -> list[str]:
    """The point of no return, and what would have saved it."""
    without = f", without {'; '.join(found.undone)}" if 0 < found.stopped <= (found.no_return or 0) else ""
    searched = f" (every schedule from there was searched{without})"
    qualified = searched if found.no_return_is_exact else " at the earliest (a bound was hit)"
    where = f"step {found.no_return}{qualified}: {found.no_return_words}" if found.no_return else "the beginning"
    label = "point of no return  "
    lines = wrapped(label, where)
    if not found.saved_by:
        return lines
    those = "this" if len(found.saved_by) == 1 else "one of these"
    saved = f"it could still be saved had {those} come before that: {' or '.join(found.saved_by)}"
    return lines + wrapped(" " * len(label), saved)


def _finding(finding: Finding) -> str:
    steps = f" in {finding.steps} steps" if finding.steps is not None else ""
    decides = "" if finding.judged else " (does not decide)"
    return f"{finding.name:<4}{finding.result + steps + decides:<42} {finding.sentence} ({finding.when})"


def amount(number: int, what: str) -> str:
    """So many of a thing whose plural ends in s."""
    return f"{number} {what}{'' if number == 1 else 's'}"


def wrapped(label: str, text: str) -> list[str]:
    """The text as lines of at most 100 columns, the first of them begun by a label."""
    return textwrap.wrap(
        text, WIDTH, initial_indent=label, subsequent_indent=" " * len(label), break_long_words=False,
        break_on_hyphens=False,
    ) or [label]  # fmt: skip
