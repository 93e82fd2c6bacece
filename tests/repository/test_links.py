"""Where documents lead to is there, and is committed: what only one working copy has is missing in every other."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest

DOCUMENTS = sorted([*Path().glob("*.md"), *Path("docs").glob("*.md"), *Path("results").rglob("*.md")])
LINK = re.compile(r"\]\((?!https?://|#)([^)#\s]+)")


@pytest.fixture(scope="module")
def committed() -> set[Path]:
    """All files that git knows, and their folders."""
    git = shutil.which("git")
    done = subprocess.run([git, "ls-files"], capture_output=True, text=True, check=False) if git else None
    if done is None or done.returncode:
        pytest.skip("this is no working copy of git")
    files = [Path(line) for line in done.stdout.splitlines()]
    return {*files, *(folder for file in files for folder in file.parents)}


@pytest.mark.parametrize("document", DOCUMENTS, ids=str)
def test_every_link_leads_to_something_committed(document: Path, committed: set[Path]) -> None:
    if document not in committed:
        pytest.skip("not committed")
    root = Path().resolve()
    leads = {link: (document.parent / link).resolve() for link in LINK.findall(document.read_text())}
    missing = [link for link, path in leads.items() if path.relative_to(root) not in committed]
    assert not missing


def test_there_are_links() -> None:
    assert len(LINK.findall(Path("README.md").read_text())) > 10
