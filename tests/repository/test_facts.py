"""Every fact that the repository cites is on docs/FACTS.md, and every fact there is needed by something."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import chain
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "FACTS.md"
PLACES = ("models", "sim", "tests", "benchmarks", "notebooks", "docs", "results")
SUFFIXES = {".md", ".py", ".toml", ".yaml", ".yml"}

ID = r"(?:[CDM]\d+|H\d+|R\d+[a-z]?|R-[a-g]|S[1-7])"
LIST = re.compile(rf"FACTS(?:\.md)?[\s`]+({ID}(?:(?:,\s+and\s+|,\s+|\s+and\s+){ID})*)\b")
NAME = re.compile(r"(?<![\w/.-])(?:H\d+|R\d+[a-z]?|R-[a-g]|S[1-7])(?![\w-])")
HEADING = re.compile(r"^### ([CDM]\d+) ", re.MULTILINE)
ROW = re.compile(r"^\| (H\d+|R\d+[a-z]?|R-[a-g]|S[1-7])\b", re.MULTILINE)


def files() -> Iterator[Path]:
    """The text files of the repository, this one and what runs have written left out."""
    here = [path for path in ROOT.iterdir() if path.suffix in SUFFIXES]
    below = chain.from_iterable((ROOT / place).rglob("*") for place in PLACES if (ROOT / place).exists())
    for path in sorted([*here, *below]):
        if path.suffix in SUFFIXES and path != Path(__file__) and ".ipynb_checkpoints" not in path.parts:
            yield path


def citations(text: str) -> set[str]:
    """The ids that a text cites as ``FACTS C7`` or ``FACTS C7, C9 and C11``."""
    return {found for cited in LIST.findall(text) for found in re.findall(ID, cited)}


def sections(page: str) -> dict[str, str]:
    """The entries of the page by id, the parts after the last one left out."""
    found = {}
    for section in re.split(r"(?m)^(?=##)", page):
        heading = HEADING.match(section)
        if heading:
            assert heading[1] not in found, f"{heading[1]} stands twice on {PAGE.name}"
            found[heading[1]] = section[heading.end() :]
    return found


@pytest.fixture(scope="module")
def page() -> str:
    return PAGE.read_text()


@pytest.mark.parametrize(
    ("text", "cited"),
    [
        ("see docs/FACTS.md C7.", {"C7"}),
        ("(FACTS H8, H9 and R-c)", {"H8", "H9", "R-c"}),
        ("cite as `FACTS R1b`", {"R1b"}),
        ("FACTS\nM4, M5\nand M6, which", {"M4", "M5", "M6"}),
        ("these facts, C7, are not cited", set()),
    ],
)
def test_citations_are_recognised(text: str, cited: set[str]) -> None:
    assert citations(text) == cited


def test_cited_facts_exist(page: str) -> None:
    known = {*sections(page), *ROW.findall(page)}
    missing = [
        f"{path.relative_to(ROOT)} cites {cited}"
        for path in files()
        for cited in sorted(citations(path.read_text()) - known)
    ]
    assert not missing, "not on docs/FACTS.md: " + "; ".join(missing)


def test_names_of_syncers_handlers_and_races_are_explained(page: str) -> None:
    """The agent's code calls them by name alone, and so does the page."""
    rows = set(ROW.findall(page))
    agent = [*(ROOT / "models" / "submariner" / "agent").glob("*.py"), *(ROOT / "models" / "kube").glob("*.py"), PAGE]
    missing = [
        f"{path.relative_to(ROOT)} names {name}"
        for path in sorted(agent)
        for name in sorted(set(NAME.findall(path.read_text())) - rows)
    ]
    assert not missing, "in no table of docs/FACTS.md: " + "; ".join(missing)


def test_facts_are_needed(page: str) -> None:
    """By code, data, a document or another fact; what only sets the scene stands under "Background"."""
    entries = sections(page)
    background = set(HEADING.findall(page[page.index("\n## Background") : page.index("\n## What measurement refuted")]))
    cited = set(chain.from_iterable(citations(path.read_text()) for path in files()))
    for id_, text in entries.items():
        cited |= {other for other in re.findall(r"\b[CDM]\d+\b", text) if other != id_}
    idle = sorted(set(entries) - background - cited)
    assert not idle, f"cited by nothing: {', '.join(idle)}; cite, drop, or move below Background"
    assert background, "Background is empty: drop it"
