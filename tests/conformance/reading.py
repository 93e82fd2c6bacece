"""Reading of cases: numbered scenarios in given, when and then; and those that are left out, each with its reason."""

from __future__ import annotations

import re
from pathlib import Path

import msgspec

CASES = Path(__file__).parent / "cases.txt"
LEFT_OUT = re.compile(r"case (\w+): left out: (.+)", re.DOTALL)
TITLE = re.compile(r"(\w+)\. (.+)")
WORDS = ("given", "when", "then", "search", "")
UPSTREAM = 89
"""The scenarios of upstream's unit tests (docs/FACTS.md C20)."""


class Case(msgspec.Struct, frozen=True):
    """A case: the scenario at the beginning, and what is done and expected in turn.

    ``wholly``: its schedules are so few that all of them are tried.
    """

    number: str
    title: str
    given: tuple[str, ...]
    turns: tuple[tuple[tuple[str, ...], tuple[str, ...]], ...]  # (when, then)
    wholly: bool = False

    def up_to(self, turns: int) -> Case:
        """The case with its first turns alone."""
        return msgspec.structs.replace(self, turns=self.turns[:turns])


def blocks(text: str) -> list[str]:
    """The parts of a text between empty lines, without comments."""
    plain = "\n".join(line for line in text.splitlines() if not line.startswith("#"))
    return [block.strip("\n") for block in re.split(r"\n\s*\n", plain.strip())]


def cases(text: str | None = None) -> list[Case]:
    """All cases that are run."""
    return [_case(block) for block in blocks(text or CASES.read_text()) if not block.startswith("case ")]


def left_out(text: str | None = None) -> dict[str, str]:
    """The cases that are not run, each with the reason."""
    out: dict[str, str] = {}
    for block in blocks(text or CASES.read_text()):
        if block.startswith("case "):
            found = LEFT_OUT.fullmatch(block)
            assert found is not None, f"{block!r} is no 'case N: left out: reason'"
            assert found[1] not in out, f"case {found[1]} is left out twice"
            out[found[1]] = " ".join(found[2].split())
    return out


def _case(block: str) -> Case:
    head, *lines = block.splitlines()
    titled = TITLE.fullmatch(head)
    assert titled is not None, f"{head!r} is no 'N. title'"
    given: list[str] = []
    turns: list[tuple[list[str], list[str]]] = []
    before = ""
    wholly = False
    for line in lines:
        said, is_new = line[6:].strip(), line[:6].strip()
        assert is_new in WORDS, f"{line!r} begins with none of given, when, then, search"
        word = is_new or before
        before = word
        if word == "given":
            given += said.split("; ")
            continue
        if word == "search":
            assert said == "wholly", f"{line!r} is no 'search wholly'"
            wholly = True
            continue
        if not turns or (word == "when" and is_new and turns[-1][1]):
            turns.append(([], []))
        turns[-1][0 if word == "when" else 1].append(said)
    assert turns, f"{head}: nothing is expected"
    assert turns[-1][1], f"{head}: nothing is expected in the end"
    return Case(titled[1], titled[2], tuple(given), tuple((tuple(when), tuple(then)) for when, then in turns), wholly)
