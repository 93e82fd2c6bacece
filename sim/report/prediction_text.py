"""A prediction as text."""

from __future__ import annotations

import textwrap

from sim.study.prediction import Predicted, Prediction

WIDTH = 120


def render(found: Prediction) -> str:
    """The prediction as plain text: a line for each end state, its share, and the command that replays one run."""
    settings = "".join(f" {name}={value}" for name, value in found.settings.items())
    lines = [
        *textwrap.wrap(found.about, WIDTH),
        f"script: {'; '.join(found.script) or 'nothing happens'}",
        f"{found.runs} runs (seeds {found.seeds}), observed for {found.observed_minutes:g} min{settings}",
        "",
        f"{'share':>7}  {'95 % interval':<17}{'runs':>6}  end state",
    ]
    for state in found.states:
        lines += _state(state)
    if found.not_at_rest:
        lines += ["", f"{found.not_at_rest} runs were not at rest when the observation ended: their end is not known"]
    lines += ["", *_listed("assumed, not measured: ", found.assumptions or ["nothing that these runs asked for"])]
    lines += _listed("not modelled: ", found.left_out)
    return "\n".join(lines) + "\n"


def _state(found: Predicted) -> list[str]:
    share = found.share
    restless = "" if found.at_rest else "NOT AT REST: "
    interval = f"{share.low:.1%} - {share.high:.1%}"
    return [
        f"{share.count / share.of:>7.1%}  {interval:<17}{share.count:>6}  {restless}{found.state}",
        f"{'':34}replay  {found.command}",
    ]


def _listed(head: str, items: list[str]) -> list[str]:
    return textwrap.wrap(head + ", ".join(items), WIDTH, subsequent_indent="  ")
