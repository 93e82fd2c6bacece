"""What models ask for on seeded walks, step by step, as text: equal in every process of the operating system, whatever
the order in which it goes through sets. ``python -m tests.explore.hash_seeds SCENARIO ALGORITHM ...`` prints it.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from itertools import zip_longest

from models.catalogue import CATALOGUE
from sim.core.model import Model
from sim.core.rules import BrokenRule
from sim.explore.subject import Subject
from sim.explore.walks import walks
from sim.timed.run import settle

WALKS = 4
HASH_SEEDS = ("1", "2", "3")


def asked(model: Model) -> Iterator[str]:
    """A line for each step of a few walks: process, request, choice and answer, and the text of where it goes on."""
    subject = Subject(model, settle(model), (), may_stop=True)
    for strategy in ("uniform", "speeds"):
        for _, walked in walks(subject, strategy, 0, WALKS):
            for step in subject.told(walked.moves).steps:
                yield f"{step.domain}:{step.process} {step.request!r} {step.choice!r} {step.response!r}"


def compare(first: str, other: str) -> None:
    """Compare what two processes have said.

    Raises:
        BrokenRule: they differ.
    """
    for one, two in zip_longest(first.splitlines(), other.splitlines(), fillvalue="nothing"):
        if one != two:
            raise BrokenRule(
                f"process {one.partition(' ')[0]} does one thing or another by the order in which the same values lie"
                f" in a set: {one}, and with other hashes {two}",
                "sorted(...) around every set that is gone through",
            )


def compare_all(words: list[str]) -> None:
    """Print what the scenarios and algorithms of a command line ask for, in processes of other hash seeds, and compare.

    Raises:
        BrokenRule: they differ.
    """
    said = [_said(words, seed) for seed in HASH_SEEDS]
    for other in said[1:]:
        compare(said[0], other)


def _said(words: list[str], seed: str) -> str:
    command = [sys.executable, "-m", "tests.explore.hash_seeds", *words]
    environment = {**os.environ, "PYTHONHASHSEED": seed}
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=True).stdout


if __name__ == "__main__":
    for scenario, algorithm in zip(sys.argv[1::2], sys.argv[2::2], strict=True):
        for line in asked(CATALOGUE.search(scenario, {}, algorithm)):
            print(line)  # noqa: T201
