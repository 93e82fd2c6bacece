"""SIGINT (Ctrl-C) in ``sim compare`` and ``sim necessity``: what was seen is told, and what was not asked is named."""

from __future__ import annotations

import pytest

from tests.cli.interrupting import interrupted

LARGE = ("--set", "exporters=[b]", "--worlds", "0")


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("compare", "0.19.0", "0.19.1", "incident", *LARGE), "nothing of 0.19.1, so there is nothing to compare"),
        (("necessity", "incident", *LARGE), "interrupted: not asked without skips-annotated, skips-labelled"),
    ],
    ids=["compare", "necessity"],
)
def test_the_first_one_ends_the_command_and_says_what_is_missing(arguments: tuple[str, ...], says: str) -> None:
    code, out, err = interrupted(arguments, lambda line: " worlds in " in line)
    assert code == 3
    assert says in " ".join(err.split())
    assert "over all schedules" not in out
