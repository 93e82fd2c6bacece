"""A prediction as text."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence

from sim.study.prediction import Predicted, Prediction

WIDTH = 120
STATES_MAX = 20
"""Lines of end states that are printed; JSON has all."""


def render(found: Prediction) -> str:
    """The prediction as plain text: a line for each end state, its share, and the command that replays one run."""
    settings = "".join(f" {name}={value}" for name, value in found.settings.items())
    lines = [
        *textwrap.wrap(found.about, WIDTH),
        *_listed("script: ", found.script or ["nothing happens"], "; "),
        f"{_runs(found)} (seeds {found.seeds}), observed for {found.observed_minutes:g} min{settings}",
        "",
        f"{'share':>7}  {'95 % interval':<17}{'runs':>6}  end state",
    ]
    for state in found.states[:STATES_MAX]:
        lines += _state(state)
    lines += _more(len(found.states))
    lines += _services(found)
    if found.not_at_rest:
        lines += ["", f"{found.not_at_rest} runs were not at rest when the observation ended: their end is not known;"]
        lines.append("  a longer one (observe_ms) may tell")
    if found.violated:
        lines += [
            "",
            *(
                f"violated in {each.runs} of {found.runs} runs: {each.property}, {each.sentence}"
                for each in found.violated
            ),
        ]
    for each in found.in_vain:
        lines += ["", f"did not happen in {each.runs} of {found.runs} runs: {each.what}"]
    lines += ["", *_listed("assumed, not measured: ", found.assumptions or ["nothing that these runs asked for"])]
    lines += _listed("left out of these runs, though other scenarios have it: ", found.left_out or ["nothing"], "; ")
    lines += _listed("not modelled: ", found.not_modelled, "; ")
    return "\n".join(lines) + "\n"


def render_all(found: Sequence[Prediction]) -> str:
    """Predictions, and what the words of their end states mean."""
    legend = ["", "How to read an end state:", *(f"  {line}" for line in found[0].notation)]
    return "\n".join(map(render, found)) + "\n".join(legend) + "\n"


def _runs(found: Prediction) -> str:
    """How many runs, and of how many where there was an interrupt."""
    return f"{found.runs} runs" if found.runs == found.asked else f"INTERRUPTED: {found.runs} of {found.asked} runs"


def _state(found: Predicted) -> list[str]:
    share = found.share
    restless = "" if found.at_rest else "NOT AT REST: "
    interval = f"{share.low:.1%} - {share.high:.1%}"
    return [
        f"{share.count / share.of:>7.1%}  {interval:<17}{share.count:>6}  {restless}{found.state}",
        f"{'':34}replay  {found.command}",
    ]


def _services(found: Prediction) -> list[str]:
    """The end states of single services, where there are several."""
    if not found.services:
        return []
    of = found.services[0].of
    lines = ["", f"{of // found.runs} services in each run, by themselves; in how many runs one of them ended so:"]
    for each in found.services[:STATES_MAX]:
        share = each.runs
        runs = f"{share.count} runs, {share.low:.1%} - {share.high:.1%}"
        lines.append(f"{each.services / of:>7.1%}  {runs:<28} {each.state}")
    return [*lines, *_more(len(found.services))]


def _more(states: int) -> list[str]:
    more = states - STATES_MAX
    return [f"{'':9}and {more} more states: --format json has all"] if more > 0 else []


def _listed(head: str, items: list[str], between: str = ", ") -> list[str]:
    return textwrap.wrap(head + between.join(items), WIDTH, subsequent_indent="  ")
