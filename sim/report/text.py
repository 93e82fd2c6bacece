"""A summary as text of one screen, or as JSON."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence

from sim.core.setting import as_text
from sim.report.verdict_text import amount
from sim.study.rows import OUTCOMES, AlgorithmSummary, Paired, Quantiles, Share, Summary
from sim.study.store import as_json
from sim.study.summary import LOSSES, LOST_FOR_EVER, broken_though_fine, exit_code

WIDTH = 100
LABEL_WIDTH = 18
GAP = 2
TIMELINE_LINES_MAX = 8
P_MIN = 1e-300
"""Below this a probability is hardly a float any more."""


def render(summary: Summary) -> str:
    """The summary as plain text, at most 100 columns wide; only a token or a word of a command may be longer."""
    blocks = [
        [*_wrapped(headline(summary)), *_attention(summary), *_study(summary)],
        *_tables(summary),
        _pairs(summary),
        _properties(summary),
        _failure(summary),
        _remarks(summary),
        _wrapped(_verdict(summary)),
    ]
    return "\n\n".join("\n".join(block) for block in blocks if block) + "\n"


def render_json(summary: Summary) -> str:
    """The summary as JSON: the bytes of ``summary.json``."""
    return as_json(summary)


def headline(summary: Summary) -> str:
    """The sentence that answers the question of the study: which algorithm loses the import, how often, as expected?"""
    if not summary.done:
        return f"{summary.scenario}: no run was made."
    clauses = [_clause(each, first=not index) for index, each in enumerate(summary.algorithms)]
    return f"{summary.scenario}: {'; '.join(clauses)}."


def _clause(each: AlgorithmSummary, *, first: bool) -> str:
    if not each.runs:
        return f"{each.algorithm} was not run"
    loses = "loses the import for ever in" if first else "in"
    for_ever, temporarily = each.outcomes[LOST_FOR_EVER], each.outcomes["lost temporarily"]
    often = f"{for_ever.count} of {for_ever.of} seeds" if for_ever.count else f"none of {for_ever.of}"
    if not for_ever.count and first:
        often += " seeds"
    if temporarily.count:
        often += f" (temporarily in {temporarily.count})"
    return f"{each.algorithm} {loses} {often}{_judgement(each)}"


def _judgement(each: AlgorithmSummary) -> str:
    if not each.expected:
        return ""
    if each.verdict == "unknown":
        return ", undetermined"
    return ", as expected" if each.verdict == each.expected else ", not as expected"


def _attention(summary: Summary) -> list[str]:
    """What is broken although no import is lost: "fine" speaks of imports alone."""
    broken = {each.algorithm: broken_though_fine(each, summary.properties) for each in summary.algorithms}
    names = sorted({name for found in broken.values() for name in found})
    if not names:
        return []
    where = ", ".join(f"{max(found.values())} runs of {algorithm}" for algorithm, found in broken.items() if found)
    return _wrapped(f"ATTENTION: no import is lost there, but {', '.join(names)} are violated in {where}: see below.")


def _study(summary: Summary) -> list[str]:
    exports = amount(summary.exports, "export")
    settings = "".join(f", {name} {as_text(value)}" for name, value in sorted(summary.settings.items()))
    lines = _wrapped(
        f"seeds {summary.seeds}, {exports}, observed for {_number(summary.observed_minutes)} minutes{settings}"
    )
    if summary.done < summary.asked:
        lines.append(f"interrupted: {summary.done} of {summary.asked} runs done")
    return lines


def _tables(summary: Summary) -> list[list[str]]:
    """One table, or several below each other where the algorithms do not fit beside each other."""
    labels, *columns = _columns([each for each in summary.algorithms if each.runs])
    if not columns:
        return []
    width = max(len(cell) for column in columns for cell in column) + GAP
    beside = max(1, (WIDTH - LABEL_WIDTH + GAP) // width)
    tables = [
        [_line(line, width) for line in zip(labels, *columns[index : index + beside], strict=True)]
        for index in range(0, len(columns), beside)
    ]
    tables[-1] += _wrapped(
        "Shares with their exact 95 % interval. Minutes are the longest of any client and service, or of any export, "
        f"cut off where the observation of {_number(summary.observed_minutes)} minutes ends; those in which the client "
        "itself is down are not counted."
    )
    return tables


def _columns(algorithms: Sequence[AlgorithmSummary]) -> list[list[str]]:
    """The labels, and the cells of each algorithm."""
    digits = max((len(str(each.runs)) for each in algorithms), default=0)
    restless = any(each.not_at_rest for each in algorithms)
    labels = ["outcome", *OUTCOMES, "mean lost exports", *["not at rest"] * restless]
    labels += ["minutes", "  no DNS answer", "  no connection", "  no import"]
    return [labels, *(_cells(each, digits, restless=restless) for each in algorithms)]


def _cells(each: AlgorithmSummary, digits: int, *, restless: bool) -> list[str]:
    return [
        each.algorithm,
        *(_share(each.outcomes[outcome], digits) for outcome in OUTCOMES),
        f"{each.exports_lost_mean:{digits + 3}.2f}",
        *[f"{each.not_at_rest:{digits}d}"] * restless,
        "  median       p95",
        _quantiles(each.dns_failed_minutes),
        _quantiles(each.connect_failed_minutes),
        _quantiles(each.loss_minutes),
    ]


def _line(cells: Sequence[str], width: int) -> str:
    label, *others = cells
    return (label.ljust(LABEL_WIDTH) + "".join(cell.ljust(width) for cell in others)).rstrip()


def _share(share: Share, digits: int) -> str:
    percents = [100 * part for part in (share.count / share.of, share.low, share.high)]
    return "{:{digits}d} {:5.1f} % [{:.1f}, {:.1f}]".format(share.count, *percents, digits=digits)


def _quantiles(minutes: Quantiles) -> str:
    return f"{minutes.median:8.2f}  {minutes.p95:8.2f}"


def _pairs(summary: Summary) -> list[str]:
    pairs = [pair for pair in summary.paired if pair.both + pair.only_first + pair.only_second + pair.neither]
    if len(pairs) == 1:
        return _pair(pairs[0])
    if not pairs:
        return []
    lines = ["the same seeds, lost for ever under      both  only 1st  only 2nd  neither  McNemar's exact test"]
    for pair in pairs:
        counts = f"{pair.both:6d}{pair.only_first:10d}{pair.only_second:10d}{pair.neither:9d}"
        lines.append(f"  {pair.first + ', ' + pair.second:37}{counts}  {_p(pair.p)}")
    return lines


def _pair(pair: Paired) -> list[str]:
    lost, kept = f"{pair.second} loses it", f"{pair.second} does not"
    width, label_width = max(len(lost), len(kept)) + 4, max(len(word) for word in (pair.first, "same seeds")) + 12
    rows = [
        ("the same seeds", lost, kept),
        (f"  {pair.first} loses it", str(pair.both), str(pair.only_first)),
        (f"  {pair.first} does not", str(pair.only_second), str(pair.neither)),
    ]
    lines = [f"{label:{label_width}}{one:>{width}}{other:>{width}}" for label, one, other in rows]
    lines[-1] += f"    McNemar's exact test: {_p(pair.p)}"
    return lines


def _p(p: float) -> str:
    if p < P_MIN:
        return f"p < {P_MIN:.0e}"
    return f"p = {p:.2g}"


def _properties(summary: Summary) -> list[str]:
    """The properties that some run violates, and in how many runs of each algorithm."""
    found = sorted({name for each in summary.algorithms for name in each.violated})
    if not found:
        return []
    width = WIDTH - 10 * len(summary.algorithms)
    names = "".join(f"{each.algorithm:>10}" for each in summary.algorithms)
    lines = [f"{'property violated (sometimes: never reached), in how many runs':<{width}}{names}"]
    for name in found:
        counts = "".join(f"{each.violated.get(name, 0):>10}" for each in summary.algorithms)
        sentence = f"{name:<3} {summary.properties.get(name, '')}"
        lines.append(f"{sentence:<{width}}{counts}")
    return lines


def _failure(summary: Summary) -> list[str]:
    failure = summary.failure
    if failure is None:
        return []
    lost = any(each.outcomes[loss].count for each in summary.algorithms for loss in LOSSES if each.runs)
    what = "shortest failing run" if lost else "no run lost an import; one to look at"
    lines = [f"{what}: {failure.algorithm}, seed {failure.seed}"]
    for line in _shortened(failure.timeline):
        # Its own indentation aligns the times, so it is kept, and what does not fit goes below it.
        lines += textwrap.wrap(
            line, WIDTH, initial_indent="  ", subsequent_indent=" " * 17, drop_whitespace=True, break_long_words=False
        )
    lines.append(f"token   {failure.token}")
    # Broken only where a shell accepts it, so that it can be pasted.
    lines.append(" \\\n          ".join(_unbroken(f"replay  {failure.command}", WIDTH - 12)))
    return lines


def _shortened(timeline: Sequence[str]) -> list[str]:
    """The beginning and the end, which is the loss, if there are too many lines."""
    if len(timeline) <= TIMELINE_LINES_MAX:
        return list(timeline)
    end = TIMELINE_LINES_MAX // 2
    begin = TIMELINE_LINES_MAX - end - 1
    left_out = len(timeline) - begin - end
    return [*timeline[:begin], f"... {left_out} lines left out; replay shows them", *timeline[-end:]]


def _remarks(summary: Summary) -> list[str]:
    lines = [line for note in summary.notes for line in _wrapped(f"note: {note}", "      ")]
    if summary.assumptions:
        lines += _wrapped(f"assumed: {', '.join(summary.assumptions)}", "         ")
    return lines


def _verdict(summary: Summary) -> str:
    code = exit_code(summary)
    if code == 0:
        return "exit 0: as expected"
    if code == 1:
        wrong = [
            f"{each.algorithm} was expected to {_plain(each.expected)} and {each.verdict}"
            for each in summary.algorithms
            if each.expected and each.verdict not in ("unknown", each.expected)
        ]
        return f"exit 1: not as expected: {'; '.join(wrong)}"
    return f"exit 3: undetermined: {'; '.join(_open(summary)) or 'nothing was expected'}"


def _open(summary: Summary) -> list[str]:
    """Why the verdict of an algorithm is open."""
    reasons = []
    for each in summary.algorithms:
        if not each.expected or each.verdict != "unknown":
            continue
        if each.not_at_rest:
            reasons.append(f"{each.algorithm} did not come to rest in {each.not_at_rest} of {each.runs} runs")
        else:
            reasons.append(f"runs of {each.algorithm} are missing")
    if not reasons and summary.done < summary.asked:
        reasons.append("runs are missing")
    return reasons


def _plain(verdict: str) -> str:
    return {"fails": "fail", "holds": "hold"}[verdict]


def _number(value: float) -> str:
    return f"{value:.10g}"


def _wrapped(text: str, indent: str = "") -> list[str]:
    return _unbroken(text, WIDTH, indent)


def _unbroken(text: str, width: int, indent: str = "") -> list[str]:
    return textwrap.wrap(text, width, subsequent_indent=indent, break_long_words=False, break_on_hyphens=False)
