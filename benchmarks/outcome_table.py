"""The measured outcome table, simulated: end states of the aggregate for each row, beside the measured ones."""

from __future__ import annotations

from collections import Counter

from models.measured.outcomes import MeasuredRow, rows
from sim.study.campaign import Plan, campaign
from sim.study.statistics import exact_interval

RUNS = 240


def simulate(measured: MeasuredRow) -> tuple[Counter[str], bool]:
    """How often each end state came, in as many runs as were measured; and whether the sets must agree."""
    variants = measured.variants()
    seen: Counter[str] = Counter()
    each = RUNS // len(variants)
    for index, variant in enumerate(variants):
        settings = tuple(sorted(variant.settings.items()))
        plan = Plan("restart", settings, (measured.release,), index * each, (index + 1) * each)
        seen += Counter(row.end_state.rsplit(":", 1)[0] for row in campaign(plan, 1, lambda _: None))
    return seen, not any(variant.is_random for variant in variants)


def told(measured: MeasuredRow, state: str, simulated: int, of: int) -> str:
    """One end state of a row: how often it was measured, and how often it came out."""
    share = simulated / of
    outcome = f"simulated {simulated:>4} of {of:<4} {share:6.1%}"
    counts = [count for count in measured.measured.values() if count is not None]
    if not counts:
        seen = "measured, not counted" if state in measured.measured else "never measured"
        return f"  {state:<16} {seen:<44}   {outcome}"
    total, count = sum(counts), measured.measured.get(state) or 0
    low, high = exact_interval(count, total)
    inside = "" if low <= share <= high else "  outside the measured interval"
    figures = f"{count:>4} of {total:<4} {count / total:6.1%} [{low:5.1%}, {high:6.1%}]"
    return f"  {state:<16} measured {figures}   {outcome}{inside}"


def main() -> bool:
    """Print the table; False if a row that nothing random was injected into shows another set of end states."""
    ok = True
    for measured in rows():
        seen, must_agree = simulate(measured)
        print(measured.title())
        for state in sorted({*measured.measured, *seen}):
            print(told(measured, state, seen[state], sum(seen.values())))
        if measured.because:
            print(f"  why shares may differ: {measured.because}")
        if set(seen) != set(measured.measured):
            print(f"  sets differ{': they must not, nothing random was injected' if must_agree else ''}")
            ok = ok and not must_agree
    return ok
