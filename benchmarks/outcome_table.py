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


def main() -> bool:
    """Print the table; False if a row that nothing random was injected into shows another set of end states."""
    ok = True
    for measured in rows():
        seen, must_agree = simulate(measured)
        print(measured.title())
        total, of = sum(measured.measured.values()), sum(seen.values())
        for state in sorted({*measured.measured, *seen}):
            count = measured.measured.get(state, 0)
            low, high = exact_interval(count, total)
            share = seen[state] / of
            inside = "" if low <= share <= high else "  outside the measured interval"
            print(
                f"  {state:<16} measured {count:>4} of {total:<4} {count / total:6.1%} [{low:5.1%}, {high:6.1%}]"
                f"   simulated {seen[state]:>4} of {of:<4} {share:6.1%}{inside}"
            )
        if measured.because:
            print(f"  why shares may differ: {measured.because}")
        if set(seen) != set(measured.measured):
            print(f"  sets differ{': they must not, nothing random was injected' if must_agree else ''}")
            ok = ok and not must_agree
    return ok
